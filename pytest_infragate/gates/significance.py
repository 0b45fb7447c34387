"""How likely a difference is by chance: Student's t distribution, and Holm's correction for many tests; pure.

The distribution is computed with the continued fraction of the incomplete beta function (Abramowitz and Stegun 26.5.8 and
26.7.1; evaluated as Lentz 1976 does), the correction is that of S. Holm, *A simple sequentially rejective multiple test
procedure*, Scandinavian Journal of Statistics 6 (1979).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

_STEPS = 300
_CLOSE = 1e-13
_TINY = 1e-300


def student_tail(t: float, freedom: float) -> float:
    """Return the probability that Student's t with so many degrees of freedom exceeds ``t``."""
    both = _incomplete_beta(freedom / 2, 0.5, freedom / (freedom + t * t))
    return both / 2 if t > 0 else 1 - both / 2


def holm(probabilities: Sequence[float]) -> tuple[float, ...]:
    """Return the probabilities, corrected for how many they are; what is at most ``a`` is by chance in at most ``a`` of all runs."""
    adjusted = [1.0] * len(probabilities)
    worst = 0.0
    ranked = sorted(range(len(probabilities)), key=probabilities.__getitem__)
    for rank, index in enumerate(ranked):
        worst = max(worst, min(probabilities[index] * (len(ranked) - rank), 1.0))
        adjusted[index] = worst
    return tuple(adjusted)


def _incomplete_beta(a: float, b: float, x: float) -> float:
    """Return the regularised incomplete beta function, for ``x`` from 0 to 1."""
    if x <= 0 or x >= 1:
        return min(max(x, 0.0), 1.0)
    scale = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x))
    if x < (a + 1) / (a + b + 2):
        return scale * _fraction(a, b, x) / a
    return 1 - scale * _fraction(b, a, 1 - x) / b


def _fraction(a: float, b: float, x: float) -> float:
    """Return the continued fraction of the incomplete beta function."""
    above, below = 1.0, 1 / _nonzero(1 - (a + b) * x / (a + 1))
    value = below
    for step in range(1, _STEPS):
        even = step * (b - step) * x / ((a + 2 * step - 1) * (a + 2 * step))
        odd = -(a + step) * (a + b + step) * x / ((a + 2 * step) * (a + 2 * step + 1))
        for factor in (even, odd):
            below = 1 / _nonzero(1 + factor * below)
            above = _nonzero(1 + factor / above)
            value *= above * below
        if abs(above * below - 1) < _CLOSE:
            break
    return value


def _nonzero(number: float) -> float:
    return number if abs(number) > _TINY else _TINY
