"""Command lines: a text is split into words as Compose splits it, a list stays."""

from __future__ import annotations

import re

from ...results import Json
from ..node import Node
from .shapes import Reading, listed, text

_ENDS = ";&|<>"
_PIECE = re.compile(
    r"(?P<space>\s+)|'(?P<single>[^']*)'|\"(?P<double>(?:[^\"\\]|\\.)*)\"|(?P<plain>(?:[^\s'\"\\;&|<>]|\\.)+)",
    re.DOTALL,
)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_texts = listed(text)


def command(node: Node, name: str, reading: Reading) -> Json:
    """A text, a list of texts, or nothing."""
    if node.is_null:
        return None
    if isinstance(node.scalar, str):
        words = split_words(node.text)
        if words is None:
            reading.refuse(f"`{name}` has a quote that is not closed", node.location)
        return list(words) if words is not None else None
    if not node.is_sequence:
        reading.unexpected(node, name, "a text or a list of texts")
        return None
    return _texts(node, name, reading)


def split_words(line: str) -> tuple[str, ...] | None:
    """Return the words of a command line up to the first unquoted ``;&|<>``; ``None`` when a quote is not closed."""
    words: list[str] = []
    word: str | None = None
    position = 0
    while position < len(line) and line[position] not in _ENDS:
        piece = _PIECE.match(line, position)
        if piece is None:
            return None
        if piece["space"]:
            words, word = (words if word is None else [*words, word]), None
        else:
            word = (word or "") + _unquoted(piece)
        position = piece.end()
    return tuple(words if word is None else [*words, word])


def _unquoted(piece: re.Match[str]) -> str:
    """Return what a piece of a word stands for."""
    if piece["single"] is not None:
        return piece["single"]
    return _ESCAPE.sub(r"\1", piece["plain"] or piece["double"] or "")
