"""Which edges a stack must prove open and which closed; pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from .. import catalogue
from ..compose.edges import Edge
from ..compose.model import Project
from ..compose.names import directory
from ..compose.ports import known_ports
from ..results import Location, PlannedCheck
from ..service_keys import is_pattern
from ..settings import ConnectivityPolicy, ConnectivitySettings, EdgeSettings, ProbeSettings
from .spoken import further_logins, protocol_of

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
        return _with_logins(project, _once(declared))
    known = {(edge.source, edge.target, port) for edge in declared for port in (*_ports_of_tcp(edge), None)}
    found = [
        replace(
            _planned(project, EdgeSettings(edge.source, edge.target, edge.port, location=edge.location), edge.why),
            hosts=edge.hosts,
        )
        for edge in inferred
        if not any(covers(ignored, edge.source, edge.target, edge.port) for ignored in settings.ignore)
        and (edge.source, edge.target, edge.port) not in known
        and project.services[edge.source].replicas > 0
    ]
    return _with_logins(project, _once([*declared, *found]))


def _with_logins(project: Project, edges: Sequence[PlannedEdge]) -> tuple[PlannedEdge, ...]:
    """Return the edges, and one more for each further login that URLs of the caller state at the same port."""
    return (*edges, *(one for edge in edges for one in _further_logins(project, edge)))


def _further_logins(project: Project, edge: PlannedEdge) -> Iterator[PlannedEdge]:
    if edge.declared or edge.path is not None or edge.port is None:
        return
    caller = project.services[edge.source]
    for variable, probe in further_logins(project, edge.source, edge.target, edge.port).items():
        check = replace(edge.check, subject=f"{edge.check.subject} ({variable or 'command'})")
        why = ("environment", variable) if variable else ("command",)
        yield replace(edge, check=check, probe=probe, why=" ".join(why), location=caller.place(*why))


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


def _all_others(
    project: Project, settings: ConnectivitySettings, wanted: Sequence[PlannedEdge]
) -> Iterator[PlannedEdge]:
    """Return every pair that is not expected; a service without containers neither asks nor can be reached."""
    expected = {(edge.source, edge.target) for edge in wanted}
    for source, target in pairs(project, EdgeSettings(EVERY, EVERY)):
        ignored = any(covers(entry, source, target, None) for entry in settings.ignore)
        absent = 0 in {project.services[source].replicas, project.services[target].replicas}
        if (source, target) not in expected and not ignored and not absent:
            yield _planned(
                project, EdgeSettings(source, target), "policy closed (it is not expected)", must_be_open=False
            )


def _expanded(project: Project, entry: EdgeSettings, *, must_be_open: bool) -> Iterator[PlannedEdge]:
    """Return one planned edge for every pair of services that an entry of the settings names."""
    why = "connectivity.expect" if must_be_open else "connectivity.forbid"
    for source, target in pairs(project, entry):
        hosts = () if is_pattern(entry.target) or entry.target == target else (entry.target,)
        planned = _planned(project, replace(entry, source=source, target=target), why, must_be_open=must_be_open)
        yield replace(planned, hosts=hosts)


def pairs(project: Project, entry: EdgeSettings) -> Iterator[tuple[str, str]]:
    """Return the pairs of different services that an entry names; a target may go by an alias, a host or container name."""
    targets = _named(project, entry.target)
    for source in _named(project, entry.source):
        called = targets or _called(project, source, entry.target)
        yield from ((source, target) for target in called if source != target)


def _named(project: Project, name: str) -> tuple[str, ...]:
    """Return the services that one end of an entry names."""
    if is_pattern(name):
        return tuple(one for one in project.services if fnmatchcase(one, name))
    return (name,) if name in project.services else ()


def _called(project: Project, source: str, name: str) -> tuple[str, ...]:
    """Return the service that another one reaches by a name that is not its own."""
    found = directory(project).target(project.services[source], name)
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


def covers(entry: EdgeSettings, source: str, target: str, port: int | None) -> bool:
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
