"""What is kept of the values of one run: a few quantiles, and what the samples are worth; pure."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from itertools import pairwise

from ..past_runs import PERCENTS, Distribution

_DIGITS = 4


def distribution(values: Sequence[float]) -> Distribution:
    """Return the distribution of at least one value, given in the order of time.

    Rounded as the file keeps it, so that a run compares with itself as equal.
    """
    ordered = sorted(values)
    quantiles = tuple(_rounded(_quantile(ordered, percent / 100)) for percent in PERCENTS)
    return Distribution(len(ordered), _rounded(independent(values)), quantiles)


def independent(values: Sequence[float]) -> float:
    """Return how many independent samples are worth as much: neighbours in time resemble each other.

    For a first-order autoregressive series with correlation ``r`` that is ``n (1 - r) / (1 + r)`` (Bayley and Hammersley, *The
    effective number of independent observations in an autocorrelated time series*, 1946); a negative ``r`` counts as 0.
    """
    if len(values) < 3:
        return float(len(values))
    middle = statistics.fmean(values)
    spread = sum((value - middle) ** 2 for value in values)
    if not spread:
        return float(len(values))
    together = sum((earlier - middle) * (later - middle) for earlier, later in pairwise(values))
    resemblance = min(max(together / spread, 0.0), 0.99)
    return max(len(values) * (1 - resemblance) / (1 + resemblance), 1.0)


def _quantile(ordered: Sequence[float], share: float) -> float:
    """Return the quantile between the two nearest values, in proportion."""
    place = (len(ordered) - 1) * share
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def _rounded(number: float) -> float:
    return float(f"{number:.{_DIGITS}g}")
