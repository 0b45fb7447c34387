"""Turns the readings of a metric into the one number that a limit bounds; pure."""

from __future__ import annotations

import math
import operator
import statistics
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from ..bounds import Limit
from ..limits import STAGES
from .measures import Readings

FEWEST_SAMPLES = 2
"""What is sampled over time is not proven by one look."""

_COMPARE: Mapping[str, Callable[[float, float], bool]] = MappingProxyType(
    {
        "<": operator.lt,
        "<=": operator.le,
        ">": operator.gt,
        ">=": operator.ge,
        "==": operator.eq,
        "!=": operator.ne,
    }
)
UPPER = frozenset({"<", "<="})
LOWER = frozenset({">", ">="})
_MIDDLES = frozenset({"avg", "med", "p", "rate"})
"""What one container among several can hide in."""


_SETTLED = frozenset({"startup", "image.size", *STAGES})
"""The metrics of which no further value comes once the stack is ready."""


def needed(limit: Limit, *, sampled: bool) -> int:
    """Return how many samples a limit needs: a percentile so many that one lies beyond it, and one before it.

    With fewer, ``p(95)`` would only be another word for ``max``, and ``p(5)`` for ``min``.
    """
    if limit.aggregation.percentile is not None:
        below = limit.aggregation.percentile / 100
        upper, lower = math.ceil(round(1 / (1 - below), 6)), math.floor(round(1 / below, 6)) + 1
        return max(upper, lower, FEWEST_SAMPLES)
    return FEWEST_SAMPLES if sampled else 1


def aggregate(limit: Limit, readings: Readings) -> float:
    """Return the number that a limit bounds, of readings that have values; of several last ones the worst."""
    aggregation = limit.aggregation
    if aggregation.percentile is not None:
        return percentile(readings.values, aggregation.percentile)
    if aggregation.name == "rate":
        return readings.count / readings.per if readings.per else 0.0
    if aggregation.name == "count":
        return readings.count
    if aggregation.name == "last":
        return _worst(limit, readings.lasts)
    return _OF_VALUES[aggregation.name](readings.values)


def deciding(limit: Limit, readings: Readings) -> Readings:
    """Return the readings that a limit is held against: all together, or those of the one container that is worse.

    The middle of all containers says nothing of the one that starves. A container that was seen for a short time only
    does not count alone, because its few samples would decide by luck.
    """
    if limit.aggregation.name not in _MIDDLES or not readings.values:
        return readings
    most = max((len(one.values) for one in readings.each), default=0)
    enough = max(needed(limit, sampled=readings.sampled), math.ceil(most / 2))
    known = (readings, *(one for one in readings.each if len(one.values) >= enough))
    values = [aggregate(limit, one) for one in known]
    return known[values.index(_worst(limit, values))]


def _worst(limit: Limit, values: Sequence[float]) -> float:
    """Return the value that is farthest on the wrong side of a limit, or nearest to it."""
    if limit.operator in UPPER:
        return max(values)
    if limit.operator in LOWER:
        return min(values)
    return next((value for value in values if not kept(limit, value)), values[0])


_OF_VALUES: Mapping[str, Callable[[Sequence[float]], float]] = MappingProxyType(
    {"min": min, "max": max, "avg": statistics.fmean, "med": statistics.median}
)


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the smallest value that at least ``percent`` percent of the values do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(math.ceil(round(len(ordered) * percent / 100, 6)), 1) - 1]


def kept(limit: Limit, value: float) -> bool:
    """Whether a number is within the limit."""
    return _COMPARE[limit.operator](value, limit.bound)


def hopeless(limit: Limit, readings: Readings) -> bool:
    """Whether a limit that is broken now stays broken whatever comes: an extreme, a total, or what the start has settled.

    A median of two slow answers says nothing of the hundred that the suite will bring; and work and traffic that must be
    there are what the suite brings.
    """
    name = limit.aggregation.name
    if (limit.operator in UPPER and name in {"max", "count"}) or (limit.operator in LOWER and name == "min"):
        return True
    return limit.metric in _SETTLED and not kept(limit, aggregate(limit, readings))
