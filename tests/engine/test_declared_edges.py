"""Edges and probes of which the settings say how they are asked, on real containers: one stack for all of them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from engine_setup.images import SERVICES, TINY
from pytest_infragate.gates import connectivity
from pytest_infragate.probes import probe
from pytest_infragate.probes.base import Target
from pytest_infragate.results import CheckResult, Outcome
from pytest_infragate.settings import ConnectivityPolicy, ConnectivitySettings, EdgeSettings, ProbeSettings
from pytest_infragate.stack.inside import Inside
from tests.certificates import GOOD, KEY

from .conftest import Stacks
from .test_connectivity import Stand
from .test_inside import by_service

SERVER = """
import gzip, http.server, json, os, socket, ssl, threading, time
BEGUN = time.monotonic()

class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        late = time.monotonic() - BEGUN < 1
        body = json.dumps({"status": "starting" if late else "ok", "parts": [{"db": 1}]}).encode()
        self.send_response(200)
        if self.path == "/gzip":
            body = gzip.compress(body)
            self.send_header("Content-Encoding", "gzip")
        if self.path == "/chunked":
            self.send_header("Transfer-Encoding", "chunked")
            body = b"".join(b"1\\r\\n%c\\r\\n" % byte for byte in body) + b"0\\r\\n\\r\\n"
        else:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

def serve(port, context=None):
    server = http.server.ThreadingHTTPServer(("", port), Handler)
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever).start()

open("/tmp/both.pem", "w").write(os.environ["KEY"] + os.environ["CERTIFICATE"])
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("/tmp/both.pem")
datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
datagrams.bind(("", 5353))
own = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
own.bind(("127.0.0.1", 5355))
serve(8000)
serve(8443, context)
while True:
    said, peer = datagrams.recvfrom(512)
    if said != b"nothing":
        datagrams.sendto(b"\\x00\\x01you said " + said, peer)
"""
STACK = f"""
services:
  api:
    image: "{SERVICES}"
    init: true
    scale: 2
    command: [sleep, "600"]
    environment: {{CACHE_URL: "redis://:s3cret-one@cache:6379/0"}}
  bare: {{image: "{TINY}"}}
  secure:
    image: "{SERVICES}"
    init: true
    command: [python3, -c, {json.dumps(SERVER.replace(chr(92) * 2, chr(92)))}]
    environment: {{KEY: {json.dumps(KEY)}, CERTIFICATE: {json.dumps(GOOD)}}}
  cache: {{image: "{SERVICES}", command: [redis-server, --requirepass, s3cret-one, --save, ""]}}
networks: {{default: {{internal: true}}}}
"""
OK = (("/status", '"ok"'),)


@pytest.fixture(scope="module")
def stand(module_stacks: Stacks) -> Stand:
    made = Stand(module_stacks, STACK)
    made.serve(secure=8443, cache=6379)
    return made


@pytest.fixture
def ca(tmp_path: Path) -> str:
    (tmp_path / "ca.pem").write_text(GOOD)
    return str(tmp_path / "ca.pem")


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not ask again for long what will not change."""
    monkeypatch.setattr(connectivity, "PATIENCE_S", 1.0)


def found(stand: Stand, *edges: EdgeSettings, forbid: tuple[EdgeSettings, ...] = ()) -> list[CheckResult]:
    settings = ConnectivitySettings(policy=ConnectivityPolicy.DECLARED, expect=edges, forbid=forbid)
    return list(stand.find(settings).values())


def asked(caller: str, port: int, wanted: ProbeSettings, target: str = "secure") -> EdgeSettings:
    path = wanted.path if wanted.protocol.startswith("http") else None
    return EdgeSettings(caller, target, port, path, probe=wanted)


@pytest.mark.parametrize("path", ["/", "/gzip", "/chunked"])
def test_what_http_answers_is_held_against_the_settings(stand: Stand, path: str) -> None:
    edges = [asked(caller, 8000, ProbeSettings("http", 8000, path, (200,), "o.*", OK)) for caller in ("api", "bare")]
    for result in found(stand, *edges):
        assert result.outcome is Outcome.PASSED, result.message
        assert f"http: GET {path} gives 200 OK, and its body is as expected" in result.message


@pytest.mark.usefixtures("impatient")
def test_an_answer_that_differs_fails_with_what_it_is(stand: Stand) -> None:
    (result,) = found(stand, asked("bare", 8000, ProbeSettings("http", 8000, "/", json=(("/parts/0/db", "2"),))))
    assert (result.outcome, result.evidence["reason"]) == (Outcome.FAILED, "status")
    assert "its JSON has 1 at '/parts/0/db', expected 2" in result.message


@pytest.mark.parametrize(
    ("name", "trusted", "reason", "said"),
    [
        (None, True, None, ""),
        ("localhost", True, None, ""),
        ("other", True, "tls", "its certificate is not for other (name mismatch)"),
        (None, False, "tls", "(unknown CA)"),
    ],
)
def test_certificates_are_verified_where_that_is_declared(
    stand: Stand, ca: str, name: str | None, trusted: bool, reason: str | None, said: str
) -> None:
    wanted = ProbeSettings("https", 8443, tls=True, verify=True, ca=ca if trusted else None, server_name=name)
    bare = ProbeSettings("", 8443, tls=True, verify=True, ca=ca if trusted else None, server_name=name)
    for result in found(stand, asked("bare", 8443, wanted), asked("api", 8443, bare)):
        assert result.evidence.get("reason") == reason, result.message
        assert said in result.message


@pytest.mark.usefixtures("impatient")
def test_udp_is_proven_by_its_exchange_alone(stand: Stand) -> None:
    good, other, silent = (
        asked(caller, 5353, ProbeSettings("udp", 5353, send=send, expect=r"^\x00\x01you said p"))
        for caller, send in (("bare", b"ping"), ("api", b"other"), ("cache", b"nothing"))
    )
    nobody = asked("bare", 5354, ProbeSettings("udp", 5354, send=b"ping"))
    results = found(stand, good, other, silent, nobody)
    assert [one.evidence.get("reason") for one in results] == [None, "protocol", "timed-out", "refused"]
    assert "secure:5353/udp" in results[0].message
    assert "Use port 5353" in results[3].message
    own = asked("bare", 5355, ProbeSettings("udp", 5355, send=b"ping"))
    forbidden = found(stand, forbid=(good, nobody, own))
    assert [one.outcome for one in forbidden] == [Outcome.FAILED, Outcome.ERROR, Outcome.PASSED]
    assert "nobody gets through to secure on port 5354/udp" in forbidden[1].message


def test_a_command_proves_an_edge_in_every_replica(stand: Stand) -> None:
    ping = ("redis-cli", "-h", "cache", "--no-auth-warning", "-a", "s3cret-one", "--raw", "-e", "PING")
    (result,) = found(stand, asked("api", 6379, ProbeSettings("exec", argv=ping), "cache"))
    assert result.outcome is Outcome.PASSED, result.message
    assert result.check.subject == "api -> cache:6379 (redis-cli)"
    assert [str(name)[-5:] for name in result.evidence["callers"]] == ["api-1", "api-2"]  # type: ignore[union-attr]


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    ("caller", "argv", "timeout_s", "said"),
    [
        (
            "api",
            ("sh", "-c", "echo why it failed; exit 3"),
            None,
            ["ended with exit code 3, expected 0, tried", "why it failed"],
        ),
        ("api", ("sleep", "30"), 0.5, ["did not end within 0.5 s"]),
        ("bare", ("redis-cli", "PING"), None, ["could not be started", "Name a program that the image of bare has."]),
    ],
)
def test_a_command_that_fails_is_told_with_its_output(
    stand: Stand, caller: str, argv: tuple[str, ...], timeout_s: float | None, said: list[str]
) -> None:
    (result,) = found(stand, asked(caller, 6379, ProbeSettings("exec", argv=argv, timeout_s=timeout_s), "cache"))
    assert (result.outcome, result.evidence["reason"]) == (Outcome.FAILED, "command")
    for part in said:
        assert part in result.message


@pytest.mark.parametrize(
    ("wanted", "ok"),
    [
        (ProbeSettings("http", 8000, body="status"), True),
        (ProbeSettings("http", 8000, body="absent"), False),
        (ProbeSettings("udp", 5353, send=b"ping", expect="you said"), True),
        (ProbeSettings("udp", 5353, send=b"nothing"), False),
        (ProbeSettings("https", 8443, verify=True, tls=True), True),
        (ProbeSettings("https", 8443, verify=True, tls=True, server_name="other"), False),
    ],
    ids=["body", "other-body", "udp", "silence", "certificate", "other-name"],
)
def test_probes_of_services_say_the_same(stand: Stand, ca: str, wanted: ProbeSettings, ok: bool) -> None:
    inside = Inside(stand.engine, stand.name)
    try:
        container = by_service(stand.engine, stand.name)["secure"]
        result = probe(Target(inside, container), replace(wanted, ca=ca if wanted.verify else None), 1.0)
    finally:
        inside.close()
    assert result.ok is ok, result.message
