"""Comments that accept a finding: on its line or above it, with ids and a reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_infragate.compose.comments import Ignore, find_ignores, read_ignores
from pytest_infragate.compose.selection import Selection
from pytest_infragate.results import Location


def read(text: str) -> list[Ignore]:
    return list(read_ignores(text, "compose.yaml"))


def test_a_comment_behind_a_value_speaks_of_its_own_line() -> None:
    (found,) = read("a: 1\nimage: redis  # infragate: ignore[IG201] moves with the base\n")
    assert found == Ignore(("IG201",), "moves with the base", Location("compose.yaml", 2, 15), 2)


def test_comments_that_stand_alone_speak_of_the_next_line_that_is_none() -> None:
    first, second = read("a:\n  # infragate: ignore[IG201] one\n  # infragate: ignore[IG402] two\n  # why\n  b: 1\n")
    assert (first.line, second.line) == (5, 5)


@pytest.mark.parametrize(
    ("said", "checks", "reason"),
    [
        ("ignore[IG201,IG402] both", ("IG201", "IG402"), "both"),
        ("ignore[ ig201 , IG402 ]: both", ("IG201", "IG402"), "both"),
        ("ignore [IG201] - a dash", ("IG201",), "a dash"),
    ],
)
def test_several_ids_and_spellings(said: str, checks: tuple[str, ...], reason: str) -> None:
    (found,) = read(f"x: 1 # infragate: {said}\n")
    assert (found.checks, found.reason, found.problem) == (checks, reason, "")


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ("ignore[IG201]", "gives no reason"),
        ("ignore[IG201] -", "gives no reason"),
        ("ignore[] because", "names no check"),
        ("ignore IG201 because", "cannot be read"),
        ("ingore[IG201] because", "cannot be read"),
        ("", "cannot be read"),
    ],
)
def test_what_is_not_complete_ignores_nothing_and_says_so(said: str, problem: str) -> None:
    (found,) = read(f"x: 1 # infragate: {said}\n")
    assert problem in found.problem


@pytest.mark.parametrize(
    "line", ["x: 1 # see infragate.yaml", "x: a#infragate: ignore[IG201] no comment", "infragate: 1"]
)
def test_what_is_no_comment_of_ours_is_left_alone(line: str) -> None:
    assert read(line) == []


def test_every_chosen_file_is_read_and_one_that_is_gone_has_none(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("x: 1 # infragate: ignore[IG201] a\n")
    selection = Selection(str(tmp_path), (str(tmp_path / "a.yaml"), str(tmp_path / "gone.yaml")))
    (found,) = find_ignores(selection, None, str(tmp_path))
    assert found.location == Location("a.yaml", 1, 6)
