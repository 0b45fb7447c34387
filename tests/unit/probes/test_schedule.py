from __future__ import annotations

import pytest

from pytest_infragate.probes import request_log
from pytest_infragate.probes.request_log import RequestLog, TimedRequest
from pytest_infragate.probes.schedule import Schedule


@pytest.mark.parametrize(
    ("rate", "moments", "due"),
    [
        (1, (100.0, 100.5, 101.0, 101.0, 102.9), (1, 0, 1, 0, 1)),
        (20, (100.0, 100.05, 100.1, 100.2), (1, 1, 1, 2)),
        (0.1, (100.0, 109.0, 110.0), (1, 0, 1)),
        (1, (99.0, 103.0), (0, 4)),
    ],
)
def test_requests_are_due_at_a_steady_rate_whatever_is_done_with_them(
    rate: float, moments: tuple[float, ...], due: tuple[int, ...]
) -> None:
    schedule = Schedule(rate, 100.0)
    assert tuple(map(schedule.due, moments)) == due


def test_the_next_moment_follows_the_last_one_and_not_the_call() -> None:
    schedule = Schedule(10, 100.0)
    schedule.due(100.27)
    assert schedule.next == pytest.approx(100.3)


KEPT = (
    TimedRequest(1.0, "idle", True, 0.25, "GET / gives 200"),
    TimedRequest(2.0, "suite", False, None, "refused"),
    TimedRequest(3.0, "suite", False, 5.0, "no reply"),
    TimedRequest(4.0, "suite", False, None, "no tools", proven=False),
)


def test_every_request_is_kept_exactly() -> None:
    log = RequestLog()
    for one in KEPT:
        log.add(one)
    assert log.requests() == KEPT


def test_the_first_ones_are_forgotten_when_there_are_very_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_log, "KEPT_REQUESTS", 10)
    monkeypatch.setattr(request_log, "_FORGOTTEN_AT_ONCE", 5)
    log = RequestLog()
    for at in range(12):
        log.add(TimedRequest(float(at), "idle", True, 0.1, "good"))
    assert [one.time for one in log.requests()] == [5, 6, 7, 8, 9, 10, 11]


def test_very_many_different_messages_are_no_longer_told_apart_but_the_phases_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(request_log, "_MOST_TEXTS", 4)
    log = RequestLog()
    for at in range(5):
        log.add(TimedRequest(float(at), "idle", False, None, f"trouble {at}"))
    assert [one.message for one in log.requests()] == ["trouble 0", "trouble 1", *["something else"] * 3]
    assert {one.phase for one in log.requests()} == {"idle"}
