"""Reads YAML into nodes with file, line and column; refuses what Compose would refuse, at its place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from .. import sightings
from ..errors import ComposeError
from ..results import Location
from .node import Node, NodeKind, combined
from .scalars import resolve
from .syntax import LOADER, mistakes_of, rest_after

_LOADER = LOADER
_DEPTH = 100
"""Deeper nesting is refused; real files stay below 20."""
_EXPANSION = 100_000
"""Nodes that aliases may add to a document; more is an attack or a mistake ("billion laughs")."""
_MERGE = "<<"
_STANDARD_TAG = "tag:yaml.org,2002:"
_SECTIONS_DEPTH = 3
"""How deep a mapping may lie to be used although the text breaks off in it: the document, a section, a service."""


class SourceError(ComposeError):
    """A file cannot be read as YAML; the message is a sentence that begins with the place.

    ``loses``: a part of what is written is not known for it.
    """

    def __init__(self, location: Location, problem: str, *, loses: bool = True) -> None:
        self.location = location
        self.problem = problem
        self.loses = loses
        super().__init__(f"{location}: {problem}")


@dataclass(frozen=True)
class Source:
    """The documents of a text, as far as they can be read, and everything that keeps it from being good YAML."""

    documents: tuple[Node, ...]
    mistakes: tuple[SourceError, ...] = ()


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
    found = read_source(text, name)
    if found.mistakes:
        raise found.mistakes[0]
    return found.documents


def load_source(path: Path, name: str | None = None) -> Source:
    """Return what can be read of a file, with all of its mistakes; nothing is raised."""
    try:
        return read_source(read_text(path, name), name or str(path))
    except SourceError as error:
        return Source((), (error,))


def read_source(text: str, name: str) -> Source:
    """Return what can be read of a text, with all of its mistakes; nothing is raised.

    Of a key that is given twice both values are kept, put together. Where the text is no YAML any more, what stands
    before is kept, and what follows from the next top-level key on, if that is good.
    """
    builder = _Builder(text, name)
    try:
        documents = tuple(builder.documents())
    except SourceError as error:
        return Source((), (*builder.mistakes, error))
    if not builder.cut:
        return Source(documents, tuple(builder.mistakes))
    last = builder.mistakes[-1].location.line
    return _with_rest(documents, builder, rest_after(text, last) if last else None, name)


def _with_rest(documents: tuple[Node, ...], builder: _Builder, rest: str | None, name: str) -> Source:
    """Return what stands before a break with what stands after it; its mistakes may follow from the break."""
    after = _Builder(rest or "", name, builder.anchors)
    try:
        further = tuple(after.documents())
    except SourceError:
        further = ()
    mistakes = tuple(builder.mistakes)
    if after.cut or not further:
        return Source(documents, mistakes)
    if not documents or (rest or "").lstrip().startswith("---"):
        return Source(documents + further, mistakes + tuple(after.mistakes))
    joined, repeated = _joined(documents[-1], further[0])
    return Source((*documents[:-1], joined, *further[1:]), mistakes + repeated + tuple(after.mistakes))


def _joined(before: Node, after: Node) -> tuple[Node, tuple[SourceError, ...]]:
    """Return the two parts of one document, and the keys that are in both."""
    known = {key.text: key for key, _ in before.entries}
    repeated = (_repeated(key, known[key.text]) for key, _ in after.entries if key.text in known)
    return combined(before, after), tuple(repeated)


def _repeated(key: Node, first: Node) -> SourceError:
    return SourceError(key.location, f"the key {key.text!r} is already given at {first.location}", loses=False)


def read_text(path: Path, name: str | None = None) -> str:
    """Return the text of a UTF-8 file, with or without a byte order mark. Raises SourceError."""
    place = Location(name or str(path))
    try:
        return sightings.read_bytes(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SourceError(place, f"the file is not UTF-8 text (byte {error.start}): save it as UTF-8") from None
    except OSError as error:
        raise SourceError(place, f"the file cannot be read: {error.strerror}") from None


class _Cut(yaml.MappingEndEvent, yaml.SequenceEndEvent):
    """Stands for the ends of everything that is open where a text is no YAML any more."""


_CUT = _Cut()


class _Builder:
    """Builds nodes from the parser's events; PyYAML's own composer overflows the C stack on deep nesting."""

    def __init__(self, text: str, name: str, anchors: dict[str, Node] | None = None) -> None:
        self.mistakes: list[SourceError] = []
        self.anchors = anchors or {}
        self.cut = False
        self._name = name
        self._text = text
        self._events: Iterator[Any] = self._until_mistake()
        self._open_anchors: set[str] = set()
        self._expanded = 0
        self._depth = 0

    def documents(self) -> Iterator[Node]:
        """Return the documents one after the other. Raises SourceError for what no one may read on."""
        first = True
        for event in self._events:
            if event is _CUT:
                return
            if isinstance(event, yaml.DocumentStartEvent):
                self.anchors = self.anchors if first else {}
                first = False
                begin = next(self._events)
                if begin is not _CUT:
                    yield self._node(begin)

    def _until_mistake(self) -> Iterator[Any]:
        """Yield the parser's events; after a mistake only ends."""
        try:
            yield from yaml.parse(self._text, Loader=_LOADER)
        except yaml.YAMLError as error:
            found = mistakes_of(error, self._text, self._name, _LOADER)
            self.mistakes += [SourceError(place, problem) for place, problem in found]
            self.cut = True
            while True:
                yield _CUT

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
            self.anchors[event.anchor] = node
        return node

    def _alias(self, event: Any) -> Node:
        """Return the node that an alias stands for; nothing where it stands for none."""
        place = self._place(event)
        node = None if event.anchor in self._open_anchors else self.anchors.get(event.anchor)
        if node is None:
            inside = event.anchor in self._open_anchors
            why = "stands inside its own anchor" if inside else f"has no anchor &{event.anchor} before it"
            self.mistakes.append(SourceError(place, f"the alias *{event.anchor} {why}"))
            return Node(NodeKind.SCALAR, place)
        self._expanded += node.size
        if self._expanded > _EXPANSION:
            raise SourceError(place, f"aliases expand to more than {_EXPANSION} values: refused")
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
            element = self._node(following)
            if self.cut:
                break
            elements.append(element)
        size = 1 + sum(element.size for element in elements)
        place, tag = self._place(event), _own_tag(event)
        return Node(NodeKind.SEQUENCE, place, elements=tuple(elements), tag=tag, size=size)

    def _mapping(self, event: Any) -> Node:
        """Return a mapping with its entries, merge keys applied."""
        entries: dict[str, tuple[Node, Node]] = {}
        merged: list[Node] = []
        while not isinstance(following := next(self._events), yaml.MappingEndEvent):
            key = self._node(following)
            begin = next(self._events)
            value = key if begin is _CUT else self._node(begin)
            if begin is _CUT or (self.cut and self._depth >= _SECTIONS_DEPTH):
                break
            self._enter(key, value, entries, merged)
        if following is _CUT and entries and next(reversed(entries.values()))[1].kind is NodeKind.SCALAR:
            # It may be only the beginning of what was meant: `80: 80`.
            entries.popitem()
        if merged and _MERGE in entries:
            del entries[_MERGE]
            entries = self._merged(merged[0]) | entries
        size = 1 + sum(key.size + value.size for key, value in entries.values())
        place, tag = self._place(event), _own_tag(event)
        return Node(NodeKind.MAPPING, place, entries=tuple(entries.values()), tag=tag, size=size)

    def _enter(self, key: Node, value: Node, entries: dict[str, tuple[Node, Node]], merged: list[Node]) -> None:
        """Add an entry to those of a mapping, and to what merge keys bring."""
        if key.kind is not NodeKind.SCALAR:
            self.mistakes.append(SourceError(key.location, f"a {key.kind.value} is used as a key: expected a name"))
            return
        first = entries.get(key.text)
        if first is not None:
            self.mistakes.append(_repeated(key, first[0]))
            value = combined(first[1], value)
        if key.text == _MERGE and not key.quoted:
            merged.append(value)
        entries[key.text] = (key if first is None else first[0], value)

    def _merged(self, value: Node) -> dict[str, tuple[Node, Node]]:
        """Return the entries that a merge key adds; of several mappings the first that has a key wins."""
        entries: dict[str, tuple[Node, Node]] = {}
        for mapping in value.elements if value.is_sequence else (value,):
            if not mapping.is_mapping and all(one.location != mapping.location for one in self.mistakes):
                told = f"'<<' merges mappings, but this is {mapping.described()}"
                self.mistakes.append(SourceError(mapping.location, told))
            entries = {key.text: (key, below) for key, below in mapping.entries} | entries
        return entries

    def _place(self, event: Any) -> Location:
        """Return where an event begins."""
        return Location(self._name, event.start_mark.line + 1, event.start_mark.column + 1)


def _own_tag(event: Any) -> str:
    """Return an explicit tag that YAML itself does not define."""
    tag: str = event.tag or ""
    return "" if tag == "!" or tag.startswith(_STANDARD_TAG) else tag
