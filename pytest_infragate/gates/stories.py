"""Tells failures cause first: what a failed service has caused is told under it, and what has caused it, in it."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from ..diagnosis import history, lines
from ..diagnosis.causes import Consequence, Root, Trouble, roots
from ..results import CheckResult, Finding, Json, Outcome, not_run
from ..stack.event import StackEvent
from ..stack.state import ContainerState
from ..suggest import listed
from .symptoms import SEE_LOG, Logs, no_logs

_WIDTH = 300

Containers = Sequence[ContainerState]


@dataclass(frozen=True)
class Clues:
    """Where the story of a failed service is taken from."""

    logs: Logs = no_logs
    events: Callable[[str], Sequence[StackEvent]] = lambda _service: ()
    changes: Callable[[str], str] = lambda _service: ""
    """What changed for a service since the last good run, in one line; empty when that is not known."""
    calls: Mapping[str, frozenset[str]] = field(default_factory=lambda: MappingProxyType({}))
    """The services that each service calls or waits for."""


def remembered(logs: Logs) -> Logs:
    """Return the same logs, those of each container read once."""
    known: dict[str, Sequence[str]] = {}

    def read(state: ContainerState) -> Sequence[str]:
        if state.id not in known:
            known[state.id] = logs(state)
        return known[state.id]

    return read


def trouble(result: CheckResult, containers: Containers, clues: Clues) -> Trouble:
    """Return what is known of a service that has failed by itself."""
    service = result.check.subject
    own = [state for state in containers if state.service == service]
    summary = result.message.partition("\n")[0].removeprefix(f"{service} ")
    said = (line for state in own for line in (*clues.logs(state), *_health_said(state)))
    return Trouble(service, summary, said=tuple(said), at=_failed_at(service, own, clues))


def explain(
    results: Sequence[CheckResult], troubles: Sequence[Trouble], containers: Containers, clues: Clues
) -> list[CheckResult]:
    """Return the results, roots first, each with what it has caused or was caused by, and what else explains it.

    A root tells its story in the first of its failed results; a further one points there.
    """
    found = roots(troubles, clues.calls, _addresses(containers))
    tales = {root.trouble.service: _Tale(root, containers, clues) for root in found}
    blames = {one.trouble.service: _Blame(root, one) for root in found for one in root.consequences}
    tellers = [_teller(name, results) for name in tales]

    def told(result: CheckResult) -> CheckResult:
        service = result.check.subject
        if result.outcome is Outcome.PASSED or service not in {*tales, *blames}:
            return result
        if service in blames:
            return blames[service].of_consequence(result)
        return tales[service].of_root(result) if result in tellers else replace(result, because=service)

    order = {name: place for place, name in enumerate((*tales, *blames))}
    return sorted(map(told, results), key=lambda one: (one.check.id, order.get(one.check.subject, len(order))))


def _teller(service: str, results: Sequence[CheckResult]) -> CheckResult | None:
    """Return the result of a root that tells its story: the first that failed, else the first that is open."""
    own = [one for one in results if one.check.subject == service and one.outcome is not Outcome.PASSED]
    return next((one for one in own if one.outcome is Outcome.FAILED), own[0] if own else None)


@dataclass(frozen=True)
class _Tale:
    """What a root has to tell."""

    root: Root
    containers: Containers
    clues: Clues

    def of_root(self, result: CheckResult) -> CheckResult:
        service = result.check.subject
        own = [state for state in self.containers if state.service == service]
        last = lines.telling([line for state in own for line in self.clues.logs(state)])[:_WIDTH]
        changed = self.clues.changes(service)
        ends = history.ends(self.clues.events(service))
        findings, log_note = _with_log(result, last)
        notes = tuple(filter(None, (log_note, *_consequences(self.root), changed)))
        caused: list[Json] = [one.trouble.service for one in self.root.consequences]
        evidence: dict[str, Json] = {"because_of_it": caused, "ends": [end.to_dict() for end in ends]}
        if changed:
            evidence["changed"] = changed
        shown = _inserted(result.message, (*notes[bool(log_note) :], _sentence(history.told(ends))))
        # A root is a failure whatever its check came to: what it has caused is told nowhere else.
        return replace(
            result,
            outcome=Outcome.FAILED,
            message=shown,
            notes=notes,
            findings=findings,
            evidence={**result.evidence, **evidence},
        )


@dataclass(frozen=True)
class _Blame:
    """What a consequence has to tell."""

    root: Root
    one: Consequence

    def of_consequence(self, result: CheckResult) -> CheckResult:
        cause, waits_for = self.root.trouble.service, self.one.trouble.waits_for
        if waits_for is None:
            note = f"probably because {cause} failed; it says: {self.one.evidence[:_WIDTH]}"
            return replace(result, message=_inserted(result.message, (note,)), notes=(note,), because=cause)
        chain = "" if waits_for == cause else f" (it waits for {waits_for})"
        text = f"{result.check.subject} was not started, because {cause} failed{chain}"
        return replace(not_run(result.check, text), evidence=result.evidence, because=cause)


def _consequences(root: Root) -> list[str]:
    """Tell what a root has caused: in one line all that was not started, in one line each what failed by itself."""
    unstarted = sorted(one.trouble.service for one in root.consequences if one.certain)
    verb = "was" if len(unstarted) == 1 else "were"
    told = [f"because of it: {listed(unstarted, 'and')} {verb} not started"] if unstarted else []
    if root.also_blocks:
        told.append(f"also in the way of {listed(root.also_blocks, 'and')}")
    return told + [
        f"probably because of it: {one.trouble.service} {one.trouble.summary}; it says: {one.evidence[:_WIDTH]}"
        for one in root.consequences
        if not one.certain
    ]


def _with_log(result: CheckResult, last: str) -> tuple[tuple[Finding, ...], str]:
    """Return the findings with the log's word in place of a pointer to it, else the log's word as a note."""
    if not last or last in result.message.partition("\n")[0]:
        return result.findings, ""
    if not lines.is_telling(last):
        return result.findings, f"its last log line: {last}" if _points_to_log(result) else ""
    findings = tuple(
        replace(one, remedy=f"Mend what its log names: {last}") if one.remedy == SEE_LOG else one
        for one in result.findings
    )
    return findings, "" if _points_to_log(result) else f"its log: {last}"


def _points_to_log(result: CheckResult) -> bool:
    return any(one.remedy == SEE_LOG for one in result.findings)


def _inserted(message: str, notes: Sequence[str]) -> str:
    """Return a message with further lines behind its first."""
    first, *rest = message.split("\n")
    return "\n".join([first, *(f"  {note}" for note in notes if note), *rest])


def _sentence(text: str) -> str:
    return f"it {text}" if text else ""


def _health_said(state: ContainerState) -> tuple[str, ...]:
    return tuple(line for run in state.health_runs if run.exit_code != 0 for line in lines.plain(run.output))


def _failed_at(service: str, own: Containers, clues: Clues) -> datetime.datetime | None:
    """Return when a service failed first, as far as events and states tell."""
    ends = history.ends(clues.events(service))
    if ends:
        return ends[0].time
    times = [run.start for state in own for run in state.health_runs if run.exit_code != 0 and run.start]
    times += [state.finished_at for state in own if not state.running and state.finished_at]
    return min(times, default=None)


def _addresses(containers: Containers) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for state in containers:
        found[state.service] = found.get(state.service, frozenset()) | {ip for ip in state.addresses.values() if ip}
    return found
