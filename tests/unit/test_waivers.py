"""Waivers: what they cover, what they never cover, and when they end."""

from __future__ import annotations

import datetime
from dataclasses import replace

import pytest

from pytest_infragate import catalogue
from pytest_infragate.ledger import Ledger
from pytest_infragate.masking import Masker
from pytest_infragate.results import (
    CheckResult,
    Condition,
    Finding,
    PlannedCheck,
    Severity,
    failed,
    not_run,
    passed,
    unevaluated,
)
from pytest_infragate.settings import Waiver
from pytest_infragate.waivers import apply_waivers, expired, in_force, unused

TODAY = datetime.date(2027, 3, 31)
STATIC = PlannedCheck("IG402", "published-database", Condition.CONFIGURATION)


def waiver(check: str = "IG402", subject: str = "db", expires: datetime.date = TODAY) -> Waiver:
    return Waiver(check, subject, "a tool on the host needs it", expires)


def finding(subject: str = "db", severity: Severity = Severity.ERROR) -> Finding:
    return Finding("IG402", "published-database", severity, subject, "published")


def test_the_last_day_still_counts_and_the_day_after_does_not() -> None:
    assert in_force([waiver()], TODAY) == (waiver(),)
    assert expired([waiver()], TODAY) == ()
    assert in_force([waiver()], TODAY + datetime.timedelta(days=1)) == ()
    assert expired([waiver()], TODAY + datetime.timedelta(days=1)) == (waiver(),)


def test_a_static_check_is_waived_when_every_closing_finding_is() -> None:
    result = apply_waivers(failed(STATIC, "", (finding(), finding("web", Severity.WARNING))), [waiver()])
    assert result.waived
    assert [each.waived for each in result.findings] == [True, False]


def test_a_waived_finding_says_why_and_until_when() -> None:
    result = apply_waivers(failed(STATIC, "", (finding(), finding("cache"))), [waiver(), waiver(subject="*")])
    why = "waiver until 2027-03-31: a tool on the host needs it"
    assert {each.waived_by for each in result.findings} == {why}
    assert result.waived_by == why
    assert result.to_dict()["waived_by"] == why


def test_a_check_that_is_not_waived_names_nothing() -> None:
    for result in (failed(STATIC, "", (finding("cache"),)), passed(STATIC, "", (finding("db", Severity.WARNING),))):
        told = apply_waivers(result, [waiver()])
        assert (told.waived, told.waived_by) == (False, "")
        assert "waived_by" not in told.to_dict()


def test_a_check_whose_findings_are_accepted_for_different_reasons_tells_all() -> None:
    ignored = replace(finding("cache"), waived=True, waived_by="comment: it is ours")
    result = apply_waivers(failed(STATIC, "", (finding(), ignored)), [waiver()])
    assert result.waived_by == "waiver until 2027-03-31: a tool on the host needs it; comment: it is ours"


def test_what_a_comment_accepts_keeps_its_reason() -> None:
    ignored = replace(finding(), waived=True, waived_by="comment: it is ours")
    for waivers in ([], [waiver()]):
        told = apply_waivers(failed(STATIC, "", (ignored,)), waivers).findings[0]
        assert (told.waived, told.waived_by) == (True, "comment: it is ours")


def test_one_closing_finding_that_is_not_covered_keeps_the_check_failed() -> None:
    result = apply_waivers(failed(STATIC, "", (finding(), finding("cache"))), [waiver()])
    assert not result.waived
    assert [each.waived for each in result.findings] == [True, False]


def test_a_live_check_is_waived_by_id_and_subject() -> None:
    result = failed(catalogue.service_ready("db"), "unhealthy")
    assert apply_waivers(result, [waiver("IG911", "db")]).waived
    assert not apply_waivers(result, [waiver("IG911", "api")]).waived
    assert not apply_waivers(result, [waiver("IG912", "db")]).waived
    assert apply_waivers(result, [waiver("IG911", "*")]).waived


@pytest.mark.parametrize("answer", [unevaluated, not_run])
def test_missing_evidence_cannot_be_waived(answer: object) -> None:
    result: CheckResult = answer(catalogue.service_ready("db"), "engine gone")  # type: ignore[operator]
    assert not apply_waivers(result, [waiver("IG911", "db")]).waived


def test_a_passed_check_is_not_waived_and_its_waiver_is_unused() -> None:
    result = apply_waivers(passed(STATIC), [waiver()])
    assert not result.waived
    assert unused([waiver()], [result]) == (waiver(),)


def test_a_waiver_that_covers_a_finding_is_used() -> None:
    result = apply_waivers(failed(STATIC, "", (finding(), finding("cache"))), [waiver(), waiver(subject="web")])
    assert unused([waiver(), waiver(subject="web")], [result]) == (waiver(subject="web"),)


def test_the_ledger_masks_waives_tells_and_refuses_a_second_answer() -> None:
    told: list[CheckResult] = []
    ledger = Ledger([waiver()], TODAY, told.append)
    ledger.masker = Masker(["hunter22"])
    ledger.record(failed(STATIC, "password hunter22", (finding(),)))
    assert [result.message for result in told] == ["password ***"]
    assert ledger.results[0].waived
    assert not ledger.closed
    with pytest.raises(ValueError, match="answered twice"):
        ledger.record(passed(STATIC))


def test_the_ledger_forgets_a_waiver_that_has_expired() -> None:
    ledger = Ledger([waiver()], TODAY + datetime.timedelta(days=1), lambda _result: None)
    ledger.record(failed(STATIC, "", (finding(),)))
    assert ledger.closed


def test_giving_up_answers_only_what_is_still_open() -> None:
    ledger = Ledger([], TODAY, lambda _result: None)
    ledger.record(passed(STATIC))
    ledger.give_up([STATIC, catalogue.service_ready("db")], "the stack did not start")
    assert [(result.check.id, result.outcome.value) for result in ledger.results] == [
        ("IG402", "passed"),
        ("IG911", "not-run"),
    ]
    assert ledger.closed
