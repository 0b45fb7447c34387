"""Which tests ran at a moment, within what the clocks can tell."""

from __future__ import annotations

import sys

import pytest

from pytest_infragate import timeline
from pytest_infragate.timeline import Ran, Timeline

NOTHING = ((), ())


def ran(told: Ran) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return told.certain, told.possible


@pytest.fixture
def serial() -> Timeline:
    """One test after the other: a from 10 to 12, b from 12.5 to 14, c from 14 on."""
    told = Timeline()
    for test, begin, end in (("a", 10.0, 12.0), ("b", 12.5, 14.0)):
        told.began(test, begin)
        told.ended(test, end)
    told.began("c", 14.0)
    return told


@pytest.mark.parametrize(
    "earliest, latest, certain, possible, words",
    [
        (11, 11.1, ("a",), (), "while a ran"),
        (11.95, 12.05, (), ("a",), "about when a ran"),
        (11.9, 12.6, (), ("a", "b"), "about when a or b ran"),
        (13.99, 14.01, (), ("b", "c"), "about when b or c ran"),
        (12.2, 12.3, (), (), "between tests"),
        (9.0, 9.1, (), (), "before the first test"),
        (99.0, 99.1, ("c",), (), "while c ran"),
    ],
)
def test_one_test_after_the_other(
    serial: Timeline, earliest: float, latest: float, certain: tuple[str, ...], possible: tuple[str, ...], words: str
) -> None:
    found = serial.at(earliest, latest)
    assert ran(found) == (certain, possible)
    assert str(found) == words


def test_after_the_last_test(serial: Timeline) -> None:
    serial.ended("c", 15.0)
    assert str(serial.at(15.5, 15.6)) == "after the last test"
    assert str(serial.at(14.5, 14.6)) == "while c ran"


def test_where_no_test_ever_began() -> None:
    assert str(Timeline().at(1, 2)) == "before the first test"


def test_several_at_once_are_all_named_within_a_bound() -> None:
    told = Timeline()
    for number in range(30):
        told.began(f"t{number}", 10.0)
    told.ended("t1", 12.0)
    assert str(told.at(11, 11)).startswith("while t1, t0, t2 and 27 more ran")
    assert len(told.at(11, 11).to_dict()["tests"]) == 20  # type: ignore[arg-type]
    assert str(told.at(11.9, 12.1)).endswith("and 26 more ran, perhaps t1 too")


def test_one_test_may_run_several_times_at_once() -> None:
    told = Timeline()
    told.began("a", 10.0)
    told.began("a", 11.0)
    told.ended("a", 12.0)
    assert told.at(13, 13).certain == ("a",)
    told.ended("a", 14.0)
    assert ran(told.at(15, 15)) == NOTHING


def test_an_end_without_a_begin_is_nothing() -> None:
    told = Timeline()
    told.ended("check", 10.0)
    assert str(told.at(9, 11)) == "before the first test"


def test_what_is_heard_late_may_have_happened_before() -> None:
    told = Timeline(late_s=0.1)
    told.began("a", 10.05)
    told.ended("a", 12.0)
    told.began("b", 12.0)
    assert told.at(10.0, 10.0).possible == ("a",)
    assert told.at(11.95, 11.95).possible == ("a", "b")
    assert told.at(11.0, 11.0).certain == ("a",)


def test_a_very_long_name_is_cut_in_words_and_whole_in_the_report() -> None:
    told = Timeline()
    told.began("x" * 1000, 10.0)
    found = told.at(11, 11)
    assert len(str(found)) < 200
    assert found.to_dict()["tests"] == ["x" * 1000]


def test_the_memory_of_a_very_long_suite_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timeline, "KEPT_TESTS", 100)
    told = Timeline()
    for number in range(1000):
        told.began(str(number), float(number))
        told.ended(str(number), number + 0.5)
    assert len(told._ended) <= 200
    assert str(told.at(990.1, 990.2)) == "while 990 ran"
    assert str(told.at(10.1, 10.2)) == "while a test ran that is no longer remembered"


def test_a_long_test_beside_many_short_ones_is_found() -> None:
    told = Timeline()
    told.began("long", 0.0)
    for number in range(1000):
        told.began(str(number), float(number))
        told.ended(str(number), number + 0.5)
    told.ended("long", 1000.0)
    assert set(told.at(500.1, 500.2).certain) == {"500", "long"}
    assert told.at(500.6, 500.7).certain == ("long",)


def test_a_hundred_thousand_tests_cost_little() -> None:
    told = Timeline()
    for number in range(100_000):
        told.began("test", float(number))
        told.ended("test", number + 0.5)
    assert sum(map(sys.getsizeof, told._ended)) + sys.getsizeof(told._ended) < 10 << 20
