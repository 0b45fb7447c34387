"""How a forbidden edge is proven closed: its callers do not get through, while the same target answers somebody else.

A target that is down lets nobody through, which proves nothing. So somebody must get through: the caller of an edge that
must be open, else the target itself, on the address that it has on its networks. And a name that leads a caller nowhere, or
elsewhere, says little where the target's own address can be reached, so that the address is tried as well.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from ..errors import InfragateError
from ..probes.listeners import Listener
from ..results import CheckResult, passed, unevaluated
from ..stack.exchange import Exchange, Failure, Question
from ..stack.state import ContainerState
from .edge_check import CLOSED_WITHIN_S, Asked, unasked, with_evidence
from .edge_words import explain_open, failed_edge
from .edges import PlannedEdge
from .live import LiveStack, Sight

LOOPBACK = "127.0.0.1"
_ITSELF = "it itself"

Tasks = Mapping[PlannedEdge, Sequence[Question]]
"""What each caller is asked for an edge."""
Answers = Mapping[str, Callable[[], Mapping[Question, Exchange]]]
"""What each container was told, by its id; calling raises what stood in the way."""
Answering = Mapping[str, str]
"""Who gets through to a target, by port, such as ``5432`` or ``53/udp``."""


def further_questions(
    tasks: Tasks, answers: Answers, live: LiveStack
) -> dict[str, tuple[ContainerState, tuple[Question, ...]]]:
    """Return what is asked beyond the names of forbidden edges, and from which container, by its id."""
    through = getting_through(tasks, answers, live)
    found: dict[str, tuple[ContainerState, dict[Question, None]]] = {}
    for edge, questions in tasks.items():
        if edge.must_be_open:
            continue
        for caller in live.of(edge.source):
            told = _told(answers, caller, questions)
            found.setdefault(caller.id, (caller, {}))[1].update(dict.fromkeys(by_address(edge, caller, told, live)))
        known = through.get(edge.target, {})
        wanted = [question for question in questions if question.port and _port(question) not in known]
        for target in live.running(edge.target):
            found.setdefault(target.id, (target, {}))[1].update(dict.fromkeys(_own(target, wanted, live)))
    return {key: (state, tuple(questions)) for key, (state, questions) in found.items() if questions}


def by_address(
    edge: PlannedEdge, caller: ContainerState, told: Iterable[Exchange], live: LiveStack
) -> tuple[Question, ...]:
    """Return the addresses of the target that a caller tries because the name did not lead it there, or nowhere at all."""
    missed = [one for one in told if one.question.port and _is_no_connection(one)]
    addresses = sorted({ip for target in live.running(edge.target) for ip in _reachable_at(target, caller, live)})
    found = (_at(ip, one.question) for ip in addresses for one in missed if ip not in one.resolved)
    return tuple(dict.fromkeys(found))


def _is_no_connection(told: Exchange) -> bool:
    """Whether nobody accepted; a caller that could not be asked at all is told of by itself."""
    lost = told.failure is None or told.failure.proves_nothing or told.failure is Failure.CALLER_DOWN
    return not lost and not told.accepted


def getting_through(tasks: Tasks, answers: Answers, live: LiveStack) -> dict[str, dict[str, str]]:
    """Return who gets through to each target on each port, by the edges that must be open."""
    found: dict[str, dict[str, str]] = {}
    for edge, questions in tasks.items():
        for caller in live.of(edge.source) if edge.must_be_open else ():
            for exchange in _told(answers, caller, questions):
                if exchange.question.port and exchange.accepted:
                    found.setdefault(edge.target, {}).setdefault(_port(exchange.question), caller.name)
    return found


def answering(edge: PlannedEdge, through: Mapping[str, Answering], answers: Answers, live: LiveStack) -> Answering:
    """Return who gets through to the target of a forbidden edge."""
    found = {port: _ITSELF for target in live.running(edge.target) for port in _own_ports(answers, target, live)}
    return {**found, **through.get(edge.target, {})}


def judge(edge: PlannedEdge, asked: Sequence[Asked], answers: Answering, live: LiveStack, sight: Sight) -> CheckResult:
    """Return the result of a forbidden edge; ``answers`` says who gets through to its target."""
    found = unasked(edge, asked) or _open(edge, asked, live) or _closed(edge, asked, answers, live, sight)
    return with_evidence(found, asked)


def _open(edge: PlannedEdge, asked: Sequence[Asked], live: LiveStack) -> CheckResult | None:
    """Fail an edge that a caller got through; a caller that does not run could not try."""
    for one in asked:
        for exchange in one.exchanges:
            if exchange.failure is Failure.CALLER_DOWN:
                return unevaluated(edge.check, f"could not be tried: {exchange.detail}")
            if exchange.accepted and exchange.question.port:
                return failed_edge(edge, *explain_open(edge, one.caller.name, exchange, live))
    return None


def _closed(
    edge: PlannedEdge, asked: Sequence[Asked], answers: Answering, live: LiveStack, sight: Sight
) -> CheckResult:
    tried = sorted({_port(exchange.question) for one in asked for exchange in one.exchanges if exchange.question.port})
    answered = [port for port in tried if port in answers]
    if answered:
        who = ", ".join(f"{answers[port]} connects to {edge.target}:{port}" for port in answered)
        return passed(edge.check, f"closed: {_attempts(edge, asked)}, while {who}")
    running = live.running(edge.target)
    unseen = [sight.told(state) for state in running if isinstance(sight.listeners(state), str)]
    if unseen:
        text = f"{edge.check.subject} is not proven: nobody is known to get through to {edge.target}, and {unseen[0]}"
        return unevaluated(edge.check, text)
    if _is_for_itself(edge, live, sight):
        return passed(edge.check, f"closed: {edge.target} listens only on its own loopback, where nobody else gets")
    if not edge.ports and not any(_seen(edge, live, sight)):
        return passed(edge.check, f"closed: {edge.target} listens on nothing, and no file says that it should")
    return unevaluated(edge.check, _nobody(edge, tried, live, sight))


def _nobody(edge: PlannedEdge, tried: Sequence[str], live: LiveStack, sight: Sight) -> str:
    ports = " or ".join(tried)
    return (
        f"{edge.check.subject} is not proven: nobody gets through to {edge.target} on port {ports}, not even "
        f"{edge.target} itself, so that {edge.source} does not either proves nothing. "
        f"{'. '.join(sight.told(state) for state in live.running(edge.target)[:1])}. "
        f"Let {edge.target} listen there before the edges are asked for, or forbid a port on which it listens."
    )


def _attempts(edge: PlannedEdge, asked: Sequence[Asked]) -> str:
    """Say what came of the attempts."""
    exchanges = [exchange for one in asked for exchange in one.exchanges]
    names = sorted({one.question.host for one in exchanges if one.failure is Failure.NOT_RESOLVABLE})
    others = [one for one in exchanges if one.failure not in (None, Failure.NOT_RESOLVABLE)]
    silent = sorted({f"{one.question} ({one.failure.value})" for one in others if one.failure})
    said = [f"cannot resolve {', '.join(names)}"] if names else []
    said += [f"gets no connection to {', '.join(silent)}"] if silent else []
    return f"{edge.source} {' and '.join(said)}"


def _is_for_itself(edge: PlannedEdge, live: LiveStack, sight: Sight) -> bool:
    """Whether the target listens, on the ports that count, but nowhere that anybody else can reach."""
    counting = [one for one in _seen(edge, live, sight) if edge.port in {None, one.port}]
    return bool(counting) and all(one.loopback for one in counting)


def _seen(edge: PlannedEdge, live: LiveStack, sight: Sight) -> list[Listener]:
    """Return what the containers of the target listen on, in the protocol that counts."""
    spoken = "udp" if edge.probe is not None else "tcp"
    return [one for state in live.running(edge.target) for one in sight.known(state) if one.protocol == spoken]


def _told(answers: Answers, caller: ContainerState, questions: Iterable[Question]) -> tuple[Exchange, ...]:
    """Return what a container was told of these questions; nothing where it could not be asked."""
    with contextlib.suppress(InfragateError):
        told = answers[caller.id]() if caller.id in answers else {}
        return tuple(told[question] for question in questions if question in told)
    return ()


def _own(target: ContainerState, questions: Iterable[Question], live: LiveStack) -> Iterator[Question]:
    """Yield what a target is asked of itself."""
    for question in questions:
        for address in sorted(live.addresses(target)) or [LOOPBACK]:
            yield _at(address, question)


def _at(address: str, question: Question) -> Question:
    """Return the same question to an address, within the time for what should be closed."""
    return replace(question, host=address, timeout_s=CLOSED_WITHIN_S)


def _port(question: Question) -> str:
    return f"{question.port}/udp" if question.udp else str(question.port)


def _own_ports(answers: Answers, target: ContainerState, live: LiveStack) -> Iterator[str]:
    """Yield the ports on which a target answers itself."""
    with contextlib.suppress(InfragateError):
        told = answers[target.id]() if target.id in answers else {}
        for question, exchange in told.items():
            if question.port and exchange.accepted and question.host in {*live.addresses(target), LOOPBACK}:
                yield _port(question)


def _reachable_at(target: ContainerState, caller: ContainerState, live: LiveStack) -> Iterable[str]:
    """Return where a target is; on the engine's own network that is where its callers reach the engine's host."""
    return live.addresses(target) or caller.gateways
