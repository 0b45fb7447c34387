"""The examples in the documentation of the static checks do what they say, with the installed Compose."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from pytest_infragate.checks import BY_ID, CHECKS
from pytest_infragate.checks.base import Check
from pytest_infragate.checks.examples import Example, examples
from pytest_infragate.gates import configuration
from pytest_infragate.preparation import prepare
from pytest_infragate.reading.options import RawOptions, Said
from pytest_infragate.reading.settings import read_settings
from pytest_infragate.reading.unmatched import unmatched
from pytest_infragate.results import CheckResult, Outcome

CASES = [
    pytest.param(check, example, id=f"{check.id}-{'flagged' if example.flagged else 'accepted'}")
    for check in CHECKS
    for example in examples(check.documentation)
]

WITHOUT_LINE = {"IG105", "IG106", "IG110", "IG715"}
"""Checks of the whole project, which no line is to blame for."""


def evaluate(folder: Path, example: Example) -> list[CheckResult]:
    """Resolve the example's files in a folder that has a Dockerfile, and return the results of all checks."""
    write(folder, {"Dockerfile": "FROM scratch\n", **example.files})
    options = RawOptions(project=Said("igt-example"), profiles=Said(example.profiles) if example.profiles else None)
    settings = read_settings(folder, options, known_checks=BY_ID)
    preparation = prepare(settings, os.environ)
    return configuration.evaluate(
        configuration.plan(settings.checks),
        preparation.resolution,
        settings.checks,
        lambda _: None,
        unmatched(settings, preparation.project) if preparation.project else (),
        environments=preparation.environments,
        scaling=settings.scaling,
    )


def write(folder: Path, files: Mapping[str, str]) -> None:
    """Write files, and make the folders among them."""
    for name, text in files.items():
        if name.endswith("/"):
            (folder / name).mkdir()
        else:
            (folder / name).write_text(text, encoding="utf-8")


@pytest.mark.parametrize(("check", "example"), CASES)
def test_example(check: Check, example: Example, tmp_path: Path) -> None:
    """A flagged example breaks its own check, on a line, and closes the gate by no other; an accepted one does not."""
    results = evaluate(tmp_path, example)
    findings = [finding for result in results if result.check.id == check.id for finding in result.findings]
    assert bool(findings) is example.flagged
    for finding in findings:
        assert finding.location is not None
        assert finding.location.file in example.files
        assert finding.location.line is not None or check.id in WITHOUT_LINE
    failed = {result.check.id for result in results if result.outcome is Outcome.FAILED}
    assert not example.flagged or failed <= {check.id}
