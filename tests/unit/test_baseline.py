"""A baseline hides what was there, wherever its lines move; what is new fails, what is gone is told."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from pytest_infragate import catalogue
from pytest_infragate.baseline import Baseline
from pytest_infragate.check_options import AcceptedFindings
from pytest_infragate.errors import SettingsError
from pytest_infragate.ledger import Ledger
from pytest_infragate.reading.baseline import read_baseline
from pytest_infragate.results import (
    CheckResult,
    Condition,
    Finding,
    Location,
    PlannedCheck,
    Severity,
    failed,
    passed,
    unevaluated,
)
from pytest_infragate.settings import CheckSettings
from pytest_infragate.verdict import closes_the_gate

CHECK = PlannedCheck("IG402", "engine-socket-mounted", Condition.CONFIGURATION)
ONE = AcceptedFindings("compose.yaml", "web", "IG402", 1)


def finding(line: int, subject: str = "web", file: str = "compose.yaml") -> Finding:
    return Finding("IG402", CHECK.name, Severity.ERROR, subject, "mounts it", location=Location(file, line, 1))


def recorded(baseline: Baseline, *findings: Finding) -> CheckResult:
    ledger = Ledger((), datetime.date(2027, 1, 1), lambda _result: None)
    ledger.accept = baseline.apply
    ledger.record(failed(CHECK, "mounts it", findings))
    return ledger.results[0]


@pytest.mark.parametrize("line", [1, 99])
def test_what_was_there_is_kept_and_does_not_fail_wherever_it_stands(line: int) -> None:
    baseline = Baseline([ONE])
    result = recorded(baseline, finding(line))
    assert not closes_the_gate(result)
    assert [(one.waived, one.waived_by) for one in result.findings] == [(True, "baseline")]
    assert baseline.note("b.yaml") == "The baseline b.yaml hides 1 finding that would fail."
    assert list(baseline.gone([result])) == []


@pytest.mark.parametrize("new", [finding(2, "db"), finding(2, file="other.yaml")])
def test_a_finding_on_another_subject_or_file_is_new(new: Finding) -> None:
    result = recorded(Baseline([ONE]), finding(1), new)
    assert [one.waived for one in result.findings] == [True, False]
    assert closes_the_gate(result)


def test_one_more_than_accepted_makes_all_of_them_count() -> None:
    result = recorded(Baseline([ONE]), finding(1), finding(2))
    assert [one.waived for one in result.findings] == [False, False]
    assert result.notes == ("the baseline accepts 1 of the 2 findings of IG402 on web; one is new",)


def test_what_occurs_less_often_than_accepted_is_told() -> None:
    entry = AcceptedFindings("compose.yaml", "web", "IG402", 2, Location("b.yaml", 4, 3))
    baseline = Baseline([entry])
    (told,) = baseline.gone([recorded(baseline, finding(1))])
    assert (told.severity, told.location) == (Severity.WARNING, entry.location)
    assert told.message == "the baseline accepts 2 of IG402 on web, but 1 occurs"


@pytest.mark.parametrize(("result", "told"), [(passed(CHECK), 1), (unevaluated(CHECK, "no answer"), 0)])
def test_of_a_check_that_was_not_evaluated_nobody_says_that_it_is_gone(result: CheckResult, told: int) -> None:
    assert len(list(Baseline([ONE]).gone([result]))) == told


def test_the_checks_of_the_run_itself_cannot_be_accepted() -> None:
    check = catalogue.waiver_expired()
    told = Finding(check.id, check.name, Severity.ERROR, "web", "expired")
    baseline = Baseline(everything=True)
    assert baseline.apply(failed(check, "expired", (told,))).findings == (told,)


def test_warnings_and_what_is_waived_already_need_no_baseline() -> None:
    lighter = Finding("IG402", "", Severity.WARNING, "web", "")
    waived = Finding("IG402", "", Severity.ERROR, "web", "", waived=True, waived_by="comment: why")
    baseline = Baseline(everything=True)
    assert baseline.apply(failed(CHECK, "", (lighter, waived))).findings == (lighter, waived)
    assert baseline.note("b.yaml") == ""


def test_what_is_written_is_read_again_and_accepts_the_same(tmp_path: Path) -> None:
    found = (finding(1), finding(5), finding(2, "a b: c"), finding(3, "*", "more/compose.yaml"))
    written = Baseline(everything=True)
    assert not closes_the_gate(recorded(written, *found))
    file = tmp_path / "b.yaml"
    file.write_text(written.text())
    entries = read_baseline(CheckSettings(baseline=str(file)), str(tmp_path))
    assert {(entry.file, entry.subject, entry.check, entry.count) for entry in entries} == {
        ("compose.yaml", "web", "IG402", 2),
        ("compose.yaml", "a b: c", "IG402", 1),
        ("more/compose.yaml", "*", "IG402", 1),
    }
    again = Baseline(entries)
    assert not closes_the_gate(recorded(again, *found))
    assert list(again.gone([])) == []


def test_nothing_found_is_an_empty_baseline(tmp_path: Path) -> None:
    file = tmp_path / "b.yaml"
    file.write_text(Baseline(everything=True).text())
    assert read_baseline(CheckSettings(baseline=str(file)), str(tmp_path)) == ()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("- IG402\n", "b.yaml:1:1: the baseline is a list: expected a mapping"),
        ("compose.yaml: 1\n", "b.yaml:1:15: compose.yaml is 1: expected a mapping"),
        ("compose.yaml:\n  web: {IG402: 0}\n", "compose.yaml.web.IG402 is 0: expected a whole number, 1 or more"),
        ("compose.yaml: {web: [IG402]}\n", "expected a mapping of check ids and numbers"),
        ("a: {\n", "not valid YAML"),
    ],
)
def test_a_baseline_that_is_none_is_a_mistake_with_its_place(tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "b.yaml"
    file.write_text(text)
    with pytest.raises(SettingsError) as raised:
        read_baseline(CheckSettings(baseline=str(file)), str(tmp_path))
    assert told in str(raised.value)


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        (CheckSettings(baseline="/p/gone.yaml"), "checks.baseline is gone.yaml, which does not exist: write it with"),
        (CheckSettings(accept=True), "name its file in the settings, checks.baseline"),
        (CheckSettings(accept=True, baseline="/p/no-such/b.yaml"), "/p/no-such is no folder"),
    ],
)
def test_a_baseline_that_is_not_there_is_told(settings: CheckSettings, told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        read_baseline(settings, "/p")
