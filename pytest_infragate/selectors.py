"""Names of metrics with labels, ``connect.latency{from="api"}``, as Prometheus writes them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from .errors import InfragateError

LABEL = r'[A-Za-z_]\w*\s*=\s*"(?:[^"\\]|\\.)*"'
SELECTOR = rf"\{{\s*(?:{LABEL}\s*(?:,\s*{LABEL}\s*)*,?)?\s*\}}"
_PAIR = re.compile(r'([A-Za-z_]\w*)\s*=\s*"((?:[^"\\]|\\.)*)"')
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_MEANT = {"n": "\n"}


class SelectorError(InfragateError):
    """What stands behind the name of a metric is no list of labels."""


def base(name: str) -> str:
    """Return the name of a metric without labels."""
    return name.partition("{")[0]


def labels(name: str) -> Mapping[str, str]:
    """Return the labels behind the name of a metric. Raises SelectorError."""
    _, brace, rest = name.partition("{")
    if brace and re.fullmatch(SELECTOR, brace + rest) is None:
        raise SelectorError(f'{brace}{rest} is no list of labels: expected one such as {{code="500"}}')
    return dict(pairs(rest))


def pairs(text: str) -> Iterable[tuple[str, str]]:
    """Return the labels in the text between the braces, each with its value."""
    return ((match[1], _ESCAPED.sub(_meaning, match[2])) for match in _PAIR.finditer(text))


def _meaning(match: re.Match[str]) -> str:
    return _MEANT.get(match[1], match[1])
