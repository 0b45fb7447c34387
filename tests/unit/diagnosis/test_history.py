from __future__ import annotations

import datetime

import pytest

from pytest_infragate.diagnosis import history
from pytest_infragate.stack.event import NANOSECONDS, StackEvent

NOON = int(datetime.datetime(2026, 1, 1, 12, tzinfo=datetime.timezone.utc).timestamp())


def event(action: str, second: float, code: int | None = None) -> StackEvent:
    return StackEvent(int((NOON + second) * NANOSECONDS), action, "api", "api-1", code)


CRASHES = [event("start", 0), event("die", 1, 1), event("start", 2), event("die", 3, 1)]
MANY = [event("die", second, 3) for second in range(8)]


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([], ""),
        ([event("start", 0), event("die", 1, 1)], ""),
        (
            CRASHES,
            "ended 2 times with exit code 1 (a general failure), at 12:00:01, 12:00:03 UTC, each time 1 s after its start",
        ),
        (
            [*CRASHES, event("start", 4), event("die", 9, 1)],
            (
                "ended 3 times with exit code 1 (a general failure), at 12:00:01, 12:00:03, 12:00:09 UTC, "
                "each time 1 s to 5 s after its start"
            ),
        ),
        (
            [event("die", 1, 1), event("oom", 3), event("die", 3.5, 137)],
            (
                "ended 2 times: 12:00:01 UTC exit code 1 (a general failure); "
                "12:00:03 UTC exit code 137 (killed: out of memory)"
            ),
        ),
        (MANY, "ended 8 times with exit code 3, at …, 12:00:03, 12:00:04, 12:00:05, 12:00:06, 12:00:07 UTC"),
    ],
)
def test_every_end_is_told(events: list[StackEvent], expected: str) -> None:
    assert history.told(history.ends(events)) == expected


def test_events_in_any_order_are_the_same_history() -> None:
    assert history.ends(CRASHES[::-1]) == history.ends(CRASHES)


def test_an_end_for_the_report() -> None:
    assert history.ends(CRASHES)[0].to_dict() == {
        "time": "2026-01-01T12:00:01+00:00",
        "exit_code": 1,
        "oom_killed": False,
    }
