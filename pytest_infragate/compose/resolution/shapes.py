"""The forms that values of a Compose file may have, and the one form to which each is brought.

A shape is a function of the node, the name of its key and the reading; it returns what Compose prints for the value and
``None`` where nothing is printed. What has another form is a problem with its place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from ...results import Json, Location
from ...suggest import did_you_mean
from ..node import Node, NodeKind
from .problems import Problems
from .quantities import printed_scalar
from .scope import Scope, Scopes

Shape = Callable[[Node, str, "Reading"], Json]
_TRUE = ("true", "y", "yes", "on")
_FALSE = ("false", "n", "no", "off")


class Reading:
    """What shapes need to know: whose value is read, where its file's paths start, and where problems go."""

    def __init__(self, problems: Problems, scopes: Scopes) -> None:
        self.subject = ""
        self._problems = problems
        self._scopes = scopes

    def scope(self, node: Node) -> Scope:
        """Return the scope of the file in which a node was written."""
        return self._scopes.of(node)

    def refuse(self, text: str, location: Location) -> None:
        """Note a problem of the subject; ``text`` is the rest of the sentence."""
        sentence = text if text.endswith("?") else f"{text}."
        told = f"{self.subject}: {sentence}" if self.subject else f"{sentence[:1].upper()}{sentence[1:]}"
        self._problems.add(told, location)

    def unexpected(self, node: Node, name: str, expected: str) -> None:
        """Note that a value has another form than the expected."""
        self.refuse(f"`{name}` must be {expected}, but this is {_shown(node)}", node.location)

    def unknown(self, key: Node, known: Sequence[str]) -> None:
        """Note a key that the Compose specification does not know."""
        hint = did_you_mean(key.text, known)
        self.refuse(f"the key {key.text!r} is not known to the Compose specification{hint}", key.location)


def _shown(node: Node) -> str:
    """Return a value as a message shows it; a text is not shown, it may be a secret."""
    return "a text" if isinstance(node.scalar, str) else node.described()


def text(node: Node, name: str, reading: Reading) -> Json:
    """A text; a number or a word that YAML reads as something else needs quotes."""
    if isinstance(node.scalar, str):
        return node.scalar
    hint = " without quotes" if node.kind is NodeKind.SCALAR and node.scalar is not None else ""
    reading.refuse(f"`{name}` must be a text, but this is {_shown(node)}{hint}", node.location)
    return None


def scalar(node: Node, name: str, reading: Reading) -> Json:
    """A text, number or flag, as a text."""
    if node.kind is NodeKind.SCALAR and node.scalar is not None:
        return printed_scalar(node.scalar)
    reading.unexpected(node, name, "a text or a number")
    return None


def text_or_number(node: Node, name: str, reading: Reading) -> Json:
    """A text or a number, as a text; ``true`` and ``false`` are neither."""
    if isinstance(node.scalar, bool):
        reading.unexpected(node, name, "a text or a number")
        return None
    return scalar(node, name, reading)


def text_or_whole(node: Node, name: str, reading: Reading) -> Json:
    """A text or a whole number, as a text."""
    if isinstance(node.scalar, float):
        reading.unexpected(node, name, "a text or a whole number")
        return None
    return text_or_number(node, name, reading)


def text_or_flag(node: Node, name: str, reading: Reading) -> Json:
    """A text, ``true`` or ``false``, as a text."""
    if isinstance(node.scalar, (str, bool)):
        return printed_scalar(node.scalar)
    reading.unexpected(node, name, "a text, true or false")
    return None


def flag(node: Node, name: str, reading: Reading) -> Json:
    """``true`` or ``false``, also as a text."""
    if isinstance(node.scalar, bool):
        return node.scalar
    word = node.text.lower() if isinstance(node.scalar, str) else ""
    if word in (*_TRUE, *_FALSE):
        return word in _TRUE
    reading.unexpected(node, name, "true or false")
    return None


def path(node: Node, name: str, reading: Reading) -> Json:
    """A path on this machine, made absolute."""
    written = text(node, name, reading)
    return reading.scope(node).path(written) if isinstance(written, str) else None


def or_nothing(shape: Shape) -> Shape:
    """Return a shape that may also be left empty."""
    return lambda node, name, reading: None if node.is_null else shape(node, name, reading)


def listed(shape: Shape, *, unique: bool = False) -> Shape:
    """Return the shape of a list; of equal elements one stays when they have to be unique."""

    def read(node: Node, name: str, reading: Reading) -> Json:
        if not node.is_sequence:
            reading.unexpected(node, name, "a list")
            return None
        found: list[Json] = [value for one in node.elements if (value := shape(one, name, reading)) is not None]
        return list({str(value): value for value in found}.values()) if unique else found

    return read


def one_or_more(shape: Shape, *, unique: bool = False) -> Shape:
    """Return the shape of one value or a list of such; it is printed as a list."""
    several = listed(shape, unique=unique)

    def read(node: Node, name: str, reading: Reading) -> Json:
        if node.is_sequence:
            return several(node, name, reading)
        if node.kind is not NodeKind.SCALAR or node.is_null:
            reading.unexpected(node, name, "a text or a list of texts")
            return None
        return [shape(node, name, reading)]

    return read


def either(when: Callable[[Node], bool], first: Shape, otherwise: Shape) -> Shape:
    """Return a shape that is one of two."""
    return lambda node, name, reading: (first if when(node) else otherwise)(node, name, reading)


def is_scalar(node: Node) -> bool:
    """Whether a node is neither a list nor a mapping."""
    return node.kind is NodeKind.SCALAR


def pairs(node: Node, name: str, reading: Reading) -> Json:
    """``{A: 1}`` or ``[A=1]``; a name without a value has ``None``."""
    if node.is_mapping:
        return {key.text: _pair_value(value, name, reading) for key, value in node.entries}
    if not node.is_sequence:
        reading.unexpected(node, name, "a mapping or a list of NAME=value")
        return None
    found: dict[str, Json] = {}
    for element in node.elements:
        if isinstance(element.scalar, str):
            key, equals, value = element.text.partition("=")
            found[key] = value if equals else None
        else:
            reading.unexpected(element, name, "a list of texts NAME=value")
    return found


def labels(node: Node, name: str, reading: Reading) -> Json:
    """As pairs; a name without a value has an empty one."""
    read = pairs(node, name, reading)
    return {key: "" if value is None else value for key, value in read.items()} if isinstance(read, dict) else None


def matching(pattern: str, expected: str) -> Shape:
    """Return the shape of a text in which a pattern is found."""
    compiled = re.compile(pattern)

    def read(node: Node, name: str, reading: Reading) -> Json:
        written = text(node, name, reading)
        if isinstance(written, str) and not compiled.search(written):
            reading.refuse(f"`{name}` must be {expected}, but this is {written!r}", node.location)
        return written

    return read


def _pair_value(node: Node, name: str, reading: Reading) -> Json:
    return None if node.is_null else scalar(node, name, reading)


def each(shape: Shape, *, empty: bool = False) -> Shape:
    """Return the shape of a mapping with names of the user's; ``empty``: a name may have nothing below it."""

    def read(node: Node, name: str, reading: Reading) -> Json:
        if not node.is_mapping:
            reading.unexpected(node, name, "a mapping")
            return None
        return {
            key.text: None if empty and value.is_null else shape(value, key.text, reading)
            for key, value in node.entries
        }

    return read


def keys(
    fields: Mapping[str, Shape], *, required: Sequence[str] = (), empty: bool = False, extensible: bool = True
) -> Shape:
    """Return the shape of a mapping with known keys; where it is extensible ``x-…`` may stand beside them."""

    def read(node: Node, name: str, reading: Reading) -> Json:
        if node.is_null and empty:
            return {}
        if not node.is_mapping:
            reading.unexpected(node, name, "a mapping")
            return None
        found = known_keys(node, fields, reading, extensible=extensible)
        for key in required:
            if node.get(key) is None:
                reading.refuse(f"`{name}` needs the key `{key}`", node.location)
        return found

    return read


def known_keys(
    node: Node, fields: Mapping[str, Shape], reading: Reading, *, extensible: bool = True
) -> dict[str, Json]:
    """Return the values of a mapping's known keys; unknown ones are problems."""
    found: dict[str, Json] = {}
    for key, value in node.entries:
        shape = fields.get(key.text)
        if shape is not None:
            read = shape(value, key.text, reading)
            if read is not None:
                found[key.text] = read
        elif not (extensible and key.text.startswith("x-")):
            reading.unknown(key, tuple(fields))
    return found


def one_of(*words: str) -> Shape:
    """Return the shape of a text that is one of some words."""

    def read(node: Node, name: str, reading: Reading) -> Json:
        if isinstance(node.scalar, str) and node.scalar in words:
            return node.scalar
        hint = did_you_mean(node.text, words) if isinstance(node.scalar, str) else ""
        expected = " or ".join(", ".join(words).rsplit(", ", 1))
        reading.refuse(f"`{name}` must be {expected}, but this is {node.described()}{hint}", node.location)
        return None

    return read
