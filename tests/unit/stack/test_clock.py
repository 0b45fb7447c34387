from __future__ import annotations

import datetime

import pytest

from pytest_infragate.stack.clock import ClockDifference
from pytest_infragate.stack.interruptions import MeantInterruption


def at(seconds: float) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)


def test_one_question_leaves_its_duration_open() -> None:
    assert ClockDifference.measured(100.0, at(105.0), 100.5) == ClockDifference(4.5, 5.0)


def test_more_questions_make_it_narrower() -> None:
    both = ClockDifference(4.5, 5.0).joined(ClockDifference(4.75, 5.5))
    assert both == ClockDifference(4.75, 5.0)


def test_after_a_clock_was_set_all_that_was_seen_is_possible() -> None:
    set_back = ClockDifference(0.0, 0.5).joined(ClockDifference(-60.0, -59.5))
    assert set_back == ClockDifference(-60.0, 0.5, steady=False)
    assert set_back.joined(ClockDifference(-60.0, -59.5)) == set_back


def test_a_time_of_the_engine_is_a_span_of_ours() -> None:
    assert ClockDifference(4.5, 5.0).here(at(105.0)) == pytest.approx((100.0, 100.5))


def test_a_meant_interruption_is_never_made_shorter() -> None:
    there = ClockDifference(4.5, 5.0).there(MeantInterruption("db", "stop", at(100), at(110)))
    assert (there.begin, there.end) == (at(104.5), at(115.0))
    assert ClockDifference(4.5, 5.0).there(MeantInterruption("db", "stop", at(100))).end is None
