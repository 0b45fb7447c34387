"""A stack of which the truth is known: each service has one fault that only a measurement shows, or none."""

from __future__ import annotations

from engine_setup.images import SERVICES

SECONDS = 5
"""How long the suite loads the stack."""
PROGRAM = '''
import http.server
import itertools
import os
import subprocess
import sys
import threading
import time

role, broken = sys.argv[1], os.environ["BROKEN"] == "yes"
asked, alone = itertools.count(1), threading.Lock()


def burn(seconds):
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


def hog():
    """All that its limit lets it have, without need."""
    while broken:
        burn(1)


def throttled():
    """All that a tenth of a core gives, and more."""
    while broken:
        burn(1)


def leaky():
    """4 MiB a second, up to 400."""
    held = []
    while broken and len(held) < 400:
        held.append(bytes([1]) * (1 << 20))
        time.sleep(0.25)


def forking():
    """Five processes a second, up to 80."""
    children = []
    while broken and len(children) < 80:
        children.append(subprocess.Popen(["sleep", "600"]))
        time.sleep(0.2)


class Answers(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        status = 200
        if role == "slow" and broken:
            time.sleep(3)
        elif role == "erring" and broken and next(asked) % 100 == 0:
            status = 500
        elif role == "queueing" and broken:
            with alone:
                time.sleep(0.1)
        elif role == "queueing":
            time.sleep(0.1)
        elif role == "victim":
            burn(0.03)
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 128


if role == "late" and broken:
    time.sleep(7)
work = {"hog": hog, "throttled": throttled, "leaky": leaky, "forking": forking}.get(role)
if work:
    threading.Thread(target=work, daemon=True).start()
Server(("", 8000), Answers).serve_forever()
'''

FAULTS = {
    "hog": "suite.cpu.ratio: med < 0.25",
    "throttled": "cpu.throttled: med < 0.5",
    "leaky": "suite.memory.growth: rate < 1m",
    "forking": "suite.pids: max < 20",
    "slow": "http.latency: med < 1s",
    "erring": "http.failed: count <= 0",
    "queueing": "suite.http.latency: med < 600ms",
    # Not the median: the neighbour begins a while after the suite does, later on a busy machine.
    "victim": "suite.http.latency: p(75) < 1s",
}
"""The limit that each service breaks when it is broken; ``throttled`` has the default one, and ``victim`` is sound: its neighbour is not."""
HELD_WITHOUT_LOAD = "http.latency: med < 600ms"
"""What ``queueing`` keeps while no test loads it."""
FACTS: dict[str, tuple[str, ...]] = {
    "late": (
        "startup: max < 5s",
        "start.healthy: max < 5s",
        "health.duration: max < 2500ms",
        "health.ratio: max < 0.25",
    )
}
"""What is known before the suite, so that the gate is closed before it."""
RATES = {"slow": 2, "erring": 20, "queueing": 2, "victim": 4}
# Among containers, the shares give hogs what their limits let them have on a busy machine as well, and the victim enough
# of its core beside everybody but the neighbour.
_MORE = {
    "hog": "cpus: 0.15\n    cpu_shares: 262144",
    "throttled": "cpus: 0.1\n    cpu_shares: 262144",
    "queueing": 'ports: ["127.0.0.1::8000"]',
    "victim": 'cpuset: "0"\n    cpu_shares: 4096',
}
SETTINGS = """
timeout: 90s
health: {stable_for: 1s}
performance:
  window: 4s
  warm_up: 1s
  measure_on: 5s
  limits:
LIMITS
  probes:
PROBES
"""
SUITE = f"""
import threading
import time
from urllib.request import urlopen

BURN = ["timeout", "{SECONDS + 2}", "sh", "-c", "(while :; do :; done) & while :; do :; done"]


def test_under_load(infragate_stack):
    url = infragate_stack.endpoint("queueing", 8000).url
    until = time.monotonic() + {SECONDS}

    def ask():
        while time.monotonic() < until:
            with urlopen(url, timeout=30) as answer:
                assert answer.status == 200

    threads = [threading.Thread(target=infragate_stack.exec, args=("neighbour", BURN))] if BROKEN else []
    threads += [threading.Thread(target=ask) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
"""


def _service(name: str, *, broken: bool) -> str:
    check = "sleep 3; " if broken and name == "late" else ""
    lines = (
        f"  {name}:",
        f"image: {SERVICES}",
        "init: true",
        f"command: [python3, /app.py, {name}]",
        'volumes: ["./app.py:/app.py:ro"]',
        f'environment: {{BROKEN: "{"yes" if broken else "no"}"}}',
        f'healthcheck: {{test: [CMD-SHELL, "{check}nc -z 127.0.0.1 8000"], interval: 1s, timeout: 10s, retries: 30}}',
        *((_MORE[name],) if name in _MORE else ()),
    )
    return "\n    ".join(lines) + "\n"


_NEIGHBOUR = f"""  neighbour:
    image: {SERVICES}
    init: true
    command: [sleep, "600"]
    cpuset: "0"
    cpu_shares: 262144
"""


def files(*, faults: bool = False, facts: bool = False) -> dict[str, str]:
    """Return the stack: sound, with all faults that the suite shows, or with those that are known before it."""
    services = [
        *(_service(name, broken=faults) for name in FAULTS),
        *(_service(name, broken=facts) for name in FACTS),
        _NEIGHBOUR,
    ]
    limits: dict[str, tuple[str, ...]] = {
        name: (limit,) for name, limit in FAULTS.items() if name != "throttled"
    } | FACTS
    # Whoever takes all that its limit lets it have is held back by it as well.
    limits["queueing"] += (f"idle.{HELD_WITHOUT_LOAD}",)
    limits["hog"] += ("cpu.throttled: max <= 1",)
    lines = [f"    {name}: [{', '.join(f'{one!r}' for one in mine)}]" for name, mine in limits.items()]
    probes = [f'    {name}: {{http: "http://:8000/", rate: {rate}}}' for name, rate in RATES.items()]
    return {
        "app.py": PROGRAM,
        "compose.yaml": "services:\n" + "".join(services),
        "infragate.yaml": SETTINGS.replace("LIMITS", "\n".join(lines)).replace("PROBES", "\n".join(probes)),
        "test_suite.py": f"BROKEN = {faults}\n{SUITE}",
    }
