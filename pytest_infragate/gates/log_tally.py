"""What the services wrote, as numbers and as the lines that matter, in bounded memory."""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType

from ..settings import LogSettings
from ..stack.event import NANOSECONDS
from ..stack.log_stream import LogLine
from ..stack.state import ContainerState
from ..words import printable
from .log_signs import GO_PANIC, GoPanics, Weight, weigh
from .patterns import PatternSearch

KEPT_HITS = 100
"""Lines of each kind kept of a service; the others are counted."""
REMEMBERED_LINES = 50
"""Last lines kept of each container, for messages about one that is gone."""
_REMEMBERED_CHARS = 4000
_HIT_CHARS = 1000
_MOST_BUCKETS = 4000


class Kind(str, Enum):
    """Why a line matters."""

    FORBIDDEN = "forbidden"
    FATAL = "fatal"
    SUSPICIOUS = "suspicious"


@dataclass(frozen=True)
class Hit:
    """One line that matters, without secrets; ``what`` says what a fatal one tells."""

    time_ns: int
    container_id: str
    text: str
    what: str = ""


@dataclass(frozen=True)
class Written:
    """What one service wrote: lines, bytes, lines that report an error, and the first lines that matter of each kind."""

    lines: int = 0
    size: int = 0
    errors: int = 0
    counts: Mapping[Kind, int] = field(default_factory=lambda: MappingProxyType({}))
    hits: Mapping[Kind, tuple[Hit, ...]] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True)
class LogFlow:
    """How much one service wrote in each phase; ``per_second`` has one value for each whole second."""

    lines: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    errors: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    seconds: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    per_second: Mapping[str, tuple[float, ...]] = field(default_factory=lambda: MappingProxyType({}))
    trouble: str = ""
    """Why the numbers are not to be trusted."""


class _Service:
    """The growing numbers of one service."""

    def __init__(self) -> None:
        self.lines = self.size = self.errors = 0
        self.counts: Counter[Kind] = Counter()
        self.hits: dict[Kind, list[Hit]] = {kind: [] for kind in Kind}
        self.lines_in: Counter[str] = Counter()
        self.errors_in: Counter[str] = Counter()
        self.buckets: Counter[int] = Counter()
        self.bucket_s = 1

    def count_line(self, phase: str, line: LogLine) -> None:
        self.size += line.size
        if line.continued:
            return
        self.lines += 1
        self.lines_in[phase] += 1
        self.buckets[line.time_ns // NANOSECONDS // self.bucket_s] += 1
        if len(self.buckets) > _MOST_BUCKETS:
            self._merge_buckets()

    def written(self) -> Written:
        hits = {kind: tuple(found) for kind, found in self.hits.items()}
        return Written(self.lines, self.size, self.errors, dict(self.counts), hits)

    def flow(self, phases: Mapping[str, tuple[int, int]]) -> LogFlow:
        spans = {name: (end - begin) / NANOSECONDS for name, (begin, end) in phases.items()}
        values = {name: self._values(begin, end) for name, (begin, end) in phases.items()}
        return LogFlow(dict(self.lines_in), dict(self.errors_in), spans, values)

    def _merge_buckets(self) -> None:
        merged: Counter[int] = Counter()
        for bucket, count in self.buckets.items():
            merged[bucket // 2] += count
        self.buckets, self.bucket_s = merged, 2 * self.bucket_s

    def _values(self, begin_ns: int, end_ns: int) -> tuple[float, ...]:
        """Return the lines per second of each whole bucket between two moments, silent ones included."""
        width_ns = self.bucket_s * NANOSECONDS
        whole = range(-(-begin_ns // width_ns), end_ns // width_ns)
        return tuple(self.buckets.get(bucket, 0) / self.bucket_s for bucket in whole)


class LogTally:
    """Counts and weighs every line as it comes. ``mask`` takes secrets out of what is kept."""

    def __init__(self, settings: LogSettings, mask: Callable[[str], str]) -> None:
        self._mask = mask
        self._lock = threading.Lock()
        self._services: dict[str, _Service] = {}
        self._service_of: dict[str, str] = {}
        self._panics: dict[tuple[str, int], GoPanics] = {}
        self._last: dict[str, deque[str]] = {}
        self._marks: list[tuple[int, str]] = []
        patterns = bool(settings.forbid or settings.allow)
        self._search = PatternSearch(settings, self._matters) if patterns else None

    def mark(self, phase: str, time_ns: int) -> None:
        """Begin a phase: lines from this moment on, by the engine's clock, belong to it."""
        with self._lock:
            self._marks.append((time_ns, phase))

    def take(self, container: ContainerState, line: LogLine) -> None:
        """Take the next line of a container."""
        with self._lock:
            self._service_of[container.id] = container.service
            self._services.setdefault(container.service, _Service()).count_line(self._phase(line.time_ns), line)
            if line.continued:
                return
            self._last.setdefault(container.id, deque(maxlen=REMEMBERED_LINES)).append(line.text[:_REMEMBERED_CHARS])
            panic = self._panics.setdefault((container.id, line.stream), GoPanics()).feed(line)
        self._judge(container.id, line, weigh(line.text)[0])
        if panic is not None:
            self._judge(container.id, panic, Weight.FATAL)

    def settle(self) -> str:
        """Finish judging the lines taken so far; return why that was not possible for all of them, or nothing."""
        with self._lock:
            ended = [(container_id, panics.finish()) for (container_id, _), panics in self._panics.items()]
        for container_id, panic in ended:
            if panic is not None:
                self._judge(container_id, panic, Weight.FATAL)
        if self._search is None:
            return ""
        self._search.settle()
        return self._search.trouble

    def close(self) -> None:
        """End the search for patterns."""
        if self._search is not None:
            self._search.close()

    def written(self, service: str) -> Written:
        """Return what a service wrote so far."""
        with self._lock:
            found = self._services.get(service)
            return found.written() if found else Written()

    def flows(self, services: Sequence[str], now_ns: int) -> dict[str, LogFlow]:
        """Return how much each service wrote, up to a moment by the engine's clock."""
        with self._lock:
            ends = [begin for begin, _ in self._marks[1:]] + [now_ns]
            phases = {name: (begin, end) for (begin, name), end in zip(self._marks, ends, strict=True)}
            return {name: self._services.get(name, _Service()).flow(phases) for name in services}

    def last_lines(self, container_id: str) -> tuple[str, ...]:
        """Return the last lines of a container, without secrets."""
        with self._lock:
            kept = tuple(self._last.get(container_id, ()))
        return tuple(printable(self._mask(line)) for line in kept)

    def _phase(self, time_ns: int) -> str:
        return next((name for begin, name in reversed(self._marks) if begin <= time_ns), "")

    def _judge(self, container_id: str, line: LogLine, weight: Weight) -> None:
        if self._search is not None:
            self._search.ask(container_id, line, weight)
        elif weight is not Weight.NONE:
            self._matters(container_id, line, weight, forbidden=False)

    def _matters(self, container_id: str, line: LogLine, weight: Weight, forbidden: bool) -> None:
        """Keep a line that nobody allows."""
        own_weight, what = weigh(line.text)
        panic = weight is Weight.FATAL and own_weight is not Weight.FATAL
        with self._lock:
            service = self._services[self._service_of[container_id]]
            if weight is not Weight.NONE and not panic:
                service.errors += 1
                service.errors_in[self._phase(line.time_ns)] += 1
            for kind in _kinds(weight, forbidden=forbidden and not panic):
                service.counts[kind] += 1
                if len(service.hits[kind]) < KEPT_HITS:
                    text = printable(self._mask(line.text))[:_HIT_CHARS]
                    service.hits[kind].append(Hit(line.time_ns, container_id, text, GO_PANIC if panic else what))


def _kinds(weight: Weight, *, forbidden: bool) -> list[Kind]:
    by_weight = {Weight.FATAL: [Kind.FATAL], Weight.SUSPICIOUS: [Kind.SUSPICIOUS], Weight.NONE: []}
    return [Kind.FORBIDDEN, *by_weight[weight]] if forbidden else by_weight[weight]
