"""The configuration gate fails exactly on findings of severity error, and proves nothing of refused files."""

from __future__ import annotations

from pytest_infragate.checks import CHECKS
from pytest_infragate.compose.messages import Complaint, UnsetVariable
from pytest_infragate.compose.resolve import Resolution
from pytest_infragate.gates import configuration
from pytest_infragate.reading.unmatched import Unmatched
from pytest_infragate.results import CheckResult, Condition, Location, Outcome, Severity
from pytest_infragate.settings import CheckSettings, Level, Override

from ..stacks import project

WEB = {"web": {"image": "nginx:1.27"}}
PLACE = Location("compose.yaml", 3, 5)


def evaluate(
    resolution: Resolution, settings: CheckSettings | None = None, *unmatched: Unmatched
) -> dict[str, CheckResult]:
    """Evaluate every enabled check, and return the results by id as they were told."""
    told: list[CheckResult] = []
    chosen = settings or CheckSettings()
    planned = configuration.plan(chosen)
    returned = configuration.evaluate(planned, resolution, chosen, told.append, unmatched)
    assert returned == told
    assert [result.check for result in told] == list(planned)
    return {result.check.id: result for result in told}


def test_one_check_for_each_rule_on_the_whole_stack() -> None:
    planned = configuration.plan(CheckSettings(disable=frozenset({"IG201"})))
    assert [check.id for check in planned] == [check.id for check in CHECKS if check.id != "IG201"]
    assert {(check.condition, check.subject) for check in planned} == {(Condition.CONFIGURATION, "*")}


def test_a_clean_stack_passes_every_check() -> None:
    assert {result.outcome for result in evaluate(Resolution(project(WEB))).values()} == {Outcome.PASSED}


def test_level_and_severity_decide_whether_a_finding_fails() -> None:
    resolution = Resolution(project({"web": {"image": "nginx"}}))
    for settings, outcome, severity in (
        (CheckSettings(Level.DEV), Outcome.PASSED, Severity.INFO),
        (CheckSettings(Level.DEFAULT), Outcome.PASSED, Severity.WARNING),
        (CheckSettings(Level.STRICT), Outcome.FAILED, Severity.ERROR),
        (CheckSettings(severity={"IG201": Override(Severity.ERROR)}), Outcome.FAILED, Severity.ERROR),
        (CheckSettings(Level.STRICT, {"IG201": Override(Severity.WARNING)}), Outcome.PASSED, Severity.WARNING),
    ):
        result = evaluate(resolution, settings)["IG201"]
        assert (result.outcome, result.findings[0].severity) == (outcome, severity)
        assert (result.findings[0].check, result.findings[0].name) == ("IG201", "floating-image-tag")


def test_a_failed_check_names_place_subject_and_number() -> None:
    resolution = Resolution(project({"a": {"image": "x"}, "b": {"image": "y"}}))
    message = evaluate(resolution, CheckSettings(Level.STRICT))["IG201"].message
    assert message.startswith("compose.yaml:1:1: a: The image 'x' has no tag")
    assert message.endswith("(and 1 more)")


def test_refused_files_fail_one_check_and_prove_no_other() -> None:
    results = evaluate(Resolution(None, "services.web is\nwrong", PLACE))
    refused = results.pop("IG101")
    assert refused.outcome is Outcome.FAILED
    assert refused.findings[0].location == PLACE
    assert "services.web is wrong" in refused.message
    assert {result.outcome for result in results.values()} == {Outcome.NOT_RUN}
    assert all("services.web is wrong" in result.message for result in results.values())


def test_an_unset_variable_is_told_even_when_the_files_are_refused() -> None:
    results = evaluate(Resolution(None, "no image", PLACE, unset=(UnsetVariable("TAG", PLACE),)))
    assert results["IG102"].outcome is Outcome.FAILED
    assert "TAG" in results["IG101"].findings[0].remedy
    assert results["IG103"].outcome is Outcome.NOT_RUN


def test_composes_warnings() -> None:
    resolution = Resolution(
        project(WEB), unset=(UnsetVariable("TAG", PLACE),), warnings=(Complaint("`version` is obsolete", PLACE),)
    )
    results = evaluate(resolution)
    assert results["IG102"].outcome is Outcome.FAILED
    assert "${TAG:-value}" in results["IG102"].findings[0].remedy
    assert results["IG103"].outcome is Outcome.PASSED
    assert results["IG103"].findings[0].severity is Severity.WARNING
    assert results["IG103"].findings[0].location == PLACE


def test_a_policy_that_matches_nothing_fails() -> None:
    results = evaluate(
        Resolution(project(WEB)), None, Unmatched("apii", "services names 'apii', but it is not there", PLACE)
    )
    result = results["IG104"]
    assert result.outcome is Outcome.FAILED
    assert (result.findings[0].subject, result.findings[0].location) == ("apii", PLACE)


def test_no_service_and_an_unknown_profile_fail() -> None:
    assert evaluate(Resolution(project({})))["IG105"].outcome is Outcome.FAILED


def test_the_gates_timeout_reaches_the_checks() -> None:
    slow = {"image": "nginx:1.27", "healthcheck": {"test": ["CMD", "x"], "interval": "30s", "retries": 10}}
    resolution, settings = Resolution(project({"web": slow})), CheckSettings()
    planned = [item for item in configuration.plan(settings) if item.id == "IG521"]
    found = {
        timeout_s: [
            len(result.findings)
            for result in configuration.evaluate(planned, resolution, settings, lambda _: None, timeout_s=timeout_s)
        ]
        for timeout_s in (200.0, 400.0)
    }
    assert found == {200.0: [1], 400.0: [0]}
