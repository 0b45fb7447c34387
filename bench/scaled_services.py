"""A stack of services whose behaviour with more containers is known by construction, and what a gate has to say of it.

What each of them does says ``scaling.py``, which tries it.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tools")]

from engine_setup.images import SERVICES  # noqa: E402

PROGRAM = """
import http.server, os, pathlib, signal, sys, threading, time, urllib.request
BACKEND, FAULT, OFF = os.environ.get("BACKEND"), os.environ.get("FAULT"), pathlib.Path("/state/off")
LOCK = threading.Lock()

class Server(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/work":
            work()
        self.send_response(503 if self.path == "/work" and OFF.exists() else 200)
        self.end_headers()
        self.wfile.write(b"well")

    def log_message(self, *_):
        pass

def work():
    if BACKEND:
        urllib.request.urlopen(BACKEND).read()
    else:
        with LOCK:
            time.sleep(0.05)

def is_first():
    try:
        os.mkdir("/state/first")
        return True
    except FileExistsError:
        return False

def end(*_):
    if FAULT == "spoiled":
        OFF.touch()
    sys.exit()

signal.signal(signal.SIGTERM, end)
host = "127.0.0.1" if FAULT == "deaf" and not is_first() else ""
http.server.ThreadingHTTPServer((host, 8000), Server).serve_forever()
"""
NGINX = "events {} http { server { listen 8080; location / { proxy_pass http://behind:8000; } } }"
PASS_ON = f"echo '{NGINX}' >/tmp/n.conf && exec nginx -c /tmp/n.conf -g 'daemon off;'"
WEB: dict[str, Any] = {
    "image": SERVICES,
    "init": True,
    "command": ["python3", "-c", PROGRAM],
    "healthcheck": {"test": ["CMD", "curl", "-fs", "127.0.0.1:8000/health"], "interval": "1s", "timeout": "20s"},
}
COMPOSE: dict[str, Any] = {
    "services": {
        "two": {**WEB, "volumes": ["/data"]},
        "four": {**WEB, "volumes": ["/data"]},
        "lock": WEB,
        "shared": {**WEB, "environment": {"BACKEND": "http://lock:8000/work"}},
        "deaf": {**WEB, "environment": {"FAULT": "deaf"}, "volumes": ["deaf:/state"]},
        "behind": WEB,
        "once": {"image": SERVICES, "init": True, "command": ["sh", "-c", PASS_ON], "depends_on": ["behind"]},
        "spoiled": {**WEB, "environment": {"FAULT": "spoiled"}, "volumes": ["spoiled:/state"]},
        "caller": {"image": SERVICES, "init": True, "command": ["sleep", "3600"]},
    },
    "volumes": {"deaf": {}, "spoiled": {}},
}
PROBE = "http://:8000/work"
SETTINGS: dict[str, Any] = {
    "health": {"stable_for": "0s"},
    "performance": {"window": "0s"},
    "connectivity": {
        "expect": [f"caller -> {name}:8000/work" for name in ("two", "four", "shared", "deaf", "behind", "spoiled")]
    },
    "scaling": {
        "two": {"replicas": 2, "probe": PROBE, "limits": ["scale.gain: last > 1.5", "scale.gain: last < 2.5"]},
        "four": {"replicas": 4, "probe": PROBE, "limits": ["scale.gain: last > 3", "scale.gain: last < 5"]},
        "shared": {"replicas": 2, "probe": PROBE, "limits": ["scale.gain: last > 1.5", "scale.gain: last < 1.5"]},
        "deaf": {"replicas": 2},
        "behind": {"replicas": 2, "via": "once:8080/work"},
        "spoiled": {"replicas": 2},
    },
}
BROKEN = {
    "shared scale.gain: last > 1.5": r"scale.gain last is",
    "deaf": r"-deaf-2 does not answer \S+-caller-1 .*refused",
    "behind": r"None of \d+ requests of once reached \S+-behind-2 ",
    "spoiled": r"caller -> spoiled:8000/work does not hold after it was scaled back",
}
"""What has to fail, by the subject of the check, and what it has to say."""
