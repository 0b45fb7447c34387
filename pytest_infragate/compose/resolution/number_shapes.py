"""The forms of numbers, sizes and durations."""

from __future__ import annotations

from collections.abc import Callable

from ...results import Json
from ..node import Node, NodeKind
from .quantities import QuantityError, printed_duration, printed_size
from .shapes import Reading, Shape, text


def whole(node: Node, name: str, reading: Reading) -> Json:
    """A whole number, also as a text."""
    if isinstance(node.scalar, int) and not isinstance(node.scalar, bool):
        return node.scalar
    if isinstance(node.scalar, str) and node.text.lstrip("+-").isdigit():
        return int(node.text)
    reading.unexpected(node, name, "a whole number")
    return None


def rounded(node: Node, name: str, reading: Reading) -> Json:
    """A number of which Compose takes the whole part, also as a text."""
    return int(node.scalar) if isinstance(node.scalar, float) else whole(node, name, reading)


def between(least: int, most: int | None = None, *, as_text: bool = True) -> Shape:
    """Return the shape of a whole number within bounds; ``as_text``: it may be written as a text."""
    expected = f"a whole number from {least} {'up' if most is None else f'to {most}'}"

    def read(node: Node, name: str, reading: Reading) -> Json:
        if not as_text and isinstance(node.scalar, str):
            reading.unexpected(node, name, expected)
            return None
        found = whole(node, name, reading)
        if isinstance(found, int) and not least <= found <= (found if most is None else most):
            reading.refuse(f"`{name}` must be {expected}, but this is {node.described()}", node.location)
            return None
        return found

    return read


def not_negative(shape: Shape, *, as_text: bool = True) -> Shape:
    """Return the shape of a number from 0 up; ``as_text``: it may be written as a text."""

    def read(node: Node, name: str, reading: Reading) -> Json:
        found = shape(node, name, reading)
        refused = isinstance(node.scalar, str) and not as_text
        if isinstance(found, (int, float)) and (found < 0 or refused):
            reading.refuse(f"`{name}` must be a number from 0 up, but this is {node.described()}", node.location)
            return None
        return found

    return read


def free_size(node: Node, name: str, reading: Reading) -> Json:
    """A size from 0 up, without a fraction unless it is a text."""
    if isinstance(node.scalar, (int, float)) and (isinstance(node.scalar, float) or node.scalar < 0):
        reading.unexpected(node, name, "a size from 0 up")
        return None
    return size(node, name, reading)


def number(node: Node, name: str, reading: Reading) -> Json:
    """A number, also as a text."""
    try:
        if node.kind is NodeKind.SCALAR and node.scalar is not None and not isinstance(node.scalar, bool):
            return float(node.scalar)
    except ValueError:
        pass
    reading.unexpected(node, name, "a number")
    return None


def pure_number(node: Node, name: str, reading: Reading) -> Json:
    """A number that is not written as a text."""
    if isinstance(node.scalar, (int, float)) and not isinstance(node.scalar, bool):
        return node.scalar
    reading.unexpected(node, name, "a number")
    return None


def size(node: Node, name: str, reading: Reading) -> Json:
    """A size such as ``512m``, in bytes."""
    return _quantity(node, name, reading, printed_size, "a size such as 512m")


def whole_size(node: Node, name: str, reading: Reading) -> Json:
    """A size that has no fraction unless it is a text: ``1.5g``."""
    if isinstance(node.scalar, float):
        reading.unexpected(node, name, "a whole number of bytes or a size such as 512m")
        return None
    return size(node, name, reading)


def size_text(node: Node, name: str, reading: Reading) -> Json:
    """A size that has to be a text."""
    return size(node, name, reading) if isinstance(text(node, name, reading), str) else None


def duration(node: Node, name: str, reading: Reading) -> Json:
    """A duration such as ``1m30s``."""
    if not isinstance(node.scalar, str):
        reading.unexpected(node, name, "a duration with its unit, such as 10s")
        return None
    return _quantity(node, name, reading, printed_duration, "a duration with its unit, such as 10s")


def _quantity(node: Node, name: str, reading: Reading, printed: Callable[[str], str], expected: str) -> Json:
    try:
        if node.kind is NodeKind.SCALAR and node.scalar is not None and not isinstance(node.scalar, bool):
            return printed(node.text)
    except QuantityError:
        pass
    reading.refuse(f"`{name}` must be {expected}, but this is {node.described()}", node.location)
    return None
