"""Says why an edge is not as it must be, and what to change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..probes import PROTOCOLS
from ..probes.listeners import on_loopback_only
from ..results import CheckResult, Finding, Json, Severity, failed
from ..stack.exchange import Exchange, Failure, Judgement
from ..stack.state import ContainerState
from ..stack.tls import CERTIFICATE
from .edges import PlannedEdge
from .live import LiveStack, Sight

_NAMED_PORTS = 5
_STORES = ("postgres", "mysql", "mongodb", "amqp")
_KEPT = "What is in a volume keeps the users with which it was first filled, whatever the variables say now."


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
    tried = f"{exchange.question} {_told(failure)}{_at(exchange, live)} from inside {caller}: {exchange.detail}."
    strangers = _strangers(edge, exchange, live)
    if strangers:
        return f"{tried} There {_led(edge, strangers)} Needed by {edge.origin}.", _remedy_of_strangers(edge, exchange)
    asked = _asked(edge, exchange, live)
    around = _surroundings(edge, asked, live, sight)
    return f"{tried} {around} Needed by {edge.origin}.", _remedy(edge, exchange, asked, live, sight)


def explain_strangers(edge: PlannedEdge, caller: str, exchange: Exchange, strangers: Sequence[str]) -> tuple[str, str]:
    """Return (what was found, what to change) for an edge whose name leads to others, who answer in place of the target."""
    text = f"{exchange.question} is reached from inside {caller}, but there {_led(edge, strangers)}"
    return f"{text} Needed by {edge.origin}.", _remedy_of_strangers(edge, exchange)


def _led(edge: PlannedEdge, strangers: Sequence[str]) -> str:
    return f"the name leads to {', '.join(strangers)}, where no container of {edge.target} is."


def _at(exchange: Exchange, live: LiveStack) -> str:
    """Say which of several addresses failed, and whose it is."""
    if len(exchange.resolved) < 2 or not exchange.failed_at:
        return ""
    there = live.at(exchange.failed_at)
    return f" at {exchange.failed_at}" + (f" ({there.name})" if there else "")


def _asked(edge: PlannedEdge, exchange: Exchange, live: LiveStack) -> tuple[ContainerState, ...]:
    """Return the container of the target that did not answer, else the first one that runs."""
    running = live.running(edge.target)
    return tuple(one for one in running if exchange.failed_at in one.every_address) or running[:1]


def _told(failure: Failure) -> str:
    return "is reached, but not over TLS," if failure is Failure.TLS else f"is {failure.value}"


def explain_reply(edge: PlannedEdge, caller: str, said: Judgement) -> tuple[str, str]:
    """Return (what was found, what to change) for an edge whose connection stands, but with a wrong answer."""
    where = f"{edge.target}:{edge.port}{edge.path or ''}"
    text = f"{where} {_reaction(edge, caller, said)}: {said.message.rstrip('.')}. Needed by {edge.origin}."
    return text, _remedy_of_reply(edge, said)


def _reaction(edge: PlannedEdge, caller: str, said: Judgement) -> str:
    """Say what the target does with a caller that gets through to it."""
    if said.failure is Failure.AUTHENTICATION:
        return f"refuses the login of {caller}"
    if said.failure is Failure.PROTOCOL and edge.probe is not None:
        return f"accepts connections of {caller}, but is not ready to speak {edge.probe.protocol}"
    return f"answers {caller} wrongly"


def _remedy_of_reply(edge: PlannedEdge, said: Judgement) -> str:
    is_store = edge.probe is not None and edge.probe.protocol in _STORES
    if said.failure is Failure.AUTHENTICATION:
        kept = f" {_KEPT}" if is_store else ""
        return f"Give {edge.source} a user and a password that {edge.target} takes.{kept}"
    if said.failure is not Failure.STATUS:
        log = f"See in the log of {edge.target} why it is not ready, or correct the port where another protocol is spoken."
        return _remedy_of_tls(edge) if said.failure is Failure.TLS else log
    if edge.declared:
        return f"Make {edge.target} answer as the settings expect, or correct what they expect."
    if edge.path is not None:
        return f"Make {edge.target} answer this path with a status from 200 to 399, or correct the path."
    if is_store:
        return f"Create in {edge.target} what {edge.source} opens there, or correct its name."
    is_number = edge.probe is not None and edge.probe.protocol == "redis"
    number = f"Correct the number of the database, or give {edge.target} more of them (databases)."
    return number if is_number else f"See in the log of {edge.target} why it is not ready."


def explain_open(edge: PlannedEdge, caller: str, exchange: Exchange, live: LiveStack) -> tuple[str, str]:
    """Return (what was found, what to change) for an edge that must be closed and is open."""
    shared = _shared(edge, live)
    place = f"Both are on {', '.join(shared)}." if shared else "They share no network that the engine knows of."
    text = f"{caller} can connect to {exchange.question}, which is forbidden by {edge.origin}. {place}"
    remedy = f"Take {edge.source} or {edge.target} off the network that they share, or allow the edge in the settings."
    return text, remedy


def _strangers(edge: PlannedEdge, exchange: Exchange, live: LiveStack) -> list[str]:
    """Return the addresses behind the name that no container of the target has, where those are why it failed."""
    known = {ip for state in live.of(edge.target) for ip in live.addresses(state)}
    if not known or exchange.failed_at in known:
        return []
    return [owned(ip, live) for ip in exchange.resolved if ip not in known]


def owned(address: str, live: LiveStack) -> str:
    """Return an address with the container that has it, where one does."""
    there = live.at(address)
    return f"{address} ({there.name})" if there else address


def _remedy_of_strangers(edge: PlannedEdge, exchange: Exchange) -> str:
    return (
        f"Find what else goes by the name {exchange.question.host}: extra_hosts of {edge.source}, the hosts file of its "
        "image, an alias, a hostname or a container_name of another service."
    )


def _surroundings(edge: PlannedEdge, asked: tuple[ContainerState, ...], live: LiveStack, sight: Sight) -> str:
    """Say what the target listens on and which networks each side is on."""
    listens = [_listens(edge, container, sight) for container in asked]
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


def _remedy(
    edge: PlannedEdge, exchange: Exchange, asked: tuple[ContainerState, ...], live: LiveStack, sight: Sight
) -> str:
    if exchange.failure is Failure.CALLER_DOWN:
        return f"See why {edge.source} does not run; its edges can only be proven from inside it."
    if not asked:
        return f"See why {edge.target} does not run."
    if not _shared(edge, live):
        return _remedy_of_distance(edge, live)
    if exchange.failure is Failure.REFUSED:
        return _remedy_of_refusal(edge, asked[0], sight)
    if exchange.failure is Failure.NOT_RESOLVABLE:
        return _remedy_of_name(edge, exchange.question.host, live)
    return _remedy_of_silence(edge, exchange)


def _remedy_of_silence(edge: PlannedEdge, exchange: Exchange) -> str:
    """Say what to change where both share a network and yet nothing comes back."""
    if exchange.failure is Failure.TLS:
        return _remedy_of_certificate(edge) if CERTIFICATE in exchange.detail else _remedy_of_tls(edge)
    if edge.probe is not None and edge.probe.protocol == "udp":
        return f"See whether {edge.target} answers what is sent: nothing else tells that something listens on UDP."
    return f"Look for what drops the packets between them: a firewall in {edge.target}, or a full backlog."


def _remedy_of_certificate(edge: PlannedEdge) -> str:
    return (
        f"Give {edge.target} a certificate that is valid, for that name and signed by an authority that is trusted "
        "(ca and server_name of the edge say which)."
    )


def _remedy_of_tls(edge: PlannedEdge) -> str:
    return f"Make {edge.target} speak TLS on this port, or have it asked without TLS."


def _remedy_of_distance(edge: PlannedEdge, live: LiveStack) -> str:
    """Say what to change where the two share no network."""
    if _is_on_host(edge.source, live):
        return (
            f"Give {edge.source} networks instead of network_mode host, or publish the port of {edge.target} and lead the "
            f"name there (extra_hosts of {edge.source}: {edge.names[0]}:127.0.0.1)."
        )
    if _is_on_host(edge.target, live):
        return (
            f"Give {edge.target} networks instead of network_mode host, or lead the name to the engine's host "
            f"(extra_hosts of {edge.source}: {edge.names[0]}:host-gateway)."
        )
    return f"Put {edge.source} and {edge.target} on one network (key networks of the two services)."


def _remedy_of_name(edge: PlannedEdge, name: str, live: LiveStack) -> str:
    """Say what to change where both share a network and the name does not resolve all the same."""
    if name == edge.target:
        return f"Let {edge.source} use the engine's name server (keys dns, network_mode), and the service's own name."
    shared = ", ".join(_shared(edge, live))
    return (
        f"Call it {edge.target}, or give {edge.target} the alias {name} on {shared}, the network that both are on: an alias "
        "holds on its own network alone, links for the service that has them."
    )


def _is_on_host(service: str, live: LiveStack) -> bool:
    return any(state.network_mode == "host" for state in live.of(service))


def _remedy_of_refusal(edge: PlannedEdge, asked: ContainerState, sight: Sight) -> str:
    """Say what to change where nothing accepts: loopback only, another port, or nothing at all."""
    found = sight.listeners(asked)
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
