"""Answers of HTTP that are read whole, and what their bodies must hold."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Sequence
from typing import cast

import pytest

from pytest_infragate.probes import PROTOCOLS, matching
from pytest_infragate.probes.http_message import LONGEST_BODY
from pytest_infragate.settings import ProbeSettings
from pytest_infragate.stack.exchange import Failure, Judgement
from pytest_infragate.stack.speech import HungUpError

OK = b"HTTP/1.1 200 OK\r\n"
TEXT = b'{"status": "ok", "parts": [{"a/b": 1}, {"~": 2.0}]}'
_MACHINE = zlib.compressobj(wbits=-15)
DEFLATED = _MACHINE.compress(TEXT) + _MACHINE.flush()
GONE = b""
"""Hangs up."""


def sized(body: bytes, *fields: bytes) -> bytes:
    return OK + b"".join(field + b"\r\n" for field in (b"Content-Length: %d" % len(body), *fields)) + b"\r\n" + body


def judged(says: Sequence[bytes], **wanted: object) -> Judgement:
    """Hold the conversation with a server that says these pieces."""
    talk = PROTOCOLS["http"].talk
    assert talk is not None
    steps = talk(ProbeSettings("http", 80, "/healthz", **wanted), "api")  # type: ignore[arg-type]
    said = next(steps)
    assert isinstance(said, bytes)
    assert b"Accept-Encoding: identity\r\n" in said
    try:
        for piece in says:
            if piece:
                steps.send(piece)
            else:
                steps.throw(HungUpError("gone"))
    except StopIteration as end:
        return cast("Judgement", end.value)
    raise AssertionError("the answer is not whole yet")


@pytest.mark.parametrize(
    "says",
    [
        [sized(TEXT)],
        [sized(TEXT)[:60], sized(TEXT)[60:]],
        [OK + b"\r\n" + TEXT[:9], TEXT[9:], GONE],
        [
            OK + b"Transfer-Encoding: chunked\r\n\r\n" + b"%x;note=x\r\n%s\r\n" % (len(TEXT), TEXT),
            b"0\r\nTrailer: x\r\n\r\n",
        ],
        [
            OK + b"Transfer-Encoding: Chunked\r\n\r\n9\r\n" + TEXT[:9],
            b"\r\n%x\r\n" % (len(TEXT) - 9),
            TEXT[9:] + b"\r\n0\r\n\r\n",
        ],
        [sized(gzip.compress(TEXT), b"Content-Encoding: gzip")],
        [sized(zlib.compress(TEXT), b"Content-Encoding: deflate")],
        [sized(DEFLATED, b"Content-Encoding: deflate")],
        [b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n", sized(TEXT)],
    ],
    ids=["length", "pieces", "until-close", "chunked", "chunks-in-pieces", "gzip", "zlib", "deflate", "interim"],
)
def test_a_body_is_read_however_it_is_framed(says: list[bytes]) -> None:
    found = judged(says, body="st.*ok", json=(("/status", '"ok"'),))
    assert (found.ok, found.message) == (True, "GET /healthz gives 200 OK, and its body is as expected")


@pytest.mark.parametrize(
    ("says", "failure", "told"),
    [
        ([b"HTTP/1.1 503 Busy\r\n\r\n"], Failure.STATUS, "GET /healthz gives 503 Busy, expected 200 to 399"),
        ([OK + b"Content-Length: 99\r\n\r\nok", GONE], Failure.STATUS, "the answer ends before its body is whole"),
        ([OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nab", GONE], Failure.STATUS, "the answer ends before its body is whole"),
        ([OK + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\n"], Failure.STATUS, "a chunk without a length"),
        ([OK + b"Transfer-Encoding: gzip\r\n\r\n"], Failure.STATUS, "the transfer coding 'gzip'"),
        ([sized(b"x", b"Content-Encoding: br")], Failure.STATUS, "is compressed (br)"),
        ([sized(b"x", b"Content-Encoding: gzip")], Failure.STATUS, "says that it is compressed (gzip), and is not"),
        ([OK + b"Content-Length: %d\r\n\r\n" % (LONGEST_BODY + 9), bytes(LONGEST_BODY + 9)], Failure.STATUS, "more than 1048576 bytes"),
        ([sized(gzip.compress(bytes(LONGEST_BODY * 2)), b"Content-Encoding: gzip")], Failure.STATUS, "more than 1048576 bytes"),
        ([OK + b"Content-Length: x\r\n\r\n"], Failure.STATUS, "has the length 'x'"),
        ([OK + b"a: b\r\n" * 300], Failure.PROTOCOL, "a header of more than 200 lines"),
        ([OK, GONE], Failure.PROTOCOL, "closed before the answer was whole"),
        ([b"SSH-2.0\r\n"], Failure.PROTOCOL, "the reply is not HTTP"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_in_words(says: list[bytes], failure: Failure, told: str) -> None:
    found = judged(says, body="ok")
    assert (found.ok, found.failure) == (False, failure)
    assert told in found.message


def test_an_answer_without_a_body_has_an_empty_one() -> None:
    assert judged([b"HTTP/1.1 204 No Content\r\n\r\n"], body="^$").ok


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ({"body": "status"}, ""),
        ({"body": "ready"}, "its body has nothing that matches 'ready'"),
        ({"body": "^ready$"}, "its body has nothing that matches '^ready$'"),
        ({"json": (("/parts/0/a~1b", "1"),)}, ""),
        ({"json": (("/parts/1/~0", "2"),)}, ""),
        ({"json": (("/parts/0", '{"a/b": 1.0}'),)}, ""),
        ({"json": (("/parts/0/a~1b", "true"),)}, "its JSON has 1 at '/parts/0/a~1b', expected true"),
        ({"json": (("/status", '"up"'),)}, 'its JSON has "ok" at \'/status\', expected "up"'),
        ({"json": (("/state", '"up"'),)}, "its JSON has nothing at '/state', expected \"up\""),
        ({"json": (("/parts/7", "1"),)}, "its JSON has nothing at '/parts/7', expected 1"),
        ({"json": (("/status/0", "1"),)}, "its JSON has nothing at '/status/0', expected 1"),
    ],
)
def test_a_body_must_hold_what_is_wanted(wanted: dict[str, object], told: str) -> None:
    found = judged([sized(TEXT)], **wanted)
    assert found.ok is not bool(told), found.message
    assert told in found.message


@pytest.mark.parametrize("body", [b"<html>", b"[" * 100_000, b"\xff"])
def test_what_is_no_json_is_told(body: bytes) -> None:
    assert "its body is no JSON" in judged([sized(body)], json=(("/status", '"ok"'),)).message


def test_content_is_read_only_where_it_is_wanted() -> None:
    talks = PROTOCOLS["http"].talks
    assert not talks(ProbeSettings("http"))
    assert talks(ProbeSettings("http", body="x"))
    assert talks(ProbeSettings("https", json=(("/a", "1"),)))


@pytest.mark.parametrize(
    ("pattern", "text", "held"),
    [
        ("ok", b"all ok", True),
        ("ok", b"no", False),
        (r"^\x01.\x00", b"\x01\xff\x00", True),
        ("gr\u00fcn", "gr\u00fcn".encode(), True),
        ("a|b", b"c", False),
        (r"(a+)+$", b"a" * 40 + b"b", None),
    ],
)
def test_patterns_are_searched_in_time(pattern: str, text: bytes, held: bool | None) -> None:
    assert matching.found(pattern, text, budget_s=0.3) is held


@pytest.mark.parametrize(
    ("reply", "expect", "failure"),
    [(b"\x12\x34pong", r"\x12\x34", None), (b"pong", None, None), (b"pong", "ping", Failure.PROTOCOL)],
)
def test_a_reply_over_udp_is_as_expected(reply: bytes, expect: str | None, failure: Failure | None) -> None:
    settings = ProbeSettings("udp", 53, send=b"ping", expect=expect)
    assert PROTOCOLS["udp"].request(settings, "dns") == b"ping"
    assert PROTOCOLS["udp"].judge(reply, settings).failure is failure


def test_expected_values_may_be_whole_trees() -> None:
    expected = json.dumps([{"a/b": 1}, {"~": 2}])
    assert judged([sized(TEXT)], json=(("/parts", expected),)).ok
