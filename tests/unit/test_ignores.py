"""What a comment covers is waived, kept and counted; a comment that cannot be used, or covers nothing, is told."""

from __future__ import annotations

import datetime

import pytest

from pytest_infragate.compose.comments import Ignore, read_ignores
from pytest_infragate.ignores import Ignores
from pytest_infragate.ledger import Ledger
from pytest_infragate.results import (
    CheckResult,
    Condition,
    Finding,
    Location,
    Outcome,
    PlannedCheck,
    Severity,
    failed,
    not_run,
    passed,
)
from pytest_infragate.verdict import closes_the_gate

CHECK = PlannedCheck("IG402", "engine-socket-mounted", Condition.CONFIGURATION)
REASON = "IG402] the agent needs it"


def finding(line: int, file: str = "compose.yaml") -> Finding:
    return Finding("IG402", CHECK.name, Severity.ERROR, "web", "mounts the socket", location=Location(file, line, 3))


def comments(text: str) -> tuple[Ignore, ...]:
    return tuple(read_ignores(text, "compose.yaml"))


def ignoring(text: str) -> Ignores:
    return Ignores(comments(text), {"IG201", "IG402"})


def recorded(ignores: Ignores, *findings: Finding) -> CheckResult:
    ledger = Ledger((), datetime.date(2027, 1, 1), lambda _result: None)
    ledger.accept = ignores.apply
    ledger.record(failed(CHECK, "mounts the socket", findings))
    return ledger.results[0]


def test_a_covered_finding_is_kept_and_no_longer_closes_the_gate() -> None:
    ignores = ignoring(f"a:\nb: # infragate: ignore[{REASON}\n")
    result = recorded(ignores, finding(2))
    assert [one.waived for one in result.findings] == [True]
    assert result.findings[0].waived_by == "comment: the agent needs it"
    assert result.findings[0].to_dict()["waived_by"] == "comment: the agent needs it"
    assert (result.outcome, result.waived, closes_the_gate(result)) == (Outcome.FAILED, True, False)
    assert ignores.result([result]).findings == ()


@pytest.mark.parametrize("other", [finding(1), finding(3), finding(2, "other.yaml")])
def test_a_finding_elsewhere_still_closes_the_gate(other: Finding) -> None:
    result = recorded(ignoring(f"a:\nb: # infragate: ignore[{REASON}\n"), finding(2), other)
    assert [one.waived for one in result.findings] == [True, False]
    assert closes_the_gate(result)


def test_a_comment_without_reason_covers_nothing_and_fails() -> None:
    ignores = ignoring("a: # infragate: ignore[IG402]\n")
    result = recorded(ignores, finding(1))
    told = ignores.result([result])
    assert closes_the_gate(result)
    assert closes_the_gate(told)
    assert "gives no reason" in told.findings[0].message
    assert told.findings[0].location == Location("compose.yaml", 1, 4)


@pytest.mark.parametrize(
    ("check", "message"),
    [("IG999", "no check has the id 'IG999'"), ("IG912", "does not look at files")],
)
def test_an_id_that_no_check_of_files_has_is_an_error(check: str, message: str) -> None:
    told = ignoring(f"a: # infragate: ignore[{check}] why\n").result([])
    assert message in told.findings[0].message
    assert closes_the_gate(told)


def test_a_comment_that_covers_nothing_is_a_warning() -> None:
    ignores = ignoring("a: # infragate: ignore[IG402, IG201] why\n")
    told = ignores.result([recorded(ignores, finding(1)), passed(PlannedCheck("IG201", "", Condition.CONFIGURATION))])
    assert [(one.severity, one.message) for one in told.findings] == [
        (Severity.WARNING, "the comment ignores IG201, which finds nothing in line 1")
    ]
    assert not closes_the_gate(told)


def test_of_a_check_that_was_not_evaluated_nobody_says_that_it_finds_nothing() -> None:
    ignores = ignoring(f"a: # infragate: ignore[{REASON}\n")
    assert ignores.result([not_run(CHECK, "refused")]).findings == ()
