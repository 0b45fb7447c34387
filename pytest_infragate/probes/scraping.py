"""Fetches what services tell of themselves, every two seconds in the background: what ``prometheus.*`` is measured on."""

from __future__ import annotations

import contextlib
import threading
import time
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from ..errors import InfragateError
from ..limits import EXPOSED
from ..selectors import base, labels
from ..settings import ProbeSettings
from ..stack.exchange import Exchange, Question
from ..stack.periodic import Periodic
from ..stack.state import ContainerState
from ..suggest import did_you_mean
from . import PROTOCOLS, dialogue, exposition
from .exposition import ExposedSample, Fetch

if TYPE_CHECKING:
    from ..stack.inside import Inside

SCRAPE_S = 2.0
"""How far two looks are apart: to tell all of it costs a service more than a small request does."""
MOST_SERIES = 1000
"""How many series one limit may name."""
_KEPT_SCRAPES = 10_000
_TIMEOUT_S = 5.0

Point = tuple[float, str, float]
"""Time since 1970 by our clock, phase, value."""


@dataclass(frozen=True)
class ExposedSeries:
    """The values of one series of one container, in order of time."""

    points: tuple[Point, ...]
    is_gauge: bool = False
    from_zero: bool = False
    """Whether the container was looked at before and had no such series yet: a counter that appears has counted from 0."""


@dataclass(frozen=True)
class Fetches:
    """How often one container was asked, by phase, how often in vain, and why at last."""

    container: str
    looks: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    failures: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    trouble: str = ""
    gone: Mapping[tuple[str, str], int] = field(default_factory=lambda: MappingProxyType({}))
    """How often it told a gauge no more that it had told before, by metric and phase."""
    told: tuple[tuple[float, str], ...] = ()
    """When it has told something, and the phase of that moment."""


@dataclass(frozen=True)
class Exposed:
    """What a service told: series by metric as limits name it, and how often each of its containers was asked."""

    series: Mapping[str, tuple[ExposedSeries, ...]] = field(default_factory=lambda: MappingProxyType({}))
    fetches: tuple[Fetches, ...] = ()
    missing: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Why a metric has no series, by metric."""


class _Asked:
    """How often one container was asked so far."""

    def __init__(self, container: str) -> None:
        self._container = container
        self.looks: Counter[str] = Counter()
        self.failures: Counter[str] = Counter()
        self.gone: Counter[tuple[str, str]] = Counter()
        self.told: deque[tuple[float, str]] = deque(maxlen=_KEPT_SCRAPES)
        self.trouble = ""

    def fetches(self) -> Fetches:
        """Return it as it is now."""
        counted = dict(self.looks), dict(self.failures)
        return Fetches(self._container, *counted, self.trouble, dict(self.gone), tuple(self.told))


class _Told:
    """What one service has told so far."""

    def __init__(self, metrics: Sequence[str]) -> None:
        self._wanted = {metric: (base(metric).removeprefix(EXPOSED), labels(metric)) for metric in metrics}
        self._points: dict[tuple[str, str, str], deque[Point]] = {}
        self._gauges: frozenset[str] = frozenset()
        self._seen: set[str] = set()
        self._had: set[tuple[str, str]] = set()
        """Which container has told which metric."""
        self._late: set[tuple[str, str, str]] = set()
        self._missing: dict[str, str] = {}
        self._asked: dict[str, _Asked] = {}

    def fail(self, container: ContainerState, phase: str, trouble: str) -> None:
        """Take note that a container could not be asked."""
        asked = self._look(container, phase)
        asked.failures[phase] += 1
        asked.trouble = trouble

    def _look(self, container: ContainerState, phase: str) -> _Asked:
        asked = self._asked.setdefault(container.id, _Asked(container.name))
        asked.looks[phase] += 1
        return asked

    def take(self, state: ContainerState, when: tuple[float, str], text: str) -> None:
        """Take one exposition of one container."""
        container, asked = state.id, self._look(state, when[1])
        asked.told.append(when)
        found = tuple(exposition.samples(text, {name for name, _ in self._wanted.values()}))
        self._gauges |= exposition.gauges(text)
        for metric, (name, wanted) in self._wanted.items():
            fitting = [one for one in found if one.name == name and wanted.items() <= one.labels.items()]
            self._note(metric, fitting, text)
            if not fitting and name in self._gauges and (metric, container) in self._had:
                asked.gone[metric, when[1]] += 1
            for one in fitting[:MOST_SERIES]:
                key = (metric, container, repr(sorted(one.labels.items())))
                if key not in self._points and container in self._seen:
                    self._late.add(key)
                self._points.setdefault(key, deque(maxlen=_KEPT_SCRAPES)).append((*when, one.value))
                self._had.add((metric, container))
        self._seen.add(container)

    def _note(self, metric: str, fitting: Sequence[ExposedSample], text: str) -> None:
        name = self._wanted[metric][0]
        if len(fitting) > MOST_SERIES:
            self._missing[metric] = f"more than {MOST_SERIES} series fit it: name them by labels, {metric}{{…}}"
        elif not fitting and metric not in self._missing:
            known = exposition.names(text)
            hint = (
                "labels of another kind, or no number"
                if name in known
                else f"no {name}{did_you_mean(name, sorted(known))}"
            )
            self._missing[metric] = f"what the service tells of itself has {hint}"

    def exposed(self) -> Exposed:
        """Return all of it."""
        series: dict[str, tuple[ExposedSeries, ...]] = {}
        for key, points in self._points.items():
            metric = key[0]
            one = ExposedSeries(tuple(points), self._wanted[metric][0] in self._gauges, key in self._late)
            series[metric] = (*series.get(metric, ()), one)
        return Exposed(series, tuple(one.fetches() for one in self._asked.values()), dict(self._missing))


class Scraper:
    """Fetches from every container of the services that declare where, the metrics that limits name."""

    def __init__(
        self,
        inside: Inside,
        places: Mapping[str, ProbeSettings],
        wanted: Mapping[str, Sequence[str]],
        containers: Sequence[ContainerState],
    ) -> None:
        self._inside = inside
        self._places = places
        self._containers = tuple(one for one in containers if one.service in places and wanted.get(one.service))
        self._told = {one.service: _Told(wanted[one.service]) for one in self._containers}
        self._hosts: dict[str, str] = {}
        self._states: dict[str, ContainerState] = {}
        """The containers that could not be asked, as they were found then."""
        self._lock = threading.Lock()
        self._phase = ""
        self._thread = Periodic("infragate-scrapes", SCRAPE_S, self._round)

    def start(self, phase: str) -> None:
        """Start fetching; where no limit needs it, nothing is started."""
        self._phase = phase
        if self._containers:
            self._thread.start()

    def mark(self, phase: str) -> None:
        """Begin another phase."""
        self._phase = phase

    def stop(self) -> None:
        """Stop fetching."""
        self._thread.stop()

    @property
    def died(self) -> bool:
        """Whether fetching ended by an error of its own."""
        return self._thread.died

    def exposed(self) -> Mapping[str, Exposed]:
        """Return what was told so far, by service."""
        with self._lock:
            return {service: told.exposed() for service, told in self._told.items()}

    def _round(self) -> None:
        for container in self._containers:
            phase, now = self._phase, time.time()
            text, trouble = self._fetched(container)
            told = self._told[container.service]
            trouble = trouble or exposition.fault(text)
            with self._lock:
                if trouble:
                    told.fail(container, phase, trouble)
                else:
                    told.take(container, (now, phase), text)

    def _fetched(self, container: ContainerState) -> tuple[str, str]:
        """Return what a container tells, or why it cannot be had; then it is looked up anew, because a restart moves it."""
        known = self._states.get(container.id, container)
        text, trouble = self._told_by(known)
        if trouble:
            self._hosts.pop(container.id, None)
            with contextlib.suppress(InfragateError):
                self._states[container.id] = self._inside.engine.inspect_if_there(container.id) or known
        return text, trouble

    def _told_by(self, container: ContainerState) -> tuple[str, str]:
        trouble = ""
        known = self._hosts.get(container.id)
        for host in [known] if known else dialogue.hosts(container):
            try:
                exchange = self._ask(container, host)
            except InfragateError as error:
                return "", str(error)
            answer = next(iter(exchange.answers), None)
            if answer is not None and answer.reply:
                self._hosts[container.id] = host
                return answer.reply.decode("utf-8", errors="replace"), ""
            trouble = trouble or _why(exchange)
        return "", trouble

    def _ask(self, container: ContainerState, host: str) -> Exchange:
        place = self._places[container.service]
        protocol = PROTOCOLS[place.protocol]
        settings = dialogue.addressed(protocol, place, container)
        plain = dialogue.question(protocol, settings, host, _TIMEOUT_S)
        asked = Question(
            host, plain.port, tls=plain.tls, timeout_s=_TIMEOUT_S, speech=Fetch(settings, host), trust=plain.trust
        )
        return self._inside.ask(container, [asked], beside=True)[0]


def _why(exchange: Exchange) -> str:
    """Return why an exchange brought no text."""
    answer = next(iter(exchange.answers), None)
    if answer is not None and answer.judgement is not None and answer.judgement.message:
        return answer.judgement.message
    return f"{exchange.failure.value if exchange.failure else 'no reply'}: {exchange.detail}"
