"""Asks for one edge from inside its callers and judges what came back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ..probes import PROTOCOLS, dialogue
from ..results import CheckResult, Finding, Json, Severity, not_run, passed, unevaluated
from ..stack.exchange import Exchange, Failure, Judgement, Question
from ..stack.state import ContainerState
from . import stages
from .edge_words import explain, explain_reply, explain_strangers, failed_edge, failure_finding, owned
from .edges import PlannedEdge
from .live import LiveStack, Sight

OPEN_WITHIN_S = 3.0
CLOSED_WITHIN_S = 1.5
"""A silent address counts as closed; the engine's own name server answers a name that it knows within milliseconds."""


@dataclass(frozen=True)
class Asked:
    """What one container of the source was asked for an edge, and what came of it."""

    caller: ContainerState
    exchanges: tuple[Exchange, ...]


def settled(edge: PlannedEdge, live: LiveStack) -> CheckResult | None:
    """Return the result of an edge that need not or cannot be asked for; ``None``: ask."""
    if edge.target in live.not_ready:
        return not_run(edge.check, f"not tried: {edge.target} did not become ready: {live.not_ready[edge.target]}")
    if edge.source in live.ended:
        return _of_ended(edge, live)
    if not live.of(edge.source):
        return not_run(edge.check, f"not tried: {edge.source} has no container to ask from")
    return _of_missing_target(edge, live) if edge.must_be_open else _of_absent_target(edge, live)


def _of_absent_target(edge: PlannedEdge, live: LiveStack) -> CheckResult | None:
    """Judge a forbidden edge whose target does not run: that nobody gets through to it proves nothing."""
    if edge.target in live.ended:
        return passed(edge.check, f"closed: {edge.target} has ended with 0, so there is nobody to connect to")
    if live.running(edge.target):
        return None
    return unevaluated(
        edge.check,
        f"{edge.check.subject} is not proven: {edge.target} does not run, so that nobody gets through to it proves "
        f"nothing. Let {edge.target} run, or take the edge out of the settings.",
    )


def _of_missing_target(edge: PlannedEdge, live: LiveStack) -> CheckResult | None:
    """Fail an edge to a target that cannot serve; the kernel goes on accepting connections for a paused container."""
    if not live.of(edge.target):
        return failed_edge(edge, f"{edge.target} has no container. Needed by {edge.origin}.", f"Let {edge.target} run.")
    paused = [state.name for state in live.of(edge.target) if state.paused]
    if paused:
        names = ", ".join(paused)
        return failed_edge(
            edge, f"{names} is paused, so nobody serves connections. Needed by {edge.origin}.", "Unpause it."
        )
    return None


def _of_ended(edge: PlannedEdge, live: LiveStack) -> CheckResult:
    """Judge an edge whose source has done its work: nobody can ask from inside it any more."""
    if edge.must_be_open and edge.declared:
        return unevaluated(
            edge.check,
            f"{edge.source} has ended with 0, so what {edge.origin} asks for cannot be asked from inside it any more. "
            "Leave out how the edge is asked, or ask from a service that stays up.",
        )
    if edge.must_be_open:
        return passed(edge.check, f"{edge.source} ended with 0, so it got through to what it needed")
    shared = sorted(set(live.networks(edge.source)) & set(live.networks(edge.target)))
    if not shared:
        return passed(edge.check, f"{edge.source} has ended and shared no network with {edge.target}")
    return unevaluated(
        edge.check,
        f"{edge.source} has ended, so nobody can try from inside it; it shared {', '.join(shared)} with {edge.target}. "
        "Separate their networks, or list the edge under connectivity.ignore.",
    )


def questions(edge: PlannedEdge, ports: Sequence[int]) -> tuple[Question, ...]:
    """Return what each caller is asked: every port that is tried, or the name alone where none is known."""
    timeout_s = OPEN_WITHIN_S if edge.must_be_open else CLOSED_WITHIN_S
    if edge.probe is not None:
        protocol, probe = PROTOCOLS[edge.probe.protocol], edge.probe
        return tuple(dialogue.question(protocol, probe, name, timeout_s) for name in edge.names)
    return tuple(Question(name, port, timeout_s=timeout_s) for name in edge.names for port in (*ports,) or (None,))


def ports_to_try(edge: PlannedEdge, live: LiveStack, sight: Sight) -> tuple[int, ...]:
    """Return the edge's port; where it names none, those that files and images tell of.

    What the target really listens on is looked up where nothing else is known, and for every forbidden edge.
    """
    if edge.port is not None:
        return edge.ports
    containers = live.running(edge.target)
    known = {*edge.ports, *(port for one in containers for port, protocol in one.exposed if protocol == "tcp")}
    if known and edge.must_be_open:
        return tuple(sorted(known))
    seen = (listener for container in containers for listener in sight.known(container))
    return tuple(sorted(known | {one.port for one in seen if one.protocol == "tcp" and not one.loopback}))


def may_become_ready(edge: PlannedEdge, exchange: Exchange) -> bool:
    """Whether the target may answer well in a moment: it accepts connections, but does not speak its protocol yet.

    Where the settings say what it answers, any other answer may be one too early; a database may be about to be made; and
    for a listener on UDP nobody has waited.
    """
    if exchange.failure:
        return exchange.question.udp and edge.must_be_open and exchange.failure is Failure.REFUSED
    said = _wrong_reply(edge, exchange)
    waits = edge.declared or edge.path is None
    return said is not None and (said.failure is Failure.PROTOCOL or (waits and said.failure is Failure.STATUS))


def judge(edge: PlannedEdge, asked: Sequence[Asked], live: LiveStack, sight: Sight) -> CheckResult:
    """Return the result of an edge that must be open from what all its callers were told."""
    return with_evidence(unasked(edge, asked) or _judge_open(edge, asked, live, sight), asked)


def unasked(edge: PlannedEdge, asked: Sequence[Asked]) -> CheckResult | None:
    """Return the result of an edge of which the asking itself went wrong; ``None``: it did not."""
    for one in asked:
        for exchange in one.exchanges:
            if exchange.failure and exchange.failure.proves_nothing:
                return unevaluated(edge.check, f"{edge.check.subject} is not proven: {exchange.detail}")
    return None


def _judge_open(edge: PlannedEdge, asked: Sequence[Asked], live: LiveStack, sight: Sight) -> CheckResult:
    for one in (part for whole in asked for part in _by_name(whole)):
        first = one.exchanges[0]
        if all(exchange.failure for exchange in one.exchanges):
            return failed_edge(edge, *explain(edge, one.caller.name, first, live, sight), first.failure)
        strangers = _strangers(edge, one, live)
        if strangers:
            return failed_edge(edge, *explain_strangers(edge, one.caller.name, first, strangers))
        said = _wrong_reply(edge, first)
        if said:
            return failed_edge(edge, *explain_reply(edge, one.caller.name, said), said.failure)
        missed = _replica_missed(edge, one, live)
        if missed:
            return failed_edge(edge, f"{one.caller.name} {missed} Needed by {edge.origin}.", _ONE_NETWORK)
    return passed(
        edge.check,
        _proof(edge, asked),
        (*_silent_ports(edge, asked), *_unproven(edge, asked), *_shared_name(edge, asked, live)),
    )


def _by_name(asked: Asked) -> Iterator[Asked]:
    """Yield what a caller was told, by the name that it asked for: each name must do."""
    by_name: dict[str, list[Exchange]] = {}
    for exchange in asked.exchanges:
        by_name.setdefault(exchange.question.host, []).append(exchange)
    for exchanges in by_name.values():
        yield replace(asked, exchanges=tuple(exchanges))


_ONE_NETWORK = "Give all replicas of the service the same networks and aliases."


def _wrong_reply(edge: PlannedEdge, exchange: Exchange) -> Judgement | None:
    """Return what is wrong with the reply to an edge that is asked in a protocol; ``None`` when nothing is."""
    if edge.probe is None:
        return None
    judgement = dialogue.verdict(PROTOCOLS[edge.probe.protocol], edge.probe, exchange)
    return None if judgement.ok else judgement


def _replica_missed(edge: PlannedEdge, asked: Asked, live: LiveStack) -> str:
    """Say which replica of the target the name did not lead to; empty when all with an address were found."""
    found = {address for exchange in asked.exchanges for address in exchange.resolved}
    for replica in live.running(edge.target):
        shared = {ip for network, ip in replica.addresses.items() if network in asked.caller.addresses}
        if shared and not shared & found and found & _addresses(edge, live):
            name = asked.exchanges[0].question.host
            return f"resolves {name} to {', '.join(sorted(found))}, which leaves out {replica.name}."
    return ""


def _strangers(edge: PlannedEdge, asked: Asked, live: LiveStack) -> list[str]:
    """Return where a name leads, with who is there, when that is the caller itself or, of the service's own name, others alone.

    An alias may be that of somebody else on purpose, and an address of nobody here may lead back through a published port.
    """
    known = {ip for state in live.of(edge.target) for ip in live.addresses(state)}
    own = live.addresses(asked.caller)
    found = {address for exchange in asked.exchanges for address in exchange.resolved}
    if not known or not own or (found | (own if any(map(_is_loopback, found)) else set())) & known:
        return []
    there = [live.at(address) for address in found if not _is_loopback(address)]
    is_itself = any(map(_is_loopback, found)) or any(state and live.addresses(state) & own for state in there)
    own_name = asked.exchanges[0].question.host.lower() == edge.target.lower()
    return [owned(ip, live) for ip in sorted(found)] if found and (is_itself or (own_name and all(there))) else []


def _is_loopback(address: str) -> bool:
    return address.startswith("127.") or address == "::1"


def _addresses(edge: PlannedEdge, live: LiveStack) -> set[str]:
    return {ip for replica in live.of(edge.target) for ip in replica.addresses.values()}


def _proof(edge: PlannedEdge, asked: Sequence[Asked]) -> str:
    """Say what was proven and how."""
    via = ", ".join(sorted({exchange.via for one in asked for exchange in one.exchanges}))
    if all(exchange.question.port is None for one in asked for exchange in one.exchanges):
        return f"{edge.target} resolves inside {edge.source} ({via}); no port is known, so nothing was connected to: weaker evidence"
    accepted = sorted({str(exchange.question) for one in asked for exchange in one.exchanges if not exchange.failure})
    plain = edge.path is not None and not edge.declared
    answer = " and its reply is good" if plain else _answer(edge, asked)
    return f"{', '.join(accepted)} accepts connections from inside {edge.source} ({via}){answer}"


def _answer(edge: PlannedEdge, asked: Sequence[Asked]) -> str:
    """Say what the target answered in its protocol."""
    if edge.probe is None or not asked:
        return ""
    judgement = dialogue.verdict(PROTOCOLS[edge.probe.protocol], edge.probe, asked[0].exchanges[0])
    unchecked = " over TLS (certificate not verified)" if edge.probe.tls and not edge.probe.verify else ""
    return f"; {edge.probe.protocol}{unchecked}: {judgement.message}"


def _silent_ports(edge: PlannedEdge, asked: Sequence[Asked]) -> tuple[Finding, ...]:
    """Warn of known ports that do not accept, where the edge names none and another one does."""
    silent = sorted({str(exchange.question) for one in asked for exchange in one.exchanges if exchange.failure})
    if not silent:
        return ()
    text = f"{edge.check.subject} is proven by another port, but {', '.join(silent)} does not accept connections."
    return (
        _warning(
            edge, text, f"Name the port that {edge.source} needs under connectivity.expect, or drop the unused port."
        ),
    )


def _unproven(edge: PlannedEdge, asked: Sequence[Asked]) -> tuple[Finding, ...]:
    """Warn of what the target could not be made to answer, although its protocol stands."""
    judgements = (answer.judgement for one in asked for exchange in one.exchanges for answer in exchange.answers)
    missing = sorted({judgement.unproven for judgement in judgements if judgement and judgement.unproven})
    return tuple(
        _warning(
            edge, f"{edge.check.subject} is proven, but not {what}.", "Prove it with a test or a command of your own."
        )
        for what in missing
    )


def _shared_name(edge: PlannedEdge, asked: Sequence[Asked], live: LiveStack) -> tuple[Finding, ...]:
    """Warn where the target's own name leads to containers of others too; an alias may be shared on purpose."""
    by_name = (exchange for one in asked for exchange in one.exchanges if exchange.question.host == edge.target)
    found = [live.at(address) for address in {address for exchange in by_name for address in exchange.resolved}]
    own = {address for state in live.of(edge.target) for address in live.addresses(state)}
    others = sorted(state.name for state in found if state and not state.every_address & own)
    if not others:
        return ()
    text = (
        f"{edge.check.subject} is proven, but the name {edge.target} leads to {', '.join(others)} too, "
        "so that a part of the connections goes there."
    )
    return (
        _warning(edge, text, f"Take the name {edge.target} from the aliases, hostname or extra_hosts of the others."),
    )


def _warning(edge: PlannedEdge, text: str, remedy: str) -> Finding:
    return replace(failure_finding(edge, text, remedy), severity=Severity.WARNING)


def with_evidence(result: CheckResult, asked: Sequence[Asked]) -> CheckResult:
    """Return the result with who asked, whom, and how far each attempt got; times in seconds."""
    exchanges = [exchange for one in asked for exchange in one.exchanges]
    connected = (exchange for exchange in exchanges if not exchange.question.udp)
    connects: list[Json] = [exchange.connect_s for exchange in connected if exchange.connect_s is not None]
    callers: list[Json] = [one.caller.name for one in asked]
    addresses: list[Json] = [*sorted({address for exchange in exchanges for address in exchange.resolved})]
    attempts: list[Json] = [told for one in asked for told in stages.attempts(one.caller.name, one.exchanges)]
    evidence = {"callers": callers, "addresses": addresses, "connect_s": connects, "attempts": attempts}
    return replace(result, evidence={**result.evidence, **evidence})
