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
    made = [one for one in mine if one.proven]
    if made:
        return made, ""
    if mine:
        return [], f"no request could be made: {mine[-1].message}"
    return [], f"no request was due during {listed(asked.phases, 'or')} after the warm-up"


def http_latency(measured: Measurements, asked: Asked) -> Readings:
    """Return the seconds until each good answer, and those after which there was none in time."""
    made, trouble = _requests(measured, asked)
    values = tuple(one.latency_s for one in made if one.latency_s is not None)
    last = f": {made[-1].message}" if made else ""
    trouble = trouble or ("" if values else f"no answer could be timed{last}")
    return Readings(values, values[-1:], seconds=_request_span(made), sampled=True, trouble=trouble)


def http_failed(measured: Measurements, asked: Asked) -> Readings:
    """Return which requests failed; their rate is a share of all."""
    made, trouble = _requests(measured, asked)
    values = tuple(0.0 if one.ok else 1.0 for one in made)
    return Readings(values, values[-1:], sum(values), float(len(made)), _request_span(made), True, trouble)


def http_rate(measured: Measurements, asked: Asked) -> Readings:
    """Return the good answers per second."""
    made, trouble = _requests(measured, asked)
    good = [one for one in made if one.ok]
    values = tuple(1 / (later.time - earlier.time) for earlier, later in pairwise(good) if later.time > earlier.time)
    seconds = _request_span(made)
    return Readings(values, values[-1:], float(len(good)), seconds, seconds, True, trouble)


def _request_span(made: Sequence[TimedRequest]) -> float:
    return made[-1].time - made[0].time if made else 0.0
