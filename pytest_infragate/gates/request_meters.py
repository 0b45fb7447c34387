"""What the timed requests say: latency, failures, rate; pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

from ..probes.request_log import TimedRequest
from ..suggest import listed
from .measures import Asked, Measurements, Readings


def _measured(measured: Measurements, asked: Asked, meter: Callable[[Sequence[TimedRequest]], Readings]) -> Readings:
    """Return the readings of all requests together, and those of each container where there are several."""
    mine = [one for one in measured.requests.get(asked.service, ()) if one.phase in asked.phases]
    if not mine:
        when = listed(asked.phases, "or")
        return Readings(
            sampled=True, trouble=f"no request was due during {when} after the warm-up (performance.probes)"
        )
    names = dict.fromkeys(one.container for one in mine)
    each = [replace(_of(meter, [one for one in mine if one.container == name]), container=name) for name in names]
    if len(each) == 1:
        return replace(each[0], container="")
    trouble = next((f"{one.container}: {one.trouble}" for one in each if one.trouble), "")
    together = _of(meter, mine)
    return replace(together, trouble=trouble or together.trouble, each=tuple(each))


def _of(meter: Callable[[Sequence[TimedRequest]], Readings], requests: Sequence[TimedRequest]) -> Readings:
    """Return the readings of requests, with what is wrong if they prove nothing."""
    made = sorted((one for one in requests if one.proven), key=lambda one: one.time)
    lost = [one.message for one in requests if not one.proven]
    if not made:
        return Readings(sampled=True, trouble=f"no request could be made: {lost[-1]}")
    found = replace(meter(made), sampled=True, seconds=_request_span(made))
    if len(lost) > len(made):
        return replace(found, trouble=f"{len(lost)} of {len(requests)} requests could not be made: {lost[-1]}")
    return found


def http_latency(measured: Measurements, asked: Asked) -> Readings:
    """Return the seconds until each good answer, and those after which there was none in time."""
    return _measured(measured, asked, _latencies)


def http_failed(measured: Measurements, asked: Asked) -> Readings:
    """Return which requests failed; their rate is a share of all."""
    return _measured(measured, asked, _failures)


def http_rate(measured: Measurements, asked: Asked) -> Readings:
    """Return the good answers per second; the time before the first one and after the last one counts, in which others failed."""
    # Replicas add up to what a service gets done.
    return replace(_measured(measured, asked, _rates), each=())


def _latencies(made: Sequence[TimedRequest]) -> Readings:
    values = tuple(one.latency_s for one in made if one.latency_s is not None)
    return Readings(values, values[-1:], trouble=_untimed(made, len(values)))


def _untimed(made: Sequence[TimedRequest], timed: int) -> str:
    """Say whether so many requests have no latency that the others prove nothing."""
    if not timed:
        return f"no answer could be timed: {made[-1].message}"
    if timed * 2 >= len(made):
        return ""
    last = next(one.message for one in reversed(made) if one.latency_s is None)
    return f"{len(made) - timed} of {len(made)} requests failed, which has no latency: {last}"


def _failures(made: Sequence[TimedRequest]) -> Readings:
    values = tuple(0.0 if one.ok else 1.0 for one in made)
    return Readings(values, values[-1:], sum(values), float(len(made)))


def _rates(made: Sequence[TimedRequest]) -> Readings:
    good = [one.time for one in made if one.ok]
    moments = [made[0].time, *good, made[-1].time] if good else []
    values = tuple(1 / (later - earlier) for earlier, later in pairwise(moments) if later > earlier)
    return Readings(values, values[-1:], float(len(good)), _request_span(made))


def _request_span(made: Sequence[TimedRequest]) -> float:
    return made[-1].time - made[0].time
