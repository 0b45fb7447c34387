from __future__ import annotations

import pytest

from pytest_infragate.probes import PROBES, PROTOCOLS, UnknownProbeError, dialogue, probe
from pytest_infragate.probes.base import Target, shown
from pytest_infragate.settings import ProbeSettings
from pytest_infragate.stack.exchange import Answer, Exchange, Failure, Question, lost

HELLO = b"\x60\0\0\0\1\0\0\0\x6a\x1f\0\0\xdd\x07\0\0\0\0\0\0\0\x4b\0\0\0%s\x01ok\0\0\0\0\0\0\0\xf0\x3f\0"
ERROR = b"E\0\0\0\x50SFATAL\0VFATAL\0C%s\0M%s\0\0"


@pytest.mark.parametrize(
    ("protocol", "settings", "reply", "ok", "message"),
    [
        ("http", {}, b"HTTP/1.1 200 OK\r\nX: y\r\n", True, "GET / gives 200 OK"),
        ("http", {}, b"HTTP/1.0 304\r\n", True, "GET / gives 304"),
        ("http", {"path": "/x"}, b"HTTP/1.1 404 Not Found\r\n", False, "GET /x gives 404 Not Found, expected 200 to 399"),
        ("http", {"status": (401, 200)}, b"HTTP/1.1 401 No\r\n", True, "GET / gives 401 No"),
        ("http", {"status": (401,)}, b"HTTP/1.1 200 OK\r\n", False, "GET / gives 200 OK, expected 401"),
        ("http", {}, b"SSH-2.0-OpenSSH\r\n", False, "the reply is not HTTP: 'SSH-2.0-OpenSSH'"),
        ("redis", {}, b"+PONG\r\n", True, "PING gives +PONG"),
        ("redis", {}, b"-NOAUTH Authentication required.\r\n", True, "PING gives -NOAUTH Authentication required."),
        ("redis", {}, b"-LOADING in memory\r\n", False, "PING gives -LOADING in memory, expected +PONG"),
        ("redis", {}, b"-DENIED protected\r\n", False, "PING gives -DENIED protected, expected +PONG"),
        ("postgres", {}, b"R\0\0\0\x08\0\0\0\x0a", True, "asks for authentication"),
        ("postgres", {}, ERROR % (b"28000", b"no role"), True, "answers, though it would not let us in (28000: no role)"),
        ("postgres", {}, ERROR % (b"57P03", b"starting up"), False, "the server is not ready: starting up"),
        ("postgres", {}, ERROR % (b"53300", b"sorry"), False, "the server has no connection left: sorry"),
        ("postgres", {}, b"E", False, "the server gives an error: "),
        ("postgres", {}, b"HTTP/1.1 400", False, "the reply is not PostgreSQL's: 'HTTP/1.1 400'"),
        ("tcp", {"port": 7}, b"", True, "accepts connections on port 7"),
        ("memcached", {}, b"VERSION 1.6.18\r\n", True, "is VERSION 1.6.18"),
        ("memcached", {}, b"ERROR\r\n", False, "version gives ERROR"),
        ("nats", {}, b'INFO {"server_id":"x"}\r\n', True, "tells its INFO"),
        ("nats", {}, b"+OK\r\n", False, "the first line is not NATS's: '+OK'"),
        ("smtp", {}, b"220 mail ESMTP\r\n", True, "greets with 220 mail ESMTP"),
        ("smtp", {}, b"421 too busy\r\n", False, "greets with 421 too busy, expected 220"),
        ("mqtt", {}, b"\x20\x02\x00\x00", True, "accepts CONNECT"),
        ("mqtt", {}, b"\x20\x02\x00\x05", True, "answers, though CONNECT is refused: not authorized"),
        ("mqtt", {"user": "u", "password": "p"}, b"\x20\x02\x00\x05", False, "CONNECT is refused: not authorized"),
        ("mqtt", {}, b"\x20\x02\x00\x03", False, "CONNECT is refused: server unavailable"),
        ("mqtt", {}, b"\x20", False, "the reply is not MQTT's CONNACK: 'nothing'"),
        ("kafka", {}, b"\0\0\0\x0a\0\0\x1f\x6a\0\0\0\0\0\0", True, "tells the versions of its protocol"),
        ("kafka", {}, b"\0\0\0\x0a\0\0\x1f\x6a\0\x0f", False, "ApiVersions gives error code 15"),
        ("kafka", {}, b"HTTP/1.1 400 Bad\r\n", False, "the reply is not Kafka's: 'HTTP/1.1 400 Bad'"),
        ("amqp", {}, b"\x01\0\0\0\0\0\x10\0\x0a\0\x0a\0\x09", True, "begins to negotiate"),
        ("amqp", {}, b"AMQP\0\1\0\0", False, "speaks another version of AMQP than 0-9-1"),
        ("amqp", {}, b"HTTP/1.1 400", False, "the reply is not AMQP's: 'HTTP/1.1 400'"),
        ("mongodb", {}, HELLO % b"\x08isWritablePrimary\0\1", True, "answers hello"),
        ("mongodb", {}, HELLO % b"\x03topology\0\5\0\0\0\0\x08secondary\0\1", True, "answers hello"),
        ("mongodb", {}, HELLO % b"\x08isreplicaset\0\1", False, "answers hello, but is neither a primary nor a secondary; its replica set may not be initiated"),
        ("mongodb", {}, b"HTTP/1.0 200 OK\r\n", False, "the reply is not MongoDB's: 'HTTP/1.0 200 OK'"),
        ("mysql", {}, b"\x4a\0\0\0\x0a8.4.0\0rest", True, "greets as 8.4.0"),
        ("mysql", {}, b"\x17\0\0\0\xff\x10\x04Too many connections", False, "the server has no connection left (1040: Too many connections)"),
        ("mysql", {}, b"\x17\0\0\0\xff\x6a\x04Host not allowed", True, "answers, though it would not let us in (1130: Host not allowed)"),
        ("mysql", {}, b"SSH-2.0-OpenSSH\r\n", False, "the first packet is not MySQL's: 'SSH-2.0-OpenSSH'"),
        ("elasticsearch", {}, b"HTTP/1.1 408 Request Timeout\r\n", False, "GET /_cluster/health?wait_for_status=yellow&timeout=1s gives 408 Request Timeout, expected 200, 401, 403"),
        ("minio", {}, b"HTTP/1.1 503 No\r\n", False, "GET /minio/health/ready gives 503 No, expected 200"),
    ],
)  # fmt: skip
def test_replies_are_judged(protocol: str, settings: dict[str, object], reply: bytes, ok: bool, message: str) -> None:
    judged = PROTOCOLS[protocol].judge(reply, ProbeSettings(protocol, **settings))  # type: ignore[arg-type]
    assert (judged.ok, judged.message) == (ok, message)


def test_the_http_request_names_host_port_and_path() -> None:
    request = PROTOCOLS["http"].request(ProbeSettings("http", 8000, "/healthz?deep=1"), "10.0.0.2")
    assert request.startswith(b"GET /healthz?deep=1 HTTP/1.1\r\nHost: 10.0.0.2:8000\r\n")
    assert request.endswith(b"Connection: close\r\n\r\n")


def test_an_ipv6_host_is_put_in_brackets() -> None:
    assert b"Host: [fd00::2]:80\r\n" in PROTOCOLS["http"].request(ProbeSettings("http", 80), "fd00::2")


def test_the_startup_message_of_postgres_tells_its_own_length() -> None:
    request = PROTOCOLS["postgres"].request(ProbeSettings("postgres"), "db")
    assert int.from_bytes(request[:4], "big") == len(request)
    assert request[4:8] == b"\0\x03\0\0"
    assert b"user\0postgres\0" in request


def test_the_registry_names_every_protocol_once() -> None:
    assert list(PROTOCOLS) == [
        *("tcp", "http", "https", "redis", "postgres", "mysql", "amqp", "mongodb", "memcached", "nats", "mqtt", "smtp"),
        *("kafka", "elasticsearch", "minio", "grpc", "grpcs", "smtps", "udp"),
    ]
    assert set(PROBES) == {*PROTOCOLS, "exec"}


def test_an_unknown_protocol_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(PROBES, "redis")
    with pytest.raises(UnknownProbeError, match="no probe speaks 'redis'; known are amqp, elasticsearch, exec, grpc"):
        probe(Target(None, None), ProbeSettings("redis"), 1)  # type: ignore[arg-type]


HTTP = PROTOCOLS["http"]
ASKED = ProbeSettings("http", 80)
GOOD = Answer("10.0.0.2", reply=b"HTTP/1.1 200 OK\r\n")


@pytest.mark.parametrize(
    ("exchange", "message"),
    [
        (lost(Question("web", 80), Failure.NOT_RESOLVABLE, "no such name"), "web:80 not-resolvable: no such name"),
        (
            Exchange(Question("web", 80), answers=(GOOD, Answer("10.0.0.3", failure=Failure.REFUSED, detail="no"))),
            "web:80 refused: no",
        ),
        (
            Exchange(Question("web", 80), answers=(GOOD, Answer("10.0.0.3", detail="no reply within 3 s"))),
            "connected, but no reply within 3 s",
        ),
        (
            Exchange(Question("web", 80), answers=(GOOD, Answer("10.0.0.3", reply=b"HTTP/1.1 500 Oh\r\n"))),
            "GET / gives 500 Oh, expected 200 to 399",
        ),
    ],
)
def test_every_address_must_answer_well(exchange: Exchange, message: str) -> None:
    judged = dialogue.verdict(HTTP, ASKED, exchange)
    assert (judged.ok, judged.message) == (False, message)


def test_all_good_is_good() -> None:
    assert dialogue.verdict(HTTP, ASKED, Exchange(Question("web", 80), answers=(GOOD, GOOD))).ok


def test_a_shown_reply_is_bounded_and_printable() -> None:
    assert shown(b"\x1b[31mred\x00\r\n" + b"x" * 500) == ("[31mred" + "   " + "x" * 109)
    assert shown(b"") == "nothing"
