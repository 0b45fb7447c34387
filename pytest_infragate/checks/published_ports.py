"""Checks of who gets which port of the host (IG3xx)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from heapq import heappop, heappush

from ..compose.model import Port, Project, Service
from ..compose.ports import is_published
from ..results import Severity
from .base import Draft, check

_ANY = ""
_Group = tuple[str, str, str]
"""Protocol, address family and address."""


@dataclass(frozen=True)
class _Claim:
    """One container's need for one port of the host out of a span."""

    service: Service
    port: Port
    first: int
    last: int


@check("IG301", Severity.ERROR)
def host_port_conflict(project: Project) -> Iterator[Draft]:
    """Two services publish the same port of the host, and only one of them can have it.

    Protocol and host address count: ``127.0.0.1:80`` and ``127.0.0.2:80`` go together, ``80`` and ``127.0.0.1:80`` do
    not, and ``53/udp`` is another port than ``53``. From a range for one container port the engine chooses; flagged is
    what cannot be given out whatever it chooses, all replicas counted.

    References: Compose documentation, services, ports.

    Flagged::

        services:
          web:
            image: nginx:1.27
            ports: ["8080:80"]
          admin:
            image: nginx:1.27
            ports: ["127.0.0.1:8080:8080"]

    Accepted::

        services:
          web:
            image: nginx:1.27
            ports: ["127.0.0.1:8080:80"]
          admin:
            image: nginx:1.27
            ports: ["127.0.0.2:8080:80", "8080:80/udp", "8080-8081:81/udp"]
    """
    told: set[tuple[str, int, str]] = set()
    for group, claims in sorted(_by_address(project).items()):
        for loser, winner in _refused(claims):
            key = (loser.service.name, loser.first, group[0])
            if key in told or _alone_with_itself(loser, winner):
                continue
            told.add(key)
            yield _conflict(loser, winner)


@check("IG302", Severity.ERROR)
def replicas_share_host_port(project: Project) -> Iterator[Draft]:
    """A service runs several times but publishes one fixed port of the host; only one replica can have it.

    References: Compose documentation, Deploy Specification, replicas.

    Flagged::

        services:
          web:
            image: nginx:1.27
            ports: ["8080:80"]
            deploy: {replicas: 2}

    Accepted::

        services:
          web:
            image: nginx:1.27
            ports: ["8080-8081:80"]
            deploy: {replicas: 2}
          api:
            image: nginx:1.27
            ports: ["80"]
            deploy: {replicas: 3}
    """
    for service in project.services.values():
        for port in service.ports:
            span = _span(port)
            if span is not None and span[1] - span[0] + 1 < service.replicas:
                message = f"{service.replicas} replicas share the host port {port.published}."
                remedy = "Publish a range that has a port for each replica, or none and let the engine choose."
                yield Draft(service.name, message, remedy, port.location or service.place("ports"))


def _conflict(loser: _Claim, winner: _Claim) -> Draft:
    address = f"{loser.port.host_ip}:" if loser.port.host_ip else ""
    name = f"{address}{loser.port.published}/{loser.port.protocol}"
    same = loser.service is winner.service
    owner = "also published by this service" if same else f"already published by {winner.service.name!r}"
    span = "" if winner.port.published == loser.port.published else f" as part of {winner.port.published}"
    what = "range of host ports" if loser.first != loser.last else "host port"
    message = f"The {what} {name} is {owner}{span} ({winner.port.location})."
    remedy = "Give one of them another host port, or leave the host port away and let the engine choose."
    return Draft(loser.service.name, message, remedy, loser.port.location or loser.service.place("ports"))


def _by_address(project: Project) -> Mapping[_Group, list[_Claim]]:
    """Return the claims that meet on each address; one on all addresses meets those on any."""
    fixed: defaultdict[_Group, list[_Claim]] = defaultdict(list)
    for service in project.services.values():
        for port in service.ports if is_published(service) else ():
            span = _span(port)
            claims = [_Claim(service, port, *span)] * service.replicas if span else []
            for family, address in _addresses(port):
                fixed[(port.protocol, family, address)].extend(claims)
    return {
        group: claims if group[2] == _ANY else [*fixed.get((*group[:2], _ANY), ()), *claims]
        for group, claims in fixed.items()
    }


def _refused(claims: Iterable[_Claim]) -> Iterator[tuple[_Claim, _Claim]]:
    """Give out the ports, each to the claim that can least wait; yield who gets none, with one who has it."""
    waiting = sorted(claims, key=lambda claim: (claim.first, claim.last, claim.service.name))[::-1]
    queue: list[tuple[int, int, _Claim]] = []
    given: dict[int, _Claim] = {}
    port = -1
    while waiting or queue:
        port = port + 1 if queue else max(port + 1, waiting[-1].first)
        while waiting and waiting[-1].first <= port:
            claim = waiting.pop()
            heappush(queue, (claim.last, -len(waiting), claim))
        while queue and queue[0][0] < port:
            loser = heappop(queue)[2]
            yield loser, _holder(given, loser)
        if queue:
            given[port] = heappop(queue)[2]


def _holder(given: Mapping[int, _Claim], loser: _Claim) -> _Claim:
    """Return who has a port of the span, preferably by another publication."""
    holders = (given[port] for port in range(loser.last, loser.first - 1, -1))
    return next((claim for claim in holders if claim.port is not loser.port), given[loser.last])


def _alone_with_itself(loser: _Claim, winner: _Claim) -> bool:
    """Whether replicas of one service want the same publication, which is a check of its own."""
    return loser.port is winner.port


def _addresses(port: Port) -> tuple[tuple[str, str], ...]:
    """Return the address families with the address (any: empty) that a publication binds."""
    if not port.host_ip:
        return (("4", _ANY), ("6", _ANY))
    family = "6" if ":" in port.host_ip else "4"
    return ((family, _ANY if port.host_ip in ("0.0.0.0", "::") else port.host_ip),)  # noqa: S104  (compared, not bound)


def _span(port: Port) -> tuple[int, int] | None:
    """Return the first and last host port that a publication may use, ``None`` where the engine chooses freely."""
    first, _, last = (port.published or "0").rpartition(":")[2].partition("-")
    if not first.isdigit() or first == "0":
        return None
    return int(first), int(last) if last.isdigit() else int(first)
