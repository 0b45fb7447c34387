"""Env files are read name by name, with places, and no part of a value is taken for a name."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_infragate.compose.env_files import read_env_file, template_of


def assignments(tmp_path: Path, text: str) -> list[tuple[str, str, int | None]]:
    (tmp_path / ".env").write_text(text)
    file = read_env_file(tmp_path / ".env", str(tmp_path))
    assert file is not None
    return [(one.name, one.text, one.location.line) for one in file.assignments]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A=1", [("A", "1", 1)]),
        ("\n# A=0\n  export A = 1  # one\nB: two", [("A", "1", 3), ("B", "two", 4)]),
        ('A=\'a # b\' # c\nB="x\\"y"', [("A", "a # b", 1), ("B", 'x\\"y', 2)]),
        (
            "KEY='-----BEGIN\nMIIEpA=\nAB==\n-----END'\nB=2",
            [("KEY", "-----BEGIN\nMIIEpA=\nAB==\n-----END", 1), ("B", "2", 5)],
        ),
        ("A='never closed\nB=2", [("A", "'never closed", 1), ("B", "2", 2)]),
        ("A=\nB=#x\nnot an assignment", [("A", "", 1), ("B", "", 2)]),
        ("A=a#b", [("A", "a#b", 1)]),
    ],
)
def test_assignments(tmp_path: Path, text: str, expected: list[tuple[str, str, int | None]]) -> None:
    assert assignments(tmp_path, text) == expected


def test_the_last_of_a_name_wins_and_comments_hide_names(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("A=1\nA=2\n#B=1\n# C = 2\n# D: no\n")
    file = read_env_file(tmp_path / ".env", str(tmp_path))
    assert file is not None
    assert (file.last["A"].text, file.hidden) == ("2", frozenset({"B", "C"}))
    assert "2" not in repr(file.last["A"]).replace("line=2", "")


@pytest.mark.parametrize("suffix", ["example", "sample", "template", "dist"])
def test_templates(tmp_path: Path, suffix: str) -> None:
    (tmp_path / f"app.env.{suffix}").write_text("A=1\n")
    template = template_of(tmp_path / "app.env", str(tmp_path))
    assert template is not None
    assert template.name == f"app.env.{suffix}"
    assert template_of(tmp_path / ".env", str(tmp_path)) is None


def test_a_file_that_cannot_be_read_is_none(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"\xff\xfe")
    assert read_env_file(tmp_path / ".env", str(tmp_path)) is None
