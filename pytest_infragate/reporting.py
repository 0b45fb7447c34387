"""Turns check results into pytest reports, so that ``-v``, JUnit XML and HTML reports show each check once.

Checks are reported, not collected: no selection of tests can drop one.
"""

from __future__ import annotations

import time
from typing import Any, Literal

import pluggy
import pytest

from .results import CheckResult, Finding, Outcome, PlannedCheck, Severity

FOLDER = "infragate"
"""First part of the node ids of checks; it names no folder on disk."""
_REMEMBERING = ("lfplugin", "stepwiseplugin")
"""The names under which pytest registers what remembers failed tests from run to run."""


def nodeid(check: PlannedCheck) -> str:
    """Return the node id under which a check is reported, ``infragate/health::service-ready[db]``."""
    title = check.title.replace("::", ":")
    return f"{FOLDER}/{check.condition.value}::{title}"


def is_check(report_nodeid: str) -> bool:
    """Return whether a node id belongs to a check of the gate."""
    return report_nodeid.startswith(f"{FOLDER}/")


def send(config: pytest.Config, result: CheckResult) -> None:
    """Send the reports of one result through pytest's own hooks, as for a test."""
    name = nodeid(result.check)
    location = (name.partition("::")[0], None, name.partition("::")[2])
    log_report = _all_but_the_memory_of_tests(config.pluginmanager)
    config.hook.pytest_runtest_logstart(nodeid=name, location=location)
    for when in ("setup", "call", "teardown"):
        for report in _reports(result, name, location, when):
            log_report(report=report)
    config.hook.pytest_runtest_logfinish(nodeid=name, location=location)


def _all_but_the_memory_of_tests(plugins: pytest.PytestPluginManager) -> pluggy.HookCaller:
    """Return the hook for reports without the plugins behind ``--lf``, ``--ff`` and ``--sw``.

    They would remember a failed check as the test to begin with the next time, in place of the test that failed.
    """
    remembering = [plugin for name in _REMEMBERING if (plugin := plugins.get_plugin(name)) is not None]
    return plugins.subset_hook_caller("pytest_runtest_logreport", remove_plugins=remembering)


_When = Literal["setup", "call", "teardown"]


def _reports(result: CheckResult, name: str, location: Any, when: Any) -> list[pytest.TestReport]:
    outcome, text = _phase(result, when)
    if outcome is None:
        return []
    end = time.time()
    duration = result.duration_s if when == "call" or outcome != "passed" else 0.0
    report = pytest.TestReport(
        nodeid=name,
        location=location,
        keywords={},
        outcome=outcome,
        longrepr=text,
        when=when,
        duration=duration,
        start=end - duration,
        stop=end,
        user_properties=[("infragate_id", result.check.id), ("infragate_outcome", result.outcome.value)],
    )
    if result.waived and when == "call":
        report.wasxfail = "waived"
    return [report]


def _phase(result: CheckResult, when: _When) -> tuple[Any, Any]:
    """Return outcome and text of one phase of a check's report; ``(None, None)`` where there is no such phase.

    What could not be evaluated is an error of the set-up, and what was not run has no call, as pytest does with tests.
    """
    if result.outcome in (Outcome.ERROR, Outcome.NOT_RUN):
        if when == "call":
            return None, None
        if when == "setup":
            return ("failed", text_of(result)) if result.outcome is Outcome.ERROR else ("skipped", _skip(result))
    if when == "call" and result.outcome is Outcome.FAILED:
        return ("skipped", _skip(result)) if result.waived else ("failed", text_of(result))
    return "passed", None


def _skip(result: CheckResult) -> tuple[str, int, str]:
    return (nodeid(result.check).partition("::")[0], 1, f"Skipped: {result.message or result.outcome.value}")


def _closing(finding: Finding, told: str) -> list[str]:
    """Return place, message and remedy of a finding, without what was told already."""
    place = f"{finding.location}: " if finding.location else ""
    said = "" if finding.message in told else f" {finding.message}"
    lines = [f"{place}{finding.check}{said}"] if place or said else []
    return lines if not finding.remedy or finding.remedy in told else [*lines, f"    {finding.remedy}"]


def text_of(result: CheckResult) -> str:
    """Return the message of a result with its closing findings, for a person."""
    lines = [result.message] if result.message else []
    for finding in result.findings:
        if finding.severity is Severity.ERROR and not finding.waived:
            lines += _closing(finding, result.message)
    return "\n".join(lines) or result.outcome.value
