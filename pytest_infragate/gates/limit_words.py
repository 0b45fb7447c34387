"""What the result of a limit tells: in words, as evidence, and how missing samples are got; pure."""

from __future__ import annotations

from ..bounds import Limit
from ..limits import REQUEST_METRICS, Unit, measured_in, metric_of
from ..results import Finding, Json, PlannedCheck, Severity
from ..stack.sampling import INTERVAL_S
from .measures import DEFAULT_PHASES, Measurements, Readings
from .warm_up import WARMED

LONGEST_WINDOW_S = 60.0
"""How far percentile limits may lengthen the window; a limit that wants more is told so."""
TEST = "test"
"""The phase of a limit that holds while one test runs; no settings name it."""
UNKNOWN = "unknown"
NEAR = "within noise of its limit"
_TENTHS_BELOW_S = 10


def told(service: str, limit: Limit, value: float, readings: Readings, measured: Measurements) -> str:
    """Say what was measured and against what, with the number of samples, the window, and how busy the host was."""
    count = len(readings.values)
    samples = f"{count} sample{'s' if count != 1 else ''}"
    window = f"{samples} in {_window(readings.seconds)}, {_phase(limit)}" if readings.seconds else samples
    place = f" ({limit.location})" if limit.location else ""
    load = _host_load(limit, measured)
    busy = "" if load is None else f", host load {load:.2g} per core"
    alone = f" of {readings.container} alone" if readings.container else ""
    return (
        f"{service}: {limit.metric} {limit.aggregation} is {_told_apart(limit, value)}{alone}, "
        f"limit {limit.operator} {_shown(limit, limit.bound)}{place}; {window}{busy}"
    )


def _window(seconds: float) -> str:
    """Return a window as people read it; the tenths count in one that holds a few samples only."""
    return f"{seconds:.0f} s" if seconds >= _TENTHS_BELOW_S else f"{seconds:.1f} s"


def evidence(limit: Limit, value: float, readings: Readings, measured: Measurements, *, near: bool) -> dict[str, Json]:
    """Return the numbers behind a result; value and limit in the metric's own unit, times in seconds."""
    load = _host_load(limit, measured)
    warm: dict[str, Json] = {"warm_up_s": measured.warm.seconds} if limit.metric in WARMED else {}
    alone: dict[str, Json] = {"container": readings.container} if readings.container else {}
    return {
        "value": value,
        "limit": limit.bound,
        "unit": metric_of(limit.metric).unit_under(limit.aggregation.name).value,
        "samples": len(readings.values),
        "window_s": round(readings.seconds, 3),
        "phase": _phase(limit),
        **warm,
        **alone,
        "host_load": UNKNOWN if load is None else round(load, 3),
        "within_noise": near,
    }


def too_few(
    service: str, limit: Limit, had: int, enough: int, every_s: float = INTERVAL_S, *, ended: bool = False
) -> str:
    """Say how many samples there were and how many it takes, and how to get them; ``ended``: the service is over."""
    have = f"only {had} of them" if had else "no samples"
    return (
        f"{service}: {limit.metric} is not proven: {limit.aggregation} needs {enough} "
        f"sample{'s' if enough > 1 else ''}, there were {have}.{_advice(limit, enough, every_s, ended=ended)}"
    )


def within_warm_up(limit: Limit, seconds: float) -> str:
    """Say that there are samples enough, but that the warm-up has most of them."""
    how = "let the tests run for longer" if limit.phase == "suite" else "lengthen performance.window"
    return f"most samples fell into the first {seconds:g} s, which are warm-up: {how}, or shorten performance.warm_up"


def near_limit(check: PlannedCheck, service: str, limit: Limit, message: str) -> Finding:
    """Return the warning that a result may be another one next time."""
    longer = "(`performance.measure_on`, `performance.window`)"
    if limit.phase == "suite":
        longer = "by tests that run for longer, or leave out 'suite.'"
    remedy = f"Set the limit farther away from what is normal, or let it be measured longer {longer}."
    return Finding(check.id, check.name, Severity.WARNING, service, message, remedy, limit.location)


def _advice(limit: Limit, enough: int, every_s: float, *, ended: bool) -> str:
    if ended and limit.phase in (None, "idle") and "startup" in measured_in(limit.metric):
        return f" It had ended by then: what it did while the stack started is startup.{limit.metric}."
    seconds = enough * every_s
    if limit.phase == "startup":
        return (
            " In this phase only containers count that this run has started: not those of a stack that was up before."
        )
    if limit.phase == "suite":
        return (
            f" Only what is measured while the tests run counts: at this rate they must run for {seconds:.0f} s;"
            " leave out 'suite.' to count what comes before and after them as well."
        )
    if limit.phase != TEST and limit.aggregation.percentile and seconds > LONGEST_WINDOW_S:
        faster = ", or ask at a higher rate (performance.probes)" if limit.metric in REQUEST_METRICS else ""
        return f" The window is at most {LONGEST_WINDOW_S:g} s long: bound a lower percentile, or max{faster}."
    return ""


def _phase(limit: Limit) -> str:
    if not measured_in(limit.metric):
        return "the whole run"
    if limit.phase == TEST:
        return "while the test ran"
    return limit.phase or " and ".join(DEFAULT_PHASES)


def _host_load(limit: Limit, measured: Measurements) -> float | None:
    """Return the highest reading during the phases of a limit."""
    phases = (limit.phase,) if limit.phase else DEFAULT_PHASES
    return max((load for phase in phases for load in measured.host_load.get(phase, ())), default=None)


def _told_apart(limit: Limit, value: float) -> str:
    """Return a value in the metric's unit; one that rounds to its limit says by how much it is another."""
    shown = _shown(limit, value)
    if value == limit.bound or not limit.bound or shown != _shown(limit, limit.bound):
        return shown
    return f"{shown} ({abs(value / limit.bound - 1) * 100:.1g} % {'more' if value > limit.bound else 'less'})"


def _shown(limit: Limit, value: float) -> str:
    """Return a value in the metric's unit; a rate that is no ratio is per second."""
    metric = metric_of(limit.metric)
    if metric.unit_under(limit.aggregation.name) is not metric.unit:
        return f"{value:g}"
    per_second = limit.aggregation.name == "rate" and metric.unit is not Unit.RATIO
    return metric.describe(value) + ("/s" if per_second else "")
