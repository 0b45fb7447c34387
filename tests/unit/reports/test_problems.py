"""What stands in the way: each thing once, root causes first, nothing hidden."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_infragate import catalogue
from pytest_infragate.reports.problems import Problem, problems
from pytest_infragate.results import (
    CheckResult,
    Condition,
    Finding,
    Location,
    PlannedCheck,
    Severity,
    failed,
    not_run,
    passed,
    unevaluated,
)

RULE = PlannedCheck("IG201", "floating-image-tag", Condition.CONFIGURATION)
READY = catalogue.service_ready("db")
STARTED = catalogue.service_started("db")
PLACE = Location("compose.yaml", 12, 5)
LATEST = Finding("IG201", "floating-image-tag", Severity.ERROR, "web", "uses nginx:latest", "Pin it.", PLACE)
SICK = Finding("IG911", "service-ready", Severity.ERROR, "db", "db is unhealthy", "Mend it.", PLACE)


def test_root_causes_come_first_each_once_and_without_what_was_not_run() -> None:
    edge = catalogue.edge_open("api -> db:5432")
    limit = catalogue.limit_kept("db", "memory.ratio: max < 0.9")
    results = [
        failed(limit, "too much memory\nsecond line"),
        not_run(edge, "db is not ready"),
        failed(READY, "db is unhealthy"),
        failed(RULE, "", (LATEST, LATEST)),
    ]
    assert [problem.step for problem in problems(results)] == [
        "web: Pin it. (compose.yaml:12:5)",
        "service-ready[db]: db is unhealthy",
        "limit-kept[db memory.ratio: max < 0.9]: too much memory",
    ]


def test_a_broken_limit_names_its_service_once() -> None:
    told = "db: memory.ratio max is 95 %, limit < 90 % (infragate.yaml:3:9)"
    (found,) = problems([failed(catalogue.limit_kept("db", "memory.ratio: max < 0.9"), told)])
    assert (found.title, found.step) == (told, told)


def test_what_another_failure_has_caused_is_told_there() -> None:
    api = replace(failed(catalogue.service_ready("api"), "api has ended"), because="db")
    assert [problem.subject for problem in problems([api, failed(READY, "x", (SICK,))])] == ["db"]


def test_a_failure_whose_cause_is_told_nowhere_is_told_itself() -> None:
    api = replace(failed(catalogue.service_ready("api"), "api has ended"), because="db")
    assert [problem.text for problem in problems([api, not_run(READY, "x")])] == ["api has ended"]


def test_what_a_dead_service_could_not_be_asked_is_no_problem_of_its_own() -> None:
    limit = unevaluated(catalogue.limit_kept("db", "memory.ratio: max < 0.9"), "gave no statistics")
    assert [problem.subject for problem in problems([limit, failed(READY, "x", (SICK,))])] == ["db"]
    assert len(problems([limit])) == 1
    broken = failed(limit.check, "is 0.95")
    assert len(problems([broken, failed(READY, "x", (SICK,))])) == 2


@pytest.mark.parametrize(
    "other",
    [
        failed(catalogue.scaling_proven("db"), "db-2 gets no request"),
        failed(catalogue.log_clean("db"), "db wrote what logs.forbid names"),
        failed(catalogue.command_passed("db"), "exited with 1"),
    ],
    ids=lambda result: str(result.check.id),
)
def test_what_was_not_measured_of_a_service_that_runs_is_a_problem_of_its_own(other: CheckResult) -> None:
    limit = unevaluated(catalogue.limit_kept("db", "suite.http.latency: max < 1s"), "no samples")
    assert "no samples" in [problem.text for problem in problems([limit, other])]


@pytest.mark.parametrize(
    ("result", "count"),
    [
        (passed(READY), 0),
        (replace(failed(READY, "x"), waived=True), 0),
        (failed(READY, ""), 1),
        (unevaluated(READY, "the engine did not answer"), 1),
        (failed(RULE, "two", (LATEST, replace(LATEST, subject="api"))), 2),
        (failed(RULE, "one", (LATEST, replace(LATEST, subject="api", waived=True))), 1),
    ],
)
def test_every_failure_is_a_problem(result: CheckResult, count: int) -> None:
    assert len(problems([result])) == count


def test_a_problem_knows_all_of_it() -> None:
    result = replace(failed(READY, "db is unhealthy\n  note\n  log: x", (SICK,)), notes=("note",))
    assert problems([result]) == (
        Problem(
            "db", "db is unhealthy", ("note",), ("  note", "  log: x"), "Mend it.", Location("compose.yaml", 12, 5)
        ),
    )


@pytest.mark.parametrize(
    ("problem", "title", "step"),
    [
        (
            Problem("db", "db is unhealthy", remedy="Mend it.", location=Location("c", 1)),
            "db is unhealthy",
            "db: Mend it. (c:1)",
        ),
        (Problem("web", "uses latest"), "web: uses latest", "web: uses latest"),
        (Problem("", "the file is empty"), "the file is empty", "the file is empty"),
    ],
)
def test_it_names_its_subject_once(problem: Problem, title: str, step: str) -> None:
    assert (problem.title, problem.step) == (title, step)
