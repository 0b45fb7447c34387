"""Durations and sizes as Compose writes them, as plain numbers and as people read them."""

from __future__ import annotations

import math
import re

from .errors import InfragateError

_SECONDS_PER_UNIT = {
    "ns": 1e-9,
    "us": 1e-6,
    "µs": 1e-6,
    "ms": 1e-3,
    "s": 1.0,
    "m": 60.0,
    "h": 3600.0,
    "d": 86400.0,
    "w": 604800.0,
}
_NUMBER = r"(?:\d+(?:\.\d*)?|\.\d+)"
_PLAIN_NUMBER = re.compile(_NUMBER)
_DURATION_PART = re.compile(rf"({_NUMBER})(ns|us|µs|ms|s|m|h|d|w)")
_SIZE = re.compile(rf"({_NUMBER}) ?([kmgtp]?)(i?)(b?)", re.IGNORECASE)
_RATIO = re.compile(r"(\d+(?:\.\d+)?|\.\d+)\s*(%?)")
_PREFIXES = ("", "k", "m", "g", "t", "p")


class UnitError(InfragateError):
    """A text is not a duration or a size; the message says what was expected, for a caller that knows the place."""


def parse_duration(text: str | float) -> float:
    """Return the seconds of ``1m30s``, ``10s``, ``500ms``, ``1h5m30s20ms``; a bare number counts seconds.

    Raises UnitError for anything else, a negative duration included.
    """
    written = str(text).strip()
    if _PLAIN_NUMBER.fullmatch(written):
        return float(written)
    parts = list(_DURATION_PART.finditer(written))
    if not parts or "".join(part.group() for part in parts) != written:
        raise UnitError("expected a duration such as 500ms, 10s or 1m30s")
    return sum(float(part[1]) * _SECONDS_PER_UNIT[part[2]] for part in parts)


def parse_size(text: str | float) -> int:
    """Return the bytes of ``512m``, ``1gb``, ``1.5GiB`` or a bare number; as in Compose every prefix is a power of 1024.

    Raises UnitError for anything else, a negative size included.
    """
    match = _SIZE.fullmatch(str(text).strip())
    if match is None or (match[3] and not match[2]):
        raise UnitError("expected a size such as 65536, 512m or 1.5GiB")
    return int(float(match[1]) * 1024 ** _PREFIXES.index(match[2].lower()))


def parse_ratio(text: str) -> float:
    """Return the ratio of ``0.9`` or ``90%``; more than the whole must be written in percent, so that it is meant.

    Raises UnitError.
    """
    match = _RATIO.fullmatch(text)
    if match is None:
        raise UnitError("expected a ratio such as 0.9 or 90%")
    number = float(match[1])
    if match[2]:
        return number / 100
    if number > 1:
        raise UnitError(f"a ratio is at most 1, so {text} would never be reached: write {text}% for {number / 100:g}")
    return number


def parse_number(text: str) -> float:
    """Return a plain number. Raises UnitError."""
    match = _RATIO.fullmatch(text)
    if match is None or match[2]:
        raise UnitError("expected a plain number such as 0 or 100")
    return float(match[1])


def format_duration(seconds: float) -> str:
    """Return a duration as people read it: ``250 ms``, ``12.3 s``, ``3 min 5 s``, ``2 h 10 min``."""
    if seconds and abs(seconds) < 0.9995:
        return f"{_short(seconds * 1000)} ms"
    if abs(seconds) < 99.95:
        return f"{_short(seconds)} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def format_size(size: float) -> str:
    """Return a size in bytes as people read it: ``512 B``, ``1.5 GiB``."""
    exponent = min(int(math.log(max(abs(size), 1), 1024)), len(_PREFIXES) - 1)
    if round(abs(size) / 1024**exponent, 1) >= 1024 and exponent < len(_PREFIXES) - 1:
        exponent += 1
    unit = f"{_PREFIXES[exponent].upper()}iB" if exponent else "B"
    return f"{_short(size / 1024**exponent)} {unit}"


def _short(number: float) -> str:
    """Return a number with at most one digit behind the point."""
    return f"{number:.1f}".removesuffix(".0")
