"""Says why an edge is not as it must be, and what to change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..probes import PROTOCOLS
from ..probes.listeners import on_loopback_only
from ..results import CheckResult, Finding, Json, Severity, failed
from ..stack.exchange import Exchange, Failure, Judgement
from ..stack.state import ContainerState
from .edges import PlannedEdge
from .live import LiveStack, Sight

_NAMED_PORTS = 5


def failure_finding(edge: PlannedEdge, text: str, remedy: str) -> Finding:
    """Return the finding of a failed edge, at the place where the edge was written."""
    return Finding(
        check=edge.check.id,
        name=edge.check.name,
        severity=Severity.ERROR,
        subject=edge.check.subject,
        message=text,
        remedy=remedy,
        location=edge.location,
    )


def failed_edge(
    edge: PlannedEdge, text: str, remedy: str, reason: Failure | None = None, **evidence: Json
) -> CheckResult:
    """Return the failure of an edge; ``reason`` is its class, where it has one."""
    result = failed(edge.check, f"{text} {remedy}", (failure_finding(edge, text, remedy),))
    return replace(result, evidence={**({"reason": reason.value} if reason else {}), **evidence})


def explain(edge: PlannedEdge, caller: str, exchange: Exchange, live: LiveStack, sight: Sight) -> tuple[str, str]:
    """Return (what was found, what to change) for an edge that must be open and is not."""
    failure = exchange.failure or Failure.BROKEN
    tried = f"{exchange.question} {_told(failure)} from inside {caller}: {exchange.detail}."
    strangers = _strangers(edge, exchange, live)
    if strangers:
        led = f"There the name leads to {', '.join(strangers)}, where no container of {edge.target} is."
        return f"{tried} {led} Needed by {edge.origin}.", _remedy_of_strangers(edge)
    return f"{tried} {_surroundings(edge, live, sight)} Needed by {edge.origin}.", _remedy(edge, failure, live, sight)


def _told(failure: Failure) -> str:
    return "is reached, but not over TLS," if failure is Failure.TLS else f"is {failure.value}"


def explain_reply(edge: PlannedEdge, caller: str, said: Judgement) -> tuple[str, str]:
    """Return (what was found, what to change) for an edge whose connection stands, but with a wrong answer."""
    where = f"{edge.target}:{edge.port}{edge.path or ''}"
    text = f"{where} answers {caller} wrongly: {said.message}. Needed by {edge.origin}."
    if said.failure is Failure.STATUS and edge.declared:
        return text, f"Make {edge.target} answer as the settings expect, or correct what they expect."
    if said.failure is Failure.STATUS and edge.path is not None:
        return text, f"Make {edge.target} answer this path with a status from 200 to 399, or correct the path."
    if said.failure is Failure.AUTHENTICATION:
        return text, f"Give {edge.source} a user and a password that {edge.target} takes."
    return text, f"See in its log why {edge.target} is not ready, and that this is the port of the protocol asked for."


def explain_open(edge: PlannedEdge, caller: str, exchange: Exchange, live: LiveStack) -> tuple[str, str]:
    """Return (what was found, what to change) for an edge that must be closed and is open."""
    shared = _shared(edge, live)
    place = f"Both are on {', '.join(shared)}." if shared else "They share no network that the engine knows of."
    text = f"{caller} can connect to {exchange.question}, which is forbidden by {edge.origin}. {place}"
    remedy = f"Take {edge.source} or {edge.target} off the network that they share, or allow the edge in the settings."
    return text, remedy


def _strangers(edge: PlannedEdge, exchange: Exchange, live: LiveStack) -> list[str]:
    """Return the IPv4 addresses behind the name that no container of the target has, where the engine knows those."""
    known = {ip for state in live.of(edge.target) for ip in state.addresses.values() if ip}
    return [ip for ip in exchange.resolved if ":" not in ip and ip not in known] if known else []


def _remedy_of_strangers(edge: PlannedEdge) -> str:
    return (
        f"Find what else goes by that name: extra_hosts of {edge.source}, the hosts file of its image, an alias, a "
        "hostname or a container_name of another service."
    )


def _surroundings(edge: PlannedEdge, live: LiveStack, sight: Sight) -> str:
    """Say what the target listens on and which networks each side is on."""
    listens = [_listens(edge, container, sight) for container in live.running(edge.target)[:1]]
    sides = f"{edge.source} is on {_networks(edge.source, live)}, {edge.target} on {_networks(edge.target, live)}"
    return ". ".join([*listens, sides]) + "."


def _listens(edge: PlannedEdge, container: ContainerState, sight: Sight) -> str:
    """Say what the target listens on; the rest is no news where that is the edge's port on loopback."""
    own = on_loopback_only(sight.known(container), edge.ports, _spoken(edge))
    return f"{edge.target} listens on {', '.join(map(str, own))} only" if own else sight.told(container)


def _networks(service: str, live: LiveStack) -> str:
    modes = {state.network_mode for state in live.of(service)}
    shown = ", ".join(live.networks(service))
    return shown or (f"no network of its own (network_mode {', '.join(sorted(modes))})" if modes else "no network")


def _shared(edge: PlannedEdge, live: LiveStack) -> list[str]:
    return sorted(set(live.networks(edge.source)) & set(live.networks(edge.target)))


def _remedy(edge: PlannedEdge, failure: Failure, live: LiveStack, sight: Sight) -> str:
    if failure is Failure.CALLER_DOWN:
        return f"See why {edge.source} does not run; its edges can only be proven from inside it."
    if not live.running(edge.target):
        return f"See why {edge.target} does not run."
    if not _shared(edge, live):
        return f"Put {edge.source} and {edge.target} on one network (key networks of the two services)."
    if failure is Failure.REFUSED:
        return _remedy_of_refusal(edge, live, sight)
    return _remedy_of_silence(edge, failure)


def _remedy_of_silence(edge: PlannedEdge, failure: Failure) -> str:
    """Say what to change where both share a network and yet nothing comes back."""
    if failure is Failure.TLS:
        return _remedy_of_tls(edge)
    if edge.probe is not None and edge.probe.protocol == "udp":
        return f"See whether {edge.target} answers what is sent: nothing else tells that something listens on UDP."
    if failure is Failure.NOT_RESOLVABLE:
        return f"Let {edge.source} use the engine's name server (keys dns, network_mode), and the service's own name."
    return f"Look for what drops the packets between them: a firewall in {edge.target}, or a full backlog."


def _remedy_of_tls(edge: PlannedEdge) -> str:
    if edge.probe is not None and edge.probe.verify:
        return (
            f"Give {edge.target} a certificate that is valid, for that name and signed by an authority that is trusted "
            "(ca and server_name of the edge say which)."
        )
    return f"Make {edge.target} speak TLS on this port, or have it asked without TLS."


def _remedy_of_refusal(edge: PlannedEdge, live: LiveStack, sight: Sight) -> str:
    """Say what to change where nothing accepts: loopback only, another port, or nothing at all."""
    found = sight.listeners(live.running(edge.target)[0])
    if isinstance(found, str):
        return f"Make {edge.target} listen on {_ports(edge)}."
    spoken = _spoken(edge)
    there = [one for one in found if one.port in edge.ports and one.protocol == spoken]
    if on_loopback_only(found, edge.ports, spoken):
        return f"Make {edge.target} listen on 0.0.0.0:{there[0].port} instead of its own loopback ({there[0]})."
    elsewhere = sorted({one.port for one in found if one.protocol == spoken and not one.loopback})
    if there or not elsewhere:
        return f"Make {edge.target} listen on {_ports(edge)}, on the address of the shared network."
    return (
        f"Use port {_suggested(edge, elsewhere)}, on which {edge.target} listens, or make it listen on {_ports(edge)}."
    )


def _spoken(edge: PlannedEdge) -> str:
    return "udp" if edge.probe is not None and edge.probe.protocol == "udp" else "tcp"


def _suggested(edge: PlannedEdge, elsewhere: Sequence[int]) -> str:
    """Name the port that is meant: the usual one of the protocol where that is open, else all, as long as they are few."""
    protocol = PROTOCOLS.get(edge.probe.protocol) if edge.probe else None
    if protocol is not None and protocol.default_port in elsewhere:
        return str(protocol.default_port)
    return " or ".join(map(str, elsewhere[:_NAMED_PORTS])) + (" or another" if elsewhere[_NAMED_PORTS:] else "")


def _ports(edge: PlannedEdge) -> str:
    return "port " + " or ".join(map(str, edge.ports)) if edge.ports else "the port that its callers use"
