"""Makes requests to the replicas of a service from inside those who call it: one by one, by name, as a load, through another."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from ..gates.scaling import PlannedScaling, load_s
from ..gates.scaling_trial import Fault, Request, Throughput, rate
from ..gates.spread import Spread, by_name, by_packets, by_reply, packets
from ..probes import PROTOCOLS, dialogue
from ..probes.http_whole import WholeAnswer
from ..settings import EdgeSettings, ProbeSettings
from ..stack.exchange import Answer, Exchange, Question
from ..stack.load import Load, Timed
from ..stack.programs import InsideError
from ..stack.state import ContainerState
from .site import Site

PATIENCE_S = 5.0
"""How long a replica that is proven ready may take until it answers others, and gets requests through another service."""
LOOKUPS_A_REPLICA = 20
"""How often the name is asked for: that one of three replicas never comes first by chance happens once in 10 billion runs."""
_TIMEOUT_S = 3.0
_PAUSE_S = 0.3
_MOST_ASKERS = 3
_FEWEST_AT_ONCE = 6
_MOST_AT_ONCE = 16
_THROUGH_S = 4.0
_THROUGH_AT_ONCE = 4
_INTERFACES = ("/proc/net/dev",)

Containers = Sequence[ContainerState]


@dataclass(frozen=True)
class Requests:
    """What is asked of the replicas of one service. Every method raises InsideError and EngineError."""

    site: Site
    planned: PlannedScaling

    def askers(self, containers: Containers) -> tuple[ContainerState, ...]:
        """Return who asks: one container of each service that calls this one, else of a neighbour, else of itself."""
        service, up = self.planned.service, [state for state in containers if state.running]
        callers = [edge.source for edge in self.planned.edges if edge.target == service and edge.must_be_open]
        firsts = {state.service: state for state in sorted(up, key=lambda state: -state.number)}
        found = tuple(firsts[name] for name in dict.fromkeys(callers) if name in firsts)
        return found[:_MOST_ASKERS] or _beside(service, up)[:1]

    def unanswered(self, askers: Containers, replicas: Containers) -> Iterator[Fault]:
        """Ask every replica at its own address; yield each that does not answer as it should for a while."""
        for asker in askers if self.questions else ():
            until, silent = time.monotonic() + PATIENCE_S, self._silent(asker, replicas)
            while silent and time.monotonic() < until:
                time.sleep(_PAUSE_S)
                silent = self._silent(asker, replicas)
            for name, said in silent.items():
                yield Fault(
                    f"{name} does not answer {asker.name} as the others have to: {said}.",
                    f"See in its log what keeps {name} from serving beside the other replicas.",
                )

    def by_name(self, asker: ContainerState, replicas: Containers) -> Spread:
        """Ask for the name again and again, and count which replica comes first."""
        questions = [Question(self.planned.service, timeout_s=_TIMEOUT_S)] * (LOOKUPS_A_REPLICA * len(replicas))
        told = self.site.inside.ask(asker, questions)
        lost = next((one for one in told if one.trouble is not None), None)
        if lost is not None:
            raise InsideError(f"{asker.name} cannot resolve {self.planned.service}: {lost.detail}")
        return by_name(asker.name, [one.resolved for one in told], replicas)

    def through(self, via: EdgeSettings, containers: Containers, replicas: Containers) -> Spread:
        """Make requests to the service that passes them on, and count which replica got them."""
        asker, places = self._way_to(via, containers)
        speech = WholeAnswer(ProbeSettings("http", via.port, via.path or "/"), via.target)
        question = Question(via.target, via.port, timeout_s=_TIMEOUT_S, speech=speech)
        load = Load(question, places, _THROUGH_AT_ONCE, _THROUGH_S, LOOKUPS_A_REPLICA * len(replicas))
        quiet, quiet_s = self._packets(replicas, lambda: time.sleep(_PAUSE_S))
        replies: list[str] = []

        def make() -> None:
            answers = (one.answer.judgement for one in self.site.inside.load(asker, load))
            replies.extend(one.message for one in answers if one is not None and one.ok)

        grown, grown_s = self._packets(replicas, make)
        if not replies:
            raise InsideError(f"no request through {via.text} had an answer from 200 to 399")
        usual = {name: round(count * grown_s / quiet_s) for name, count in quiet.items()}
        exact = by_reply(via.target, replies, replicas)
        return exact or by_packets(via.target, len(replies), grown, usual, replicas)

    def throughput(self, asker: ContainerState, replicas: Containers) -> Throughput:
        """Keep some replicas busy for a while, with as many requests at once whatever their number."""
        count, seconds = self.planned.wish.replicas, load_s(self.planned)
        at_once = max(min(max(2 * count, _FEWEST_AT_ONCE), _MOST_AT_ONCE), count)
        places = tuple(address for one in replicas for address in shared(asker, one)[:1])
        question = self.questions[0]
        return self._summed(question, self.site.inside.load(asker, Load(question, places, at_once, seconds)))

    def _summed(self, question: Question, timed: Sequence[Timed]) -> Throughput:
        said = [_wrong(self.planned.probe, question, one.answer) for one in timed]
        good = [one for one, wrong in zip(timed, said, strict=True) if not wrong]
        made = [Request(one.answer.address, not wrong, one.at_s) for one, wrong in zip(timed, said, strict=True)]
        times = tuple(_seconds(one.answer) for one in good)
        took_s = sum(one.took_s for one in good)
        own = max(1 - sum(times) / took_s, 0.0) if took_s else 0.0
        first = next(filter(None, said), "")
        return Throughput(rate(made), len(timed), len(timed) - len(good), times, first, own)

    @property
    def questions(self) -> list[Question]:
        """What every replica is asked: the declared request, else a connect to each known port; nothing without any."""
        name, probe = self.planned.service, self.planned.probe
        if probe is not None:
            probe = replace(probe, server_name=probe.server_name or name)
            return [dialogue.question(PROTOCOLS[probe.protocol], probe, name, _TIMEOUT_S)]
        return [Question(name, port, timeout_s=_TIMEOUT_S) for port in self.planned.ports]

    def _silent(self, asker: ContainerState, replicas: Containers) -> dict[str, str]:
        """Return what is wrong with each replica that answers on none of the ports, by its name."""
        found: dict[str, str] = {}
        places = {one.name: shared(asker, one)[:1] for one in replicas}
        asked = [
            (name, replace(one, host=at)) for name, place in places.items() for at in place for one in self.questions
        ]
        told = self.site.inside.ask(asker, [question for _, question in asked])
        for name, place in places.items():
            mine = [exchange for (owner, _), exchange in zip(asked, told, strict=True) if owner == name]
            said = [_wrong_exchange(self.planned.probe, exchange) for exchange in mine]
            if not place:
                found[name] = f"it shares no network with {asker.name}"
            elif all(said):
                found[name] = said[0]
        return found

    def _way_to(self, via: EdgeSettings, containers: Containers) -> tuple[ContainerState, tuple[str, ...]]:
        """Return who asks the service that passes requests on, and at which addresses.

        No replica asks: what it hears in answer would count as a request to it.
        """
        up = [state for state in containers if state.running and state.service != self.planned.service]
        asker = next(iter(_beside(via.target, up)), None)
        if asker is None:
            raise InsideError(f"{via.target} has no running container")
        told = self.site.inside.ask(asker, [Question(via.target, timeout_s=_TIMEOUT_S)])[0]
        if not told.resolved:
            raise InsideError(f"{asker.name} cannot resolve {via.target}: {told.detail}")
        return asker, told.resolved

    def _packets(self, replicas: Containers, meanwhile: Callable[[], None]) -> tuple[dict[str, int], float]:
        """Return how many packets each replica received meanwhile, and how long that took in seconds."""
        begun, before = time.monotonic(), self._received(replicas)
        meanwhile()
        after = self._received(replicas)
        return {name: after[name] - before[name] for name in before}, time.monotonic() - begun

    def _received(self, replicas: Containers) -> dict[str, int]:
        return {one.name: packets(self.site.inside.read(one, _INTERFACES)) for one in replicas}


def shared(asker: ContainerState, replica: ContainerState) -> tuple[str, ...]:
    """Return the addresses of a replica on the networks of who asks."""
    return tuple(address for network, address in replica.addresses.items() if network in asker.addresses)


def _beside(service: str, up: Containers) -> tuple[ContainerState, ...]:
    """Return the running containers of others that share a network with a service, else its own; first ones first."""
    own = [state for state in up if state.service == service]
    near = [one for one in up if one.service != service and any(shared(one, replica) for replica in own)]
    return tuple(sorted(near, key=lambda state: state.number)) or tuple(own)


def _seconds(answer: Answer) -> float:
    """Return how long an answer took, beside the peer."""
    return sum(filter(None, (answer.connect_s, answer.tls_s, answer.reply_s)))


def _wrong(probe: ProbeSettings | None, question: Question, answer: Answer) -> str:
    return _wrong_exchange(probe, Exchange(question, answers=(answer,)))


def _wrong_exchange(probe: ProbeSettings | None, exchange: Exchange) -> str:
    """Return what is wrong with an exchange; empty when nothing is. Raises InsideError where nothing was learned."""
    if exchange.failure and exchange.failure.proves_nothing:
        raise InsideError(exchange.detail)
    if probe is None:
        return f"{exchange.question} is {exchange.failure.value}: {exchange.detail}" if exchange.failure else ""
    judgement = dialogue.verdict(PROTOCOLS[probe.protocol], probe, exchange)
    return "" if judgement.ok else judgement.message
