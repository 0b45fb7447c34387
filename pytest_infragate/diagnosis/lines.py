"""Picks what tells most out of what a service wrote; pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

_TELLING = re.compile(
    r"\b(?:error|fatal|panic|exception|critical|cannot|can't|could ?n[o']t|unable|fail(?:ed|ure)?|refused|denied"
    r"|not found|no such|not set|missing|invalid|unknown|unexpected|timed out|address already in use)\b|[A-Z]\w+Error\b",
    re.IGNORECASE,
)
_CURL_METER = re.compile(r"^\s*(?:% Total\s|Dload\s+Upload|\d+\s+[\d.]+[kMGT]?\s+\d+\s+.*--:--:--)")


def telling(lines: Sequence[str]) -> str:
    """Return the last line that speaks of something wrong, else the last one; empty where nothing was written."""
    written = [line.strip() for line in lines if line.strip()]
    return next(filter(is_telling, reversed(written)), written[-1] if written else "")


def is_telling(line: str) -> bool:
    """Whether a line speaks of something wrong."""
    return bool(_TELLING.search(line))


def plain(output: str) -> tuple[str, ...]:
    """Return the lines of a program's output without empty ones and without curl's progress meter."""
    return tuple(line.strip() for line in output.splitlines() if line.strip() and not _CURL_METER.match(line))
