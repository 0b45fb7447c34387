"""A Compose file as it is written: every value with the span of text that it takes, so that only this can be changed."""

from __future__ import annotations

import bisect
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import yaml

from ..compose.node import Node, NodeKind
from ..compose.source import load_documents
from ..compose.trees import shown
from ..results import Location

_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Written:
    """One value in a file's text, from ``start`` to ``end`` (exclusive); aliases and merge keys stay what they are."""

    kind: NodeKind
    start: int
    end: int
    text: str = ""
    style: str = ""
    """Of a scalar: ``'``, ``"``, ``|``, ``>`` or nothing for a plain one."""
    flow: bool = False
    """Whether a list or mapping is written with brackets."""
    decorated: bool = False
    """Whether it is an alias, or begins with an anchor or a tag."""
    shared: bool = False
    """Whether it is an alias, or stands in an anchor that an alias repeats."""
    elements: tuple[Written, ...] = ()
    entries: tuple[tuple[Written, Written], ...] = ()

    def entry(self, name: str) -> tuple[Written, Written] | None:
        """Return key and value of the entry of a mapping."""
        return next((entry for entry in self.entries if entry[0].text == name), None)

    def get(self, *path: str) -> Written | None:
        """Return the value below nested keys, or ``None`` when one of them is absent."""
        node: Written | None = self
        for name in path:
            found = node.entry(name) if node else None
            node = found[1] if found else None
        return node


@dataclass(frozen=True)
class Document:
    """The text of one file and the YAML documents in it; ``name`` is the file's name in messages."""

    path: Path
    name: str
    text: str
    bom: bool
    roots: tuple[Written, ...] = field(repr=False)
    nodes: tuple[Node, ...] = field(repr=False)
    """The same YAML documents as Compose reads them, aliases and merge keys applied."""

    @cached_property
    def newline(self) -> str:
        """The line ending that the file uses."""
        return "\r\n" if "\r\n" in self.text else "\n"

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(match.end() for match in re.finditer("\n", self.text))]

    def location(self, offset: int) -> Location:
        """Return the place of a character of the text."""
        line = bisect.bisect_right(self._line_starts, offset)
        return Location(self.name, line, offset - self._line_starts[line - 1] + 1)

    def offset(self, location: Location) -> int:
        """Return which character stands at a place."""
        return self._line_starts[(location.line or 1) - 1] + (location.column or 1) - 1

    def column(self, offset: int) -> int:
        """Return how many characters stand before one in its line."""
        return offset - self.line_start(offset)

    def line_start(self, offset: int) -> int:
        """Return where the line of a character begins."""
        return self.text.rfind("\n", 0, offset) + 1

    def line_end(self, offset: int) -> int:
        """Return where the line of a character ends, before its line ending."""
        end = self.text.find("\n", offset)
        end = len(self.text) if end < 0 else end
        return end - 1 if self.text[offset:end].endswith("\r") else end

    def slice(self, node: Written) -> str:
        """Return a value as it is written."""
        return self.text[node.start : node.end]


def read_document(path: Path, base: str, nodes: tuple[Node, ...] | None = None) -> Document:
    """Return the document of a file, whose ``nodes`` may have been read before. Raises ``SourceError`` for what cannot be read."""
    name = shown(path, base)
    nodes = load_documents(path, name) if nodes is None else nodes
    data = path.read_bytes()
    text = data.decode("utf-8-sig")
    return Document(path, name, text, data.startswith(_BOM), tuple(_Builder(text).roots()), nodes)


def encoded(text: str, *, bom: bool) -> bytes:
    """Return a text as it lies in a file."""
    return (_BOM if bom else b"") + text.encode()


class _Builder:
    """Builds the spans from the parser's events; the text has been read by ``compose.source`` before, so it is sound."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._events: Iterator[Any] = iter(())
        self._repeated: frozenset[str] = frozenset()

    def roots(self) -> Iterator[Written]:
        """Yield the root of every document."""
        if "*" in self._text:
            aliases = (event for event in self._parse() if isinstance(event, yaml.AliasEvent))
            self._repeated = frozenset(event.anchor or "" for event in aliases)
        self._events = self._parse()
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                yield self._node(next(self._events), shared=False)

    def _parse(self) -> Iterator[Any]:
        events: Iterator[Any] = yaml.parse(self._text, Loader=_LOADER)
        return events

    def _node(self, event: Any, *, shared: bool) -> Written:
        start, end = event.start_mark.index, event.end_mark.index
        if isinstance(event, yaml.AliasEvent):
            return Written(NodeKind.SCALAR, start, end, decorated=True, shared=True)
        shared = shared or event.anchor in self._repeated
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, shared=shared)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(event, shared=shared)
        return self._mapping(event, shared=shared)

    def _scalar(self, event: Any, *, shared: bool) -> Written:
        start, end = event.start_mark.index, event.end_mark.index
        end = start + len(self._text[start:end].rstrip())
        style = event.style or ""
        return Written(NodeKind.SCALAR, start, end, event.value, style, decorated=_decorated(event), shared=shared)

    def _sequence(self, event: Any, *, shared: bool) -> Written:
        elements = []
        while not isinstance(following := next(self._events), yaml.SequenceEndEvent):
            elements.append(self._node(following, shared=shared))
        end = _end(event, following, elements)
        return Written(
            NodeKind.SEQUENCE,
            event.start_mark.index,
            end,
            flow=event.flow_style,
            decorated=_decorated(event),
            shared=shared,
            elements=tuple(elements),
        )

    def _mapping(self, event: Any, *, shared: bool) -> Written:
        entries = []
        while not isinstance(following := next(self._events), yaml.MappingEndEvent):
            key = self._node(following, shared=shared)
            entries.append((key, self._node(next(self._events), shared=shared)))
        end = _end(event, following, [node for entry in entries for node in entry])
        return Written(
            NodeKind.MAPPING,
            event.start_mark.index,
            end,
            flow=event.flow_style,
            decorated=_decorated(event),
            shared=shared,
            entries=tuple(entries),
        )


def _decorated(event: Any) -> bool:
    return bool(event.anchor or event.tag)


def _end(begin: Any, finish: Any, inner: list[Written]) -> int:
    """Return where a list or mapping ends: at its bracket, else with the last of what is in it."""
    if begin.flow_style:
        end: int = finish.end_mark.index
        return end
    return max((node.end for node in inner), default=begin.start_mark.index)


def walk(node: Written) -> Iterator[Written]:
    """Yield a value and all values (no keys) in it."""
    yield node
    for below in (*node.elements, *(value for _, value in node.entries)):
        yield from walk(below)


def beside(document: Document, written: str) -> Path:
    """Return the path that a relative path in a file means."""
    return Path(os.path.normpath(document.path.parent / written))
