"""Asks the static gate about a planted project, as a run would."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from pytest_infragate.checks import BY_ID
from pytest_infragate.gates import configuration
from pytest_infragate.preparation import Preparation, prepare
from pytest_infragate.reading.options import RawOptions
from pytest_infragate.reading.settings import read_settings
from pytest_infragate.results import CheckResult, Finding, Outcome, Severity
from pytest_infragate.settings import Level, Settings

from .project import Fault, Project


def judge(project: Project, folder: Path, environ: Mapping[str, str]) -> Mapping[Level, Sequence[CheckResult]]:
    """Write a project, prepare it once, and return the results of every static check at the two stricter levels."""
    project.write(folder)
    settings = read_settings(folder, RawOptions(), known_checks=set(BY_ID))
    preparation = prepare(settings, environ)
    return {level: _results(preparation, settings, level) for level in (Level.DEFAULT, Level.STRICT)}


def assert_found(fault: Fault, results: Mapping[Level, Sequence[CheckResult]]) -> None:
    """The named check finds the fault at its place, with the weight that each level gives it, and nothing else fails."""
    for level, at_level in results.items():
        closes = fault.closes is not None and (fault.closes is level or level is Level.STRICT)
        [finding] = (finding for finding in _of(fault, at_level) if _is_there(fault, finding))
        assert (finding.severity is Severity.ERROR) is closes, finding
    demanded = fault.closes or Level.STRICT
    assert _errors(results[demanded]) - {fault.check} == set()
    assert _unanswered(fault, results) == set()


def assert_sound(results: Mapping[Level, Sequence[CheckResult]]) -> None:
    """Nothing fails at level default."""
    told = [finding for result in results[Level.DEFAULT] for finding in result.findings]
    assert [finding for finding in told if finding.severity is Severity.ERROR] == []
    assert {result.outcome for result in results[Level.DEFAULT]} == {Outcome.PASSED}


def _results(preparation: Preparation, settings: Settings, level: Level) -> list[CheckResult]:
    checks = replace(settings.checks, level=level)
    return configuration.evaluate(
        configuration.plan(checks),
        preparation.resolution,
        checks,
        lambda _: None,
        environments=preparation.environments,
    )


def _of(fault: Fault, results: Sequence[CheckResult]) -> list[Finding]:
    return [finding for result in results if result.check.id == fault.check for finding in result.findings]


def _is_there(fault: Fault, finding: Finding) -> bool:
    place = finding.location
    return place is not None and (finding.subject, place.file, place.line) == (fault.subject, fault.file, fault.line)


def _errors(results: Sequence[CheckResult]) -> set[str]:
    return {finding.check for result in results for finding in result.findings if finding.severity is Severity.ERROR}


def _unanswered(fault: Fault, results: Mapping[Level, Sequence[CheckResult]]) -> set[str]:
    """Return the checks that broke, and, where Compose accepts the files, those that did not run."""
    bad = {Outcome.ERROR} if fault.check == "IG101" else {Outcome.ERROR, Outcome.NOT_RUN}
    return {result.check.id for at_level in results.values() for result in at_level if result.outcome in bad}
