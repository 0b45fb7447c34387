"""Reads YAML into nodes with file, line and column; refuses what Compose would refuse, at its place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import yaml

from .. import sightings
from ..errors import ComposeError
from ..results import Location
from .node import Node, NodeKind
from .scalars import resolve

_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DEPTH = 100
"""Deeper nesting is refused; real files stay below 20."""
_EXPANSION = 100_000
"""Nodes that aliases may add to a document; more is an attack or a mistake ("billion laughs")."""
_MERGE = "<<"
_STANDARD_TAG = "tag:yaml.org,2002:"
_INDENTING_TAB = re.compile(r" *\t")


class SourceError(ComposeError):
    """A file cannot be read as YAML; the message is a sentence that begins with the place."""

    def __init__(self, location: Location, problem: str) -> None:
        self.location = location
        self.problem = problem
        super().__init__(f"{location}: {problem}")


def load_yaml(path: Path, name: str | None = None) -> Node:
    """Return the one document of a file (an empty file is a null node); ``name`` is the file's name in places.

    Raises SourceError when the file cannot be read, is not valid YAML or holds several documents.
    """
    return parse_yaml(read_text(path, name), name or str(path))


def load_documents(path: Path, name: str | None = None) -> tuple[Node, ...]:
    """Return every document of a file; Compose merges them in order. Raises SourceError."""
    return parse_documents(read_text(path, name), name or str(path))


def parse_yaml(text: str, name: str) -> Node:
    """Return the one document of a text; an empty one is a null node. Raises SourceError."""
    documents = parse_documents(text, name)
    if len(documents) > 1:
        raise SourceError(documents[1].location, "a second document begins here: expected one, without '---' between")
    return documents[0] if documents else Node(NodeKind.SCALAR, Location(name, 1, 1))


def parse_documents(text: str, name: str) -> tuple[Node, ...]:
    """Return every document of a text. Raises SourceError."""
    try:
        return tuple(_Builder(text, name).documents())
    except yaml.YAMLError as error:
        raise _syntax_error(error, text, name) from None


def read_text(path: Path, name: str | None = None) -> str:
    """Return the text of a UTF-8 file, with or without a byte order mark. Raises SourceError."""
    place = Location(name or str(path))
    try:
        return sightings.read_bytes(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SourceError(place, f"the file is not UTF-8 text (byte {error.start}): save it as UTF-8") from None
    except OSError as error:
        raise SourceError(place, f"the file cannot be read: {error.strerror}") from None


class _Builder:
    """Builds nodes from the parser's events; PyYAML's own composer overflows the C stack on deep nesting."""

    def __init__(self, text: str, name: str) -> None:
        self._name = name
        self._events: Iterator[Any] = yaml.parse(text, Loader=_LOADER)
        self._anchors: dict[str, Node] = {}
        self._open_anchors: set[str] = set()
        self._expanded = 0
        self._depth = 0

    def documents(self) -> Iterator[Node]:
        """Return the documents one after the other."""
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                self._anchors = {}
                yield self._node(next(self._events))

    def _node(self, event: Any) -> Node:
        """Return the node that begins with an event."""
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event)
        if isinstance(event, yaml.ScalarEvent):
            return self._anchored(event, self._scalar(event))
        self._depth += 1
        if self._depth > _DEPTH:
            raise SourceError(self._place(event), f"nested deeper than {_DEPTH} levels: no Compose file needs that")
        if event.anchor:
            self._open_anchors.add(event.anchor)
        build = self._mapping if isinstance(event, yaml.MappingStartEvent) else self._sequence
        node = self._anchored(event, build(event))
        self._depth -= 1
        return node

    def _anchored(self, event: Any, node: Node) -> Node:
        """Remember a finished node under its anchor."""
        if event.anchor:
            self._open_anchors.discard(event.anchor)
            self._anchors[event.anchor] = node
        return node

    def _alias(self, event: Any) -> Node:
        """Return the node that an alias stands for."""
        if event.anchor in self._open_anchors:
            raise SourceError(self._place(event), f"the alias *{event.anchor} stands inside its own anchor")
        if event.anchor not in self._anchors:
            raise SourceError(self._place(event), f"the alias *{event.anchor} has no anchor &{event.anchor} before it")
        node = self._anchors[event.anchor]
        self._expanded += node.size
        if self._expanded > _EXPANSION:
            raise SourceError(self._place(event), f"aliases expand to more than {_EXPANSION} values: refused")
        return node

    def _scalar(self, event: Any) -> Node:
        """Return a scalar with its YAML 1.2 value."""
        plain = event.style in (None, "")
        explicit = event.tag or ""
        read = plain if not explicit.startswith(_STANDARD_TAG) else explicit != f"{_STANDARD_TAG}str"
        value = resolve(event.value) if read else event.value
        return Node(NodeKind.SCALAR, self._place(event), value, event.value, not plain, tag=_own_tag(event))

    def _sequence(self, event: Any) -> Node:
        """Return a list with its elements."""
        elements = []
        while not isinstance(following := next(self._events), yaml.SequenceEndEvent):
            elements.append(self._node(following))
        size = 1 + sum(element.size for element in elements)
        place, tag = self._place(event), _own_tag(event)
        return Node(NodeKind.SEQUENCE, place, elements=tuple(elements), tag=tag, size=size)

    def _mapping(self, event: Any) -> Node:
        """Return a mapping with its entries, merge keys applied."""
        entries: dict[str, tuple[Node, Node]] = {}
        merged: list[Node] = []
        while not isinstance(following := next(self._events), yaml.MappingEndEvent):
            key = self._key(following, entries)
            value = self._node(next(self._events))
            if key.text == _MERGE and not key.quoted:
                merged.append(value)
            entries[key.text] = (key, value)
        if merged:
            del entries[_MERGE]
            entries = _merged(merged[0]) | entries
        size = 1 + sum(key.size + value.size for key, value in entries.values())
        place, tag = self._place(event), _own_tag(event)
        return Node(NodeKind.MAPPING, place, entries=tuple(entries.values()), tag=tag, size=size)

    def _key(self, event: Any, entries: dict[str, tuple[Node, Node]]) -> Node:
        """Return the node of a key that is not in ``entries`` yet."""
        key = self._node(event)
        if key.kind is not NodeKind.SCALAR:
            raise SourceError(key.location, f"a {key.kind.value} is used as a key: expected a name")
        if key.text in entries:
            first = entries[key.text][0].location
            raise SourceError(self._place(event), f"the key {key.text!r} is already given in line {first.line}")
        return key

    def _place(self, event: Any) -> Location:
        """Return where an event begins."""
        return Location(self._name, event.start_mark.line + 1, event.start_mark.column + 1)


def _own_tag(event: Any) -> str:
    """Return an explicit tag that YAML itself does not define."""
    tag: str = event.tag or ""
    return "" if tag == "!" or tag.startswith(_STANDARD_TAG) else tag


def _merged(value: Node) -> dict[str, tuple[Node, Node]]:
    """Return the entries that a merge key adds; of several mappings the first that has a key wins."""
    mappings = value.elements if value.is_sequence else (value,)
    entries: dict[str, tuple[Node, Node]] = {}
    for mapping in mappings:
        if not mapping.is_mapping:
            raise SourceError(mapping.location, f"'<<' merges mappings, but this is {mapping.described()}")
        entries = {key.text: (key, below) for key, below in mapping.entries} | entries
    return entries


def _syntax_error(error: yaml.YAMLError, text: str, name: str) -> SourceError:
    """Return PyYAML's error as a sentence with its place."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is None:
        return _character_error(error, text, name)
    lines = text.splitlines()
    for number in (mark.line, mark.line - 1):
        if 0 <= number < len(lines) and (tab := _INDENTING_TAB.match(lines[number])):
            return SourceError(
                Location(name, number + 1, tab.end()), "a tab indents this line: use spaces, as YAML demands"
            )
    told = ", ".join(part for part in (getattr(error, "context", None), getattr(error, "problem", None)) if part)
    return SourceError(Location(name, mark.line + 1, mark.column + 1), f"this is not valid YAML: {told}")


def _character_error(error: yaml.YAMLError, text: str, name: str) -> SourceError:
    """Return the error of a character that YAML does not allow anywhere."""
    position = getattr(error, "position", None)
    if not isinstance(position, int):
        return SourceError(Location(name), f"this is not valid YAML: {error}")
    before = text.encode()[:position].decode(errors="replace") if _LOADER is not yaml.SafeLoader else text[:position]
    line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
    return SourceError(Location(name, line, column), "a control character stands here, which YAML does not allow")
