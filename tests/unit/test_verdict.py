"""The verdict: a table of plans and evidence, and what they must mean."""

from __future__ import annotations

import pytest

from pytest_infragate import catalogue
from pytest_infragate.plan import Plan, Stage
from pytest_infragate.results import (
    CheckResult,
    Condition,
    Finding,
    Outcome,
    PlannedCheck,
    Severity,
    failed,
    not_run,
    passed,
    unevaluated,
)
from pytest_infragate.verdict import NO_EVIDENCE, ConditionOutcome, decide

STATIC = PlannedCheck("IG201", "floating-image-tag", Condition.CONFIGURATION)
CHECKS = (
    STATIC,
    catalogue.engine_reachable(),
    catalogue.service_ready("api"),
    catalogue.service_ready("db"),
    catalogue.edge_open("api -> db:5432"),
    catalogue.limit_kept("api", "memory.ratio: max < 0.9"),
    catalogue.command_passed("lint"),
)
PLAN = Plan(Stage.FULL, CHECKS)


def all_passed() -> list[CheckResult]:
    return [passed(check) for check in CHECKS]


def with_answer(result: CheckResult) -> list[CheckResult]:
    return [result if answer.check == result.check else answer for answer in all_passed()]


def test_every_planned_check_passed_is_complete() -> None:
    verdict = decide(PLAN, all_passed())
    assert verdict.complete
    assert verdict.word == "complete"
    assert verdict.reasons == ()
    assert {judged.outcome for judged in verdict.conditions.values()} == {ConditionOutcome.PASSED}


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: str(check.title))
@pytest.mark.parametrize(
    ("answer", "outcome"),
    [(failed, ConditionOutcome.FAILED), (unevaluated, ConditionOutcome.ERROR), (not_run, ConditionOutcome.NOT_RUN)],
)
def test_any_single_answer_that_proves_nothing_closes_its_condition(
    check: PlannedCheck, answer: object, outcome: ConditionOutcome
) -> None:
    verdict = decide(PLAN, with_answer(answer(check, "because")))  # type: ignore[operator]
    assert not verdict.complete
    assert verdict.conditions[check.condition].outcome is outcome
    assert verdict.reasons == (f"{check.condition.value}: {check.title}: because",)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: str(check.title))
def test_a_planned_check_without_evidence_is_not_proven(check: PlannedCheck) -> None:
    verdict = decide(PLAN, [answer for answer in all_passed() if answer.check != check])
    assert not verdict.complete
    assert verdict.reasons == (f"{check.condition.value}: {check.title}: {NO_EVIDENCE}",)


def test_an_empty_plan_proves_nothing() -> None:
    verdict = decide(Plan(Stage.FULL, ()), [])
    assert not verdict.complete
    assert {judged.outcome for judged in verdict.conditions.values()} == {ConditionOutcome.NOT_RUN}


def test_a_condition_with_nothing_to_prove_says_so_and_does_not_count() -> None:
    plan = Plan(Stage.FULL, CHECKS[:-1], {Condition.COMMANDS: "no command is declared"})
    verdict = decide(plan, all_passed()[:-1])
    assert verdict.complete
    assert verdict.conditions[Condition.COMMANDS].outcome is ConditionOutcome.NOT_APPLICABLE
    assert verdict.conditions[Condition.COMMANDS].reasons == ("no command is declared",)


def test_a_condition_that_has_checks_cannot_be_declared_not_applicable() -> None:
    plan = Plan(Stage.FULL, CHECKS, {Condition.COMMANDS: "no command is declared"})
    verdict = decide(plan, with_answer(failed(CHECKS[-1], "exit code 1")))
    assert verdict.conditions[Condition.COMMANDS].outcome is ConditionOutcome.FAILED


def test_in_the_static_stage_only_the_configuration_counts() -> None:
    verdict = decide(Plan(Stage.STATIC, (STATIC,)), [passed(STATIC)])
    assert verdict.complete
    assert verdict.conditions[Condition.HEALTH].outcome is ConditionOutcome.NOT_RUN
    assert verdict.conditions[Condition.HEALTH].reasons == ("not part of stage static",)


def test_a_run_that_was_broken_off_is_never_complete() -> None:
    verdict = decide(PLAN, all_passed(), "the run was interrupted")
    assert not verdict.complete
    assert verdict.reasons == ("the run was interrupted",)


def test_two_answers_to_one_check_count_as_the_worse_one() -> None:
    for answers in ([passed(STATIC), failed(STATIC, "bad")], [failed(STATIC, "bad"), passed(STATIC)]):
        assert not decide(PLAN, [*all_passed()[1:], *answers]).complete


def test_a_failure_that_nobody_planned_counts() -> None:
    verdict = decide(PLAN, [*all_passed(), failed(catalogue.service_ready("stranger"), "died")])
    assert not verdict.complete
    assert verdict.reasons == ("health: service-ready[stranger]: died",)


def test_a_waived_failure_is_kept_and_does_not_count() -> None:
    waived = CheckResult(STATIC, Outcome.FAILED, "latest", waived=True)
    verdict = decide(PLAN, with_answer(waived))
    assert verdict.complete
    assert verdict.waived == 1
    assert waived in verdict.results


def test_the_reason_of_a_failed_static_check_is_its_first_closing_finding() -> None:
    warning = Finding("IG201", "floating-image-tag", Severity.WARNING, "web", "a remark")
    error = Finding("IG201", "floating-image-tag", Severity.ERROR, "web", "web uses nginx:latest")
    verdict = decide(PLAN, with_answer(failed(STATIC, "", (warning, error))))
    assert verdict.reasons == ("configuration: floating-image-tag: web uses nginx:latest",)
    assert verdict.findings == (warning, error)


def test_a_plan_refuses_the_same_check_twice() -> None:
    with pytest.raises(ValueError, match=r"IG911 \(service-ready\) is planned twice for api"):
        Plan(Stage.FULL, (catalogue.service_ready("api"), catalogue.service_ready("api")))


def test_a_plan_names_the_checks_that_no_evidence_came_for() -> None:
    assert PLAN.missing(answer.check.key for answer in all_passed()[1:]) == (STATIC,)
    assert PLAN.of(Condition.HEALTH) == CHECKS[2:4]
