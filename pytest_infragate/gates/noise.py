"""Whether an aggregate of noisy samples lies clearly on one side of its limit, or within its own noise; pure.

Percentiles and the median: the limit holds exactly when at most a fixed share of the samples lie beyond it, so the share
that does is held against that one by Wilson's interval for a proportion (E. B. Wilson 1927; recommended for small samples
by Brown, Cai and DasGupta, "Interval estimation for a binomial proportion", 2001). That is the order-statistic interval
read the other way round, and needs no form of distribution. Means: Student's interval, by the central limit theorem.

Samples of one container follow each other and are alike, so that they count as fewer:
``n (1 - r) / (1 + r)`` with the correlation ``r`` of neighbours (Bayley and Hammersley 1946).

The confidence is 99 % at each look, because ten looks at that level err together in no more than 5 %
(S. J. Pocock, "Group sequential methods", 1977, table 1: 0.0106 for ten).
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from itertools import pairwise

from ..bounds import Limit
from .aggregations import LOWER, UPPER, aggregate, kept
from .measures import Readings

LOOKS = 10
"""How often a result is looked at before it is judged, at most."""
_Z = statistics.NormalDist().inv_cdf(1 - 0.01 / 2)
_MOST_ALIKE = 0.99
_SHARES = {"med": 0.5}


def within_noise(limit: Limit, readings: Readings) -> bool:
    """Whether other samples of the same stack could well have led to another outcome.

    Never for extremes, totals and the last value, which say what has happened and not what is likely.
    """
    if limit.operator not in UPPER | LOWER or not readings.sampled or len(readings.values) < 2:
        return False
    if limit.aggregation.name == "avg":
        return _mean_is_near(limit, readings.values)
    if limit.metric in ("http.failed", "probe.failed") and limit.aggregation.name == "rate":
        return bool(readings.count) and _may_be(_interval(readings.values, readings.count), limit.bound)
    share = _share_below(limit)
    return share is not None and _share_is_near(limit, readings, share if limit.operator in LOWER else 1 - share)


def _share_below(limit: Limit) -> float | None:
    """Return the share of values below the aggregate; ``None`` where it is no quantile."""
    if limit.aggregation.percentile is not None:
        return limit.aggregation.percentile / 100
    return _SHARES.get(limit.aggregation.name)


def _share_is_near(limit: Limit, readings: Readings, allowed: float) -> bool:
    """Whether the share of values beyond the limit may be on either side of the share that is allowed."""
    values = readings.values
    beyond = sum(not kept(limit, value) for value in values)
    if 0 < beyond < len(values):
        return _may_be(_interval(values, beyond), allowed)
    return _may_be(_interval(values, beyond), allowed) and _reaches_over(limit, readings)


def _reaches_over(limit: Limit, readings: Readings) -> bool:
    """Whether values that all lie on one side are so near the limit that more of them may lie beyond it.

    Too few samples bound no far percentile: the extreme and its distance from the median once more stand in for it.
    """
    middle = statistics.median(readings.values)
    holds = kept(limit, aggregate(limit, readings))
    edge = max(readings.values) if holds == (limit.operator in UPPER) else min(readings.values)
    return kept(limit, 2 * edge - middle) != holds


def _mean_is_near(limit: Limit, values: Sequence[float]) -> bool:
    count = effective_count(values)
    if count < 2:
        return len(set(values)) > 1
    reach = _student(count - 1) * statistics.stdev(values) / math.sqrt(count)
    mean = statistics.fmean(values)
    return kept(limit, mean - reach) != kept(limit, mean + reach)


def _student(freedom: float) -> float:
    """Return the quantile of Student's distribution for the confidence: Cornish and Fisher's expansion."""
    first = (_Z**3 + _Z) / (4 * freedom)
    second = (5 * _Z**5 + 16 * _Z**3 + 3 * _Z) / (96 * freedom**2)
    return _Z + first + second


def _interval(values: Sequence[float], beyond: float) -> tuple[float, float]:
    """Return Wilson's interval for the share of values that lie beyond something."""
    count, share = max(effective_count(values), 1.0), beyond / len(values)
    square = _Z**2 / count
    middle = (share + square / 2) / (1 + square)
    reach = _Z * math.sqrt(share * (1 - share) / count + square / (4 * count)) / (1 + square)
    return middle - reach, middle + reach


def _may_be(interval: tuple[float, float], share: float) -> bool:
    return interval[0] <= share <= interval[1]


def effective_count(values: Sequence[float]) -> float:
    """Return how many independent samples tell as much as these, which follow each other in time."""
    mean = statistics.fmean(values)
    spread = sum((value - mean) ** 2 for value in values)
    if not spread:
        return float(len(values))
    alike = sum((one - mean) * (other - mean) for one, other in pairwise(values)) / spread
    alike = min(max(alike, 0.0), _MOST_ALIKE)
    return len(values) * (1 - alike) / (1 + alike)
