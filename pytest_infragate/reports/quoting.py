"""Quotes the line of a source file that a finding is about, with a caret under the place."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\']|\'\')*\'|\$\{[^}]*\}|[^\s,\[\]{}:=]+(?::(?!\s)[^\s,\[\]{}]+)*')
"""What is underlined: a quoted text, a variable, or a word, which may hold colons but no ``: ``."""
_CUT = "…"
_NARROWEST = 20
_BEFORE = 0.4
"""Which part of a window that does not begin with the line lies before the caret."""
_GAP = " | "


@dataclass(frozen=True)
class SourceLine:
    """One line as it may be shown, and the column (from 1) at which the caret stands."""

    text: str
    number: int
    column: int

    def quoted(self, width: int) -> tuple[str, str]:
        """Return the line and a caret below it, in at most ``width`` columns."""
        return quoted(self.text, self.number, self.column, width)


def quoted(line: str, number: int, column: int, width: int) -> tuple[str, str]:
    """Return a source line after its number, and below it the caret under the word that begins at ``column`` (from 1).

    Both fit into ``width`` columns of a terminal, of which wide characters take two; a longer line is cut around the caret.
    """
    text = _printable(line).rstrip()
    begin = min(max(column - 1, 0), len(text))
    token = _TOKEN.match(text, begin)
    end = token.end() if token else begin + 1
    gutter = max(len(str(number)), 3)
    text, begin, end = _window(text, begin, end, max(width - gutter - len(_GAP), _NARROWEST))
    caret = " " * _columns(text[:begin]) + "^" * max(_columns(text[begin:end]), 1)
    return f"{number:>{gutter}}{_GAP}{text}", f"{'':{gutter}}{_GAP}{caret}"


def _printable(line: str) -> str:
    """Return the line with a blank for each tab and a mark for each other control character, so that columns stay."""
    return "".join(" " if char == "\t" else "\ufffd" if unicodedata.category(char) == "Cc" else char for char in line)


def _window(text: str, begin: int, end: int, width: int) -> tuple[str, int, int]:
    """Return the part of a text that shows the caret, and where the underlined word is in it."""
    if _columns(text) <= width:
        return text, begin, end
    first = 0 if _columns(text[:end]) < width else max(begin - int(width * _BEFORE), 0)
    head = _CUT if first else ""
    shown = head + text[first:]
    while _columns(shown) >= width:
        shown = shown[:-1]
    shift = first - len(head)
    return shown + _CUT, begin - shift, min(end - shift, len(shown))


def _columns(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(char) else 2 if _is_wide(char) else 1 for char in text)


def _is_wide(char: str) -> bool:
    return unicodedata.east_asian_width(char) in "WF"
