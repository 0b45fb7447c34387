"""Says in sentences with places what keeps a text from being YAML, and where reading can go on after that."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

import yaml

from ..results import Location

LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""PyYAML's parser in C where it was built, else the one in Python; both find the same."""
_INDENTING_TAB = re.compile(r" *\t")
_OPENS_TEXT = re.compile(r"(?:^|[:\-]\s+)(?:[&!]\S+\s+)*[|>][-+0-9]*\s*(?:\s#.*)?$")
"""The end of a line after which a text of several lines begins."""
_SECTION = re.compile(r"[A-Za-z_][\w.-]*\s*:(?:\s|$)|---(?:\s|$)")
_Mistake = tuple[Location, str]


def mistakes_of(error: yaml.YAMLError, text: str, name: str, loader: Any) -> tuple[_Mistake, ...]:
    """Return what an error of PyYAML means: one place and sentence, of tabs one for each line that they indent."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is None:
        return (_character(error, text, name, loader),)
    lines = text.splitlines()
    for number in (mark.line, mark.line - 1):
        if 0 <= number < len(lines) and _INDENTING_TAB.match(lines[number]):
            return tuple(_tab(name, line, lines[line]) for line in _lines_with_tabs(lines, number))
    told = ", ".join(part for part in (getattr(error, "context", None), getattr(error, "problem", None)) if part)
    place = Location(name, mark.line + 1, mark.column + 1)
    return ((place, f"this is not valid YAML: {told}{_begun(error, mark, name)}"),)


def _begun(error: yaml.YAMLError, mark: Any, name: str) -> str:
    """Return where that begins which the parser was reading; a quote that is not closed is noticed far behind it."""
    start = getattr(error, "context_mark", None)
    if start is None or start.line == mark.line:
        return ""
    return f" (it begins at {Location(name, start.line + 1, start.column + 1)})"


def rest_after(text: str, line: int) -> str | None:
    """Return the text from the first top-level key or document after a line, empty lines standing for what is before."""
    lines = text.splitlines()
    start = next((number for number in range(line, len(lines)) if _SECTION.match(lines[number])), None)
    return None if start is None else "\n" * start + "\n".join(lines[start:]) + "\n"


def _tab(name: str, line: int, written: str) -> _Mistake:
    match = _INDENTING_TAB.match(written)
    column = match.end() if match else 1
    return Location(name, line + 1, column), "a tab indents this line: use spaces, as YAML demands"


def _lines_with_tabs(lines: list[str], first: int) -> Iterator[int]:
    """Yield the lines from ``first`` on that a tab indents, but for texts of several lines, where one may stand."""
    yield first
    text_below: int | None = None
    for number in range(first + 1, len(lines)):
        line = lines[number]
        if not line.strip():
            continue
        indent = len(line) - len(line.lstrip(" "))
        if text_below is not None and indent > text_below:
            continue
        text_below = indent if _OPENS_TEXT.search(line) else None
        if _INDENTING_TAB.match(line) and not line.lstrip().startswith("#"):
            yield number


def _character(error: yaml.YAMLError, text: str, name: str, loader: Any) -> _Mistake:
    """Return the mistake of a character that YAML does not allow anywhere."""
    position = getattr(error, "position", None)
    if not isinstance(position, int):
        return Location(name), f"this is not valid YAML: {error}"
    before = text.encode()[:position].decode(errors="replace") if loader is not yaml.SafeLoader else text[:position]
    line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
    return Location(name, line, column), "a control character stands here, which YAML does not allow"
