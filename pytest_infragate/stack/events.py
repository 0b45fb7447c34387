"""Watches the engine's event stream from before the start until after the end, and knows when it missed something."""

from __future__ import annotations

import datetime
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Iterator

import requests
import urllib3

from ..errors import EngineError
from . import event
from .engine import Engine
from .event import NANOSECONDS, EngineEvent, StackEvent, Translator
from .execution import cut

RECONNECT_S = 10.0
"""How long a lost stream is reconnected for."""
REPLAYED = 256
"""How many events, of all kinds and everybody, the engine keeps and can tell again."""
KEPT_EVENTS = 20_000
_REMEMBERED = 8 * REPLAYED
_RETRY_S = 0.2
_ANSWER_S = 10.0
_STOP_S = 3.0
_MARGIN_NS = 1_000_000


class EventWatch:
    """Collects what happens to the containers of one project, in a thread.

    All events are asked for and ours picked here: after a reconnect the engine tells only its last 256 events again,
    and whether the last one seen is among them shows whether something was missed.
    """

    def __init__(self, engine: Engine, project: str) -> None:
        self._engine = engine
        self._project = project
        self._changed = threading.Condition()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="infragate-events", daemon=True)
        self._response: requests.Response | None = None
        self._translator = Translator(project)
        self._begun_ns = 0
        self._last_ns: int | None = None
        self._seen: OrderedDict[tuple[int, str, str, str], None] = OrderedDict()
        self._events: deque[StackEvent] = deque(maxlen=KEPT_EVENTS)
        self._count = 0
        self._gaps: list[str] = []

    def start(self) -> None:
        """Begin to watch; raises ``EngineError`` when the engine does not answer."""
        self._begun_ns = _nanoseconds(self._engine.now())
        self._translator = Translator(self._project, self._engine.containers(self._project))
        self._response = self._open(self._begun_ns)
        self._thread.start()

    def stop(self) -> None:
        """End the watch at once; what was seen stays."""
        self._stopped.set()
        response = self._response
        if response is not None:
            cut(response)
        if self._thread.is_alive():
            self._thread.join(_STOP_S)

    @property
    def gaps(self) -> tuple[str, ...]:
        """What was missed, one sentence each; complete only after ``catch_up``."""
        with self._changed:
            return tuple(self._gaps)

    def events(self, service: str | None = None) -> tuple[StackEvent, ...]:
        """Return what happened to a service, or to all of them, in the order of the engine's clock."""
        with self._changed:
            found = [one for one in self._events if service in (None, one.service)]
        return tuple(sorted(found, key=lambda one: one.time_ns))

    def wait(self, timeout_s: float) -> bool:
        """Wait until something of ours happens, at most ``timeout_s`` seconds; return whether it did."""
        with self._changed:
            before = self._count
            return self._changed.wait_for(lambda: self._count != before, timeout_s)

    def catch_up(self) -> None:
        """Make sure that everything up to now was seen, or that ``gaps`` says otherwise."""
        try:
            since, known = self._last_ns or self._begun_ns, self._last_ns is not None
            until = max(_nanoseconds(self._engine.now()), since) + _MARGIN_NS
            told = [event.parse(line) for line in self._lines(self._open(since, until))]
        except EngineError as error:
            self._miss(f"the engine could not be asked for its events: {error}")
            return
        with self._changed:
            joined = any(one.identity in self._seen for one in told) if known else len(told) < REPLAYED
        if not joined:
            self._miss(f"events between {_clock(since)} and the engine's last {len(told)} are lost")
        for one in told:
            self._take(one)

    def _follow(self) -> None:
        """Read the stream until stopped; a lost one is opened again from the last event seen."""
        lost_at: float | None = None
        while not self._stopped.is_set():
            try:
                response = self._response or self._open(self._last_ns or self._begun_ns)
                lost_at = None
                self._read(response)
            except EngineError:
                lost_at = lost_at or time.monotonic()
            if lost_at and time.monotonic() - lost_at > RECONNECT_S:
                return
            self._stopped.wait(_RETRY_S)

    def _read(self, response: requests.Response) -> None:
        """Read one connection to its end; its first event must be one that is already known."""
        self._response = response
        if self._stopped.is_set():
            response.close()
            return
        resumed = self._last_ns
        try:
            for line in self._lines(response):
                one = event.parse(line)
                if resumed is not None and one.identity not in self._seen:
                    self._miss(f"the event stream broke and events after {_clock(resumed)} are lost")
                resumed = None
                self._take(one)
        finally:
            self._response = None

    def _open(self, since_ns: int, until_ns: int | None = None) -> requests.Response:
        """Ask for all events from a moment on; without ``until_ns`` the answer does not end."""
        api = self._engine.client.api
        wanted = {"since": _stamp(since_ns)} | ({} if until_ns is None else {"until": _stamp(until_ns)})
        timeout = None if until_ns is None else _ANSWER_S
        with self._engine.asking("for its events"):
            response = api.get(f"{api.base_url}/v{api.api_version}/events", params=wanted, stream=True, timeout=timeout)
            response.raise_for_status()
        return response

    def _lines(self, response: requests.Response) -> Iterator[bytes]:
        """Yield the lines of an answer as they come; raises ``EngineError`` where it breaks off."""
        try:
            with self._engine.asking("for its events"), response:
                yield from filter(None, response.iter_lines(chunk_size=None))
        except urllib3.exceptions.HTTPError as error:
            raise EngineError(f"The engine's event stream broke: {error}") from error

    def _take(self, one: EngineEvent) -> None:
        """Keep an event that was not seen before."""
        with self._changed:
            if one.identity in self._seen:
                return
            self._seen[one.identity] = None
            if len(self._seen) > _REMEMBERED:
                self._seen.popitem(last=False)
            self._last_ns = max(self._last_ns or 0, one.time_ns)
            ours = self._translator.translate(one)
            if ours is not None:
                self._keep(ours)

    def _keep(self, ours: StackEvent) -> None:
        if self._count == KEPT_EVENTS:
            self._gaps.append(f"the containers caused more than {KEPT_EVENTS} events, so the first ones are lost")
        self._events.append(ours)
        self._count += 1
        self._changed.notify_all()

    def _miss(self, what: str) -> None:
        with self._changed:
            self._gaps.append(what)


def _nanoseconds(moment: datetime.datetime) -> int:
    return int(moment.timestamp()) * NANOSECONDS + moment.microsecond * 1000


def _stamp(time_ns: int) -> str:
    """Return a time as the engine's API takes it."""
    return f"{time_ns // NANOSECONDS}.{time_ns % NANOSECONDS:09d}"


def _clock(time_ns: int) -> str:
    moment = datetime.datetime.fromtimestamp(time_ns / NANOSECONDS, datetime.timezone.utc)
    return f"{moment:%H:%M:%S.%f} UTC"
