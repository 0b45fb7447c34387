"""Requests that a test keeps from a good answer on purpose count against nobody; all others do."""

from __future__ import annotations

import pytest

from pytest_infragate.gates.outages import Outages
from pytest_infragate.probes.request_log import TimedRequest
from pytest_infragate.stack.interruptions import MeantInterruption

from .builders import at

NEEDS = {"edge": frozenset({"api"}), "api": frozenset({"db"})}
PAUSED = MeantInterruption("db", "pause", at(20), at(30))


def request(second: float, latency_s: float | None = 0.1) -> TimedRequest:
    return TimedRequest(at(second).timestamp(), "suite", ok=latency_s is not None, latency_s=latency_s, message="")


def stays(service: str, one: TimedRequest, *meant: MeantInterruption) -> bool:
    return bool(Outages(meant, NEEDS).left_out({service: (one,)})[service])


@pytest.mark.parametrize("service", ["db", "api", "edge"])
@pytest.mark.parametrize(
    ("one", "kept"),
    [
        (request(19), True),
        (request(19.95), False),
        (request(16, latency_s=None), False),
        (request(14, latency_s=None), True),
        (request(16, latency_s=5.0), False),
        (request(25), False),
        (request(30), False),
    ],
)
def test_requests_under_way_while_their_service_or_one_that_it_needs_is_interrupted_are_left_out(
    service: str, one: TimedRequest, kept: bool
) -> None:
    assert stays(service, one, PAUSED) is kept


@pytest.mark.parametrize(("service", "until"), [("db", 33), ("api", 40), ("edge", 40)])
def test_there_is_a_moment_to_find_the_way_back(service: str, until: float) -> None:
    assert not stays(service, request(until), PAUSED)
    assert stays(service, request(until + 0.1), PAUSED)


def test_who_does_not_need_the_service_answers_for_itself() -> None:
    assert stays("db", request(25, latency_s=None), MeantInterruption("api", "stop", at(20), at(30)))
    assert stays("other", request(25), PAUSED)


def test_what_was_never_undone_excuses_nothing() -> None:
    assert stays("db", request(25, latency_s=None), MeantInterruption("db", "stop", at(20)))
    assert stays("db", request(25, latency_s=None))
