"""The documents of MongoDB, as far as its handshake needs them: BSON 1.1."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence

Field = str | int | bytes | Mapping[str, bool]
"""What can be written."""
Value = str | int | float | bool | bytes | Sequence["Value"] | Mapping[str, "Value"]

_DOUBLE, _TEXT, _DOCUMENT, _ARRAY, _BINARY, _BOOL, _INT = 0x01, 0x02, 0x03, 0x04, 0x05, 0x08, 0x10
_WIDTHS = {_DOUBLE: 8, 0x07: 12, _BOOL: 1, 0x09: 8, 0x0A: 0, _INT: 4, 0x11: 8, 0x12: 8}
"""How long values of a fixed length are, by their type."""


def encode(fields: Mapping[str, Field]) -> bytes:
    """Return a document of texts, numbers of 32 bits, bytes, and documents of truth values."""
    content = b"".join(_element(name.encode() + b"\0", value) for name, value in fields.items())
    return struct.pack("<i", len(content) + 5) + content + b"\0"


def _element(name: bytes, value: Field) -> bytes:
    if isinstance(value, bool):
        return bytes([_BOOL]) + name + bytes([value])
    if isinstance(value, int):
        return bytes([_INT]) + name + struct.pack("<i", value)
    if isinstance(value, bytes):
        return bytes([_BINARY]) + name + struct.pack("<iB", len(value), 0) + value
    if isinstance(value, str):
        content = value.encode() + b"\0"
        return bytes([_TEXT]) + name + struct.pack("<i", len(content)) + content
    return bytes([_DOCUMENT]) + name + encode(dict(value))


def decode(document: bytes) -> dict[str, Value]:
    """Return the fields of a document up to the first that cannot be read; of types that nobody asks for they are left out."""
    found: dict[str, Value] = {}
    at = 4
    while at < len(document) and document[at]:
        kind, name_end = document[at], document.find(b"\0", at + 1)
        width = _width(document, kind, name_end + 1)
        if name_end < 0 or width is None or name_end + 1 + width > len(document):
            break
        value = _value(kind, document[name_end + 1 : name_end + 1 + width])
        if value is not None:
            found[document[at + 1 : name_end].decode("utf-8", errors="replace")] = value
        at = name_end + 1 + width
    return found


def _width(document: bytes, kind: int, at: int) -> int | None:
    """Return how long the value at a place is; ``None`` for a type that is not known here."""
    if kind in _WIDTHS:
        return _WIDTHS[kind]
    length = int.from_bytes(document[at : at + 4], "little", signed=True)
    if length < 0:
        return None
    return {_TEXT: 4 + length, _DOCUMENT: length, _ARRAY: length, _BINARY: 5 + length}.get(kind)


def _value(kind: int, content: bytes) -> Value | None:
    if kind == _BOOL:
        return content != b"\0"
    if kind in (_DOUBLE, _INT):
        return float(struct.unpack("<d" if kind == _DOUBLE else "<i", content)[0])
    if kind == _TEXT:
        return content[4:-1].decode("utf-8", errors="replace")
    if kind == _BINARY:
        return content[5:]
    return list(decode(content).values()) if kind == _ARRAY else None
