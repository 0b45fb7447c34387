"""Carries a protocol's bytes to a container from inside it and judges what comes back."""

from __future__ import annotations

from dataclasses import replace

from ..settings import ProbeSettings
from ..stack.exchange import Exchange, Question
from .base import Judgement, ProbeResult, Protocol, Target

LOOPBACK = "127.0.0.1"


def probe(protocol: Protocol, target: Target, settings: ProbeSettings, timeout_s: float) -> ProbeResult:
    """Ask the container on its own address, and on loopback where the service listens there only.

    Readiness is the question here; whether others can reach the service is connectivity's.
    """
    asked = replace(settings, port=settings.port or protocol.default_port)
    results = []
    for host in (*tuple(target.container.addresses.values())[:1], LOOPBACK):
        results.append(_probe_at(protocol, target, asked, question(protocol, asked, host, timeout_s)))
        if results[-1].ok:
            return results[-1]
    return next((result for result in results if result.reached), results[0])


def _probe_at(protocol: Protocol, target: Target, settings: ProbeSettings, asked: Question) -> ProbeResult:
    exchange = target.inside.ask(target.container, [asked], beside=target.beside)[0]
    judgement = verdict(protocol, settings, exchange)
    return ProbeResult(
        ok=judgement.ok,
        message=judgement.message,
        duration_s=_seconds(protocol, exchange),
        detail=f"{asked} asked with {exchange.via}" if exchange.via else str(asked),
        proven=not (exchange.failure and exchange.failure.proves_nothing),
        reached=exchange.failure is None,
    )


def question(protocol: Protocol, settings: ProbeSettings, host: str, timeout_s: float) -> Question:
    """Return the question that carries the protocol's request to ``host``."""
    return Question(
        host=host,
        port=settings.port or protocol.default_port,
        send=protocol.request(settings, host),
        read=protocol.read,
        line=protocol.line,
        tls=protocol.tls,
        timeout_s=timeout_s,
    )


def verdict(protocol: Protocol, settings: ProbeSettings, exchange: Exchange) -> Judgement:
    """Judge what came of a question: every address that was asked must have answered well."""
    if exchange.failure:
        return Judgement(ok=False, message=f"{exchange.question} {exchange.failure.value}: {exchange.detail}")
    judgements = [_of_reply(protocol, settings, answer.reply, answer.detail) for answer in exchange.answers]
    return next((judgement for judgement in judgements if not judgement.ok), judgements[0])


def _of_reply(protocol: Protocol, settings: ProbeSettings, reply: bytes, detail: str) -> Judgement:
    if protocol.read and not reply:
        return Judgement(ok=False, message=f"connected, but {detail or 'there was no reply'}")
    return protocol.judge(reply, settings)


def _seconds(protocol: Protocol, exchange: Exchange) -> float | None:
    """Return how long the slowest address took, where it is known whole."""
    parts = [(answer.connect_s, answer.reply_s if protocol.read else 0.0) for answer in exchange.answers]
    known = [connect + reply for connect, reply in parts if connect is not None and reply is not None]
    return max(known) if known and len(known) == len(parts) else None
