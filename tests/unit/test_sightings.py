"""What a verdict depends on is noted as it was when it was first looked at, and is looked at nowhere else."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from pytest_infragate import sightings
from pytest_infragate.compose.attachments import note_attachments
from pytest_infragate.compose.source import parse_yaml
from pytest_infragate.sightings import CONTENT, KIND, NAMES, Sightings

PACKAGE = Path(sightings.__file__).parent
DIRECT = frozenset(
    [
        "exists",
        "is_file",
        "is_dir",
        "is_symlink",
        "lexists",
        "isfile",
        "isdir",
        "islink",
        "stat",
        "lstat",
        "access",
        "open",
        "read_text",
        "read_bytes",
        "iterdir",
        "listdir",
        "scandir",
        "walk",
        "glob",
        "rglob",
    ]
)
LOOKED_AT_BEFORE = ("compose/discovery.py",)
"""Notes the content before it asks what is wrong with a file."""
OF_NO_VERDICT = {"os.path.lexists": "reading/values.py"}
"""Asks for the folder of the reports."""


@pytest.mark.parametrize(
    "path",
    sorted(path for part in ("compose", "checks", "reading") for path in (PACKAGE / part).rglob("*.py")),
    ids=lambda path: str(path.relative_to(PACKAGE)),
)
def test_files_are_looked_at_through_sightings_alone(path: Path) -> None:
    name = str(path.relative_to(PACKAGE))
    found = {
        f"{name}:{node.lineno}: {ast.unparse(node.func)}: use the function of pytest_infragate.sightings, so that an "
        "answer from the cache is not given after this file has changed"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and _is_direct(node.func)
        and name not in LOOKED_AT_BEFORE
        and OF_NO_VERDICT.get(ast.unparse(node.func)) != name
    }
    assert found == set()


def _is_direct(function: ast.expr) -> bool:
    if isinstance(function, ast.Name):
        return function.id == "open"
    is_ours = isinstance(function, ast.Attribute) and ast.unparse(function.value) in ("sightings", "source")
    return isinstance(function, ast.Attribute) and function.attr in DIRECT and not is_ours


def test_files_and_their_absence_are_noted(tmp_path: Path) -> None:
    here, gone = tmp_path / "here", tmp_path / "gone"
    here.write_text("alpha=${BETA}\n")
    with sightings.noting(seen := Sightings()):
        assert sightings.read_bytes(here) == b"alpha=${BETA}\n"
        assert [sightings.exists(here), sightings.is_dir(tmp_path), sightings.is_file(gone)] == [True, True, False]
        assert sightings.names_in(tmp_path) == ("here",)
        with pytest.raises(FileNotFoundError):
            sightings.read_bytes(gone)
    assert seen.seen[(str(gone), KIND)] == seen.seen[(str(gone), CONTENT)] == "absent"
    assert (str(here), KIND) in seen.seen
    assert (str(tmp_path), NAMES) in seen.seen
    assert seen.words == {b"alpha", b"BETA"}
    assert all(sightings.state(path, what) == state for (path, what), state in seen.seen.items())


@pytest.mark.parametrize("what", [CONTENT, KIND, NAMES])
def test_a_change_is_another_state(tmp_path: Path, what: str) -> None:
    path = tmp_path / "x"
    before = sightings.state(tmp_path if what == NAMES else path, what)
    path.write_text("1")
    assert sightings.state(tmp_path if what == NAMES else path, what) != before


def test_a_folder_that_pytest_makes_is_no_change(tmp_path: Path) -> None:
    before = sightings.state(tmp_path, NAMES)
    (tmp_path / ".pytest_cache").mkdir()
    assert sightings.state(tmp_path, NAMES) == before


def test_the_earliest_state_is_kept_and_nothing_is_noted_afterwards(tmp_path: Path) -> None:
    path = tmp_path / "x"
    with sightings.noting(seen := Sightings()):
        sightings.content_matters(path)
        path.write_text("1")
        sightings.content_matters(path)
    sightings.content_matters(tmp_path / "later")
    assert seen.seen == {(str(path), CONTENT): "absent"}


ATTACHED = """
include: [common/compose.yaml, {path: [a.yaml, b.yaml], env_file: inc.env}]
services:
  web:
    env_file: [web.env, {path: more.env, required: false}]
    label_file: web.labels
    extends: {file: base.yaml, service: web}
"""


def test_what_compose_reads_because_a_file_names_it_matters() -> None:
    with sightings.noting(seen := Sightings()):
        note_attachments(parse_yaml(ATTACHED, "compose.yaml"), Path("/p"))
    names = {str(Path(path).relative_to("/p")) for path, _ in seen.seen}
    assert names == {
        ".env", "common/compose.yaml", "a.yaml", "b.yaml", "inc.env", "web.env", "more.env", "web.labels", "base.yaml"
    }  # fmt: skip
    assert seen.unknown == []


@pytest.mark.parametrize(
    "text",
    [
        "services: {web: {env_file: '${NAME}.env'}}",
        "services: {web: {extends: {file: ~/base.yaml, service: web}}}",
        "include: ['oci://example.com/x']",
        "include: [{path: a.yaml, project_directory: ..}]",
    ],
)
def test_what_cannot_be_read_off_the_text_is_unknown(text: str) -> None:
    with sightings.noting(seen := Sightings()):
        note_attachments(parse_yaml(text, "compose.yaml"), Path("/p"))
    assert seen.unknown
