"""Failures are told cause first, each once, and with what explains it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pytest_infragate import catalogue
from pytest_infragate.gates import health, stories
from pytest_infragate.gates.readiness import Look, judge_all
from pytest_infragate.gates.roles import Life, Role
from pytest_infragate.gates.stories import Clues
from pytest_infragate.gates.waiting import End, Wait
from pytest_infragate.results import CheckResult, Outcome, not_run
from pytest_infragate.stack.state import ContainerState

from .builders import at, container, created, ended, event, look

LONG = Role("db", Life.LONG_RUNNING, "needed running")
HEALTHY = "service_healthy"
SAID = {"db": ["starting", "FATAL: no space left"], "api": ["dial db:5432: connection refused"], "web": []}
CLUES = Clues(
    logs=lambda state: SAID.get(state.service, ()),
    changes=lambda service: f"changed: {service}",
    calls={"api": frozenset({"db"})},
)


def role(service: str, *needs: str) -> Role:
    return replace(LONG, service=service, needs=tuple((one, HEALTHY) for one in needs))


def told(
    roles: Sequence[Role],
    containers: Sequence[ContainerState],
    clues: Clues = CLUES,
    seen: Look | None = None,
    started: Sequence[CheckResult] = (),
) -> dict[str, CheckResult]:
    by_name = {one.service: one for one in roles}
    readiness = judge_all(by_name, containers, seen or look())
    wait = Wait(readiness, tuple(containers), at(3), End.FAILED, 3.0)
    return {one.check.title: one for one in health.explained(started, by_name, wait, clues)}


CHAIN = (role("web", "api"), role("api", "db"), role("db"))
CHAIN_STATES = (created("web"), created("api"), ended("db", 1))


def test_the_root_comes_first_and_tells_what_it_has_caused() -> None:
    found = told(CHAIN, CHAIN_STATES)
    assert next(iter(found)) == "service-ready[db]"
    db = found["service-ready[db]"]
    assert db.message.split("\n")[:3] == [
        "db has ended with exit code 1 (a general failure), 2 s after its start",
        "  because of it: api and web were not started",
        "  changed: db",
    ]
    assert db.notes == ("because of it: api and web were not started", "changed: db")
    assert db.evidence["because_of_it"] == ["web", "api"]
    assert [finding.remedy for finding in db.findings] == ["Mend what its log names: FATAL: no space left"]


def test_what_was_not_started_is_told_in_one_line_under_its_root() -> None:
    found = told(CHAIN, CHAIN_STATES)
    api, web = found["service-ready[api]"], found["service-ready[web]"]
    assert (api.outcome, api.message, api.because) == (
        Outcome.NOT_RUN,
        "api was not started, because db failed",
        "db",
    )
    assert (web.message, web.because) == ("web was not started, because db failed (it waits for api)", "db")
    assert web.to_dict()["evidence"] == {"because": "db"}


def test_who_crashed_because_what_it_calls_is_down_stays_failed_and_is_probably_explained() -> None:
    found = told((role("api"), role("db")), (ended("api", 1), ended("db", 1)))
    api, db = found["service-ready[api]"], found["service-ready[db]"]
    assert (api.outcome, api.because) == (Outcome.FAILED, "db")
    assert "  probably because db failed; it says: dial db:5432: connection refused" in api.message.split("\n")
    assert db.notes[0].startswith("probably because of it: api has ended with exit code 1")
    assert db.notes[0].endswith("; it says: dial db:5432: connection refused")


def test_two_roots_are_both_told() -> None:
    found = told((role("db"), role("web")), (ended("db", 1), ended("web", 3)))
    assert {title: one.because for title, one in found.items()} == {"service-ready[db]": "", "service-ready[web]": ""}
    assert {one.outcome for one in found.values()} == {Outcome.FAILED}


def test_who_waits_in_vain_for_a_service_that_is_well_is_a_failure_of_its_own() -> None:
    found = told((role("api", "db"), role("db")), (created("api"), container("db")))
    api = found["service-ready[api]"]
    assert (api.outcome, api.because) == (Outcome.FAILED, "")
    assert "which has no healthcheck" in api.message
    assert "Give db a healthcheck" in api.findings[0].remedy


def test_a_root_that_no_check_calls_failed_is_made_a_failure() -> None:
    check = catalogue.service_started("db")
    states = (created("db"), created("api"))
    found = told(
        (role("api", "db"), role("db")), states, started=[not_run(check, "db was not started, because up failed")]
    )
    assert found["service-started[db]"].outcome is Outcome.FAILED
    assert "because of it: api was not started" in found["service-started[db]"].notes
    ready = found["service-ready[db]"]
    assert (ready.outcome, ready.because) == (Outcome.NOT_RUN, "db")
    assert "see service-started[db]" in ready.message


def test_restarts_are_told_with_their_exit_codes() -> None:
    events = [event(1, "start"), event(2, "die", code=1), event(3, "start"), event(4, "die", code=1)]
    clues = replace(CLUES, events=lambda _service: events)
    db = told((role("db"),), (ended("db", 1),), clues)["service-ready[db]"]
    assert "  it ended 2 times with exit code 1 (a general failure), at 12:00:02, 12:00:04 UTC" in db.message
    assert [end["time"] for end in db.evidence["ends"]] == [  # type: ignore[union-attr,index,call-overload]
        "2026-11-22T12:00:02+00:00",
        "2026-11-22T12:00:04+00:00",
    ]


def test_a_line_of_the_log_is_a_note_only_where_it_tells_something_new() -> None:
    loud = told((role("db"),), (container("db", oom_killed=True),))["service-ready[db]"]
    assert loud.notes == ("its log: FATAL: no space left", "changed: db")
    quiet = replace(CLUES, logs=lambda _state: ["loading model"])
    assert told((role("db"),), (container("db", oom_killed=True),), quiet)["service-ready[db]"].notes == (
        "changed: db",
    )


def test_a_last_line_that_tells_nothing_is_shown_and_not_blamed() -> None:
    quiet = replace(CLUES, logs=lambda _state: ['GET / "200"'])
    db = told((role("db"),), (ended("db", 1),), quiet)["service-ready[db]"]
    assert db.notes == ('its last log line: GET / "200"', "changed: db")
    assert [finding.remedy for finding in db.findings] == ["See its last log lines for the reason."]


def test_services_that_are_well_stay_as_they_are() -> None:
    found = told((role("db"), role("web")), (ended("db", 1), container("web", health="healthy")))
    assert (found["service-ready[web]"].outcome, found["service-ready[web]"].notes) == (Outcome.PASSED, ())


def test_each_log_is_read_once() -> None:
    asked: list[str] = []

    def logs(state: ContainerState) -> list[str]:
        asked.append(state.id)
        return ["x"]

    read = stories.remembered(logs)
    assert read(container("db")) == read(container("db")) == ["x"]
    assert asked == ["db-id"]
