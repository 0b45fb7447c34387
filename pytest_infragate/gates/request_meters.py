"""What the timed requests say: latency, failures, rate; pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from ..probes.request_log import TimedRequest
from ..suggest import listed
from .measures import Asked, Measurements, Readings


def _requests(measured: Measurements, asked: Asked) -> tuple[list[TimedRequest], str]:
    """Return the requests that were made, and what is wrong if none tells anything."""
    mine = [one for one in measured.requests.get(asked.service, ()) if one.phase in asked.phases]
    made = sorted((one for one in mine if one.proven), key=lambda one: one.time)
    lost = [one for one in mine if not one.proven]
    if not mine:
        return [], f"no request was due during {listed(asked.phases, 'or')} after the warm-up (performance.probes)"
    if not made:
        return [], f"no request could be made: {lost[-1].message}"
    if len(lost) > len(made):
        return made, f"{len(lost)} of {len(mine)} requests could not be made: {lost[-1].message}"
    return made, ""


def http_latency(measured: Measurements, asked: Asked) -> Readings:
    """Return the seconds until each good answer, and those after which there was none in time."""
    made, trouble = _requests(measured, asked)
    values = tuple(one.latency_s for one in made if one.latency_s is not None)
    trouble = trouble or _untimed(made, len(values))
    return Readings(values, values[-1:], seconds=_request_span(made), sampled=True, trouble=trouble)


def _untimed(made: Sequence[TimedRequest], timed: int) -> str:
    """Say whether so many requests have no latency that the others prove nothing."""
    if not timed:
        return f"no answer could be timed: {made[-1].message}"
    if timed * 2 >= len(made):
        return ""
    last = next(one.message for one in reversed(made) if one.latency_s is None)
    return f"{len(made) - timed} of {len(made)} requests failed, which has no latency: {last}"


def http_failed(measured: Measurements, asked: Asked) -> Readings:
    """Return which requests failed; their rate is a share of all."""
    made, trouble = _requests(measured, asked)
    values = tuple(0.0 if one.ok else 1.0 for one in made)
    return Readings(values, values[-1:], sum(values), float(len(made)), _request_span(made), True, trouble)


def http_rate(measured: Measurements, asked: Asked) -> Readings:
    """Return the good answers per second; the time before the first one and after the last one counts, in which others failed."""
    made, trouble = _requests(measured, asked)
    good = [one.time for one in made if one.ok]
    moments = [made[0].time, *good, made[-1].time] if good else []
    values = tuple(1 / (later - earlier) for earlier, later in pairwise(moments) if later > earlier)
    seconds = _request_span(made)
    return Readings(values, values[-1:], float(len(good)), seconds, seconds, True, trouble)


def _request_span(made: Sequence[TimedRequest]) -> float:
    return made[-1].time - made[0].time if made else 0.0
