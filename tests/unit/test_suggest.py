from __future__ import annotations

import pytest

from pytest_infragate.suggest import did_you_mean, listed, nearest

NAMES = ("default", "dev", "strict")


@pytest.mark.parametrize(
    ("name", "expected"),
    [("strickt", "strict"), ("STRICT", "strict"), ("defualt", "default"), ("zzz", None), ("", None)],
)
def test_the_nearest_name_is_found_or_none(name: str, expected: str | None) -> None:
    assert nearest(name, NAMES) == expected


def test_a_name_keeps_its_own_spelling() -> None:
    assert nearest("ig201", ["IG201", "IG305"]) == "IG201"


def test_nothing_is_near_when_nothing_is_known() -> None:
    assert did_you_mean("web", []) == ""


def test_a_message_ends_with_the_nearest_name() -> None:
    assert did_you_mean("strickt", NAMES) == "; did you mean 'strict'?"


@pytest.mark.parametrize(
    ("names", "text"), [([], ""), (["a"], "a"), (["a", "b"], "a or b"), (["a", "b", "c"], "a, b or c")]
)
def test_names_are_listed_as_in_a_sentence(names: list[str], text: str) -> None:
    assert listed(names) == text
