"""The diff is applied by git to the very bytes, and shows no secret."""

from __future__ import annotations

import difflib
import random
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import pytest

from pytest_infragate.fixes.diff import unified

from .texts import file_edit


def mask(line: str) -> str:
    return line.replace("hunter2", "***")


def applied(folder: Path, before: str, after: str, *options: str) -> str:
    """Return the diff after git has made the second text of the first with it."""
    diff = unified(file_edit(folder / "compose.yaml", before, after), mask)
    patch = f"# what it does\n{diff.text}# what came of it\n"
    subprocess.run(["git", "apply", *options, "-"], cwd=folder, input=patch.encode(), check=True)
    assert (folder / "compose.yaml").read_bytes() == after.encode()
    return diff.text


class Compared(difflib.SequenceMatcher[str]):
    """Takes note of how many lines are compared with how many."""

    sizes: ClassVar[list[int]] = []

    def __init__(self, junk: None, one: Sequence[str], other: Sequence[str], *, autojunk: bool) -> None:
        super().__init__(junk, one, other, autojunk)
        self.sizes.append(len(one) * len(other))


def test_a_long_file_is_compared_in_short_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("difflib.SequenceMatcher", Compared)
    before = "".join(f"web{number}:\n  logging:\n    driver: json-file\n" for number in range(300))
    after = before.replace("json-file\n", "json-file\n    options: {max-size: 10m}\n")
    (tmp_path / "compose.yaml").write_text(before)
    assert applied(tmp_path, before, after).count("@@ -") == 1
    assert sum(Compared.sizes) < 10 * 300 * 3


@pytest.fixture(autouse=True)
def git() -> None:
    if shutil.which("git") is None:
        pytest.skip("git is not installed")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a\nb\nc\n", "a\nB\nc\n"),
        ("a\nb", "a\nB"),
        ("a\nb\n", "b\n"),
        ("a\r\nb\r\n", "a\r\nB\r\nnew\r\n"),
        ("".join(f"{n}\n" for n in range(30)), "".join(f"{n if n % 9 else n * 10}\n" for n in range(30) if n != 20)),
    ],
)
def test_git_applies_it(before: str, after: str, tmp_path: Path) -> None:
    applied(tmp_path, before, after)


@pytest.mark.parametrize("seed", range(20))
def test_git_applies_any_edit_around_secrets(seed: int, tmp_path: Path) -> None:
    dice = random.Random(seed)  # noqa: S311  (no secret is made of it)
    lines = [f"{n}: {dice.choice(['x', 'y', 'hunter2'])}\n" for n in range(40)]
    after = [f"edited {line}" if dice.random() < 0.15 and "hunter2" not in line else line for line in lines]
    after.insert(dice.randrange(40), "new\n")
    text = applied(tmp_path, "".join(lines), "".join(after), "--unidiff-zero")
    assert "hunter2" not in text


def test_an_edit_on_the_line_of_a_secret_is_masked_and_told(tmp_path: Path) -> None:
    diff = unified(file_edit(tmp_path / "a", "x: no # hunter2\n", 'x: "no" # hunter2\n'), mask)
    assert diff.masked
    assert "hunter2" not in diff.text
    assert not unified(file_edit(tmp_path / "a", "hunter2\na\n", "hunter2\nb\n"), mask).masked
