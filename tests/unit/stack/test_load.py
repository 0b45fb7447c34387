"""A load in a closed loop, against a relay that answers as it is told."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from typing import Any, cast

import pytest

from pytest_infragate.stack.exchange import Failure, Question
from pytest_infragate.stack.frames import Frame
from pytest_infragate.stack.load import Load, Timed, carried
from pytest_infragate.stack.relay import Relay

SILENT = "10.0.0.9"


class Answering:
    """Opens every connection at once and answers whatever is sent, but refuses ``refused``; the silent one never does."""

    def __init__(self, refused: str = "") -> None:
        self.refused = refused
        self.asked: Counter[str] = Counter()
        self.most = 0
        self._open: set[int] = set()
        self._next = 0
        self._frames: list[Frame] = []

    def read(self, _path: str, _timeout_s: float) -> str:
        return ""

    def number(self) -> int:
        self._next += 1
        return self._next

    def tell(self, said: bytes) -> None:
        while said:
            length, number, kind = int.from_bytes(said[:4], "big"), int.from_bytes(said[4:8], "big"), said[8:9]
            payload, said = said[9 : 9 + length], said[9 + length :]
            self._take(number, kind, payload)

    def _take(self, number: int, kind: bytes, payload: bytes) -> None:
        if kind == b"o":
            address = payload.decode().split()[2]
            self.asked[address] += 1
            self._open.add(number)
            self.most = max(self.most, len(self._open))
            if address != SILENT:
                self._frames.append(
                    Frame(number, "F", 0.1, b"Connection refused")
                    if address == self.refused
                    else Frame(number, "O", 0.1, b"")
                )
        elif kind == b"d":
            self._frames += [Frame(number, "d", 0.2, b"well"), Frame(number, "E", 0.0, b"")]
        self._open -= {number} if kind == b"c" else set()

    def hear(self, _until: float) -> Sequence[Frame]:
        frames, self._frames = self._frames, []
        for frame in frames:
            self._open -= {frame.number} if frame.kind == "F" else set()
        return frames


def load(relay: Answering, *addresses: str, **changes: Any) -> tuple[Timed, ...]:
    question = Question("api", 8000, b"hello", read=10, timeout_s=0.01)
    values: dict[str, Any] = {"at_once": 4, "seconds": 60.0, "most": 40, **changes}
    return carried(cast("Relay", relay), Load(question, addresses, **values))


def test_every_address_has_its_share_of_what_is_under_way() -> None:
    relay = Answering()
    timed = load(relay, "10.0.0.1", "10.0.0.2")
    assert len(timed) == 40
    assert relay.asked == {"10.0.0.1": 20, "10.0.0.2": 20}
    assert relay.most <= 4


def test_an_answer_is_kept_when_the_peer_hangs_up_behind_it() -> None:
    timed = load(Answering(), "10.0.0.1")
    assert {one.answer.reply for one in timed} == {b"well"}
    assert {(one.answer.connect_s, one.answer.reply_s) for one in timed} == {(0.1, 0.2)}


def test_what_a_request_has_waited_for_us_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = itertools.count()
    monkeypatch.setattr("pytest_infragate.stack.load.time.monotonic", lambda: float(next(clock)))
    (one,) = load(Answering(), "10.0.0.1", most=1)
    assert one.took_s > (one.answer.connect_s or 0.0) + (one.answer.reply_s or 0.0)
    assert one.took_s < one.at_s


def test_failures_are_requests_too() -> None:
    timed = load(Answering(refused="10.0.0.2"), "10.0.0.1", "10.0.0.2")
    assert {one.answer.failure for one in timed if one.answer.address == "10.0.0.2"} == {Failure.REFUSED}
    assert {one.answer.failure for one in timed if one.answer.address == "10.0.0.1"} == {None}


def test_the_end_of_the_time_ends_the_load() -> None:
    assert len(load(Answering(), "10.0.0.1", seconds=0.0)) == 0


@pytest.mark.parametrize("most", [1, 3])
def test_no_more_requests_than_allowed_are_made(most: int) -> None:
    assert len(load(Answering(), "10.0.0.1", most=most)) == most
