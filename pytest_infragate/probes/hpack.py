"""Header fields of HTTP/2: what we send as plain literals, and what a peer sends in whatever form it likes.

RFC 7541: integers and strings in section 5, the forms of fields in section 6, the tables in its appendices. Of the static
table only the entries are known whose values matter to us, and of Huffman's code only the letters of ASCII.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..errors import InfragateError

_STATIC = 61
_NAMED = {number: (":status", str(code)) for number, code in enumerate((200, 204, 206, 304, 400, 404, 500), 8)}
_NAMED[31] = ("content-type", "")
_BY_LENGTH = {
    5: "012aceiost",
    6: " %-./3456789=A_bdfghlmnpru",
    7: ":BCDEFGHIJKLMNOPQRSTUVWYjkqvwxyz",
    8: "&*,;XZ",
    10: '!"()?',
    11: "'+|",
    12: "#>",
    13: "\0$@[]~",
    14: "^}",
    15: "<`{",
}
"""Letters by the number of their bits. The code is canonical: within a length, letters in order have successive codes."""


class HpackError(InfragateError):
    """What a peer sends is no block of header fields."""


def encode(fields: Iterable[tuple[str, str]]) -> bytes:
    """Return fields as literals that nobody has to remember."""
    return b"".join(b"\0" + _literal(name) + _literal(value) for name, value in fields)


def _literal(text: str) -> bytes:
    content = text.encode()
    return _integer(len(content), 7) + content


def _integer(value: int, bits: int) -> bytes:
    most = (1 << bits) - 1
    if value < most:
        return bytes([value])
    found, rest = [most], value - most
    while rest >= 0x80:
        found.append(rest & 0x7F | 0x80)
        rest >>= 7
    return bytes([*found, rest])


class Decoder:
    """Reads the blocks of one connection, one after the other: later ones refer to fields of earlier ones."""

    def __init__(self) -> None:
        self._block = b""
        self._at = 0
        self._table: list[tuple[str, str]] = []
        """The fields that the peer wants remembered, the newest first; what is too old is never referred to."""

    def decode(self, block: bytes) -> list[tuple[str, str]]:
        """Return the fields of a block; a name or value that is not known here is empty. Raises HpackError."""
        self._block, self._at, found = block, 0, []
        while self._at < len(block):
            first = self._block[self._at]
            if first & 0x80:
                found.append(self._known(self._number(7)))
            elif first & 0x40:
                found.append(self._field(6))
                self._table.insert(0, found[-1])
            elif first & 0x20:
                self._number(5)
            else:
                found.append(self._field(4))
        return found

    def _field(self, bits: int) -> tuple[str, str]:
        index = self._number(bits)
        name = self._known(index)[0] if index else self._string()
        return name, self._string()

    def _known(self, index: int) -> tuple[str, str]:
        if index <= _STATIC:
            return _NAMED.get(index, ("", ""))
        if index - _STATIC > len(self._table):
            raise HpackError("a header field refers to one that was never sent")
        return self._table[index - _STATIC - 1]

    def _number(self, bits: int) -> int:
        most = (1 << bits) - 1
        value, shift = self._byte() & most, 0
        if value < most:
            return value
        while shift < 32:
            byte = self._byte()
            value += (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7
        raise HpackError("a header field has a number that is too long")

    def _string(self) -> str:
        packed = bool(self._block[self._at : self._at + 1] >= b"\x80")
        length = self._number(7)
        content, self._at = self._block[self._at : self._at + length], self._at + length
        if len(content) < length:
            raise HpackError("a header field is cut off")
        return _unpacked(content) if packed else content.decode("utf-8", errors="replace")

    def _byte(self) -> int:
        if self._at >= len(self._block):
            raise HpackError("a header field is cut off")
        self._at += 1
        return self._block[self._at - 1]


def _codes() -> dict[tuple[int, int], str]:
    """Return the letters by length and code."""
    found, code, before = {}, 0, 5
    for length, letters in _BY_LENGTH.items():
        code, before = code << (length - before), length
        for letter in letters:
            found[length, code] = letter
            code += 1
    return found


_CODES = _codes()


def _unpacked(content: bytes) -> str:
    """Undo Huffman's code up to the first letter that is not known here; what is left at the end is padding."""
    found, code, length = "", 0, 0
    for byte in content:
        for shift in range(7, -1, -1):
            code, length = code << 1 | byte >> shift & 1, length + 1
            if (length, code) in _CODES:
                found, code, length = found + _CODES[length, code], 0, 0
    return found
