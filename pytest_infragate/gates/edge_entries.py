"""What is said of the entries of the settings that speak of edges, and of calls that leave the stack; pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from .. import catalogue
from ..compose.edges import Edge
from ..compose.external import ExternalCall
from ..compose.model import Project
from ..results import CheckResult, Finding, PlannedCheck, Severity, failed
from ..settings import ConnectivityPolicy, ConnectivitySettings, EdgeSettings
from .edges import covers, pairs


def told_external(settings: ConnectivitySettings, external: Iterable[ExternalCall]) -> tuple[Finding, ...]:
    """Return what is said of each call that leads out of the stack, which is not probed; ``ignore`` silences it."""
    return tuple(
        _external(call)
        for call in external
        if not any(covers(entry, call.source, call.host, call.port) for entry in settings.ignore)
    )


def _external(call: ExternalCall) -> Finding:
    check = catalogue.edge_open(str(call))
    where, remedy = "which is outside the stack: external, not probed", "Look after it yourself"
    if call.is_inactive:
        where = "a service of a profile that is not active: it does not run, and is not probed"
        remedy = "Activate its profile, or do without it"
    return Finding(
        check=check.id,
        name=check.name,
        severity=Severity.WARNING if call.is_inactive else Severity.INFO,
        subject=check.subject,
        message=f"{call.source} calls {call.host} ({call.why}), {where}.",
        remedy=f'{remedy}; connectivity: {{ignore: ["{call.source} -> {call.host}"]}} says that you do.',
        location=call.location,
    )


def idle_ignores(
    project: Project,
    settings: ConnectivitySettings,
    inferred: Iterable[Edge],
    external: Iterable[ExternalCall] = (),
) -> tuple[Finding, ...]:
    """Return a warning for each ``ignore`` entry that matches no edge and no call that leads out of the stack."""
    outside = tuple((call.source, call.host, call.port) for call in external)
    known = (*_ignorable(project, settings, tuple(inferred)), *outside)
    return tuple(
        _idle(
            entry, Severity.WARNING, "ignores an edge that the stack does not have", "Correct the entry or remove it."
        )
        for entry in settings.ignore
        if not any(covers(entry, *pair) for pair in known)
    )


def unprovable(project: Project, settings: ConnectivitySettings) -> tuple[CheckResult, ...]:
    """Return a failure for each expected or forbidden edge that names no pair of services.

    Its target may be an alias or a host outside the stack; what was asked for is not proven all the same.
    """
    empty = {
        make(_text(entry)): entry
        for make, entries in ((catalogue.edge_open, settings.expect), (catalogue.edge_closed, settings.forbid))
        for entry in entries
        if not any(pairs(project, entry))
    }
    return tuple(_unprovable(check, entry) for check, entry in empty.items())


def _unprovable(check: PlannedCheck, entry: EdgeSettings) -> CheckResult:
    remedy = "Name two services as the Compose files name them, or remove the entry."
    finding = replace(
        _idle(entry, Severity.ERROR, "names no pair of services of the stack, so it cannot be proven", remedy),
        check=check.id,
        name=check.name,
    )
    return failed(check, finding.message, (finding,))


def _text(entry: EdgeSettings) -> str:
    return entry.text or f"{entry.source} -> {entry.target}"


def _ignorable(
    project: Project, settings: ConnectivitySettings, edges: Sequence[Edge]
) -> tuple[tuple[str, str, int | None], ...]:
    """Return what an ``ignore`` entry may match: the inferred edges, or every pair under policy ``closed``."""
    if settings.policy is ConnectivityPolicy.DECLARED:
        return ()
    if settings.policy is ConnectivityPolicy.CLOSED:
        return tuple((source, target, None) for source in project.services for target in project.services)
    return tuple((edge.source, edge.target, edge.port) for edge in edges)


def _idle(entry: EdgeSettings, severity: Severity, text: str, remedy: str) -> Finding:
    check = catalogue.edge_open(_text(entry))
    return Finding(
        check=check.id,
        name=check.name,
        severity=severity,
        subject=check.subject,
        message=f"{check.subject!r} {text}.",
        remedy=remedy,
        location=entry.location,
    )
