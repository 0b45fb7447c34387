"""What discovery chooses against what ``docker compose`` itself chooses; no container is started."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from pytest_infragate.compose.discovery import discover
from pytest_infragate.compose.scalars import resolve
from pytest_infragate.errors import ComposeError
from pytest_infragate.settings import ComposeSettings

from ..unit.compose.test_scalars import RESOLVED


@dataclass(frozen=True)
class Case:
    """A folder's files (each Compose file has one service, named like it), where Compose runs, and what it is told."""

    files: tuple[str, ...]
    env: dict[str, str] = field(default_factory=dict)
    """Env files with their texts."""
    below: str = "."
    environ: dict[str, str] = field(default_factory=dict)
    settings: ComposeSettings = field(default_factory=ComposeSettings)


ACCEPTED = {
    "first-name": Case(("compose.yaml", "compose.yml", "docker-compose.yml")),
    "second-name": Case(("compose.yml", "docker-compose.yml", "docker-compose.yaml")),
    "third-name": Case(("docker-compose.yml", "docker-compose.yaml")),
    "override": Case(("compose.yaml", "compose.override.yaml", "docker-compose.override.yml")),
    "first-override": Case(("compose.yaml", "compose.override.yaml", "compose.override.yml")),
    "above": Case(("compose.yaml", "compose.override.yaml", "sub/compose.override.yaml"), below="sub"),
    "nearer": Case(("compose.yaml", "sub/compose.yaml"), below="sub"),
    "option": Case(("compose.yaml", "sub/a.yaml"), settings=ComposeSettings(files=("sub/a.yaml", "compose.yaml"))),
    "compose-file": Case(("compose.yaml", "a.yaml", "b.yaml"), environ={"COMPOSE_FILE": "b.yaml:a.yaml"}),
    "separator": Case(("a.yaml", "b.yaml"), environ={"COMPOSE_FILE": "b.yaml,a.yaml", "COMPOSE_PATH_SEPARATOR": ","}),
    "compose-file-below": Case(("a.yaml", "sub/a.yaml"), below="sub", environ={"COMPOSE_FILE": "../a.yaml"}),
    "option-over-compose-file": Case(
        ("a.yaml", "b.yaml"), environ={"COMPOSE_FILE": "b.yaml"}, settings=ComposeSettings(files=("a.yaml",))
    ),
    "env-beside": Case(("compose.yaml",), env={".env": "VALUE=beside\nCOMPOSE_PROFILES=one\n"}),
    "env-chooses-files": Case(
        ("compose.yaml", "a.yaml", "b.yaml"), env={".env": "COMPOSE_FILE=a.yaml;b.yaml\nCOMPOSE_PATH_SEPARATOR=;\n"}
    ),
    "env-of-both": Case(
        ("compose.yaml",),
        env={".env": "VALUE=top\nOTHER=top\nCOMPOSE_PROFILES=one\n", "sub/.env": "VALUE=sub\nCOMPOSE_PROFILES=two\n"},
        below="sub",
    ),
    "env-of-sub": Case(("compose.yaml",), env={"sub/.env": "VALUE=sub\nCOMPOSE_PROFILES=two\n"}, below="sub"),
    "env-of-top": Case(("compose.yaml", "sub/x"), env={".env": "VALUE=top\nCOMPOSE_PROFILES=one\n"}, below="sub"),
    "env-leads-away": Case(
        ("x/a.yaml", "sub/x"),
        env={"sub/.env": "COMPOSE_FILE=../x/a.yaml\nVALUE=sub\n", "x/.env": "OTHER=x\nVALUE=x\nCOMPOSE_PROFILES=one\n"},
        below="sub",
    ),
    "env-disabled": Case(
        ("compose.yaml",), env={".env": "COMPOSE_PROFILES=one\n"}, environ={"COMPOSE_DISABLE_ENV_FILE": "true"}
    ),
    "env-option": Case(
        ("compose.yaml", "a.yaml"),
        env={".env": "COMPOSE_FILE=gone.yaml\n", "e.env": "COMPOSE_FILE=a.yaml\nVALUE=${HOME}-e\n"},
        settings=ComposeSettings(env_files=("e.env",)),
    ),
    "env-files-variable": Case(
        ("compose.yaml",),
        env={"e.env": "COMPOSE_PROFILES=one\n", "f.env": "COMPOSE_PROFILES='two' # x\nVALUE=f\n"},
        environ={"COMPOSE_ENV_FILES": "e.env,f.env"},
    ),
    "env-files-variable-in-env": Case(
        ("compose.yaml",), env={".env": "COMPOSE_ENV_FILES=e.env\n", "e.env": "COMPOSE_PROFILES=one\n"}
    ),
    "environment-over-env": Case(
        ("compose.yaml",), env={".env": "COMPOSE_PROFILES=one\nVALUE=a\n"}, environ={"COMPOSE_PROFILES": "two"}
    ),
    "empty-over-env": Case(("compose.yaml",), env={".env": "COMPOSE_PROFILES=one\n"}, environ={"COMPOSE_PROFILES": ""}),
    "profiles": Case(("compose.yaml",), environ={"COMPOSE_PROFILES": " one, two,"}),
    "all-profiles": Case(("compose.yaml",), environ={"COMPOSE_PROFILES": "*"}),
    "option-over-profiles": Case(
        ("compose.yaml",), environ={"COMPOSE_PROFILES": "one"}, settings=ComposeSettings(profiles=("two",))
    ),
}
REFUSED = {
    "nothing": Case(("sub/x",), below="sub"),
    "empty-variable": Case(("compose.yaml",), environ={"COMPOSE_FILE": ""}),
    "empty-part": Case(("compose.yaml",), environ={"COMPOSE_FILE": "compose.yaml:"}),
    "absent": Case(("compose.yaml",), environ={"COMPOSE_FILE": "gone.yaml"}),
    "space": Case(("compose.yaml", "a.yaml"), environ={"COMPOSE_FILE": "compose.yaml: a.yaml"}),
    "folder": Case(("sub/compose.yaml",), settings=ComposeSettings(files=("sub",))),
    "folder-by-name": Case(("compose.yaml/x", "compose.yml")),
    "absent-env": Case(("compose.yaml",), environ={"COMPOSE_ENV_FILES": "gone.env"}),
}


def write(case: Case, top: Path) -> None:
    for name in case.files:
        file = top / name
        file.parent.mkdir(parents=True, exist_ok=True)
        service = name.replace("/", "-").replace(".", "-")
        file.write_text(
            f"services:\n  {service}: {{image: x, environment: {{V: '${{VALUE:-}}', O: '${{OTHER:-}}'}}}}\n"
            f"  one-{service}: {{image: x, profiles: [one]}}\n  two-{service}: {{image: x, profiles: [two]}}\n",
            encoding="utf-8",
        )
    for name, text in case.env.items():
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_text(text, encoding="utf-8")


def environment(case: Case) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("COMPOSE_")}
    return inherited | case.environ


def asked(settings: ComposeSettings) -> list[str]:
    """Return the options with which a user would say the same to Compose."""
    options = [("-f", settings.files), ("--env-file", settings.env_files), ("--profile", settings.profiles)]
    return [part for option, values in options for value in values for part in (option, value)]


def config(arguments: list[str], directory: Path, environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = ["docker", "compose", *arguments, "config", "--format", "json"]
    return subprocess.run(command, cwd=directory, env=environ, capture_output=True, text=True, timeout=60, check=False)


def absolute(settings: ComposeSettings, start: Path) -> ComposeSettings:
    return ComposeSettings(
        files=tuple(str(start / file) for file in settings.files),
        env_files=tuple(str(start / file) for file in settings.env_files),
        profiles=settings.profiles,
    )


@pytest.mark.parametrize("case", ACCEPTED.values(), ids=ACCEPTED)
def test_the_selection_means_what_compose_would_take(case: Case, tmp_path: Path) -> None:
    write(case, tmp_path)
    start, environ = tmp_path / case.below, environment(case)
    expected = config(asked(case.settings), start, environ)
    assert expected.returncode == 0, expected.stderr
    chosen = discover(absolute(case.settings, start), start, environ)
    received = config(list(chosen.arguments()), tmp_path.parent, environ)
    assert received.returncode == 0, received.stderr
    assert json.loads(received.stdout) == json.loads(expected.stdout)


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_what_compose_refuses_is_refused(case: Case, tmp_path: Path) -> None:
    write(case, tmp_path)
    start, environ = tmp_path / case.below, environment(case)
    assert config(asked(case.settings), start, environ).returncode != 0
    with pytest.raises(ComposeError):
        discover(absolute(case.settings, start), start, environ)


def test_plain_scalars_mean_what_compose_makes_of_them(tmp_path: Path) -> None:
    texts = [text for text, _ in RESOLVED if text not in ("2027-03-31", "-")]
    lines = [f"  - {text}\n" for text in texts]
    (tmp_path / "compose.yaml").write_text(f"services: {{a: {{image: x}}}}\nx-t:\n{''.join(lines)}", encoding="utf-8")
    done = config([], tmp_path, environment(Case(())))
    assert done.returncode == 0, done.stderr
    received: list[Any] = json.loads(done.stdout)["x-t"]
    assert received == [resolve(text) for text in texts]
