"""Health after the last test: the same conditions again, and everything that happened since the first test."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from .. import catalogue
from ..results import CheckResult, Finding, Json, PlannedCheck, Severity, failed, not_run, passed
from ..stack.event import StackEvent
from ..stack.interruptions import MeantInterruption
from ..stack.state import ContainerState
from . import symptoms
from .incidents import FROM_OUTSIDE, Incident, Meanwhile, incidents, is_meant, survived, unknown
from .readiness import ENDED, Look, Readiness, State, judge_all
from .roles import Life, Role
from .symptoms import Logs, no_logs
from .waiting import Wait

_TOLD = 5
_FIND_OUT = "Find out what ended or changed it while the tests ran; its log shows the moment."
_FIND_WHO = "Find out who stopped it: a test that does so on purpose does it through infragate_stack."


@dataclass(frozen=True)
class Aftermath:
    """What is known after the last test: the containers now, all events, and what tests did on purpose."""

    containers: tuple[ContainerState, ...]
    events: tuple[StackEvent, ...]
    meant: Sequence[MeantInterruption] = ()
    needs: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """The services that each service calls or waits for: it may turn unhealthy while one of them is interrupted."""
    meanwhile: Meanwhile = unknown
    known: float = math.inf
    """How many events were seen when everything was proven; later ones count whatever the engine's clock says."""


@dataclass(frozen=True)
class _Record:
    """What happened to one service: what closes the gate, and what was meant."""

    incidents: tuple[Incident, ...]
    meant: tuple[Incident, ...]


def recheck(
    roles: Mapping[str, Role], before: Wait, after: Aftermath, look: Look, logs: Logs = no_logs
) -> list[CheckResult]:
    """Return for each service whether it was healthy from the first test until now.

    ``before`` is what the waiting has proven; events from its moment ``at`` on count. ``needs`` may hold cycles.
    ``look`` asks the services once more.
    """
    lived = {name: _decided(role, before.readiness[name]) for name, role in roles.items()}
    now = judge_all(lived, after.containers, look)
    return [_result(role, before, after, now[name], logs) for name, role in lived.items()]


def _decided(role: Role, before: Readiness) -> Role:
    """Return the role with the life that the service has shown: from now on the end of one that ran is a death."""
    if role.life is not Life.UNDECIDED:
        return role
    return role.lived_as(Life.ONE_SHOT if before.proof == ENDED else Life.LONG_RUNNING)


def _result(role: Role, before: Wait, after: Aftermath, now: Readiness, logs: Logs) -> CheckResult:
    check = catalogue.service_stayed_healthy(role.service)
    if before.readiness[role.service].state is not State.READY:
        return not_run(check, f"{role.service} was not proven ready, so there was no health to keep")
    record = _record(role, before, after)
    faults = _told(record, before, after.meanwhile) or _changed(role, before, after)
    if now.state is not State.READY and not _tells_its_end(record, now):
        faults.append(f"at the end it {now.message}")
    listed, meant = _listed(record.incidents, after.meanwhile), _listed(record.meant, after.meanwhile)
    if not faults:
        return passed(check, _kept(now, record), incidents=listed, meant=meant)
    message = f"{role.service} {'; '.join(faults)}"
    own = [state for state in after.containers if state.service == role.service]
    text = "\n".join(filter(None, (message, symptoms.details(own, logs))))
    outside = any(FROM_OUTSIDE in one.what for one in record.incidents)
    closing = (_closing(check, role, message, _FIND_WHO if outside else now.remedy or _FIND_OUT),)
    return failed(check, text, closing, incidents=listed, meant=meant)


def _tells_its_end(record: _Record, now: Readiness) -> bool:
    """Whether the incidents have told already that the container has ended, and nothing has started it since."""
    last = record.incidents[-1].event.action if record.incidents else ""
    return last == "die" and now.message.startswith("has ended")


def _record(role: Role, before: Wait, after: Aftermath) -> _Record:
    """Split what happened since the proof into what must not happen and what a test meant.

    What a container lost before, and lives on without, nothing but an event tells: it counts as well.
    """
    own = [one for one in after.events if one.service == role.service]
    since = [one for one in own if one.time >= before.at or one.number > after.known]
    earlier = [one for one in own if one not in since]
    lost = [one for one in earlier if one.action == "oom" and survived(one, earlier)]
    meant = [one for one in since if is_meant(one, after.meant, after.needs)]
    rest = [one for one in since if one not in meant]
    return _Record(tuple(incidents(role.life, [*lost, *rest])), tuple(incidents(role.life, meant)))


def _told(record: _Record, before: Wait, meanwhile: Meanwhile) -> list[str]:
    """Return the incidents in words, the first ones only where there are many."""
    texts = [one.text(before.at, meanwhile) for one in record.incidents[:_TOLD]]
    more = len(record.incidents) - len(texts)
    return [*texts, f"and {more} more such events"] if more else texts


def _changed(role: Role, before: Wait, after: Aftermath) -> list[str]:
    """Return what the containers show of a change that no event told."""
    then = {state.id: state for state in before.containers if state.service == role.service}
    now = {state.id: state for state in after.containers if state.service == role.service}
    meant = any(one.service == role.service for one in after.meant)
    found = [f"has another container now ({now[new].name})" for new in now.keys() - then.keys()]
    for known in then.keys() & now.keys():
        started = now[known].started_at
        if now[known].restart_count > then[known].restart_count:
            found.append(f"was restarted {symptoms.times(now[known].restart_count - then[known].restart_count)}")
        elif started != then[known].started_at and started and not meant and role.life is not Life.ONE_SHOT:
            ran = str(after.meanwhile(started))
            found.append(", ".join(filter(None, (f"was started anew at {started:%H:%M:%S} UTC", ran))))
    return found


def _listed(found: Sequence[Incident], meanwhile: Meanwhile) -> Json:
    return [one.to_dict(meanwhile) for one in found]


def _kept(now: Readiness, record: _Record) -> str:
    meant = f"; {len(record.meant)} interruptions were meant" if record.meant else ""
    return f"stayed so until after the last test: {now.message}{meant}"


def _closing(check: PlannedCheck, role: Role, message: str, remedy: str) -> Finding:
    return Finding(check.id, check.name, Severity.ERROR, role.service, message, remedy, role.location)
