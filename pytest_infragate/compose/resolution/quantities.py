"""Sizes, durations and scalars as Compose prints them."""

from __future__ import annotations

import re

from ...errors import ComposeError
from ...units import UnitError, parse_size
from ..scalars import Scalar

_PART = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h|d|w)")
_NANOSECONDS = {
    "ns": 1,
    "us": 10**3,
    "µs": 10**3,
    "μs": 10**3,
    "ms": 10**6,
    "s": 10**9,
    "m": 60 * 10**9,
    "h": 3600 * 10**9,
    "d": 86400 * 10**9,
    "w": 604800 * 10**9,
}
_MICROSECOND, _MILLISECOND, _SECOND = 10**3, 10**6, 10**9


class QuantityError(ComposeError):
    """A text is no size or no duration."""


def printed_size(written: str) -> str:
    """Return a size in bytes. Raises QuantityError."""
    try:
        return written if re.fullmatch(r"-\d+", written) else str(parse_size(written))
    except UnitError as error:
        raise QuantityError(str(error)) from None


def printed_duration(written: str) -> str:
    """Return a duration as Go prints it: ``90s`` is ``1m30s``, ``1h`` is ``1h0m0s``. Raises QuantityError."""
    if written == "0":
        return "0s"
    parts = list(_PART.finditer(written))
    if not parts or "".join(part.group() for part in parts) != written:
        raise QuantityError("expected a duration such as 500ms, 10s or 1m30s")
    return _go(sum(round(float(part[1]) * _NANOSECONDS[part[2]]) for part in parts))


def _go(nanoseconds: int) -> str:
    for unit, word in ((_MICROSECOND, "ns"), (_MILLISECOND, "µs"), (_SECOND, "ms")):
        if nanoseconds and nanoseconds < unit:
            return f"{_decimal(nanoseconds, max(unit // 1000, 1))}{word}"
    minutes, rest = divmod(nanoseconds, 60 * _SECOND)
    hours, minutes = divmod(minutes, 60)
    seconds = f"{_decimal(rest, _SECOND)}s"
    if hours:
        return f"{hours}h{minutes}m{seconds}"
    return f"{minutes}m{seconds}" if minutes else seconds


def _decimal(count: int, unit: int) -> str:
    """Return a quotient without trailing zeros."""
    before, behind = divmod(count, unit)
    return f"{before}.{str(behind).zfill(len(str(unit)) - 1)}".rstrip("0").rstrip(".") if behind else str(before)


def printed_scalar(value: Scalar) -> str:
    """Return a scalar as Compose turns it into a text: ``true``, ``1``, ``1.1``; ``1.0`` is ``1``."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 10**21 else repr(value)
    return "" if value is None else str(value)
