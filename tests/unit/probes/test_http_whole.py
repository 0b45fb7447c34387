from __future__ import annotations

from collections.abc import Sequence

import pytest

from pytest_infragate.probes.http_whole import WholeAnswer
from pytest_infragate.settings import ProbeSettings
from pytest_infragate.stack.exchange import Judgement
from pytest_infragate.stack.speech import HungUpError

GONE = b""
ANSWER = b"HTTP/1.1 200 OK\r\nX-Served-By: api-2\r\nContent-Length: 5\r\n\r\n"


def answered(says: Sequence[bytes]) -> Judgement:
    steps = WholeAnswer(ProbeSettings("http", 8080, "/who"), "edge")()
    first = next(steps)
    assert isinstance(first, bytes)
    assert first.startswith(b"GET /who HTTP/1.1\r\nHost: edge:8080\r\n")
    try:
        for word in says:
            _ = steps.throw(HungUpError("gone")) if word == GONE else steps.send(word)
    except StopIteration as end:
        return judgement(end.value)
    raise AssertionError("the conversation goes on")


def judgement(ended: object) -> Judgement:
    assert isinstance(ended, Judgement)
    return ended


def test_header_and_body_are_kept() -> None:
    found = answered([ANSWER, b"hel", b"lo"])
    assert found.ok
    assert found.message == "HTTP/1.1 200 OK\nx-served-by: api-2\ncontent-length: 5\n\nhello"


@pytest.mark.parametrize(
    ("says", "said"),
    [
        ([b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"], "gives 502"),
        ([b"SSH-2.0-x\r\n", GONE], "the reply is not HTTP"),
        ([GONE], "the connection was closed before the answer was whole"),
        ([ANSWER, b"hel", GONE], "the answer ends before its body is whole"),
    ],
)
def test_what_is_no_good_answer_is_told(says: Sequence[bytes], said: str) -> None:
    found = answered(says)
    assert not found.ok
    assert said in found.message
