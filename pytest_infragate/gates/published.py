"""Proves a published port: a listener behind it in the container's network namespace, then an answer on the host.

A connect on the host alone proves nothing: the engine's proxy accepts it with no listener behind it.
"""

from __future__ import annotations

import ipaddress
import socket
from typing import TYPE_CHECKING

from ..compose.model import Port
from ..probes.listeners import listening
from ..results import CheckResult, failed, not_run, passed
from ..stack.state import ContainerState, PublishedPort
from .edge_plan import PlannedPort
from .live import LiveStack

if TYPE_CHECKING:
    from ..stack.inside import Inside

CONNECT_S = 3.0
HOLD_S = 1.0
"""A connection that is neither answered nor closed for this long has somebody behind it."""
_LOOPBACK = "127.0.0.1"


def judge(planned: PlannedPort, live: LiveStack, inside: Inside) -> CheckResult:
    """Return the result of one published port. Raises InsideError when its container cannot be looked into."""
    if planned.service in live.not_ready:
        reason = live.not_ready[planned.service]
        return not_run(planned.check, f"not tried: {planned.service} did not become ready: {reason}")
    containers = live.running(planned.service)
    port = planned.port
    behind = listening(inside, containers, (port.target,), port.protocol)
    if not behind.ok:
        remedy = f"Make {planned.service} listen on 0.0.0.0:{port.target}, or correct the port that it publishes."
        return failed(
            planned.check, f"{planned.service} publishes {port.target}/{port.protocol}: {behind.message}. {remedy}"
        )
    if port.protocol != "tcp":
        return passed(
            planned.check, f"{behind.message}; {port.protocol} cannot be asked from the host: weaker evidence"
        )
    return _judge_on_host(planned, containers, inside.engine.published_host)


def _judge_on_host(planned: PlannedPort, containers: tuple[ContainerState, ...], host: str) -> CheckResult:
    """Judge what the host gets from every container's port."""
    said = []
    for container in containers:
        places = host_places(container, planned.port, host)
        if not places:
            return failed(
                planned.check,
                f"{container.name} listens on {planned.port.target}, but the engine publishes it nowhere.",
            )
        for place in places:
            problem, proof = ask_host(*place)
            if problem:
                return failed(planned.check, f"{container.name}: {place[0]}:{place[1]} {problem}.")
            said.append(f"{place[0]}:{place[1]} {proof}")
    return passed(planned.check, f"listens on {planned.port.target} in its namespace; {', '.join(said)}")


def host_places(container: ContainerState, port: Port, host: str) -> tuple[tuple[str, int], ...]:
    """Return (host, port) of each place where the engine published a container port, seen from here.

    ``host`` is where this engine's published ports are reached. Of an IPv4 and an IPv6 place the IPv4 one is taken.
    """
    if container.network_mode == "host":
        return ((host, port.target),)
    mine = [one for one in container.ports if (one.target, one.protocol) == (port.target, port.protocol)]
    four = [one for one in mine if ":" not in one.host_ip]
    return tuple(dict.fromkeys((_reached_at(one, host), one.host_port) for one in four or mine))


def _reached_at(published: PublishedPort, host: str) -> str:
    if published.host_ip and not ipaddress.ip_address(published.host_ip).is_unspecified:
        return published.host_ip
    return "::1" if published.host_ip == "::" and host == _LOOPBACK else host


def ask_host(host: str, port: int, hold_s: float = HOLD_S) -> tuple[str, str]:
    """Connect from here and wait for a word; return (what is wrong, what is proven), one of them empty."""
    try:
        with socket.create_connection((host, port), CONNECT_S) as connection:
            connection.settimeout(hold_s)
            try:
                reply = connection.recv(1)
            except TimeoutError:
                return "", "keeps the connection open"
    except OSError as error:
        return f"cannot be reached from here: {error}", ""
    if reply:
        return "", "answers"
    return "accepts and hangs up at once, as the engine's proxy does when nobody listens behind it", ""
