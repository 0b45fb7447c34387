from __future__ import annotations

from pathlib import Path

import pytest

from pytest_infragate.compose.dotenv import read_dotenv


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("A=x", "x"),
        ("export A=x", "x"),
        ("A: x", "x"),
        ("A = x ", "x"),
        ("A=", ""),
        ("A=a#b", "a#b"),
        ("A=a #b", "a"),
        ("A= # nothing", ""),
        ('A="a # b" # c', "a # b"),
        ("A='$HOME'", "$HOME"),
        (r'A="x\"y"', 'x"y'),
        ("A=${FROM_ENVIRONMENT}z", "yz"),
        ('A="$FROM_ENVIRONMENT"', "y"),
        ("A=${NO-def}", "def"),
        ("A=${EMPTY-def}", ""),
        ("A=${EMPTY:-def}", "def"),
        ("A=$NO", ""),
        ("B=1\nA=$B", "1"),
        ("A=1\nA=2", "2"),
    ],
)
def test_an_assignment_is_read_as_compose_reads_it(tmp_path: Path, line: str, value: str) -> None:
    file = tmp_path / ".env"
    file.write_text(line, encoding="utf-8")
    assert read_dotenv(file, {"FROM_ENVIRONMENT": "y", "EMPTY": ""})["A"] == value


def test_comments_and_other_lines_are_passed_over(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("# A=1\n\nnothing here\nB=2\n", encoding="utf-8")
    assert read_dotenv(file, {}) == {"B": "2"}
