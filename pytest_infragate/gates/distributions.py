"""What is kept of the values of one run: a few quantiles, and what the samples are worth (see ``noise``); pure."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..past_runs import PERCENTS, Distribution
from .noise import effective_count

_DIGITS = 4


def distribution(values: Sequence[float]) -> Distribution:
    """Return the distribution of at least one value, given in the order of time.

    Rounded as the file keeps it, so that a run compares with itself as equal.
    """
    ordered = sorted(values)
    quantiles = tuple(_rounded(_quantile(ordered, percent / 100)) for percent in PERCENTS)
    return Distribution(len(ordered), _rounded(max(effective_count(values), 1.0)), quantiles)


def _quantile(ordered: Sequence[float], share: float) -> float:
    """Return the quantile between the two nearest values, in proportion."""
    place = (len(ordered) - 1) * share
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def _rounded(number: float) -> float:
    return float(f"{number:.{_DIGITS}g}")
