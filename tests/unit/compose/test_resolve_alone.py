"""Where Compose is missing our own resolution stands in; where it refuses the files every mistake is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_infragate.checks import BY_ID
from pytest_infragate.checks.base import Material
from pytest_infragate.compose import cli
from pytest_infragate.compose.resolve import BY_COMPOSE, BY_OURSELVES, Resolution, resolve
from pytest_infragate.compose.selection import Selection
from pytest_infragate.errors import EngineError
from pytest_infragate.results import Finding, Severity

MISSING = "Docker Compose version 2 or newer was not found"
GOOD = """\
services:
  web:
    image: app:${TAG}
    environment: {PASSWORD: "a$$b"}
    depends_on: [db]
  db: {image: "postgres:16", volumes: ["./d:/d"]}
  shell: {image: x, profiles: [debug]}
"""


@pytest.fixture
def without_compose(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_arguments: object) -> None:
        raise EngineError(MISSING)

    monkeypatch.setattr(cli, "config", missing)
    monkeypatch.setattr(cli, "known_profiles", missing)


def resolved(folder: Path, text: str) -> Resolution:
    file = folder / "compose.yaml"
    file.write_text(text, encoding="utf-8")
    return resolve(Selection(str(folder), (str(file),), project="igt"), {"PATH": "", "HOME": "/home/x"})


def findings(check: str, resolution: Resolution) -> tuple[Finding, ...]:
    return BY_ID[check].findings(Material(resolution), Severity.ERROR)


@pytest.mark.usefixtures("without_compose")
def test_without_compose_the_project_is_there(tmp_path: Path) -> None:
    found = resolved(tmp_path, GOOD)
    project = found.project
    assert project is not None
    assert project.services["web"].environment == {"PASSWORD": "a$b"}
    assert str(project.services["web"].depends_on[0].location) == "compose.yaml:5:18"
    assert (project.known_profiles, project.inactive_services) == (("debug",), ("shell",))
    assert [(one.name, str(one.location)) for one in found.unset] == [("TAG", "compose.yaml:3:12")]
    assert (found.resolved_by, found.not_asked) == (BY_OURSELVES, MISSING)


@pytest.mark.usefixtures("without_compose")
def test_without_compose_it_is_said_that_compose_was_not_asked(tmp_path: Path) -> None:
    (finding,) = findings("IG120", resolved(tmp_path, GOOD))
    assert MISSING in finding.message
    assert findings("IG120", Resolution(None)) == ()


@pytest.mark.usefixtures("without_compose")
def test_without_compose_every_mistake_is_told(tmp_path: Path) -> None:
    found = resolved(tmp_path, "services:\n  web: {imagee: x}\n  db: {image: x, networks: [gone]}\n")
    assert found.project is None
    assert [f"{finding.location} {finding.message}" for finding in findings("IG101", found)] == [
        (
            "compose.yaml:2:9 The Compose configuration cannot be used: Service web: the key 'imagee' is not known to the "
            "Compose specification; did you mean 'image'? (one of 2 problems)"
        ),
        "compose.yaml:3:29 Service db uses the network 'gone', which no file declares.",
    ]


def test_what_compose_refuses_is_told_with_everything_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    error = 'service "db" refers to undefined network gone: invalid compose project'
    monkeypatch.setattr(cli, "config", lambda *_arguments: cli.ConfigResult(None, 1, error))
    monkeypatch.setattr(cli, "known_profiles", lambda *_arguments: ())
    found = resolved(tmp_path, "services:\n  web: {image: x, user: 5}\n  db: {image: x, networks: [gone]}\n")
    assert (found.resolved_by, found.not_asked) == (BY_COMPOSE, "")
    assert [f"{finding.location} {finding.message}" for finding in findings("IG101", found)] == [
        (
            f"compose.yaml:3:29 The Compose configuration cannot be used: {error} "
            "(Service db uses the network 'gone', which no file declares.)"
        ),
        "compose.yaml:2:25 Service web: `user` must be a text, but this is 5 without quotes.",
    ]


def test_a_file_that_is_no_yaml_is_told_with_the_others(tmp_path: Path) -> None:
    (tmp_path / "over.yaml").write_text("services: {a: {image: x}}\nservices: {}\n", encoding="utf-8")
    (tmp_path / "compose.yaml").write_text("services:\n\ta: 1\n", encoding="utf-8")
    files = tuple(str(tmp_path / name) for name in ("compose.yaml", "over.yaml"))
    found = resolve(Selection(str(tmp_path), files), {})
    assert [str(finding.location) for finding in findings("IG101", found)] == ["compose.yaml:2:1", "over.yaml:2:1"]
