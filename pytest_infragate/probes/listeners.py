"""What really listens in a container's network namespace, read from the kernel's socket tables."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from ..stack.state import ContainerState

if TYPE_CHECKING:
    from ..stack.inside import Inside

TABLES = ("/proc/net/tcp", "/proc/net/tcp6", "/proc/net/udp", "/proc/net/udp6")
_TCP_LISTEN = "0A"
_UDP_UNCONNECTED = "07"
_ENGINE_RESOLVER = ipaddress.ip_address("127.0.0.11")
"""The engine's own name server, which listens in every namespace on a user-defined network."""
_IPV4_HEX = 8
_UDP_HEADER = "drops"
_TOLD = 8
"""How many listeners a sentence names."""


@dataclass(frozen=True, order=True)
class Listener:
    """One listening socket; ``str`` gives ``127.0.0.1:8000`` or ``[::]:80/udp``."""

    port: int
    address: str
    protocol: str = "tcp"

    @property
    def loopback(self) -> bool:
        """Whether nobody outside of the namespace can reach it."""
        return _plain(ipaddress.ip_address(self.address)).is_loopback

    def __str__(self) -> str:
        host = f"[{self.address}]" if ":" in self.address else self.address
        return f"{host}:{self.port}" + ("" if self.protocol == "tcp" else f"/{self.protocol}")


class Listening(NamedTuple):
    """Whether something listens on all the ports, and the sentence that says what was found."""

    ok: bool
    message: str
    silent: tuple[int, ...] = ()
    """The ports on which it does not listen where others can reach it."""


def parse_tables(text: str) -> tuple[Listener, ...]:
    """Return the listeners in the text of the kernel's tables, one after the other, each with its head line.

    Format: proc_net_tcp in the kernel's documentation; addresses are words in the machine's (little-endian) order.
    """
    return tuple(sorted(set(_listeners(text))))


def listeners(inside: Inside, container: ContainerState) -> tuple[Listener, ...]:
    """Return what listens in the container's network namespace. Raises InsideError when it cannot be looked at."""
    return parse_tables(inside.read(container, TABLES))


def listening(
    inside: Inside, containers: Sequence[ContainerState], ports: Iterable[int], protocol: str = "tcp"
) -> Listening:
    """Say whether every container listens on all ports where others can reach it.

    Raises InsideError when a container cannot be looked into.
    """
    wanted = tuple(ports)
    found = [(container.name, judge(listeners(inside, container), wanted, protocol)) for container in containers]
    bad = [f"{name} {judged.message}" for name, judged in found if not judged.ok]
    good = found[0][1].message if found else "there is no container"
    silent = sorted({port for _, judged in found for port in judged.silent})
    return Listening(bool(found) and not bad, "; ".join(bad) or good, tuple(silent))


def judge(found: Sequence[Listener], ports: Iterable[int], protocol: str = "tcp") -> Listening:
    """Say whether something listens on all ports where others can reach it, and what else listens if not."""
    problems = {port: problem for port in ports if (problem := _problem(found, port, protocol))}
    if problems:
        return Listening(False, f"{' and '.join(problems.values())}; {told(found)}", tuple(problems))
    named = ", ".join(f"{port}/{protocol}" for port in ports)
    return Listening(ok=True, message=f"listens on {named}")


def told(found: Sequence[Listener]) -> str:
    """Say in words what listens."""
    further = f" and {len(found) - _TOLD} more" if len(found) > _TOLD else ""
    return f"it listens on {', '.join(map(str, found[:_TOLD]))}{further}" if found else "it listens on nothing at all"


def on_loopback_only(found: Sequence[Listener], ports: Iterable[int], protocol: str = "tcp") -> tuple[Listener, ...]:
    """Return what listens on these ports; nothing where there is none or others can reach one of them."""
    wanted = frozenset(ports)
    there = tuple(one for one in found if one.port in wanted and one.protocol == protocol)
    return there if all(one.loopback for one in there) else ()


def _problem(found: Sequence[Listener], port: int, protocol: str) -> str:
    """Say what is wrong with one port; empty when somebody outside can reach it."""
    there = [listener for listener in found if (listener.port, listener.protocol) == (port, protocol)]
    if not there:
        return f"does not listen on {port}/{protocol}"
    if all(listener.loopback for listener in there):
        return f"listens on {port}/{protocol} only on its own loopback ({', '.join(map(str, there))})"
    return ""


def _listeners(text: str) -> Iterator[Listener]:
    protocol = "tcp"
    for line in text.splitlines():
        fields = line.split()
        if "local_address" in fields:
            protocol = "udp" if _UDP_HEADER in fields else "tcp"
        elif len(fields) > 3 and fields[3] == (_UDP_UNCONNECTED if protocol == "udp" else _TCP_LISTEN):
            host, _, port = fields[1].rpartition(":")
            address = _address(host)
            if address != _ENGINE_RESOLVER:
                yield Listener(int(port, 16), str(address), protocol)


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """Return the address of the kernel's hexadecimal words."""
    words = [bytes.fromhex(text[at : at + _IPV4_HEX])[::-1] for at in range(0, len(text), _IPV4_HEX)]
    return _plain(ipaddress.ip_address(b"".join(words)))


def _plain(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """Return the IPv4 address inside a mapped IPv6 one."""
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address
