"""What the settings want of a check's severity holds for the nearest key, and nothing of it is hidden."""

from __future__ import annotations

import pytest

from pytest_infragate.check_options import CheckOptions
from pytest_infragate.gates.overrides import Overrides, summary
from pytest_infragate.results import (
    CheckResult,
    Condition,
    Finding,
    Location,
    Overridden,
    PlannedCheck,
    Severity,
    passed,
    unevaluated,
)
from pytest_infragate.settings import CheckSettings, Level, Override, ServiceSettings

SETTINGS_PLACE = Location("infragate.yaml", 3, 5)
OFF = Override(None, "the host tool needs it", SETTINGS_PLACE)
ERROR, WARNING, INFO = map(Override, Severity)


def found(subject: str, check: str = "IG402", severity: Severity = Severity.ERROR) -> Finding:
    return Finding(check, "engine-socket-mounted", severity, subject, "It mounts the socket.")


def result(check: str, *, evaluated: bool = True) -> CheckResult:
    planned = PlannedCheck(check, "a-check", Condition.CONFIGURATION)
    return passed(planned) if evaluated else unevaluated(planned, "broken")


@pytest.mark.parametrize(
    ("subject", "severity", "by"),
    [
        ("db", Severity.ERROR, ""),
        ("worker-a", Severity.INFO, "services.worker-a.checks.IG402, otherwise error"),
        ("worker-b", Severity.WARNING, "services.worker-*.checks.IG402, otherwise error"),
        ("web", Severity.INFO, "services.*.checks.IG402, otherwise error"),
        ("*", Severity.WARNING, "checks.severity.IG402, otherwise error"),
    ],
)
def test_the_nearest_key_decides(subject: str, severity: Severity, by: str) -> None:
    said = {
        "*": ServiceSettings(checks={"IG402": INFO}),
        "worker-*": ServiceSettings(checks={"IG402": WARNING}),
        "worker-a": ServiceSettings(checks={"IG402": INFO}),
        "db": ServiceSettings(checks={"IG402": ERROR}),
    }
    [told] = Overrides(CheckSettings(severity={"IG402": WARNING}), said).applied([found(subject)])
    assert (told.severity, told.severity_by, told.waived) == (severity, by, False)


def test_other_checks_and_services_are_left_alone() -> None:
    overrides = Overrides(CheckSettings(severity={"IG201": INFO}), {"db": ServiceSettings(checks={"IG402": INFO})})
    untouched = (found("web"), found("db", "IG401"))
    assert overrides.applied(untouched) == untouched


def test_what_is_off_for_a_service_is_kept_and_waived_with_the_reason() -> None:
    overrides = Overrides(CheckSettings(), {"db": ServiceSettings(checks={"IG402": OFF})})
    off, kept = overrides.applied([found("db"), found("web")])
    assert (off.waived, off.severity) == (True, Severity.ERROR)
    assert off.waived_by == "services.db.checks.IG402: the host tool needs it"
    assert not kept.waived
    assert overrides.told() == (Overridden("IG402", "db", "off", "the host tool needs it", 1, SETTINGS_PLACE),)


def test_every_override_is_told_with_what_it_spoke_of() -> None:
    options = CheckOptions(known_hosts=("postbox",), said={"IG310": ("known_hosts",)})
    settings = CheckSettings(severity={"IG402": WARNING, "IG305": OFF}, disable=frozenset({"IG201"}), options=options)
    overrides = Overrides(settings)
    overrides.applied([found("db"), found("web")])
    assert [(one.check, one.severity, one.findings) for one in overrides.told()] == [
        ("IG201", "off", None),
        ("IG402", "warning", 2),
        ("IG305", "off", None),
        ("IG310", "", None),
    ]
    assert list(summary(overrides.told())) == [
        "The settings switch off: IG201 (no reason given), IG305 (the host tool needs it).",
        "The settings set severities: IG402 (2 findings) warning.",
        "The settings set options: IG310 (known_hosts).",
    ]


def test_a_milder_override_that_matches_nothing_is_told() -> None:
    said = {"db": ServiceSettings(checks={"IG402": OFF}), "*": ServiceSettings(checks={"IG401": INFO})}
    overrides = Overrides(CheckSettings(severity={"IG301": WARNING}), said)
    told = list(overrides.unused(map(result, ("IG301", "IG401", "IG402"))))
    assert [(one.check, one.subject, one.severity) for one in told] == [
        ("IG301", "*", Severity.INFO),
        ("IG402", "db", Severity.WARNING),
        ("IG401", "*", Severity.INFO),
    ]
    assert told[1].message == "services.db.checks.IG402 in the settings matched nothing in this run"
    assert told[1].location == SETTINGS_PLACE


def test_one_that_makes_a_check_stricter_is_meant_to_match_nothing() -> None:
    overrides = Overrides(CheckSettings(severity={"IG201": ERROR}), {"db": ServiceSettings(checks={"IG201": ERROR})})
    assert not list(overrides.unused([result("IG201")]))


def test_the_level_says_what_is_milder() -> None:
    told = {
        level: bool(list(Overrides(CheckSettings(level, {"IG201": WARNING})).unused([result("IG201")])))
        for level in Level
    }
    assert told == {Level.DEV: False, Level.DEFAULT: False, Level.STRICT: True}


def test_nothing_is_told_of_a_check_that_could_not_be_evaluated() -> None:
    overrides = Overrides(CheckSettings(severity={"IG402": INFO}))
    assert not list(overrides.unused([result("IG402", evaluated=False)]))


def test_an_override_of_a_service_for_a_check_that_is_off_is_told() -> None:
    said = {"db": ServiceSettings(checks={"IG402": INFO})}
    [told] = Overrides(CheckSettings(disable=frozenset({"IG402"})), said).unused([])
    assert told.message.endswith("because IG402 is switched off for the whole stack")
