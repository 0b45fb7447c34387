"""Carries a protocol's bytes to a container from inside it and judges what comes back."""

from __future__ import annotations

from dataclasses import replace

from ..settings import ProbeSettings
from ..stack.exchange import Answer, Exchange, Judgement, Question
from ..stack.state import ContainerState
from ..stack.tls import Trust
from .base import ProbeResult, Protocol, Spoken, Target, not_ready

LOOPBACK = "127.0.0.1"


def probe(protocol: Protocol, target: Target, settings: ProbeSettings, timeout_s: float) -> ProbeResult:
    """Ask the container on its own address, and on loopback where the service listens there only.

    Readiness is the question here; whether others can reach the service is connectivity's.
    """
    asked = addressed(protocol, settings, target.container)
    results = []
    for host in hosts(target.container):
        results.append(_probe_at(protocol, target, asked, question(protocol, asked, host, timeout_s)))
        if results[-1].ok:
            return results[-1]
    return next((result for result in results if result.reached), results[0])


def hosts(container: ContainerState) -> tuple[str, ...]:
    """Return where a container can be asked from inside: its own address, and loopback."""
    return (*tuple(container.addresses.values())[:1], LOOPBACK)


def addressed(protocol: Protocol, settings: ProbeSettings, container: ContainerState) -> ProbeSettings:
    """Return the settings with the port and the name that hold where they have none."""
    name = settings.server_name or container.service
    return replace(settings, port=settings.port or protocol.default_port, server_name=name)


def _probe_at(protocol: Protocol, target: Target, settings: ProbeSettings, asked: Question) -> ProbeResult:
    return result(protocol, settings, target.inside.ask(target.container, [asked], beside=target.beside)[0])


def result(protocol: Protocol, settings: ProbeSettings, exchange: Exchange) -> ProbeResult:
    """Return what an exchange came to."""
    asked = exchange.question
    judgement = verdict(protocol, settings, exchange)
    return ProbeResult(
        ok=judgement.ok,
        message=judgement.message,
        duration_s=_seconds(protocol, exchange),
        detail=f"{asked} asked with {exchange.via}" if exchange.via else str(asked),
        proven=not (exchange.failure and exchange.failure.proves_nothing),
        reached=exchange.failure is None,
        failure=judgement.failure,
    )


def question(protocol: Protocol, settings: ProbeSettings, host: str, timeout_s: float) -> Question:
    """Return the question that carries the protocol's request to ``host``."""
    return Question(
        host=host,
        port=settings.port or protocol.default_port,
        send=protocol.request(settings, host),
        read=protocol.read,
        line=protocol.line,
        tls=protocol.tls or (settings.tls and not protocol.upgrades),
        timeout_s=timeout_s,
        speech=Spoken(protocol.talk, settings, host) if protocol.talk and protocol.talks(settings) else None,
        trust=Trust(settings.verify, settings.server_name, settings.ca, protocol.offers, settings.guessed),
        udp=protocol.udp,
        plain_will_do=protocol.plain_will_do and settings.password is None and not settings.tls,
    )


def verdict(protocol: Protocol, settings: ProbeSettings, exchange: Exchange) -> Judgement:
    """Judge what came of a question: every address that was asked must have answered well."""
    if exchange.failure:
        message = f"{exchange.question} {exchange.failure.value}: {exchange.detail}"
        return Judgement(ok=False, message=message, failure=exchange.failure)
    judgements = [answer.judgement or _of_reply(protocol, settings, answer) for answer in exchange.counting]
    return next((judgement for judgement in judgements if not judgement.ok), judgements[0])


def _of_reply(protocol: Protocol, settings: ProbeSettings, answer: Answer) -> Judgement:
    if protocol.read and not answer.reply:
        return not_ready(f"connected, but {answer.detail or 'there was no reply'}")
    return protocol.judge(answer.reply, settings)


def _seconds(protocol: Protocol, exchange: Exchange) -> float | None:
    """Return how long the slowest address took, where it is known whole."""
    parts = [(one.connect_s, one.tls_s or 0.0, one.reply_s if protocol.read else 0.0) for one in exchange.counting]
    known = [connect + tls + reply for connect, tls, reply in parts if connect is not None and reply is not None]
    return max(known) if known and len(known) == len(parts) else None
