"""The checks of env files, templates and the shell: what they find, what they leave alone, and that they show no value."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pytest_infragate.checks import BY_ID
from pytest_infragate.checks.base import Material
from pytest_infragate.compose.messages import UnsetVariable
from pytest_infragate.compose.model import Project
from pytest_infragate.compose.places import find_places
from pytest_infragate.compose.resolve import Resolution, build_project
from pytest_infragate.compose.selection import Selection
from pytest_infragate.compose.trees import load_trees
from pytest_infragate.results import Finding, Severity

SECRET = "hunter2"  # noqa: S105  (looked for in messages)


class Folder:
    """A project's folder; ``environment`` is what Compose would give to its one service ``api``."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.environment: dict[str, str] = {}
        self.shell: Mapping[str, str] = {}
        self.unset: tuple[str, ...] = ()
        self.inactive: tuple[str, ...] = ()
        self.env_files: tuple[str, ...] = ()

    def write(self, **files: str) -> Folder:
        """Write files; ``env`` is ``.env``, ``env_example`` is ``.env.example``, ``app_env`` is ``app.env``."""
        for name, text in files.items():
            (self.path / _FILES.get(name, name)).write_text(text)
        return self

    def resolution(self) -> Resolution:
        """Return what Compose would make of ``compose.yaml``."""
        file, base = str(self.path / "compose.yaml"), str(self.path)
        trees = load_trees((file,), base)
        selection = Selection(base, (file,), env_files=tuple(str(self.path / name) for name in self.env_files))
        model: dict[str, Any] = {"services": {"api": {"image": "x", "environment": self.environment}}}
        project = build_project(model, selection, find_places(trees, (file,), base))
        if self.inactive:
            project = Project(**{**vars(project), "inactive_services": self.inactive})
        unset = tuple(UnsetVariable(name, None) for name in self.unset)
        return Resolution(project, unset=unset, trees=trees, selection=selection, shell=self.shell, base=base)

    def findings(self, id_: str) -> tuple[Finding, ...]:
        found = BY_ID[id_].findings(Material(self.resolution()), Severity.WARNING)
        assert SECRET not in repr(found)
        return found


_FILES = {"env": ".env", "env_example": ".env.example", "app_env": "app.env", "app_example": "app.env.example"}
_FILES["compose"] = "compose.yaml"
API = "services:\n  api:\n    image: x\n"


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


@pytest.mark.parametrize(
    ("line", "name", "flagged"),
    [
        ("POSTGRES_PASSWORD: hunter2$word", "word", True),
        ("POSTGRES_PASSWORD: hunter2$WORD", "WORD", True),
        ("POSTGRES_PASSWORD: $hunter", "hunter", True),
        ("HASH: $$2y$$10$abc", "abc", True),
        ("GREETING: good$day", "day", True),
        ("GREETING: v$VERSION", "VERSION", False),
        ("GREETING: $TAG", "TAG", False),
        ("POSTGRES_PASSWORD: ${word}", "word", False),
        ("POSTGRES_PASSWORD: $PASSWORD", "PASSWORD", False),
        ("POSTGRES_PASSWORD: hunter2$$word", "word", False),
    ],
)
def test_a_dollar_sign_inside_a_word(folder: Folder, line: str, name: str, flagged: bool) -> None:
    folder.write(compose=f"{API}    environment:\n      {line}\n").unset = (name,)
    assert bool(folder.findings("IG801")) is flagged
    assert bool(folder.findings("IG102")) is not flagged
    folder.unset = ()
    assert folder.findings("IG801") == ()


def test_a_dollar_sign_in_an_env_file(folder: Folder) -> None:
    folder.write(compose=API, env="A_PASSWORD=hunter2$word\nB_PASSWORD='hunter2$other'\n").unset = ("word",)
    [finding] = folder.findings("IG801")
    assert finding.location is not None
    assert (finding.location.file, finding.location.line) == (".env", 1)
    assert "word" not in finding.message.replace("inside a word", "").replace("A_PASSWORD", "")


def test_an_unset_variable_of_an_inactive_service_is_used_by_nothing(folder: Folder) -> None:
    compose = API + "  shell:\n    image: x:${TAG}\n    profiles: [p]\n"
    folder.write(compose=compose).unset = ("TAG",)
    folder.inactive = ("shell",)
    assert folder.findings("IG102") == ()
    folder.write(compose=compose.replace("image: x\n", "image: x:${TAG}\n"))
    assert len(folder.findings("IG102")) == 1


@pytest.mark.parametrize(
    ("named", "flagged"),
    [
        ("[gone.env]", True),
        ("gone.env", True),
        ("[{path: gone.env}]", True),
        ("[{path: gone.env, required: false}]", False),
        ("[app.env]", False),
        ("['${WHICH}.env']", False),
    ],
)
def test_absent_env_files(folder: Folder, named: str, flagged: bool) -> None:
    folder.write(compose=f"{API}    env_file: {named}\n", app_env="A=1\n")
    assert [finding.subject for finding in folder.findings("IG802")] == (["api"] if flagged else [])


def test_an_absent_env_file_is_made_from_its_template(folder: Folder) -> None:
    folder.write(compose=f"{API}    env_file: app.env\n", app_example="A=1\n")
    [finding] = folder.findings("IG802")
    assert "Make it from app.env.example" in finding.remedy


GIVEN = f"{API}    env_file: app.env\n"


@pytest.mark.parametrize(
    ("template", "written", "flagged"),
    [
        ("A=1\nB=2\n", f"A={SECRET}\n", True),
        ("A=1\n# B=2\n", "A=1\n", False),
        ("A=1\nB=2\n", "A=1\nB=\n", False),
        ("A=1\nB=2\nC=3\n", "A=1\n", False),
        ("A=1\nCOMPOSE_PROFILES=2\n", "A=1\n", False),
        ("A=1\nSHELL_SAYS=2\n", "A=1\n", False),
        ("A=1\nWRITTEN=2\n", "A=1\n", False),
        ("A=1\n", "A=1\nB=2\n", False),
    ],
)
def test_variables_that_the_template_lists(folder: Folder, template: str, written: str, flagged: bool) -> None:
    folder.write(compose=GIVEN, app_example=template, app_env=written)
    folder.shell = {"SHELL_SAYS": "1"}
    folder.environment = {"WRITTEN": "1"}
    assert [finding.subject for finding in folder.findings("IG803")] == (["api"] if flagged else [])


def test_a_passed_name_that_nothing_sets(folder: Folder) -> None:
    compose = f"{API}    environment: [TOKEN, OPTIONAL]\n"
    folder.write(compose=compose, env="A=1\n", env_example="A=\nTOKEN=\n")
    [finding] = folder.findings("IG803")
    assert finding.message == "environment passes TOKEN on, which .env.example lists, but nothing sets it."
    assert folder.write(env=f"A=1\nTOKEN={SECRET}\n").findings("IG803") == ()


@pytest.mark.parametrize(
    ("used", "template", "flagged"),
    [
        ("${TAG}", "OTHER=1\n", True),
        ("${TAG:?say which}", "OTHER=1\n", True),
        ("${TAG:-1}", "OTHER=1\n", False),
        ("${OTHER:-${TAG}}", "OTHER=1\n", False),
        ("${TAG}", "TAG=\n", False),
        ("${TAG}", "# TAG=1.2\n", False),
        ("1", "OTHER=1\n", False),
    ],
)
def test_what_the_template_does_not_name(folder: Folder, used: str, template: str, flagged: bool) -> None:
    folder.write(compose=f"services:\n  api:\n    image: x:{used}\n", env=f"TAG={SECRET}\n", env_example=template)
    assert bool(folder.findings("IG804")) is flagged


def test_without_a_template_nothing_is_compared(folder: Folder) -> None:
    folder.write(compose="services:\n  api:\n    image: x:${TAG}\n", env="TAG=1\nOTHER=1\n")
    assert [folder.findings(id_) for id_ in ("IG803", "IG804", "IG805")] == [(), (), ()]


def test_names_that_only_one_of_both_files_has(folder: Folder) -> None:
    folder.write(compose=API, env=f"A=1\nEXTRA={SECRET}\nCOMPOSE_PROFILES=x\n", env_example="A=1\nABSENT=1\n")
    extra, absent = folder.findings("IG805")
    assert extra.message == ".env sets EXTRA, which .env.example does not name."
    assert absent.message == ".env lacks ABSENT, which .env.example lists."


@pytest.mark.parametrize(
    ("env", "flagged"),
    [(f"TAG={SECRET}", True), ("TAG=1.1", False), ("TAG='1.1' # why", False), ("TAG=$OTHER", False), ("X=1", False)],
)
def test_the_shell_wins(folder: Folder, env: str, flagged: bool) -> None:
    folder.write(compose="services:\n  api:\n    image: x:${TAG}\n", env=f"{env}\n").shell = {"TAG": "1.1", "X": "2"}
    assert bool(folder.findings("IG810")) is flagged


def test_environment_wins_over_env_file(folder: Folder) -> None:
    folder.write(
        compose=f"{GIVEN}    environment:\n      LEVEL: info\n      SAME: 1\n", app_env="LEVEL=debug\nSAME=1\nA=1\n"
    )
    folder.environment = {"LEVEL": "info", "SAME": "1", "A": "2"}
    assert [finding.message.partition(" ")[0] for finding in folder.findings("IG811")] == ["LEVEL"]


@pytest.mark.parametrize(
    ("env", "more", "flagged"),
    [
        (f"LEVEL={SECRET}\n", "", True),
        ("LEVEL=info\n", "", False),
        (f"LEVEL={SECRET}\n", "    command: run ${LEVEL}\n", False),
        (f"LEVEL={SECRET}\n", "    env_file: .env\n", False),
    ],
)
def test_a_value_that_reaches_nobody(folder: Folder, env: str, more: str, flagged: bool) -> None:
    folder.write(compose=f"{API}    environment:\n      LEVEL: info\n{more}", env=env).environment = {"LEVEL": "info"}
    assert bool(folder.findings("IG812")) is flagged


def test_a_name_that_is_set_twice(folder: Folder) -> None:
    folder.write(compose=API, env=f"A={SECRET}\nB=1\nB=1\nA=2\n")
    [finding] = folder.findings("IG813")
    assert finding.message == "A is set here and, with another value, in line 4: the last wins."


@pytest.mark.parametrize(
    ("env", "used", "flagged"),
    [
        ("DB_PASSWORD=\n", "${DB_PASSWORD}", True),
        ("DB_PASSWORD=''\n", "${DB_PASSWORD}", True),
        ("DB_PASSWORD=\n", "${DB_PASSWORD:-x}", False),
        ("DB_PASSWORD=\n", "${DB_PASSWORD:?x}", False),
        ("PREFIX=\n", "${PREFIX}", False),
        ("FILLED=\n", "${FILLED}", True),
    ],
)
def test_a_variable_that_is_left_empty(folder: Folder, env: str, used: str, flagged: bool) -> None:
    folder.write(compose=f"services:\n  api:\n    image: x:{used}\n", env=env, env_example="FILLED=1\nPREFIX=\n")
    assert bool(folder.findings("IG814")) is flagged


def test_an_empty_host_port_is_left_to_the_engine(folder: Folder) -> None:
    ports = "    ports: ['127.0.0.1:${HOST_PORT}:80']\n"
    folder.write(compose=API + ports, env="HOST_PORT=\n", env_example="HOST_PORT=8080\n")
    assert not folder.findings("IG814")


def test_what_no_compose_file_of_the_folder_uses(folder: Folder) -> None:
    folder.write(
        compose="services:\n  api:\n    image: x:${TAG}\n", env="TAG=${BASE}\nBASE=1\nOLD=1\nPROD=1\nDOCKER_HOST=x\n"
    )
    folder.write(**{"docker-compose.prod.yml": "services: {web: {image: 'x:${PROD}'}}\n"})
    [finding] = folder.findings("IG815")
    assert finding.message == ".env sets OLD, which no Compose file of this folder uses."


def test_an_env_file_that_a_service_gets_has_no_unused_names(folder: Folder) -> None:
    assert folder.write(compose=f"{API}    env_file: .env\n", env="OLD=1\n").findings("IG815") == ()
