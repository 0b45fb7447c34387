"""What the logs say: error lines, and lines per second; pure."""

from __future__ import annotations

from .log_tally import LogFlow
from .measures import Asked, Measurements, Readings, per_container


def log_errors(measured: Measurements, asked: Asked) -> Readings:
    """Return how many lines report an error."""
    flow = measured.logs.get(asked.service, LogFlow())
    seconds = sum(flow.seconds.get(phase, 0) for phase in asked.phases)
    errors = float(sum(flow.errors.get(phase, 0) for phase in asked.phases))
    return per_container([errors] if seconds else [], seconds, flow.trouble)


def log_rate(measured: Measurements, asked: Asked) -> Readings:
    """Return the lines per second."""
    flow = measured.logs.get(asked.service, LogFlow())
    values = tuple(value for phase in asked.phases for value in flow.per_second.get(phase, ()))
    lines = float(sum(flow.lines.get(phase, 0) for phase in asked.phases))
    seconds = sum(flow.seconds.get(phase, 0) for phase in asked.phases)
    return Readings(values, values[-1:], lines, seconds, seconds, True, flow.trouble)
