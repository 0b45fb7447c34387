"""Limits that a marker demands of the stack while one test runs: what they may say, and how they are judged; pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase

from .. import catalogue
from ..bounds import Limit
from ..errors import InfragateError
from ..limits import METRICS, REQUEST_METRICS, LimitError, parse_limit
from ..results import Outcome
from ..service_keys import is_pattern
from ..suggest import listed, unknown_service
from .limit_plan import PlannedLimit
from .limit_words import TEST
from .measures import Measurements
from .performance import judge

EXAMPLE = "'api', 'http.latency: p(95) < 200ms', 'memory.growth: last < 10m'"
_MEASURED = ("cpu.", "memory.", "pids", "network.", "disk.", "http.", "probe.")
"""What changes while a test runs and is measured then; the other metrics are facts of the whole run, or of its logs."""


class MarkerError(InfragateError):
    """A marker demands what cannot be measured while a test runs; the message says what, for a caller that knows the test."""


def demanded(
    arguments: Sequence[object], services: Collection[str], probed: Collection[str]
) -> tuple[PlannedLimit, ...]:
    """Return the limits of one marker: a service or pattern, then its limits; ``probed`` services are asked over HTTP.

    Raises ``MarkerError``.
    """
    texts = [one for one in arguments if isinstance(one, str)]
    if len(texts) < 2 or len(texts) != len(arguments):
        raise MarkerError(f"expected a service and at least one limit, such as {EXAMPLE}")
    name, *written = texts
    limits = [_limit(text) for text in written]
    found = tuple(_planned(service, limit, name) for service in _fitting(name, services) for limit in limits)
    unasked = sorted({one.service for one in found if one.limit.metric in REQUEST_METRICS} - set(probed))
    if unasked:
        raise MarkerError(
            f"http.* of {listed(unasked, 'and')} is measured on a request that the settings declare, and they "
            f'declare none: add `performance: {{probes: {{{unasked[0]}: "http://:PORT/PATH"}}}}`'
        )
    return found


def broken(planned: Iterable[PlannedLimit], measured: Measurements, seconds: float) -> Iterator[str]:
    """Yield a sentence for each limit that was not kept, or not proven; the test ran for ``seconds``."""
    for one in planned:
        result = judge(one, measured)
        if result.outcome is Outcome.FAILED:
            yield result.message
        elif result.outcome is not Outcome.PASSED:
            yield f"{result.message} {_advice(one, result.evidence.get('needed'), seconds)}"


def _limit(text: str) -> Limit:
    try:
        limit = parse_limit(text)
    except LimitError as error:
        raise MarkerError(f"{text!r}: {error}") from None
    if limit.phase is not None:
        raise MarkerError(f"{text!r}: it holds while the test runs and has no other phase; leave out '{limit.phase}.'")
    if not limit.metric.startswith(_MEASURED):
        known = [name for name in METRICS if name.startswith(_MEASURED)]
        raise MarkerError(f"{text!r}: {limit.metric} is not measured while a test runs: expected {listed(known)}")
    return replace(limit, phase=TEST)


def _fitting(name: str, services: Collection[str]) -> list[str]:
    found = [one for one in services if one == name or (is_pattern(name) and fnmatchcase(one, name))]
    if not found:
        raise MarkerError(unknown_service(name, services))
    return found


def _planned(service: str, limit: Limit, name: str) -> PlannedLimit:
    """Return a limit of one service; what only a pattern names may be a one-shot of which nothing is left."""
    return PlannedLimit(catalogue.limit_kept(service, limit.text), service, limit, may_end=name != service)


def _advice(planned: PlannedLimit, enough: object, seconds: float) -> str:
    """Say how a test gets the samples that a limit needs."""
    if not isinstance(enough, int):
        return "Leave the service running in the test, or leave out the limit."
    ways = ["let it go on for longer"]
    if planned.limit.metric in REQUEST_METRICS:
        ways.append(f"ask more often (`rate` in `performance.probes.{planned.service}`)")
    if planned.limit.aggregation.percentile is not None:
        ways.append("bound what needs few samples (`max`, `last`)")
    return f"The test ran for {seconds:.1f} s: {listed(ways)}."
