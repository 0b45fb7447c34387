"""Edits that respect how a file is laid out: an entry goes with its lines, a new one is indented like its neighbours."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .candidate import CannotEditError, Edit
from .written import Document, Written

Entries = tuple[tuple[str, "str | Entries"], ...]
"""Names with their values as they are written."""
_REST = re.compile(r"[ \t]*(?:#.*)?")
_USUAL_INDENT = 2


def remove_entry(document: Document, mapping: Written, key: Written) -> Edit:
    """Return the edit that removes one entry of a mapping, with its lines. Raises ``CannotEditError``."""
    index = next(number for number, entry in enumerate(mapping.entries) if entry[0] is key)
    if mapping.flow:
        return _remove_from_brackets(document, mapping, index)
    value = mapping.entries[index][1]
    demand_own_line(document, key)
    start, end = document.line_start(key.start), document.line_end(value.end)
    if not _REST.fullmatch(document.text[value.end : end]):
        raise CannotEditError("something else stands on its last line")
    return Edit(document.path, *_with_blank_lines(document, start, _after(document, end)), "")


def _remove_from_brackets(document: Document, mapping: Written, index: int) -> Edit:
    """Between brackets, a comma goes with the entry."""
    key, value = mapping.entries[index]
    if index + 1 < len(mapping.entries):
        return Edit(document.path, key.start, mapping.entries[index + 1][0].start, "")
    start = mapping.entries[index - 1][1].end if index else key.start
    return Edit(document.path, start, value.end, "")


def _after(document: Document, end: int) -> int:
    """Return where the next line begins."""
    found = document.text.find("\n", end)
    return len(document.text) if found < 0 else found + 1


def _with_blank_lines(document: Document, start: int, end: int) -> tuple[int, int]:
    """Take the blank lines along that would stand at the edge of the file, or beside other blank lines."""
    text, newline = document.text, document.newline
    if start == 0 or text.endswith(newline * 2, 0, start):
        while text.startswith(newline, end):
            end += len(newline)
    if end == len(text):
        while text.endswith(newline * 2, 0, start):
            start -= len(newline)
    return start, end


def append_entries(document: Document, mapping: Written, entries: Entries, unit: int = _USUAL_INDENT) -> Edit:
    """Return the edit that puts entries after the last one of a mapping. Raises ``CannotEditError``.

    An entry's value is text, or the entries of a mapping below it, which is indented by ``unit``.
    """
    if mapping.decorated or not mapping.entries:
        raise CannotEditError("an anchor, alias or tag stands there, or nothing at all")
    key, value = mapping.entries[-1]
    if mapping.flow:
        return Edit(document.path, value.end, value.end, f", {_in_brackets(entries)}")
    if key.decorated or document.text[document.line_start(key.start) : key.start].strip(" -"):
        raise CannotEditError("something else stands before it on its line")
    end = demand_end_of_line(document, value)
    lines = _lines(entries, " " * document.column(key.start), " " * unit)
    return Edit(document.path, end, end, "".join(f"{document.newline}{line}" for line in lines))


def _in_brackets(entries: Entries) -> str:
    return ", ".join(
        f"{name}: {value if isinstance(value, str) else f'{{{_in_brackets(value)}}}'}" for name, value in entries
    )


def _lines(entries: Entries, indent: str, unit: str) -> Iterator[str]:
    for name, value in entries:
        if isinstance(value, str):
            yield f"{indent}{name}: {value}"
        else:
            yield f"{indent}{name}:"
            yield from _lines(value, indent + unit, unit)


def demand_own_line(document: Document, key: Written) -> None:
    """Raise ``CannotEditError`` unless nothing but blanks stands before a key on its line."""
    if key.decorated or document.text[document.line_start(key.start) : key.start].strip(" "):
        raise CannotEditError("something else stands before it on its line")


def dash_of(document: Document, element: Written) -> int:
    """Return where the dash of a block list's element stands. Raises ``CannotEditError``."""
    start = document.line_start(element.start)
    before = document.text[start : element.start]
    if element.decorated or before.strip(" ") != "-":
        raise CannotEditError("a list element does not stand on a line of its own")
    return start + before.index("-")


def demand_end_of_line(document: Document, node: Written) -> int:
    """Return where the line ends on which a value ends alone, a comment aside. Raises ``CannotEditError``."""
    end = document.line_end(node.end)
    if not _REST.fullmatch(document.text[node.end : end]):
        raise CannotEditError("something else stands after it on its line")
    return end


def indent_width(document: Document, outer: Written, inner: Written) -> int:
    """Return by how much a key is indented below another, two where that cannot be told."""
    width = document.column(inner.start) - document.column(outer.start)
    return width if 0 < width <= 8 else _USUAL_INDENT


def quoted(text: str, quote: str = '"') -> str:
    """Return a text between quotes that needs no escapes. Raises ``CannotEditError`` where it would need some."""
    if set(text) & set("\"'\\\n"):
        raise CannotEditError("it holds quotes or backslashes")
    return f"{quote}{text}{quote}"
