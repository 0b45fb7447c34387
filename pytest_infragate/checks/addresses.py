"""Checks of fixed addresses and address ranges (IG3xx)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from ..compose.model import Project, Resource, Service
from ..compose.values import Object, inner, objects, text
from ..results import Severity
from ..suggest import listed
from .base import Draft, check

Address = IPv4Address | IPv6Address
Range = IPv4Network | IPv6Network


@dataclass(frozen=True)
class _Fixed:
    """An address that a service asks for in a network; ``address`` is ``None`` where it is none."""

    service: Service
    network: Resource
    key: str
    written: str
    address: Address | None


@check("IG332", Severity.ERROR)
def address_outside_range(project: Project) -> Iterator[Draft]:
    """A service has a fixed address that is not in its network's range; the engine refuses to start it.

    It also refuses a fixed address in a network for which the file gives no range. External networks are not looked at.

    References: Compose documentation, services, ipv4_address.

    Flagged::

        services:
          db:
            image: ours/db:1.0
            networks:
              back: {ipv4_address: 10.6.0.5}
        networks:
          back: {ipam: {config: [{subnet: 10.5.0.0/24}]}}

    Accepted::

        services:
          db:
            image: ours/db:1.0
            networks:
              back: {ipv4_address: 10.5.0.5}
        networks:
          back: {ipam: {config: [{subnet: 10.5.0.0/24}]}}
    """
    for fixed in _addresses(project):
        if fixed.network.external or not _ipam_is_default(fixed.network):
            continue
        ranges = [found for found in map(_range, fixed.network.subnets) if found is not None]
        if fixed.address is None:
            message = f"{fixed.written!r} is no address."
        elif not any(fixed.address in found for found in ranges):
            given = f"is {listed(fixed.network.subnets, 'and')}" if fixed.network.subnets else "is not given"
            message = f"The address {fixed.written} is not in the network {fixed.network.key!r}, whose range {given}."
        else:
            continue
        remedy = "Choose an address in the range, or remove it: names of services need no fixed addresses."
        yield Draft(fixed.service.name, message, remedy, fixed.service.place("networks", fixed.network.key, fixed.key))


@check("IG333", Severity.ERROR)
def address_given_twice(project: Project) -> Iterator[Draft]:
    """Two services ask for the same fixed address in one network, or one asks for the address of the gateway.

    References: Compose documentation, services, ipv4_address.

    Flagged::

        services:
          db:
            image: ours/db:1.0
            networks:
              back: {ipv4_address: 10.5.0.5}
          cache:
            image: ours/cache:1.0
            networks:
              back: {ipv4_address: 10.5.0.5}
        networks:
          back: {ipam: {config: [{subnet: 10.5.0.0/24}]}}

    Accepted::

        services:
          db:
            image: ours/db:1.0
            networks:
              back: {ipv4_address: 10.5.0.5}
          cache:
            image: ours/cache:1.0
            networks:
              back: {ipv4_address: 10.5.0.6}
        networks:
          back: {ipam: {config: [{subnet: 10.5.0.0/24}]}}
    """
    holders: dict[tuple[str, Address], str] = {}
    for network in project.networks.values():
        for gateway in filter(None, (text(pool, "gateway") for pool in _pools(network))):
            address = _address(gateway)
            if address is not None:
                holders[network.key, address] = "the gateway"
    for fixed in _addresses(project):
        if fixed.address is None or fixed.service.replicas == 0:
            continue
        holder = holders.setdefault((fixed.network.key, fixed.address), repr(fixed.service.name))
        if holder != repr(fixed.service.name):
            message = f"The address {fixed.written} in the network {fixed.network.key!r} is already that of {holder}."
            place = fixed.service.place("networks", fixed.network.key, fixed.key)
            yield Draft(fixed.service.name, message, "Choose another address, or remove it.", place)


@check("IG334", Severity.ERROR)
def replicas_share_address(project: Project) -> Iterator[Draft]:
    """A service runs several times but asks for one fixed address; only one replica can have it.

    References: Compose documentation, Deploy Specification, replicas.

    Flagged::

        services:
          worker:
            image: ours:1.0
            deploy: {replicas: 2}
            networks:
              back: {ipv4_address: 10.5.0.5}
        networks:
          back: {ipam: {config: [{subnet: 10.5.0.0/24}]}}

    Accepted::

        services:
          worker:
            image: ours:1.0
            deploy: {replicas: 2}
            networks: [back]
        networks:
          back: {ipam: {config: [{subnet: 10.5.0.0/24}]}}
    """
    for fixed in _addresses(project):
        if fixed.service.replicas > 1:
            message = f"{fixed.service.replicas} replicas share the address {fixed.written}."
            place = fixed.service.place("networks", fixed.network.key, fixed.key)
            yield Draft(fixed.service.name, message, "Remove the address, or run one replica.", place)


@check("IG335", Severity.ERROR)
def network_ranges_overlap(project: Project) -> Iterator[Draft]:
    """Two networks of the project have address ranges that overlap; the engine creates only one of them.

    References: Compose documentation, networks, ipam.

    Flagged::

        services:
          web:
            image: ours:1.0
            networks: [front, back]
        networks:
          front: {ipam: {config: [{subnet: 10.5.0.0/16}]}}
          back: {ipam: {config: [{subnet: 10.5.1.0/24}]}}

    Accepted::

        services:
          web:
            image: ours:1.0
            networks: [front, back]
        networks:
          front: {ipam: {config: [{subnet: 10.5.0.0/24}]}}
          back: {ipam: {config: [{subnet: 10.5.1.0/24}]}}
    """
    for version in (4, 6):
        widest: tuple[Range, Resource] | None = None
        for found, network in sorted(_ranges(project, version), key=lambda pair: (pair[0], pair[1].key)):
            if widest is not None and found.network_address in widest[0]:
                message = f"Its range {found} overlaps with {widest[0]} of the network {widest[1].key!r}."
                yield Draft(network.key, message, "Give one of them another range, or none.", network.location)
            if widest is None or int(found.broadcast_address) > int(widest[0].broadcast_address):
                widest = (found, network)


@check("IG337", Severity.ERROR)
def network_range_invalid(project: Project) -> Iterator[Draft]:
    """The address range of a network is none, or its gateway or the range for containers lies outside it.

    References: Compose documentation, networks, ipam.

    Flagged::

        services:
          web:
            image: ours:1.0
            networks: [back]
        networks:
          back: {ipam: {config: [{subnet: 10.5.0.0/24, gateway: 10.6.0.1}]}}

    Accepted::

        services:
          web:
            image: ours:1.0
            networks: [back]
        networks:
          back: {ipam: {config: [{subnet: 10.5.0.0/24, gateway: 10.5.0.1, ip_range: 10.5.0.128/25}]}}
    """
    for network in project.networks.values():
        for pool in _pools(network) if not network.external and _ipam_is_default(network) else ():
            message = _wrong(pool)
            if message:
                yield Draft(network.key, message, "Correct it, or let the engine choose a range.", network.location)


def _wrong(pool: Object) -> str:
    """Return in words what is wrong with one range of a network; empty when nothing is."""
    subnet, gateway, inside = (text(pool, key) for key in ("subnet", "gateway", "ip_range"))
    if subnet is None:
        return ""
    whole = _range(subnet)
    if whole is None:
        return f"Its subnet {subnet!r} is no address range."
    if gateway is not None and ((address := _address(gateway)) is None or address not in whole):
        return f"Its gateway {gateway} is not in its subnet {subnet}."
    part = _range(inside) if inside is not None else whole
    if part is None or part.version != whole.version or not _within(part, whole):
        return f"Its ip_range {inside} is not in its subnet {subnet}."
    return ""


def _within(part: Range, whole: Range) -> bool:
    return part.network_address in whole and part.broadcast_address in whole


def _ranges(project: Project, version: int) -> Iterator[tuple[Range, Resource]]:
    """Yield the ranges of the networks that the engine is asked to create."""
    for network in project.networks.values():
        for found in map(_range, () if network.external else network.subnets):
            if found is not None and found.version == version and _ipam_is_default(network):
                yield found, network


def _addresses(project: Project) -> Iterator[_Fixed]:
    for service in project.services.values():
        for use in service.networks:
            network = project.networks.get(use.key)
            for key, written in (("ipv4_address", use.ipv4_address), ("ipv6_address", use.ipv6_address)):
                if written and network is not None:
                    yield _Fixed(service, network, key, written, _address(written))


def _pools(network: Resource) -> list[Object]:
    return objects(inner(network.resolved, "ipam"), "config")


def _ipam_is_default(network: Resource) -> bool:
    """Whether the engine itself gives out the addresses; another driver has rules of its own."""
    return text(inner(network.resolved, "ipam"), "driver") in (None, "default")


def _address(written: str) -> Address | None:
    try:
        return ip_address(written)
    except ValueError:
        return None


def _range(written: str) -> Range | None:
    try:
        return ip_network(written, strict=False)
    except ValueError:
        return None
