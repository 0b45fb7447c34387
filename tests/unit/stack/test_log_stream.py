"""The engine's answers about logs, taken apart: frames, lines, pieces, and what was told already."""

from __future__ import annotations

import pytest

from pytest_infragate.errors import EngineError
from pytest_infragate.stack.log_stream import (
    LONGEST_LINE,
    MARGIN_NS,
    LogLine,
    Position,
    Reading,
    frames,
    lines,
    terminal_frames,
)

T = "2027-01-01T00:00:00.{:09d}Z "
SECOND = 1_798_761_600


def frame(stream: int, text: str, nano: int = 5) -> bytes:
    data = (T.format(nano) + text).encode()
    return bytes([stream, 0, 0, 0]) + len(data).to_bytes(4, "big") + data


def line(stream: int, time_ns: int, text: str = "x") -> LogLine:
    return LogLine(stream, time_ns, text, len(text) + 1)


@pytest.mark.parametrize("size", [1, 3, 8, 50, 1000])
def test_frames_may_be_cut_anywhere(size: int) -> None:
    whole = frame(1, "out\n") + frame(2, "err\n", 7)
    chunks = [whole[at : at + size] for at in range(0, len(whole), size)]
    found = list(lines(frames(chunks)))
    assert [(one.stream, one.text, one.size) for one in found] == [(1, "out", 4), (2, "err", 4)]
    assert [one.time_ns for one in found] == [SECOND * 10**9 + 5, SECOND * 10**9 + 7]
    assert found[1].stamp == "2027-01-01T00:00:00.000000007Z"


def test_a_long_line_is_cut_and_its_pieces_are_counted() -> None:
    pieces = [
        frame(1, "x" * LONGEST_LINE),
        frame(2, "between\n"),
        frame(1, "y" * 100),
        frame(1, "z\n"),
        frame(1, "next\n"),
    ]
    found = list(lines(frames(pieces)))
    assert [(one.text[:1], one.size, one.continued) for one in found] == [
        ("x", LONGEST_LINE, False),
        ("b", 8, False),
        ("", 100, True),
        ("", 2, True),
        ("n", 5, False),
    ]


def test_a_line_without_an_end_and_binary_garbage_are_lines() -> None:
    data = (T.format(1)).encode() + b"\xff\x00\xfe"
    (found,) = lines([(1, data)])
    assert (found.text, found.size) == ("\ufffd\x00\ufffd", 3)


@pytest.mark.parametrize(
    ("chunk", "words"),
    [
        (b"HTTP/1.1 500", "no frame"),
        (b"\x01\x00\x00\x00\xff\xff\xff\xff", "no frame"),
        (b"\x03\x00\x00\x00\x00\x00\x00\x04gone", "cannot go on with the log: gone"),
        (b"\x01\x00\x00\x00\x00\x00\x00\x07no time", "without a time"),
    ],
)
def test_what_is_no_log_is_told(chunk: bytes, words: str) -> None:
    with pytest.raises(EngineError, match=words):
        list(lines(frames([chunk])))


@pytest.mark.parametrize("size", [1, 7, 40_000])
def test_a_terminal_has_lines_without_frames(size: int) -> None:
    long = "x" * (LONGEST_LINE + 10)
    whole = "".join(
        T.format(number) + text + "\r\n" for number, text in enumerate(["one", "10 %\r20 %", long])
    ).encode()
    found = list(lines(terminal_frames(whole[at : at + size] for at in range(0, len(whole), size))))
    assert [one.text[:9] for one in found] == ["one", "10 %\r20 %", "x" * 9, ""]
    assert sum(one.size for one in found) == len(whole) - 3 * len(T.format(0))


def test_the_first_reading_begins_at_the_beginning() -> None:
    assert Position().since_ns is None


def told(position: Position, *read: LogLine) -> list[str]:
    reading = Reading(position)
    return [one.text for one in read if reading.is_new(one)]


def test_a_second_reading_tells_only_what_the_first_has_not() -> None:
    position = Position()
    assert told(position, line(1, 10, "a"), line(2, 9, "b"), line(1, 10, "c")) == ["a", "b", "c"]
    assert position.since_ns == 10 - MARGIN_NS
    assert told(position, line(1, 10, "a"), line(2, 9, "b"), line(1, 10, "c"), line(1, 10, "d"), line(2, 11, "e")) == [
        "d",
        "e",
    ]


def test_two_readings_at_once_tell_each_line_once() -> None:
    position = Position()
    one, other = Reading(position), Reading(position)
    all_lines = [line(1, number // 3) for number in range(30)]
    found = [reading.is_new(entry) for entry in all_lines for reading in (one, other)]
    assert found.count(True) == len(all_lines)


def test_lines_after_the_clock_went_back_are_not_lost() -> None:
    position = Position()
    assert told(position, line(1, 100, "before"), line(1, 50, "after"), line(1, 51, "later")) == [
        "before",
        "after",
        "later",
    ]
