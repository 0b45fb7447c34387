from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pytest_infragate.compose.node import Node
from pytest_infragate.compose.source import SourceError
from pytest_infragate.errors import SettingsError
from pytest_infragate.reading import RawOptions, Said, read_settings
from pytest_infragate.reading.toml import load_toml_table
from pytest_infragate.settings import Level, Settings

WHOLE = '''\
# a comment with [brackets] and "quotes
[project]
name = "x"
text = """
[tool.infragate]
timeout = "never"
"""
other = \'\'\'
"""\'\'\'

[tool.infragate]
timeout = "2m"
compose = { files = [
    "compose.yaml", # the first
    \'compose.yaml\',
] }
checks.level = "strict"
"scaling" = { "api" = { replicas = 3 } }

[tool.infragate.performance.limits]
"*" = ["memory.ratio: max < 0.9"]

[[tool.infragate.commands]]
name = "lint"
run = "make # lint"

[[tool.infragate.commands]]
name = "schema"
run = ["psql", "-c", "table items"]
service = "db"
[tool.infragate.commands.env]
A = 5

[[tool.infragate.waivers]]
check = "IG402"
subject = "db"
reason = "known"
expires = 2027-03-31
'''


def read(root: Path, text: str, **options: Said) -> Settings:
    (root / "pyproject.toml").write_text(text, encoding="utf-8")
    (root / "compose.yaml").touch()
    return read_settings(root, RawOptions(**options), known_checks=["IG402"])


def refused(root: Path, text: str, **options: Said) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as caught:
        read(root, text, **options)
    return caught.value.problems


def test_the_same_tree_is_read_from_pyproject(tmp_path: Path) -> None:
    settings = read(tmp_path, WHOLE)
    assert settings.file == f"{tmp_path}/pyproject.toml"
    assert settings.timeout_s == 120
    assert settings.compose.files == (f"{tmp_path}/compose.yaml",) * 2
    assert settings.checks.level is Level.STRICT
    assert settings.scaling["api"].replicas == 3
    assert settings.performance.limits["*"][0].bound == 0.9
    assert [command.run for command in settings.commands] == ["make # lint", ("psql", "-c", "table items")]
    assert settings.commands[1].environment == {"A": "5"}
    assert str(settings.waivers[0].expires) == "2027-03-31"
    assert settings.sources["timeout"] == "pyproject.toml"


def values(node: Node) -> Iterator[Node]:
    """Return every scalar below a node."""
    if not (node.is_mapping or node.is_sequence):
        yield node
    for below in (*node.elements, *(value for _, value in node.entries)):
        yield from values(below)


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_every_value_knows_its_place(tmp_path: Path, newline: str) -> None:
    (tmp_path / "x.toml").write_bytes(WHOLE.replace("\n", newline).encode())
    node = load_toml_table(tmp_path / "x.toml", "x.toml", "tool", "infragate")
    assert node is not None
    lines = WHOLE.splitlines()
    found = list(values(node))
    assert len(found) == 18
    for value in found:
        assert value.location.line is not None
        assert value.location.column is not None
        assert lines[value.location.line - 1][value.location.column - 1 :].strip("\"'").startswith(value.text)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[tool.infragate]\ntimeout = 0\n", "2:11: timeout is 0: expected more than 0: a deadline of nothing is always missed"),
        ("[tool.infragate]\nchecks = {level = 'strickt'}\n", "2:19: checks.level is 'strickt': expected dev, default or strict; did you mean 'strict'?"),
        ("[tool.infragate.checks]\nlevel = 'x'\n", "2:9: checks.level is 'x': expected dev, default or strict"),
        ("tool.infragate.checks.level = 'x'\n", "1:31: checks.level is 'x': expected dev, default or strict"),
        ("[tool]\ninfragate.logs.allow = ['ok',\n  '(']\n", "3:3: logs.allow[1] is '(': expected a regular expression, but missing ), unterminated subpattern at position 0"),
        ("[tool.infragate.health]\nstable_fro = '1s'\n", "2:1: unknown key 'stable_fro' in health: expected stable_for, require_healthcheck or early; did you mean 'stable_for'?"),
        ("[tool.infragate]\n[[tool.infragate.commands]]\nname = 'a'\n", "2:1: commands[0] has no 'run': expected a line for the shell, or a list of arguments"),
        ("[tool.infragate]\nhealth = {require_healthcheck = 1}\n", "2:33: health.require_healthcheck is 1: expected true or false"),
        ("[tool.infragate]\ntimeout = '1s'\n[[tool.infragate.scaling]]\n", "3:1: scaling is a list: expected a mapping of services"),
        ("[tool.infragate.health.stable_for]\n", "1:1: health.stable_for is a mapping: expected a duration such as 500ms, 10s or 1m30s"),
        ("[tool]\ninfragate = 5\n", "2:13: the file is 5: expected a mapping with the keys compose, timeout, services, health, connectivity, performance, logs, commands, checks, environments, scaling and waivers"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_place(tmp_path: Path, text: str, problem: str) -> None:
    assert refused(tmp_path, text) == (f"pyproject.toml:{problem}",)


def test_what_is_not_toml_is_refused_at_its_place(tmp_path: Path) -> None:
    (problem,) = refused(tmp_path, "[tool.infragate]\ntimeout = \n")
    assert problem == "pyproject.toml:2:11: this is not valid TOML: invalid value"


def test_an_end_in_the_middle_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_text("a = [", encoding="utf-8")
    with pytest.raises(SourceError, match=r"^x\.toml: this is not valid TOML: "):
        load_toml_table(tmp_path / "x.toml", "x.toml")


@pytest.mark.parametrize("text", ["", "[tool.other]\ninfragate = 1\n", "[project]\nname = 'x'\n", "tool = 1\n"])
def test_a_pyproject_without_our_table_is_no_settings_file(tmp_path: Path, text: str) -> None:
    assert read(tmp_path, text).file is None


def test_a_named_pyproject_without_our_table_is_refused(tmp_path: Path) -> None:
    (problem,) = refused(tmp_path, "[project]\nname = 'x'\n", config=Said("pyproject.toml"))
    assert problem == "pyproject.toml has no table [tool.infragate]: add it, or name another file"


def test_the_settings_file_of_its_own_comes_first(tmp_path: Path) -> None:
    (tmp_path / "infragate.yaml").write_text("timeout: 1s", encoding="utf-8")
    assert read(tmp_path, "[tool.infragate]\ntimeout = 'wrong'\n").timeout_s == 1


def test_an_empty_table_means_the_defaults(tmp_path: Path) -> None:
    assert read(tmp_path, "[tool.infragate]\n").timeout_s == Settings("").timeout_s
