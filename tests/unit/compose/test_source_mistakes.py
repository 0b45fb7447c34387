"""Every mistake of a file is found in one go, and what is good of it is read all the same."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from pytest_infragate.compose import source
from pytest_infragate.compose.source import Source, load_source, read_source
from pytest_infragate.results import Json

TAB = "a tab indents this line: use spaces, as YAML demands"


@pytest.fixture(params=["libyaml", "pure"], autouse=True)
def loader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Run a test with PyYAML's C parser and with its Python one."""
    if request.param == "pure":
        monkeypatch.setattr(source, "_LOADER", yaml.SafeLoader)
    elif not yaml.__with_libyaml__:
        pytest.skip("PyYAML has no libyaml here")
    return str(request.param)


def told(found: Source) -> list[str]:
    return [str(one) for one in found.mistakes]


def plain(found: Source) -> list[Json]:
    return [document.plain() for document in found.documents]


def test_every_key_that_is_given_twice_is_told_with_its_first_place() -> None:
    found = read_source("a: {x: 1, x: 2}\nb: [{y: 1, y: 2}]\na: {z: 3}\na: 5\n", "f")
    assert told(found) == [
        "f:1:11: the key 'x' is already given at f:1:5",
        "f:2:12: the key 'y' is already given at f:2:6",
        "f:3:1: the key 'a' is already given at f:1:1",
        "f:4:1: the key 'a' is already given at f:1:1",
    ]
    assert not any(one.loses for one in found.mistakes)


def test_both_values_of_a_key_are_kept() -> None:
    found = read_source("v: {data: , s: {a: 1}}\nv: {cache: , s: {b: 2}}\nl: [1]\nl: [2]\nk: 1\nk: 2\n", "f")
    assert plain(found) == [{"v": {"data": None, "s": {"a": 1, "b": 2}, "cache": None}, "l": [1, 2], "k": 1}]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("a:\n\tb: 1\n\tc: 2\nd: 1\n  \te: 1\n", ["2:1", "3:1", "5:3"]),
        ("a:\n\tb: 1\n\n\t# no value\n\tc: 2\n", ["2:1", "5:1"]),
        ("\ta: 1\nb: |\n  \ttext\nc:\n  - >-  # folded\n    \ttext\n\n    \tmore\n\td: 1\n", ["1:1", "9:1"]),
    ],
)
def test_every_line_that_a_tab_indents_is_told(text: str, lines: list[str]) -> None:
    assert told(read_source(text, "f")) == [f"f:{line}: {TAB}" for line in lines]


@pytest.mark.parametrize(
    ("text", "documents"),
    [
        ("services:\n  a: {image: x}\n  b: {image: x: y}\n  c: 1\nvolumes: {v: }\n", [{"services": {"a": {"image": "x"}, "b": {}}, "volumes": {"v": None}}]),
        ("services:\n  a:\n    user: u\n    ports: [1, {b: c: d}]\n", [{"services": {"a": {"user": "u"}}}]),
        ("a: b: c\n---\nd: 1\n", [{}, {"d": 1}]),
        ("x: &x {k: 1}\ny: @\nz: *x\n", [{"x": {"k": 1}, "z": {"k": 1}}]),
        ("a: 'x\nb: 1\n", [{}]),
        ("a: b: c\nd: e: f\n", [{}]),
    ],
)  # fmt: skip
def test_what_stands_before_and_behind_a_break_is_read(text: str, documents: list[Json]) -> None:
    found = read_source(text, "f")
    assert plain(found) == documents
    assert [one.loses for one in found.mistakes] == [True]


def test_a_quote_that_is_not_closed_is_told_with_its_beginning() -> None:
    (told_,) = told(read_source("a: 1\nb: 'x\nc: 2\n", "f"))
    assert told_.endswith("(it begins at f:2:4)")


def test_a_key_before_and_behind_a_break_is_told() -> None:
    found = read_source("a: 1\nb: c: d\na: 2\n", "f")
    assert told(found)[1:] == ["f:3:1: the key 'a' is already given at f:1:1"]


def test_aliases_of_nothing_are_told_together() -> None:
    found = read_source("a: *x\nb: {<<: *y, c: 1}\nd: *z\n", "f")
    assert [one.partition(" has")[0] for one in told(found)] == [
        "f:1:4: the alias *x",
        "f:2:9: the alias *y",
        "f:3:4: the alias *z",
    ]


def test_a_bomb_leaves_nothing_of_its_file() -> None:
    rows = ["a: 1", "a: &a [1,1,1,1,1,1,1,1,1,1]"]
    rows += [f"{new}: &{new} [{','.join([f'*{old}'] * 10)}]" for old, new in zip("abcdef", "bcdefg", strict=True)]
    found = read_source("\n".join(rows), "f")
    assert found.documents == ()
    assert [one.loses for one in found.mistakes] == [False, True]


def test_a_file_that_cannot_be_read_is_a_mistake(tmp_path: Path) -> None:
    assert told(load_source(tmp_path / "gone", "gone")) == ["gone: the file cannot be read: No such file or directory"]
