"""How far each attempt to use an edge got: resolve, connect, TLS, protocol, each with its time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..results import Json
from ..stack.exchange import Answer, Exchange, Failure

_DIGITS = 6
_OF_PROTOCOL = (Failure.PROTOCOL, Failure.AUTHENTICATION, Failure.STATUS)


def attempts(caller: str, exchanges: Iterable[Exchange]) -> Iterator[Json]:
    """Yield what came of every address that was asked, or of the name where none was.

    Each says who asked whom, and gives for every stage that was reached its time in seconds, ``null`` where the
    caller's tools cannot tell; the stage that failed has its reason beside it.
    """
    for exchange in exchanges:
        asked = {"caller": caller, "target": str(exchange.question)}
        if not exchange.answers:
            yield {**asked, "stages": _of_name(exchange), **_reason(exchange.trouble)}
        for answer in exchange.answers:
            failure = answer.failure or (answer.judgement.failure if answer.judgement else None)
            reached: dict[str, Json] = {**_of_name(exchange), **_of_address(exchange, answer)}
            yield {**asked, "address": answer.address, "stages": reached, **_reason(failure)}


def _of_name(exchange: Exchange) -> dict[str, Json]:
    return {"resolve_s": _rounded(exchange.resolve_s)} if exchange.resolved or exchange.trouble else {}


def _of_address(exchange: Exchange, answer: Answer) -> dict[str, Json]:
    found: dict[str, Json] = {"connect_s": _rounded(answer.connect_s)}
    connected = answer.failure is None or answer.failure in (Failure.TLS, *_OF_PROTOCOL)
    if connected and (exchange.question.tls or answer.tls_s is not None):
        found["tls_s"] = _rounded(answer.tls_s)
    if connected and answer.failure is not Failure.TLS and (exchange.question.read or exchange.question.speech):
        found["protocol_s"] = _rounded(answer.reply_s)
    return found


def _reason(failure: Failure | None) -> dict[str, Json]:
    return {"failed": failure.value} if failure else {}


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, _DIGITS)
