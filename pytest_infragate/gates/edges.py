"""Which edges a stack must prove open and which closed; pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from .. import catalogue
from ..compose.edges import Edge
from ..compose.external import ExternalCall
from ..compose.model import Project
from ..compose.names import host_names
from ..compose.ports import known_ports
from ..results import CheckResult, Finding, Location, PlannedCheck, Severity, failed
from ..service_keys import is_pattern
from ..settings import ConnectivityPolicy, ConnectivitySettings, EdgeSettings, ProbeSettings
from .spoken import protocol_of

EVERY = "*"
"""Names every service in an edge of the settings; within a name, it stands for any letters."""


@dataclass(frozen=True)
class PlannedEdge:
    """One edge with the check that it owes; ``ports`` are those that are tried."""

    check: PlannedCheck
    source: str
    target: str
    port: int | None
    path: str | None
    ports: tuple[int, ...]
    why: str
    location: Location | None = None
    must_be_open: bool = True
    probe: ProbeSettings | None = None
    """What is asked once a connection stands; ``None``: nothing."""
    declared: bool = False
    """Whether the settings say what is asked, so that nothing else proves the edge."""
    hosts: tuple[str, ...] = ()
    """The names by which the source calls the target; each must lead there. Empty: the service's own."""

    @property
    def names(self) -> tuple[str, ...]:
        """What the target is called when it is asked for."""
        return self.hosts or (self.target,)

    @property
    def command(self) -> tuple[str, ...]:
        """The argument list that proves the edge from inside the caller, where the settings name one."""
        return self.probe.argv if self.probe is not None else ()

    @property
    def origin(self) -> str:
        """Who wants it and where that is written."""
        return f"{self.why} ({self.location})" if self.location else self.why


def open_edges(project: Project, settings: ConnectivitySettings, inferred: Iterable[Edge]) -> tuple[PlannedEdge, ...]:
    """Return the edges that must be open: the declared ones, and those inferred ones that the policy counts."""
    declared = [edge for wanted in settings.expect for edge in _expanded(project, wanted, must_be_open=True)]
    hosts = {(edge.source, edge.target, edge.port): edge.hosts for edge in inferred}
    declared = [_as_called(edge, hosts.get((edge.source, edge.target, edge.port), ())) for edge in declared]
    if settings.policy is not ConnectivityPolicy.INFERRED:
        return _once(declared)
    known = {(edge.source, edge.target, port) for edge in declared for port in (*_ports_of_tcp(edge), None)}
    found = [
        replace(
            _planned(project, EdgeSettings(edge.source, edge.target, edge.port, location=edge.location), edge.why),
            hosts=edge.hosts,
        )
        for edge in inferred
        if not any(_covers(ignored, edge.source, edge.target, edge.port) for ignored in settings.ignore)
        and (edge.source, edge.target, edge.port) not in known
        and project.services[edge.source].replicas > 0
    ]
    return _once([*declared, *found])


def _ports_of_tcp(edge: PlannedEdge) -> tuple[int | None, ...]:
    """Return the port of a declared edge, of which nothing else has to be inferred then; files name those of TCP alone."""
    return () if edge.probe is not None and edge.probe.protocol == "udp" else (edge.port,)


def closed_edges(
    project: Project, settings: ConnectivitySettings, wanted: Sequence[PlannedEdge]
) -> tuple[PlannedEdge, ...]:
    """Return the edges that must be closed: the forbidden ones, and under policy ``closed`` all that are not expected."""
    forbidden = [edge for entry in settings.forbid for edge in _expanded(project, entry, must_be_open=False)]
    if settings.policy is ConnectivityPolicy.CLOSED:
        forbidden += _all_others(project, settings, wanted)
    return _once(forbidden)


def told_external(settings: ConnectivitySettings, external: Iterable[ExternalCall]) -> tuple[Finding, ...]:
    """Return what is said of each call that leads out of the stack, which is not probed; ``ignore`` silences it."""
    return tuple(
        _external(call)
        for call in external
        if not any(_covers(entry, call.source, call.host, call.port) for entry in settings.ignore)
    )


def _external(call: ExternalCall) -> Finding:
    check = catalogue.edge_open(str(call))
    return Finding(
        check=check.id,
        name=check.name,
        severity=Severity.INFO,
        subject=check.subject,
        message=f"{call.source} calls {call.host} ({call.why}), which is outside the stack: external, not probed.",
        remedy=f'Look after it yourself; connectivity: {{ignore: ["{call.source} -> {call.host}"]}} says that you do.',
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
    pairs = (*_ignorable(project, settings, tuple(inferred)), *outside)
    return tuple(
        _idle(
            entry, Severity.WARNING, "ignores an edge that the stack does not have", "Correct the entry or remove it."
        )
        for entry in settings.ignore
        if not any(_covers(entry, *pair) for pair in pairs)
    )


def unprovable(project: Project, settings: ConnectivitySettings) -> tuple[CheckResult, ...]:
    """Return a failure for each expected or forbidden edge that names no pair of services.

    Its target may be an alias or a host outside the stack; what was asked for is not proven all the same.
    """
    empty = {
        make(_text(entry)): entry
        for make, entries in ((catalogue.edge_open, settings.expect), (catalogue.edge_closed, settings.forbid))
        for entry in entries
        if not any(_pairs(project, entry))
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


def _all_others(
    project: Project, settings: ConnectivitySettings, wanted: Sequence[PlannedEdge]
) -> Iterator[PlannedEdge]:
    """Return every pair that is not expected; a service without containers neither asks nor can be reached."""
    expected = {(edge.source, edge.target) for edge in wanted}
    for source, target in _pairs(project, EdgeSettings(EVERY, EVERY)):
        ignored = any(_covers(entry, source, target, None) for entry in settings.ignore)
        absent = 0 in {project.services[source].replicas, project.services[target].replicas}
        if (source, target) not in expected and not ignored and not absent:
            yield _planned(
                project, EdgeSettings(source, target), "policy closed (it is not expected)", must_be_open=False
            )


def _expanded(project: Project, entry: EdgeSettings, *, must_be_open: bool) -> Iterator[PlannedEdge]:
    """Return one planned edge for every pair of services that an entry of the settings names."""
    why = "connectivity.expect" if must_be_open else "connectivity.forbid"
    for source, target in _pairs(project, entry):
        hosts = () if is_pattern(entry.target) or entry.target == target else (entry.target,)
        planned = _planned(project, replace(entry, source=source, target=target), why, must_be_open=must_be_open)
        yield replace(planned, hosts=hosts)


def _pairs(project: Project, entry: EdgeSettings) -> Iterator[tuple[str, str]]:
    """Return the pairs of different services that an entry names; a target may go by an alias, a host or container name."""
    targets = _named(project, entry.target) or _called(project, entry.target)
    for source in _named(project, entry.source):
        yield from ((source, target) for target in targets if source != target)


def _named(project: Project, name: str) -> tuple[str, ...]:
    """Return the services that one end of an entry names."""
    if is_pattern(name):
        return tuple(one for one in project.services if fnmatchcase(one, name))
    return (name,) if name in project.services else ()


def _called(project: Project, name: str) -> tuple[str, ...]:
    """Return the service that others reach by a name that is not its own."""
    found = host_names(project).get(name.lower())
    return (found,) if found else ()


def _planned(project: Project, edge: EdgeSettings, why: str, *, must_be_open: bool = True) -> PlannedEdge:
    port = 80 if edge.path is not None and edge.port is None else edge.port
    subject = f"{edge.source} -> {edge.target}" + (f":{port}" if port is not None else "") + _asked_for(edge)
    probe = _probe(project, edge, port) if must_be_open else edge.probe
    return PlannedEdge(
        check=(catalogue.edge_open if must_be_open else catalogue.edge_closed)(subject),
        source=edge.source,
        target=edge.target,
        port=port,
        path=edge.path,
        ports=known_ports(project.services[edge.target]) if port is None else (port,),
        why=why,
        location=edge.location,
        must_be_open=must_be_open,
        probe=probe,
        declared=edge.probe is not None,
    )


def _asked_for(edge: EdgeSettings) -> str:
    """Return what tells an edge from another one to the same port: its path, UDP, or the program that proves it."""
    if edge.probe is not None and edge.probe.argv:
        return f" ({edge.probe.argv[0]})"
    return "/udp" if edge.probe is not None and edge.probe.protocol == "udp" else edge.path or ""


def _probe(project: Project, edge: EdgeSettings, port: int | None) -> ProbeSettings | None:
    if edge.probe is not None and edge.probe.protocol:
        return edge.probe
    if edge.path is not None:
        suits: ProbeSettings | None = ProbeSettings("http", port=port, path=edge.path or "/")
    else:
        suits = protocol_of(project, edge.source, edge.target, port)
    return suits if edge.probe is None else _with_tls(suits or ProbeSettings("tcp", port), edge.probe)


def _with_tls(suits: ProbeSettings, wanted: ProbeSettings) -> ProbeSettings:
    """Return what would be asked anyway, with the TLS that the settings want of it."""
    return replace(
        suits, tls=suits.tls or wanted.tls, verify=wanted.verify, ca=wanted.ca, server_name=wanted.server_name
    )


def _covers(entry: EdgeSettings, source: str, target: str, port: int | None) -> bool:
    """Whether an entry of the settings means an edge; an entry without a port means all of them."""
    return _names(entry.source, source) and _names(entry.target, target) and entry.port in {None, port}


def _names(written: str, name: str) -> bool:
    return written in {EVERY, name} or (is_pattern(written) and fnmatchcase(name, written))


def _once(edges: Iterable[PlannedEdge]) -> tuple[PlannedEdge, ...]:
    """Return each edge once, the first of its kind with the names of all; those on which something else is asked are numbered."""
    first: dict[tuple[str, object], PlannedEdge] = {}
    for edge in edges:
        key = (edge.check.subject, _what_is_asked(edge))
        first[key] = _also_called(first.setdefault(key, edge), edge.names)
    times: dict[str, int] = {}
    found = []
    for (subject, _), edge in first.items():
        times[subject] = times.get(subject, 0) + 1
        number = f" #{times[subject]}" if times[subject] > 1 else ""
        found.append(replace(edge, check=replace(edge.check, subject=f"{subject}{number}")))
    return tuple(found)


def _what_is_asked(edge: PlannedEdge) -> ProbeSettings | None:
    return replace(edge.probe, location=None, text="") if edge.declared and edge.probe else None


def _as_called(edge: PlannedEdge, hosts: Iterable[str]) -> PlannedEdge:
    """Return a declared edge with the names that its caller uses, unless the settings say what is asked."""
    return edge if edge.declared else _also_called(edge, hosts)


def _also_called(edge: PlannedEdge, hosts: Iterable[str]) -> PlannedEdge:
    """Return an edge that must lead to its target by these names too."""
    names = tuple(dict.fromkeys((*edge.names, *hosts)))
    return edge if names == edge.names else replace(edge, hosts=names)
