"""What is known of a container without sampling it: restarts, start-up, healthchecks, connects, its image; pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from .measures import Asked, Measurements, Readings, per_container
from .sample_meters import span

_NO_STAGE = {
    "start.created": "it was not created in this run",
    "start.started": "it was not created in this run, or never started",
    "start.healthy": "it was not created in this run, or has no healthcheck",
    "start.connected": "it was not created in this run, or no caller has connected to it",
}


def restarts(measured: Measurements, asked: Asked) -> Readings:
    """Return how often the engine has restarted each container."""
    counts = [float(state.restart_count) for state in measured.states(asked.service)]
    return per_container(counts, span(measured, asked))


def oom_kills(measured: Measurements, asked: Asked) -> Readings:
    """Return how often the kernel killed a process of the service for want of memory, as the engine's events tell it."""
    if measured.oom_kills is None:
        return Readings(trouble="the engine's events, which tell of it, were not seen without a gap")
    kills = measured.oom_kills.get(asked.service, {})
    return per_container([float(sum(kills.get(phase, 0) for phase in asked.phases))], span(measured, asked))


def health_duration(measured: Measurements, asked: Asked) -> Readings:
    """Return the seconds of the healthchecks that the engine still remembers."""
    runs = [[run.duration_s for run in state.health_runs] for state in measured.states(asked.service)]
    values = tuple(value for one in runs for value in one)
    trouble = "" if values else "the engine runs no healthcheck for it"
    return Readings(values, tuple(one[-1] for one in runs if one), trouble=trouble)


def health_ratio(measured: Measurements, asked: Asked) -> Readings:
    """Return how long the healthchecks took that the engine still remembers, against their timeout."""
    each = [
        [run.duration_s / state.health_timeout_s for run in state.health_runs]
        for state in measured.states(asked.service)
    ]
    values = tuple(value for one in each for value in one)
    trouble = "" if values else "the engine runs no healthcheck for it"
    return Readings(values, tuple(one[-1] for one in each if one), trouble=trouble)


def stage(metric: str) -> Callable[[Measurements, Asked], Readings]:
    """Return the meter of one stage of the start, in seconds for each container."""

    def meter(measured: Measurements, asked: Asked) -> Readings:
        return _given(measured.stages_s.get(metric, {}).get(asked.service, ()), _NO_STAGE[metric])

    return meter


def layer(place: int) -> Callable[[Measurements, Asked], Readings]:
    """Return the meter of the containers' own layers: 0 for their size, 1 for their growth."""

    def meter(measured: Measurements, asked: Asked) -> Readings:
        sizes = [float(pair[place]) for pair in measured.layers.get(asked.service, ())]
        return Readings(tuple(sizes), tuple(sizes), trouble="" if sizes else "the engine has told no size of its layer")

    return meter


def host(what: str, place: int) -> Callable[[Measurements, Asked], Readings]:
    """Return the meter of the room on the engine's machine; ``place`` is that of the number in a reading."""

    def meter(measured: Measurements, asked: Asked) -> Readings:
        readings = [one[place] for one in measured.host if one[0] in asked.phases]
        values = tuple(float(one) for one in readings if isinstance(one, float))
        return Readings(values, values[-1:], sampled=True, trouble=measured.host_missing.get(what, ""))

    return meter


def _given(values: Sequence[float], trouble: str) -> Readings:
    """Return readings of one number per container, each of which is its last one."""
    return Readings(tuple(values), tuple(values), trouble="" if values else trouble)


def startup(measured: Measurements, asked: Asked) -> Readings:
    """Return the seconds from the start of each container until it was ready."""
    return _given(measured.startup_s.get(asked.service, ()), "it was not seen becoming ready")


def connect_latency(measured: Measurements, asked: Asked, caller: str | None = None) -> Readings:
    """Return the seconds of the connects of one caller, or of all callers, to the service."""
    key = asked.service if caller is None else f"{caller} -> {asked.service}"
    who = "no caller" if caller is None else f"{caller} has not"
    values = measured.connect_s.get(key, ())
    trouble = "" if values else f"{who} connected to it, or nobody there can time it"
    return Readings(tuple(values), tuple(values[-1:]), trouble=trouble)


def image_size(measured: Measurements, asked: Asked) -> Readings:
    """Return the bytes of the image of each container."""
    sizes = [float(size) for size in measured.image_bytes.get(asked.service, ())]
    return _given(sizes, "the size of its image is not known")
