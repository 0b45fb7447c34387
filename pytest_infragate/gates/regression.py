"""Whether a metric is worse than in the runs that were recorded, by more than chance and by more than does not matter; pure.

The unit is the run, not the sample: samples of one run resemble each other more than those of two runs do, and a test that
takes them for independent finds a difference between any two runs (Kalibera and Jones, *Rigorous Benchmarking in
Reasonable Time*, ISMM 2013). So the median of this run is held against the medians of the recorded ones, on a logarithmic
scale, by Student's t for a single new case (Crawford and Howell, *Comparing an Individual's Test Score Against Norms
Derived from Small Samples*, The Clinical Neuropsychologist 12, 1998).

How far apart good runs lie is hardly known from few of them. It is estimated from what they show and from what is to be
expected beforehand, each with its weight (the moderated t of G. Smyth, *Linear models and empirical Bayes methods*,
2004): so one recorded run is enough to begin with, with a wider tolerance.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from ..past_runs import DEFAULT_NOISE, Distribution
from .significance import student_tail

EXPECTED_WEIGHT = 6
"""So many degrees of freedom that expectation is worth."""


@dataclass(frozen=True)
class Statistic:
    """The number that stands for a run: one of its quantiles.

    ``error``: its standard error in ranges from ``low`` to ``high`` percent and roots of samples; ``noise``: how far apart
    it lies in good runs, in what medians do.
    """

    name: str
    percent: int
    low: int
    high: int
    error: float
    noise: float = 1.0

    def of(self, run: Distribution) -> float:
        """Return the number of a run."""
        return run.at(self.percent)

    def error_of(self, run: Distribution) -> float:
        """Return its standard error, from the spread of the samples."""
        return self.error * (run.at(self.high) - run.at(self.low)) / math.sqrt(run.independent)


MEDIAN = Statistic("median", 50, 25, 75, 0.93)
"""With the error that McGill, Tukey and Larsen give, *Variations of Box Plots*, The American Statistician 32 (1978)."""
TAIL = Statistic("p(95)", 95, 50, 95, 1.28, noise=2.0)
"""With the error of that quantile of a normal distribution; rare values differ more from run to run."""


@dataclass(frozen=True)
class Comparison:
    """One run held against the recorded ones; ``shift`` is relative and positive where the run is worse."""

    value: float
    """The number of this run."""
    recorded: float
    """The median of the numbers of the recorded runs."""
    shift: float
    change: float
    """In the unit of the metric, positive where the run is worse."""
    probability: float
    """That a run which is no worse comes out like this."""
    opposite: float
    """That a run which is no better comes out like this."""


def compare(
    now: Distribution,
    past: Sequence[Distribution],
    floor: float,
    *,
    less_is_worse: bool = False,
    statistic: Statistic = MEDIAN,
    noise: float = DEFAULT_NOISE,
) -> Comparison:
    """Hold a run against at least one recorded run.

    ``floor`` is the change that does not matter; added to every value, it keeps the logarithm of small ones from making
    much of nothing. ``noise`` is how far apart the medians of good runs lie, as a share, before anything is known of them.
    """
    value, recorded = statistic.of(now), statistics.median(map(statistic.of, past))
    sign = -1 if less_is_worse else 1
    change = sign * (value - recorded)
    t = sign * _distance(now, past, floor, statistic, noise)
    freedom = EXPECTED_WEIGHT + len(past) - 1
    return Comparison(
        value=value,
        recorded=recorded,
        shift=change / recorded if recorded else math.copysign(math.inf, change) if change else 0.0,
        change=change,
        probability=student_tail(t, freedom),
        opposite=student_tail(-t, freedom),
    )


def _distance(
    now: Distribution, past: Sequence[Distribution], floor: float, statistic: Statistic, noise: float
) -> float:
    """Return how many standard errors the run lies above the mean of the recorded ones."""
    logs = [math.log(statistic.of(one) + floor) for one in past]
    mean = statistics.fmean(logs)
    # The error of a logarithm is that of the number as a share of it.
    within = statistics.fmean((statistic.error_of(one) / (statistic.of(one) + floor)) ** 2 for one in (now, *past))
    expected = (statistic.noise * noise) ** 2 + within
    squares = sum((one - mean) ** 2 for one in logs)
    variance = (EXPECTED_WEIGHT * expected + squares) / (EXPECTED_WEIGHT + len(logs) - 1)
    return (math.log(statistic.of(now) + floor) - mean) / math.sqrt(variance * (1 + 1 / len(logs)))
