"""Uses of variables are found with their operators, and each knows whether it needs a value."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_infragate.compose.source import parse_yaml
from pytest_infragate.compose.trees import Tree
from pytest_infragate.compose.uses import Use, uses_in


def uses(text: str) -> tuple[Use, ...]:
    return uses_in((Tree(Path("compose.yaml"), parse_yaml(text, "compose.yaml")),))


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("$A", [("A", "", True)]),
        ("${A}-${B:-x}", [("A", "", True), ("B", ":-", False)]),
        ("${A:-${B}} ${C}", [("A", ":-", False), ("B", "", False), ("C", "", True)]),
        ("${A:?say}", [("A", ":?", True)]),
        ("${A?} ${A-1} ${A+1}", [("A", "?", True), ("A", "-", False), ("A", "+", False)]),
        ("$$A $${A}", []),
        ("$1 $(A)", []),
        ('{"x": "${A}"} }', [("A", "", True)]),
    ],
)
def test_uses_of_a_text(written: str, expected: list[tuple[str, str, bool]]) -> None:
    found = uses(f"services:\n  api:\n    image: '{written}'\n")
    assert [(use.name, use.operator, use.needs_value) for use in found] == expected
    assert all((use.service, use.key) == ("api", "image") for use in found)


def test_names_that_are_passed_on() -> None:
    found = uses("services:\n  a:\n    environment: [A, B=$C, 'D']\n  b:\n    environment: {E: , F: 1, G: $H}\n")
    assert [(use.service, use.name, use.operator, use.key) for use in found] == [
        ("a", "A", "passed", "A"),
        ("a", "C", "", "B"),
        ("a", "D", "passed", "D"),
        ("b", "E", "passed", "E"),
        ("b", "H", "", "G"),
    ]


def test_an_alias_repeats_no_use() -> None:
    found = uses("x-all: &all\n  image: x:$A\nservices:\n  a: *all\n  b:\n    <<: *all\n")
    assert [use.name for use in found] == ["A"]


def test_what_another_file_brings_in_counts() -> None:
    service = parse_yaml("image: x:${A}\n", "base.yaml")
    [use] = uses_in((), (("api", service),))
    assert (use.name, use.service, use.location.file) == ("A", "api", "base.yaml")


def test_a_key_is_no_use() -> None:
    assert uses("services:\n  a:\n    labels: {$A: x}\n") == ()
