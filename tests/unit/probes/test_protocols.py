from __future__ import annotations

import pytest

from pytest_infragate.probes import PROBES, PROTOCOLS, UnknownProbeError, dialogue, probe
from pytest_infragate.probes.base import Target, shown
from pytest_infragate.settings import ProbeSettings
from pytest_infragate.stack.exchange import Answer, Exchange, Failure, Question, lost

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
    assert list(PROTOCOLS) == ["tcp", "http", "https", "redis", "postgres"]
    assert set(PROBES) == {*PROTOCOLS, "exec"}


def test_an_unknown_protocol_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(PROBES, "redis")
    with pytest.raises(UnknownProbeError, match="no probe speaks 'redis'; known are exec, http"):
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
