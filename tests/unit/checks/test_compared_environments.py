"""IG820 and IG821: named environments are compared by the names of their variables; production has no debug switch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pytest_infragate.checks import BY_ID
from pytest_infragate.checks.base import Material
from pytest_infragate.compose.resolve import Resolution
from pytest_infragate.compose.selection import Selection
from pytest_infragate.results import Finding, Severity

from ..stacks import project

SECRET = "hunter2"  # noqa: S105  (looked for in messages)


def environment(folder: Path, name: str, variables: dict[str, str], env_file: str = "") -> tuple[str, Resolution]:
    """Return an environment whose service ``api`` gets the variables, and that names an env file with this text."""
    services: dict[str, Any] = {"api": {"environment": variables}}
    path = folder / f".env.{name}"
    path.write_text(env_file)
    return name, Resolution(
        project(services), selection=Selection(str(folder), (), env_files=(str(path),)), base=str(folder)
    )


def findings(id_: str, *environments: tuple[str, Resolution]) -> tuple[Finding, ...]:
    found = BY_ID[id_].findings(Material(Resolution(None), environments=environments), Severity.WARNING)
    assert SECRET not in repr(found)
    return found


def test_a_variable_of_a_service_that_one_environment_lacks(tmp_path: Path) -> None:
    staging = environment(tmp_path, "staging", {"A": SECRET, "B": SECRET})
    production = environment(tmp_path, "production", {"A": "other"})
    [finding] = findings("IG820", staging, production)
    assert finding.message == "production does not set B for api, unlike staging."
    assert finding.subject == "production"


def test_a_name_in_an_env_file_that_one_environment_lacks(tmp_path: Path) -> None:
    staging = environment(tmp_path, "staging", {}, f"A={SECRET}\nB=1\nC=1\nCOMPOSE_PROFILES=x\n")
    production = environment(tmp_path, "production", {}, "A=1\n")
    [finding] = findings("IG820", staging, production)
    assert finding.message == "production does not set B and C in its env files, unlike staging."
    assert str(finding.location) == ".env.production:1"


@pytest.mark.parametrize(("other", "count"), [({"A": "1"}, 0), ({}, 0), ({"A": "1", "DEBUG": "true"}, 0)])
def test_what_environments_need_not_share(tmp_path: Path, other: dict[str, str], count: int) -> None:
    staging = environment(tmp_path, "staging", other)
    production = environment(tmp_path, "production", {"A": "1"})
    assert len(findings("IG820", staging, production)) == count


def test_an_environment_that_cannot_be_used_is_not_compared(tmp_path: Path) -> None:
    staging = environment(tmp_path, "staging", {"A": "1"})
    assert findings("IG820", staging, ("production", Resolution(None, "no"))) == ()


def test_env_files_named_after_stages_are_compared_where_the_settings_name_none(tmp_path: Path) -> None:
    (tmp_path / ".env.staging").write_text(f"A={SECRET}\nB=1\n")
    (tmp_path / ".env.production").write_text("A=1\n")
    (tmp_path / ".env.local").write_text("Z=1\n")
    chosen = Resolution(project({}), selection=Selection(str(tmp_path), ()), base=str(tmp_path))
    [finding] = BY_ID["IG820"].findings(Material(chosen), Severity.WARNING)
    assert finding.message == ".env.production does not set B, unlike .env.staging."


@pytest.mark.parametrize(
    ("key", "value", "flagged"),
    [
        ("DEBUG", "true", True),
        ("DEBUG", "1", True),
        ("APP_DEBUG", "True", True),
        ("DEBUG", "false", False),
        ("DEBUG", "app:*", False),
        ("NODE_ENV", "development", True),
        ("NODE_ENV", "production", False),
        ("LOG_LEVEL", "debug", True),
        ("LOG_LEVEL", "info", False),
        ("DEBUG_TOKEN", SECRET, False),
    ],
)
def test_debug_switches(tmp_path: Path, key: str, value: str, flagged: bool) -> None:
    assert bool(findings("IG821", environment(tmp_path, "production", {key: value}))) is flagged
    assert findings("IG821", environment(tmp_path, "staging", {key: value})) == ()


@pytest.mark.parametrize(
    ("files", "flagged"),
    [
        (("compose.yaml", "compose.prod.yaml"), True),
        (("docker-compose.production.yml",), True),
        (("compose.yaml",), False),
        (("compose.products.yaml",), False),
    ],
)
def test_a_stack_with_a_file_for_production_is_one(files: tuple[str, ...], flagged: bool) -> None:
    found = project({"api": {"environment": {"DEBUG": "true"}}})
    chosen = Resolution(found, selection=Selection("/p", tuple(f"/prod/{file}" for file in files)))
    assert bool(BY_ID["IG821"].findings(Material(chosen), Severity.WARNING)) is flagged
