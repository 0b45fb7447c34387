"""Watches the engine's event stream from before the start until after the end, and knows when it missed something."""

from __future__ import annotations

import contextlib
import datetime
import threading
from collections import OrderedDict, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import requests
import urllib3

from ..errors import EngineError
from . import event
from .event import EngineEvent, StackEvent, Translator
from .execution import cut

if TYPE_CHECKING:
    from .engine import Engine

REPLAYED = 256
"""How many events, of all kinds and everybody, the engine keeps and can tell again (``daemon/events`` of moby)."""
KEPT_EVENTS = 20_000
_REMEMBERED = 8 * REPLAYED
_RETRY_S = 0.2
_SILENT_S = 30.0
"""A stream that says nothing for so long is opened again: a half-open connection never breaks by itself."""
_ANSWER_S = 10.0
_STOP_S = 3.0
_ALL_KEPT = "1"
"""Asks for everything that the engine still keeps. It looks through what it keeps backwards and stops at the first
event that is older than asked for, so that any later time would hide events after its clock was set back."""
_MARGIN = datetime.timedelta(milliseconds=1)


@dataclass(frozen=True)
class Gap:
    """Events that were missed; ``until`` is the engine's time from which on all are known again, ``None``: from never."""

    what: str
    until: datetime.datetime | None = None


class EventWatch:
    """Collects what happens to the containers of one project, in a thread.

    All events are asked for and ours picked here: after a reconnect the engine tells only its last 256 events again,
    and whether one that was seen before is among them shows whether something was missed.
    """

    def __init__(self, engine: Engine, project: str) -> None:
        self._engine = engine
        self._project = project
        self._changed = threading.Condition()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="infragate-events", daemon=True)
        self._response: requests.Response | None = None
        self._translator = Translator(project)
        self._seen: OrderedDict[tuple[int, str, str, str, str], None] = OrderedDict()
        self._events: deque[StackEvent] = deque(maxlen=KEPT_EVENTS)
        self._count = 0
        self._nudges = 0
        self._gaps: list[Gap] = []
        self._forgotten: Gap | None = None
        self._unasked: Gap | None = None

    def start(self) -> None:
        """Begin to watch; raises ``EngineError`` when the engine does not answer."""
        for one in self._kept_by_engine():
            self._remember(one)
        self._translator.know(self._engine.containers(self._project))
        self._response = self._open()
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
    def gaps(self) -> tuple[Gap, ...]:
        """What was missed; complete only after ``catch_up``."""
        with self._changed:
            return (*self._gaps, *filter(None, (self._forgotten, self._unasked)))

    @property
    def count(self) -> int:
        """How many events of the project were seen so far: the ``number`` of the last one."""
        with self._changed:
            return self._count

    def events(self, service: str | None = None) -> tuple[StackEvent, ...]:
        """Return what happened to a service, or to all of them, in the order of the engine's clock."""
        with self._changed:
            found = [one for one in self._events if service in (None, one.service)]
        return tuple(sorted(found, key=lambda one: one.time_ns))

    @property
    def changes(self) -> int:
        """How often something has happened so far; see ``wait``."""
        with self._changed:
            return self._count + self._nudges

    def wait(self, timeout_s: float, since: int | None = None) -> bool:
        """Wait until something of ours happens, at most ``timeout_s`` seconds; return whether it did.

        ``since`` is what ``changes`` was before the caller last looked: what happened meanwhile ends the waiting too.
        """
        with self._changed:
            before = self._count + self._nudges if since is None else since
            return self._changed.wait_for(lambda: self._count + self._nudges != before, timeout_s)

    def nudge(self) -> None:
        """End a waiting, because something is known that the engine does not tell."""
        with self._changed:
            self._nudges += 1
            self._changed.notify_all()

    def catch_up(self) -> None:
        """Make sure that everything up to now was seen, or that ``gaps`` says otherwise."""
        try:
            self._replay()
        except EngineError as error:
            self._unasked = Gap(f"the engine could not be asked for its events: {error}")

    def _replay(self) -> None:
        """Take what the engine still keeps; what it keeps must reach back to something that was seen before."""
        told = self._kept_by_engine()
        if not self._joins(told):
            self._translator.know(self._engine.containers(self._project))
        until = told[0].time if told else self._engine.now()
        # In one piece, because the thread that follows may notice the same gap at the same time.
        with self._changed:
            if not self._joins(told):
                self._miss(until)
            for one in told:
                self._take(one)
        self._unasked = None

    def _joins(self, told: Sequence[EngineEvent]) -> bool:
        with self._changed:
            if not self._seen:
                return len(told) < REPLAYED
            return any(one.identity in self._seen for one in told)

    def _kept_by_engine(self) -> list[EngineEvent]:
        return [event.parse(line) for line in self._lines(self._open(until=self._engine.now() + _MARGIN))]

    def _follow(self) -> None:
        """Read the stream until stopped; a lost one is opened again, however long the engine does not answer."""
        while not self._stopped.is_set():
            with contextlib.suppress(EngineError):
                self._read(self._response or self._reopened())
            self._stopped.wait(_RETRY_S)

    def _reopened(self) -> requests.Response:
        self._engine.demand_listener()
        self._replay()
        return self._open()

    def _read(self, response: requests.Response) -> None:
        """Read one connection to its end; its first event must be one that is already known."""
        self._response = response
        if self._stopped.is_set():
            response.close()
            return
        first = True
        try:
            for line in self._lines(response):
                one = event.parse(line)
                if first and not self._joins([one]):
                    self._miss(one.time)
                first = False
                self._take(one)
        finally:
            self._response = None

    def _open(self, until: datetime.datetime | None = None) -> requests.Response:
        """Ask for all events that the engine keeps and all that come; with ``until`` the answer ends there."""
        api = self._engine.client.api
        wanted = {"since": _ALL_KEPT} | ({} if until is None else {"until": f"{until.timestamp():.6f}"})
        timeout = (_ANSWER_S, _SILENT_S if until is None else _ANSWER_S)
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
            if self._remember(one):
                ours = self._translator.translate(one)
                if ours is not None:
                    self._keep(ours)

    def _remember(self, one: EngineEvent) -> bool:
        """Return whether an event is new, and know it from now on."""
        if one.identity in self._seen:
            return False
        self._seen[one.identity] = None
        if len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)
        return True

    def _keep(self, ours: StackEvent) -> None:
        if len(self._events) == KEPT_EVENTS:
            what = f"the containers caused more than {KEPT_EVENTS} events, so the first ones are lost"
            self._forgotten = Gap(what, self._events[0].time)
        self._count += 1
        self._events.append(replace(ours, number=self._count))
        self._changed.notify_all()

    def _miss(self, until: datetime.datetime) -> None:
        """Note a gap that ends with the first event that is known again."""
        with self._changed:
            self._gaps.append(
                Gap(f"the event stream broke, and what the engine still tells begins at {until:%H:%M:%S} UTC", until)
            )
