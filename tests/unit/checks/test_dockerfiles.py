"""Every remark of a linter on a Dockerfile is one finding, and a Dockerfile that nobody looked at is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pytest_infragate.checks import BY_ID
from pytest_infragate.checks.base import Material
from pytest_infragate.compose.resolve import Resolution
from pytest_infragate.gates import configuration
from pytest_infragate.linters.linting import Linting
from pytest_infragate.results import CheckResult, Finding, Location, Outcome, Severity
from pytest_infragate.settings import CheckSettings, Level

from ..linters.programs import program
from ..stacks import project


def built(folder: Path, **build: Any) -> dict[str, Any]:
    return {"build": {"context": str(folder), **build}}


def said(path: str, line: int, code: str, level: str) -> dict[str, Any]:
    return {"code": code, "column": 1, "file": path, "level": level, "line": line, "message": "Do better"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "api").mkdir()
    (tmp_path / "api/Dockerfile").write_text("FROM debian\n")
    return tmp_path


def linting(folder: Path, script: str) -> Linting:
    return Linting(str(folder), program(folder / "bin", "hadolint", script))


def results(services: dict[str, Any], linter: Linting, level: Level = Level.DEFAULT) -> dict[str, CheckResult]:
    settings = CheckSettings(level)
    planned = [one for one in configuration.plan(settings) if one.id in ("IG221", "IG222", "IG223")]
    resolution = Resolution(project(services))
    told = configuration.evaluate(planned, resolution, settings, lambda _: None, linting=linter)
    return {one.check.id: one for one in told}


def found(id_: str, services: dict[str, Any], linter: Linting) -> tuple[Finding, ...]:
    return BY_ID[id_].findings(Material(Resolution(project(services)), linting=linter), Severity.WARNING)


@pytest.mark.parametrize(
    ("level", "heavy", "light", "outcome"),
    [
        (Level.DEV, Severity.INFO, Severity.INFO, Outcome.PASSED),
        (Level.DEFAULT, Severity.WARNING, Severity.INFO, Outcome.PASSED),
        (Level.STRICT, Severity.ERROR, Severity.INFO, Outcome.FAILED),
    ],
)
def test_errors_and_warnings_weigh_more_than_advice(
    folder: Path, level: Level, heavy: Severity, light: Severity, outcome: Outcome
) -> None:
    path = f"{folder}/api/Dockerfile"
    levels = {"DL1": "error", "DL2": "warning", "DL3": "info", "DL4": "style"}
    told = [said(path, number, code, word) for number, (code, word) in enumerate(levels.items(), 1)]
    linter = linting(folder, f"echo '{json.dumps(told)}'; exit 1")
    answered = results({"api": built(folder / "api"), "worker": built(folder / "api")}, linter, level)
    assert [(one.severity, one.message) for one in answered["IG221"].findings] == [
        (heavy, "hadolint DL1 (error): Do better"),
        (heavy, "hadolint DL2 (warning): Do better"),
    ]
    assert [one.severity for one in answered["IG223"].findings] == [light, light]
    assert [answered[id_].outcome for id_ in ("IG221", "IG223", "IG222")] == [outcome, Outcome.PASSED, Outcome.PASSED]
    first = answered["IG221"].findings[0]
    assert (first.subject, first.location) == ("api", Location("api/Dockerfile", 1, 1))
    assert first.remedy == (
        "See https://github.com/hadolint/hadolint/wiki/DL1 (to accept it: # hadolint ignore=DL1, above it)."
    )


def test_a_linter_that_breaks_proves_nothing(folder: Path) -> None:
    answered = results({"api": built(folder / "api")}, linting(folder, "exit 5"))
    assert {id_: answered[id_].outcome for id_ in ("IG221", "IG223")} == dict.fromkeys(
        ("IG221", "IG223"), Outcome.ERROR
    )
    assert answered["IG221"].message == "hadolint ended with 5: . Call it by hand to see why."


def test_one_that_speaks_of_other_files_proves_nothing(folder: Path) -> None:
    linter = linting(folder, f"echo '{json.dumps([said('/other', 1, 'DL1', 'error')])}'")
    assert results({"api": built(folder / "api")}, linter)["IG221"].outcome is Outcome.ERROR


def test_it_is_asked_about_files_that_exist_and_about_each_once(folder: Path) -> None:
    (folder / "api/Other").write_text("FROM debian\n")
    services = {
        "a": built(folder / "api"),
        "b": built(folder / "api", dockerfile="../api/Dockerfile"),
        "c": built(folder / "api", dockerfile="Other"),
        "d": built(folder / "api", dockerfile="Absent"),
        "e": built(folder / "api", dockerfile_inline="FROM scratch"),
        "f": {"build": {"context": "https://example.com/x.git"}},
        "g": {"image": "ours:1.0"},
    }
    linter = linting(folder, f'shift 3; for one; do echo "$one" >> {folder}/asked; done; echo "[]"')
    assert results(services, linter)["IG221"].outcome is Outcome.PASSED
    assert (folder / "asked").read_text().splitlines() == [f"{folder}/api/Dockerfile", f"{folder}/api/Other"]


def test_it_is_not_started_where_nothing_is_built(folder: Path) -> None:
    assert results({"g": {"image": "ours:1.0"}}, linting(folder, "exit 5"))["IG221"].outcome is Outcome.PASSED


def test_what_nobody_could_look_at_is_told_once(folder: Path) -> None:
    services = {"api": built(folder / "api"), "worker": built(folder / "api")}
    [told] = found("IG222", services, Linting(str(folder)))
    assert told.message == (
        "Nothing has checked the Dockerfile of api: hadolint is not installed, and docker build --check needs an engine."
    )
    assert not found("IG221", services, Linting(str(folder)))
    assert not found("IG222", {"g": {"image": "ours:1.0"}}, Linting(str(folder)))
    assert not found("IG222", services, linting(folder, "echo '[]'"))
