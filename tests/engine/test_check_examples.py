"""The examples in the documentation of the static checks do what they say, with the installed Compose."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_infragate.checks import CHECKS
from pytest_infragate.checks.base import Check
from pytest_infragate.checks.examples import Example, examples
from pytest_infragate.compose.resolve import resolve
from pytest_infragate.compose.selection import Selection
from pytest_infragate.gates import configuration
from pytest_infragate.results import CheckResult, Outcome
from pytest_infragate.settings import CheckSettings

CASES = [
    pytest.param(check, example, id=f"{check.id}-{'flagged' if example.flagged else 'accepted'}")
    for check in CHECKS
    for example in examples(check.documentation)
]

WITHOUT_LINE = {"IG105", "IG106"}
"""Checks of the whole project, which no line is to blame for."""


def evaluate(folder: Path, example: Example) -> list[CheckResult]:
    """Resolve the example's file in a folder that has a Dockerfile, and return the results of all checks."""
    (folder / "compose.yaml").write_text(example.text, encoding="utf-8")
    (folder / "Dockerfile").write_text("FROM scratch\n", encoding="utf-8")
    selection = Selection(
        str(folder), (str(folder / "compose.yaml"),), profiles=example.profiles, project="igt-example"
    )
    settings = CheckSettings()
    return configuration.evaluate(configuration.plan(settings), resolve(selection), settings, lambda _: None)


@pytest.mark.parametrize(("check", "example"), CASES)
def test_example(check: Check, example: Example, tmp_path: Path) -> None:
    """A flagged example breaks its own check, on a line, and closes the gate by no other; an accepted one does not."""
    results = evaluate(tmp_path, example)
    findings = [finding for result in results if result.check.id == check.id for finding in result.findings]
    assert bool(findings) is example.flagged
    for finding in findings:
        assert finding.location is not None
        assert finding.location.file == "compose.yaml"
        assert finding.location.line is not None or check.id in WITHOUT_LINE
    failed = {result.check.id for result in results if result.outcome is Outcome.FAILED}
    assert not example.flagged or failed <= {check.id}
