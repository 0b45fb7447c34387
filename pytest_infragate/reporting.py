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
"""What remembers failed tests from run to run (``--lf``, ``--ff``, ``--sw``), by the names under which pytest registers it.

It would remember a failed check as the test to begin with the next time, in place of the test that failed.
"""
_ONLY_COUNTING = frozenset({"terminalreporter", "session", "logging-plugin", "infragate-owner", *_REMEMBERING})
"""Who learns nothing from the report of a set-up or tear-down that went well, by the names of the plugins."""
_FAILED_CHARS = "fE"
"""The parts of the short test summary that list what failed."""


def nodeid(check: PlannedCheck) -> str:
    """Return the node id under which a check is reported, ``infragate/health::service-ready[db]``."""
    title = check.title.replace("::", ":")
    return f"{FOLDER}/{check.condition.value}::{title}"


def is_check(report_nodeid: str) -> bool:
    """Return whether a node id belongs to a check of the gate."""
    return report_nodeid.startswith(f"{FOLDER}/")


def shows_checks(config: pytest.Config) -> bool:
    """Whether the terminal has a line for each check: with ``-v``."""
    return bool(config.getoption("verbose", 0) > 0)


def status(config: pytest.Config, report: pytest.TestReport, told: Any) -> Any:
    """Return category, letter and word of a report; those of a check that is not shown are empty, it only counts."""
    return told if shows_checks(config) or not is_check(report.nodeid) else (told[0], "", "")


def leave_to_the_verdict(config: pytest.Config) -> None:
    """Keep pytest from telling in sections of its own what the verdict tells cause first, when only checks failed."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or shows_checks(config):
        return
    config.option.tbstyle = "no"
    reporter.reportchars = "".join(char for char in reporter.reportchars if char not in _FAILED_CHARS)


class Sender:
    """Sends check results through pytest's own hooks, as those of tests; made when all plugins are there."""

    def __init__(self, config: pytest.Config) -> None:
        hidden = () if shows_checks(config) else ("terminalreporter",)
        self._report = _hook(config, "pytest_runtest_logreport", _REMEMBERING)
        self._begin = _hook(config, "pytest_runtest_logstart", hidden)
        self._end = _hook(config, "pytest_runtest_logfinish", hidden)
        listeners = {one.plugin_name for one in config.hook.pytest_runtest_logreport.get_hookimpls()}
        self._in_full = not listeners <= _ONLY_COUNTING

    def send(self, result: CheckResult) -> None:
        """Send the reports of one result; a set-up or tear-down that went well only to who may ask for it."""
        name = nodeid(result.check)
        location = (name.partition("::")[0], None, name.partition("::")[2])
        self._begin(nodeid=name, location=location)
        for when in _PHASES:
            outcome, text = _phase(result, when)
            if outcome is not None and (self._in_full or when == "call" or outcome != "passed"):
                self._report(report=_report(result, name, location, when, outcome, text))
        self._end(nodeid=name, location=location)


def _hook(config: pytest.Config, name: str, without: tuple[str, ...]) -> pluggy.HookCaller:
    """Return one of pytest's hooks without the plugins that are registered under these names."""
    plugins = [plugin for one in without if (plugin := config.pluginmanager.get_plugin(one)) is not None]
    return config.pluginmanager.subset_hook_caller(name, remove_plugins=plugins)


_When = Literal["setup", "call", "teardown"]
_PHASES: tuple[_When, ...] = ("setup", "call", "teardown")


def _report(result: CheckResult, name: str, location: Any, when: _When, outcome: Any, text: Any) -> pytest.TestReport:
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
    return report


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
