"""A source line with a caret under the place, in the width of the terminal."""

from __future__ import annotations

import pytest

from pytest_infragate.reports.quoting import quoted

WIDTH = 80


@pytest.mark.parametrize(
    ("line", "column", "underlined"),
    [
        ('    ports: ["80:80", "80:81"]', 22, '"80:81"'),
        ("    container_name: web", 5, "container_name"),
        ("      - DB_HOST=postgrs", 9, "DB_HOST"),
        ("    image: nginx@sha256:abc", 12, "nginx@sha256:abc"),
        ("      - 80:80", 9, "80:80"),
        ("    image: ${IMAGE:-nginx}:1", 12, "${IMAGE:-nginx}"),
        ("  x: 'it''s'", 6, "'it''s'"),
        ("\tx: 1", 2, "x"),
        ("  [a]", 3, "["),
    ],
)
def test_the_caret_underlines_the_word_at_the_column(line: str, column: int, underlined: str) -> None:
    shown, caret = quoted(line, 7, column, WIDTH)
    assert shown == f"  7 | {line}".replace("\t", " ")
    begin, end = caret.index("^"), caret.rindex("^") + 1
    assert shown[begin:end] == underlined


def test_a_column_beyond_the_line_is_its_end() -> None:
    assert quoted("ab", 1234, 99, WIDTH) == ("1234 | ab", "     |   ^")


@pytest.mark.parametrize("column", [1, 30, 100, 200, 391])
@pytest.mark.parametrize("width", [30, 80, 200])
def test_a_long_line_is_cut_around_the_caret(column: int, width: int) -> None:
    line = " ".join(f"word{number:04}x" for number in range(40))
    column -= (column - 1) % 10
    shown, caret = quoted(line, 7, column, width)
    assert len(shown) <= width
    assert len(caret) <= width
    begin, end = caret.index("^"), caret.rindex("^") + 1
    assert line[column - 1 :].startswith(shown[begin:end])
    assert shown[begin:end].startswith("word")


def test_wide_characters_take_two_columns_and_combining_ones_none() -> None:
    assert quoted("  名前: x", 1, 7, WIDTH)[1] == "    |         ^"
    assert quoted("  e\u0301: x", 1, 7, WIDTH)[1] == "    |      ^"
    shown, _ = quoted("名" * 100, 1, 1, 40)
    assert shown.count("名") * 2 + 6 <= 40


def test_what_would_speak_to_the_terminal_does_not() -> None:
    shown, caret = quoted("a\x1b[31mb\x07: c", 1, 1, WIDTH)
    assert "\x1b" not in shown + caret
    assert "\x07" not in shown
