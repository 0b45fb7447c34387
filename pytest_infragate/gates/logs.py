"""The logs of the services: a forbidden or certainly fatal line closes ``health``, suspicious ones are warnings."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from .. import catalogue
from ..compose.model import Project
from ..results import CheckResult, Finding, Json, Location, PlannedCheck, Severity, failed, passed, unevaluated
from ..settings import LogSettings
from ..stack.event import NANOSECONDS
from ..stack.interruptions import MeantInterruption
from ..stack.state import ContainerState
from ..units import format_size
from .log_tally import Hit, Kind, Written

SHOWN = 5
_WIDTH = 300
_BACKOFF = datetime.timedelta(milliseconds=100)
_HARMLESS = "If that is harmless, name the line in logs.allow."


@dataclass(frozen=True)
class LogReading:
    """What was read of the logs: by service what it wrote, and what could not be read or judged."""

    written: Mapping[str, Written]
    unreadable: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """What the engine says where the logging driver keeps nothing."""
    missing: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    trouble: str = ""
    """Why not every line was held against the user's patterns."""


@dataclass(frozen=True)
class Excuses:
    """What is not held against a service unless the settings forbid it.

    A container that ended before it was proven ready has either been started again, which ``restarts`` allows or not,
    or is missing; both are judged elsewhere. So only its life at that moment counts, and no line that a test caused.
    """

    ready_at: datetime.datetime
    lives: Mapping[str, datetime.datetime | None]
    """The containers that were proven ready, with the moment between that life and the one before, if there was one."""
    meant: Sequence[MeantInterruption] = ()

    @classmethod
    def of(
        cls, ready_at: datetime.datetime, containers: Sequence[ContainerState], meant: Sequence[MeantInterruption]
    ) -> Excuses:
        """Return the excuses of a stack that was proven ready with these containers."""
        return cls(ready_at, {state.id: _begin_of_life(state) for state in containers}, meant)

    def cover(self, service: str, hit: Hit) -> bool:
        """Return whether a line is not held against the service."""
        time = _time(hit)
        if any(one.service == service and one.end and one.begin <= time <= one.end for one in self.meant):
            return True
        begun = self.lives.get(hit.container_id, self.ready_at)
        return begun is not None and time < begun


def _begin_of_life(state: ContainerState) -> datetime.datetime | None:
    """Return a moment between the present life of a container and the one before, ``None`` where there was none.

    Lines are stamped when the engine reads them: the first ones may be older than the start that it tells, the last
    ones younger than the end. The engine waits for 100 ms at least before it starts a container again.
    """
    if state.started_at is None:
        return None
    if state.running:
        return state.finished_at and state.finished_at + (state.started_at - state.finished_at) / 2
    return state.started_at - _BACKOFF / 2 if state.restart_count else None


def plan(project: Project) -> tuple[PlannedCheck, ...]:
    """Return one check for each service."""
    return tuple(map(catalogue.log_clean, project.services))


def judge(
    check: PlannedCheck, reading: LogReading, settings: LogSettings, excuses: Excuses, location: Location | None = None
) -> CheckResult:
    """Judge what one service wrote; ``location`` is where the service is written."""
    service = check.subject
    written = reading.written.get(service, Written())
    forbidden = written.hits.get(Kind.FORBIDDEN, ())
    if forbidden:
        count = written.counts[Kind.FORBIDDEN]
        said = f"{service} wrote what logs.forbid names ({_lines(count)}, the first): {_told(forbidden[0])}"
        return _failed(check, said, forbidden, written, location)
    fatal = _held(written, Kind.FATAL, service, excuses)
    if fatal:
        said = f"the log of {service} says that {fatal[0].what}: {_told(fatal[0])}"
        return _failed(check, said, fatal, written, location)
    unread = reading.unreadable.get(service) or "; ".join(reading.missing.get(service, ()))
    if reading.trouble or (settings.forbid and unread):
        return unevaluated(
            check, f"the log of {service} was not judged: {reading.trouble or unread}", **_volume(written)
        )
    findings = [_unread(check, unread, location)] if unread else []
    if settings.forbid is None:
        findings += _suspicious(check, written, excuses, location)
    return passed(check, _clean(service, written, settings), tuple(findings), **_volume(written))


def _held(written: Written, kind: Kind, service: str, excuses: Excuses) -> list[Hit]:
    return [hit for hit in written.hits.get(kind, ()) if not excuses.cover(service, hit)]


def _failed(
    check: PlannedCheck, said: str, hits: Sequence[Hit], written: Written, location: Location | None
) -> CheckResult:
    shown = [_told(hit) for hit in hits[:SHOWN]]
    remedy = f"Find out what happened at that moment. {_HARMLESS}"
    closing = Finding(check.id, check.name, Severity.ERROR, check.subject, said, remedy, location)
    lines: list[Json] = [*shown]
    text = "\n".join([said, *(f"  {line}" for line in shown[1:])])
    return failed(check, text, (closing,), lines=lines, **_volume(written))


def _suspicious(check: PlannedCheck, written: Written, excuses: Excuses, location: Location | None) -> list[Finding]:
    """Return one warning for all suspicious lines of a service, those left out that a test caused."""
    kept = written.hits.get(Kind.SUSPICIOUS, ())
    held = [hit for hit in kept if not _is_meant(check.subject, hit, excuses)]
    count = written.counts.get(Kind.SUSPICIOUS, 0) - (len(kept) - len(held))
    if not held:
        return []
    shown = "\n".join(f"  {_told(hit)}" for hit in held[:SHOWN])
    message = f"{check.subject} wrote {_lines(count)} that look{'s' if count == 1 else ''} like an error:\n{shown}"
    remedy = "Name what is harmless in logs.allow, and what must not happen in logs.forbid."
    return [Finding(check.id, check.name, Severity.WARNING, check.subject, message, remedy, location)]


def _is_meant(service: str, hit: Hit, excuses: Excuses) -> bool:
    return Excuses(_EPOCH, {}, excuses.meant).cover(service, hit)


def _unread(check: PlannedCheck, why: str, location: Location | None) -> Finding:
    message = f"the log of {check.subject} could not be read, so it was not searched for fatal lines: {why}"
    remedy = "A logging driver that keeps the lines, such as json-file or local, lets them be read."
    return Finding(check.id, check.name, Severity.WARNING, check.subject, message, remedy, location)


def _clean(service: str, written: Written, settings: LogSettings) -> str:
    volume = f"{_lines(written.lines)}, {format_size(written.size)}"
    bad = "forbidden or fatal" if settings.forbid else "certainly fatal"
    return f"{service} wrote {volume}, none of it {bad}"


def _volume(written: Written) -> dict[str, Json]:
    return {"written": {"lines": written.lines, "bytes": written.size, "errors": written.errors}}


def _lines(count: int) -> str:
    return "1 line" if count == 1 else f"{count} lines"


def _told(hit: Hit) -> str:
    return f"{_time(hit):%Y-%m-%dT%H:%M:%S.%fZ} {hit.text[:_WIDTH]}"


def _time(hit: Hit) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(hit.time_ns / NANOSECONDS, datetime.timezone.utc)


_EPOCH = datetime.datetime.fromtimestamp(0, datetime.timezone.utc)
