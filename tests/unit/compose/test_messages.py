"""The places that Compose's messages speak of are found."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_infragate.compose.messages import locate_error, read_warnings, variable_place
from pytest_infragate.compose.trees import Tree, load_trees

TEXT = """\
version: "3"
services:
  api:
    imagee: x
    environment: {A: [1]}
    ports: ["80:70000"]
    depends_on: [zz]
    networks: [q]
    env_file: nope.env
  db.main:
    image: $TAG
"""


@pytest.fixture
def trees(tmp_path: Path) -> tuple[Tree, ...]:
    (tmp_path / "compose.yaml").write_text(TEXT, encoding="utf-8")
    return load_trees([str(tmp_path / "compose.yaml")], str(tmp_path))


@pytest.mark.parametrize(
    ("error", "place"),
    [
        ("validating /x/compose.yaml: services.api additional properties 'imagee' not allowed", "4:5"),
        ("validating /x/compose.yaml: services.api.environment.A must be a boolean, null, number or string", "5:19"),
        ("Invalid containerPort: 70000", "6:13"),
        ('service "api" depends on undefined service "zz": invalid compose project', "7:18"),
        ('service "api" refers to undefined network q: invalid compose project', "8:16"),
        ("env file /x/nope.env not found: stat /x/nope.env: no such file or directory", "9:15"),
        ("error while interpolating services.db.main.image: required variable TAG is missing a value", "11:5"),
        ('service "db.main" has neither an image nor a build context specified: invalid compose project', "10:3"),
    ],
)
def test_errors(error: str, place: str, trees: tuple[Tree, ...]) -> None:
    assert str(locate_error(error, trees)) == f"compose.yaml:{place}"


def test_an_error_that_names_nothing_has_no_place(trees: tuple[Tree, ...]) -> None:
    assert locate_error("something is wrong", trees) is None


def test_of_several_files_the_one_that_has_the_key_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("services:\n  api:\n    image: x\n", encoding="utf-8")
    (tmp_path / "b.yaml").write_text("services:\n  other:\n    image: x\n", encoding="utf-8")
    trees = load_trees([str(tmp_path / "a.yaml"), str(tmp_path / "b.yaml")], str(tmp_path))
    assert str(locate_error("services.api.image must be a string", trees)) == "a.yaml:3:5"


def test_warnings_are_sorted_into_unset_variables_and_others(trees: tuple[Tree, ...], tmp_path: Path) -> None:
    warnings = [
        'The "TAG" variable is not set. Defaulting to a blank string.',
        f"{tmp_path}/compose.yaml: the attribute `version` is obsolete, it will be ignored",
        'The "ELSEWHERE" variable is not set. Defaulting to a blank string.',
    ]
    unset, others = read_warnings(warnings, trees, (), str(tmp_path))
    assert [(item.name, str(item.location)) for item in unset] == [("ELSEWHERE", "None"), ("TAG", "compose.yaml:11:12")]
    assert [(item.text, str(item.location)) for item in others] == [
        ("the attribute `version` is obsolete, it will be ignored", "compose.yaml:1:1")
    ]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a: ${VAR}\n", "f.yaml:1:4"),
        ("a: ${VAR:-x}\n", "f.yaml:1:4"),
        ("a: x$VAR\n", "f.yaml:1:5"),
        ("a: |\n  one\n  two $$$VAR\n", "f.yaml:3:9"),
        ("# ${VAR}\na: 1\n", "None"),
        ("a: $$VAR $${VAR}\n", "None"),
        ("a: ${VARIABLE} $VARIABLE\n", "None"),
    ],
)
def test_variable_place(text: str, place: str, tmp_path: Path) -> None:
    (tmp_path / "f.yaml").write_text(text, encoding="utf-8")
    assert str(variable_place("VAR", [tmp_path / "f.yaml"], str(tmp_path))) == place


def test_a_variable_used_in_a_services_env_file_is_found_there(tmp_path: Path) -> None:
    (tmp_path / "a.env").write_text("X=1\nY=${VAR}\n", encoding="utf-8")
    (tmp_path / "compose.yaml").write_text("services:\n  api:\n    image: x\n    env_file: a.env\n", encoding="utf-8")
    trees = load_trees([str(tmp_path / "compose.yaml")], str(tmp_path))
    unset, _ = read_warnings(['The "VAR" variable is not set. Defaulting to a blank string.'], trees, (), str(tmp_path))
    assert str(unset[0].location) == "a.env:2:3"
