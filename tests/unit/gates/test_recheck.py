from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

import pytest

from pytest_infragate.gates.incidents import all_needs
from pytest_infragate.gates.readiness import judge_all
from pytest_infragate.gates.recheck import Aftermath, recheck
from pytest_infragate.gates.roles import Life, Role
from pytest_infragate.gates.waiting import End, Wait
from pytest_infragate.results import CheckResult, Json, Outcome
from pytest_infragate.stack.event import StackEvent
from pytest_infragate.stack.interruptions import MeantInterruption
from pytest_infragate.stack.state import ContainerState
from pytest_infragate.timeline import Ran

from .builders import at, container, ended, event, look

LONG = Role("db", Life.LONG_RUNNING, "needed running")
SHOT = Role("db", Life.ONE_SHOT, "declared")
OPEN = Role("db", Life.UNDECIDED)
HEALTHY = container(health="healthy")
READY_AT = 10


def result(
    events: Sequence[StackEvent] = (),
    *,
    role: Role = LONG,
    before: ContainerState = HEALTHY,
    now: ContainerState | None = None,
    meant: Sequence[MeantInterruption] = (),
    needs: dict[str, frozenset[str]] | None = None,
    **known: Any,
) -> CheckResult:
    wait = Wait(judge_all({"db": role}, [before], look()), (before,), at(READY_AT), End.READY, 3.0)
    after = Aftermath((now or before,), tuple(events), meant, needs or {}, **known)
    (found,) = recheck({"db": role}, wait, after, look(), lambda _: ["last words"])
    return found


def test_nothing_happened() -> None:
    found = result([event(5, "die", code=1), event(6, "start"), event(9, "health_status: unhealthy")])
    assert found.outcome is Outcome.PASSED
    assert "is healthy" in found.message


@pytest.mark.parametrize(
    "events, said",
    [
        (
            [event(12, "die", code=3), event(13, "start")],
            "db died with exit code 3 2 s after it was proven ready (at 12:00:12 UTC)",
        ),
        ([event(12, "die", code=0)], "ended with exit code 0 (success) although it is meant to run"),
        ([event(12, "oom"), event(12.1, "die", code=137)], "exit code 137 (killed: out of memory)"),
        ([event(12, "oom")], "ran out of memory and lost a process"),
        (
            [event(12, "kill", detail="15"), event(12.1, "die", code=143)],
            "stopped from outside (SIGTERM) and ended with exit code 143",
        ),
        ([event(12, "kill", detail="15")], "was sent SIGTERM from outside"),
        ([event(12, "pause"), event(13, "unpause")], "was paused"),
        ([event(12, "health_status: unhealthy"), event(13, "health_status: healthy")], "turned unhealthy"),
        ([event(12, "disconnect", detail="shop_back")], "was taken off network shop_back"),
        ([event(12, "start")], "was started anew"),
        ([event(12, "destroy")], "lost its container"),
        ([event(12, "create"), event(13, "start")], "was given another container 2 s after it was proven ready"),
    ],
)
def test_what_happened_while_the_tests_ran_closes_the_gate(events: list[StackEvent], said: str) -> None:
    found = result(events)
    assert found.outcome is Outcome.FAILED
    assert said in found.message
    assert found.findings


@pytest.mark.parametrize(
    "events",
    [
        [event(12, "connect", detail="x"), event(12, "unpause"), event(12, "health_status: healthy")],
        [event(12, "kill", detail="1")],
        [event(12, "kill", detail="SIGUSR1")],
        [event(12, "die", of="other", code=1)],
    ],
)
def test_what_harms_nobody(events: list[StackEvent]) -> None:
    assert result(events).outcome is Outcome.PASSED


def test_what_follows_from_a_death_is_not_told_again() -> None:
    story = [
        event(12, "kill", detail="9"),
        event(12.1, "die", code=137),
        event(12.2, "disconnect"),
        event(12.3, "stop"),
    ]
    story += [event(13, "connect"), event(13.1, "start")]
    message = result(story).message
    assert "stopped from outside (SIGKILL)" in message
    assert ";" not in message.partition("\n")[0]


def test_incidents_are_told_in_order_and_not_endlessly() -> None:
    story = [event(12 + number, "die", code=1) for number in range(8)][::-1]
    message = result(story).message
    assert message.index("12:00:12") < message.index("12:00:13")
    assert "and 3 more such events" in message
    assert "12:00:19" not in message


def test_leaving_a_network_is_told_once_although_the_engine_tells_it_twice() -> None:
    twice = [event(12, "disconnect", detail="back"), event(12.1, "disconnect", detail="back")]
    assert result(twice).message.count("was taken off network back") == 1
    again = [*twice, event(13, "connect", detail="back"), event(14, "disconnect", detail="back")]
    assert result(again).message.count("was taken off network back") == 2


def ran(moment: datetime.datetime) -> Ran:
    return Ran(("test_x.py::test_x",)) if moment > at(11) else Ran((), (), "before the first test")


def test_the_test_that_ran_is_named_in_message_and_evidence() -> None:
    found = result([event(10.5, "pause"), event(12, "die", code=3)], meanwhile=ran)
    assert "proven ready (at 12:00:12 UTC), while test_x.py::test_x ran" in found.message
    assert "proven ready (at 12:00:10 UTC), before the first test" in found.message
    early, death = cast("list[dict[str, Json]]", found.evidence["incidents"])
    assert (early["when"], early["tests"]) == ("before the first test", [])
    assert death == {
        "time": "2026-11-22T12:00:12+00:00",
        "action": "die",
        "what": "died with exit code 3",
        "when": "while test_x.py::test_x ran",
        "tests": ["test_x.py::test_x"],
    }


def test_the_test_is_named_also_where_only_inspect_shows_the_restart() -> None:
    found = result(now=replace(HEALTHY, started_at=at(12)), meanwhile=ran)
    assert "was started anew at 12:00:12 UTC, while test_x.py::test_x ran" in found.message


def test_a_process_that_was_lost_before_the_proof_counts_when_its_container_lives_on() -> None:
    found = result([event(4, "start"), event(8, "oom")])
    assert found.outcome is Outcome.FAILED
    assert "db ran out of memory and lost a process 2 s before it was proven ready" in found.message
    restarted = [event(4, "start"), event(5, "oom"), event(5.1, "die", code=137), event(6, "start")]
    assert result(restarted).outcome is Outcome.PASSED
    both = result([event(4, "start"), event(8, "oom"), event(12, "die", code=1)])
    assert "lost a process" in both.message


def test_what_came_after_the_proof_counts_although_the_clock_was_set_back() -> None:
    set_back = replace(event(3, "pause"), number=7)
    assert result([set_back], known=7).outcome is Outcome.PASSED
    found = result([set_back], known=6)
    assert "was paused" in found.message


def test_what_a_test_meant_is_not_held_against_the_service() -> None:
    meant = [MeantInterruption("db", "restart", at(12), at(15))]
    story = [event(12.1, "kill", detail="15"), event(12.2, "die", code=143), event(13, "start"), event(13, "restart")]
    assert result(story, meant=meant, now=replace(HEALTHY, started_at=at(13))).outcome is Outcome.PASSED
    late = result([*story, event(16, "die", code=1)], meant=meant)
    assert late.outcome is Outcome.FAILED
    assert "exit code 1" in late.message


def test_an_interruption_that_was_never_undone_excuses_nothing() -> None:
    meant = [MeantInterruption("db", "restart", at(12))]
    story = [event(12.1, "kill", detail="15"), event(12.2, "die", code=143), event(13, "start")]
    assert result(story, meant=meant, now=replace(HEALTHY, started_at=at(13))).outcome is Outcome.FAILED


def test_health_at_the_end_is_demanded_even_after_a_meant_stop() -> None:
    meant = [MeantInterruption("db", "stop", at(12))]
    found = result([event(12.1, "die", code=143)], meant=meant, now=ended(code=143))
    assert found.outcome is Outcome.FAILED
    assert "died with exit code 143" in found.message
    assert "at the end" not in found.message, "its end was told already"


def test_who_was_stopped_from_outside_is_not_sent_to_its_log() -> None:
    found = result([event(12, "kill", detail="9"), event(12.1, "die", code=137)], now=ended(code=137))
    assert "stopped from outside (SIGKILL)" in found.message
    assert found.findings[0].remedy.startswith("Find out who stopped it")


@pytest.mark.parametrize(
    "action, needs, expected",
    [
        ("health_status: unhealthy", {"db": frozenset({"pool"}), "pool": frozenset({"disk"})}, Outcome.PASSED),
        ("health_status: unhealthy", {"db": frozenset({"pool"})}, Outcome.FAILED),
        ("die", {"db": frozenset({"disk"})}, Outcome.FAILED),
    ],
)
def test_a_flap_is_meant_when_something_needed_was_stopped(
    action: str, needs: dict[str, frozenset[str]], expected: Outcome
) -> None:
    meant = [MeantInterruption("disk", "stop", at(12), at(15))]
    assert result([event(16, action, code=1)], meant=meant, needs=needs).outcome is expected


def test_needs_may_run_in_circles() -> None:
    assert all_needs("a", {"a": ["b"], "b": ["c"], "c": ["a"]}) == {"a", "b", "c"}


def test_what_only_inspect_shows() -> None:
    assert "restarted twice" in result(now=replace(HEALTHY, restart_count=2), role=replace(LONG, restarts=5)).message
    assert "another container" in result(now=replace(HEALTHY, id="new")).message
    assert "started anew at 12:00:12" in result(now=replace(HEALTHY, started_at=at(12))).message


def test_the_same_conditions_hold_at_the_end() -> None:
    found = result(now=replace(HEALTHY, health="unhealthy"))
    assert "at the end it is unhealthy" in found.message
    assert "last words" in found.message


def test_a_job_that_was_taken_for_running_and_then_ended_has_died() -> None:
    found = result([event(12, "die", code=0)], role=OPEN, before=container(), now=ended())
    assert found.outcome is Outcome.FAILED


def test_a_one_shot_stays_ended() -> None:
    assert result(role=SHOT, before=ended()).outcome is Outcome.PASSED
    assert result(role=OPEN, before=ended()).outcome is Outcome.PASSED
    again = [event(12, "start"), event(13, "die", code=0)]
    assert result(again, role=SHOT, before=ended()).outcome is Outcome.PASSED
    worse = [event(12, "start"), event(13, "die", code=4)]
    assert "run again and ended with exit code 4" in result(worse, role=SHOT, before=ended()).message


def test_what_was_never_ready_has_no_health_to_keep() -> None:
    assert result(before=ended(code=1)).outcome is Outcome.NOT_RUN
