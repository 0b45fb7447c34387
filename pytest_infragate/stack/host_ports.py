"""Fixed host ports that somebody else has, found before anything is started; only what is certain is told."""

from __future__ import annotations

import errno
import ipaddress
import socket
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ..compose.isolation import is_fixed
from ..compose.model import Port, Project, Service
from ..errors import Collision
from .neighbours import ISOLATE, Neighbour
from .state import PublishedPort

if TYPE_CHECKING:
    from .engine import Engine

_ANY = ("", "0.0.0.0", "::")  # noqa: S104  (compared, not bound)
_REMEDY = f"Stop what holds it, publish no fixed host port so that the engine chooses one, or {ISOLATE}."


def taken(engine: Engine, project: Project, others: Sequence[Neighbour]) -> Iterator[Collision]:
    """Yield each fixed host port that a container of others publishes, or on which a program of this machine listens.

    A port that is taken between this look and the start is told by the engine.
    """
    ours = {port.host_port for other in others if other.project == project.name for port in other.state.ports}
    foreign = [other for other in others if other.project != project.name]
    fixed = [(service, port) for service in project.services.values() for port in service.ports if _is_single(port)]
    local = bool(fixed) and is_this_machine(engine)
    for service, port in fixed:
        holder = _holder(port, foreign)
        if holder:
            yield _collision(service, port, f"which the {holder} has")
        elif local and _number(port) not in ours and _listens(port):
            yield _collision(service, port, "on which another program of this machine listens")


def is_this_machine(engine: Engine) -> bool:
    """Return whether the engine publishes ports in the network namespace of this process.

    Certain when the address of one of its bridges is an address of ours and the host has our name: not so for an
    engine in a virtual machine, a rootless one, and one whose socket is mounted into our container.
    """
    if not engine.is_local:
        return False
    with engine.asking("for its networks"):
        bridges = engine.client.api.networks(filters={"driver": "bridge"})
    gateways = [pool.get("Gateway") for one in bridges for pool in (one.get("IPAM") or {}).get("Config") or ()]
    return engine.name == socket.gethostname() and any(map(_is_our_address, filter(None, gateways)))


def _is_single(port: Port) -> bool:
    """Whether the files fix one host port; of a range the engine takes what is free."""
    return is_fixed(port) and (port.published or "").isdigit()


def _number(port: Port) -> int:
    return int(port.published or 0)


def _holder(port: Port, others: Sequence[Neighbour]) -> Neighbour | None:
    return next((other for other in others if any(collide(port, held) for held in other.state.ports)), None)


def collide(port: Port, held: PublishedPort) -> bool:
    """Return whether nobody can bind both: same protocol, number and family, and the same address or any address."""
    if (port.protocol, _number(port)) != (held.protocol, held.host_port):
        return False
    wanted = port.host_ip or ""
    if wanted and _version(wanted) != _version(held.host_ip):
        return False
    return wanted == held.host_ip or wanted in _ANY or held.host_ip in _ANY


def _version(address: str) -> int:
    return ipaddress.ip_address(address or "0.0.0.0").version  # noqa: S104  (read, not bound)


def _listens(port: Port) -> bool:
    """Return whether a program listens on a TCP port; a trial that is not allowed shows nothing.

    The trial binds as the engine's own proxy does, which keeps nobody else from listening, and never listens itself.
    """
    if port.protocol != "tcp":
        return False
    address = port.host_ip or "0.0.0.0"  # noqa: S104  (the engine binds there)
    try:
        _bind(address, _number(port))
    except OSError as error:
        return error.errno == errno.EADDRINUSE
    return False


def _bind(address: str, number: int) -> None:
    """Bind a TCP socket for a moment. Raises ``OSError`` when that is impossible."""
    family = socket.AF_INET6 if _version(address) == 6 else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        trial.bind((address, number))


def _is_our_address(address: str) -> bool:
    try:
        _bind(address, 0)
    except (OSError, ValueError):
        return False
    return True


def _collision(service: Service, port: Port, why: str) -> Collision:
    place = port.location or service.place("ports")
    where = f"{port.host_ip}:{port.published}" if port.host_ip else port.published
    message = f"service {service.name} publishes the host port {where}/{port.protocol}, {why}."
    return Collision(message, _REMEDY, service.name, place)
