"""Follows the logs of all containers of a stack while they run: one waiting thread for each that runs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from ..errors import EngineError
from .events import EventWatch
from .execution import cut
from .log_stream import LogGoneError, LogLine, LogUnreadableError, Position, Reading, open_log, read_lines
from .state import ContainerState

if TYPE_CHECKING:
    import requests

    from .engine import Engine

HISTORY_LINES = 100_000
"""What is read at most of what a container wrote before this run, where it was there already."""
_MOST_THREADS = 128
"""Containers beyond it are not followed, but read when their lines are asked for."""
_AT_ONCE = 8
_LOOK_S = 0.5
_RETRY_S = 0.2
_RECONNECT_S = 10.0
_STOP_S = 1.0

Take = Callable[[ContainerState, LogLine], None]


class _Feed:
    """The log of one container, told line by line and each line once, whoever reads it."""

    def __init__(self, engine: Engine, container: ContainerState, take: Take, tail: int | None) -> None:
        self.container = container
        self.unreadable = ""
        self.missing = ""
        self._engine = engine
        self._take = take
        self._tail = tail
        self._position = Position()
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._response: requests.Response | None = None
        self._starts = 0
        self._followed = False
        self._whole = False

    def begin_to_follow(self) -> bool:
        """Take note that the container was started; return whether a thread is needed that follows it."""
        with self._lock:
            self._starts += 1
            self._whole = False
            needed = not self._followed
            self._followed = True
        return needed

    def follow(self) -> None:
        """Read until the container has ended and nobody started it again, or until ``stop``."""
        lost_at: float | None = None
        while not self._stopped.is_set():
            starts = self._starts
            try:
                self._read(follow=True)
                self._whole = True
                self._read(follow=False)
                lost_at = None
            except LogUnreadableError as error:
                self.unreadable = str(error)
                return
            except LogGoneError:
                return
            except EngineError:
                lost_at = lost_at or time.monotonic()
            if self._is_over(starts, lost_at):
                return
            self._stopped.wait(_RETRY_S if lost_at else 0)

    def catch_up(self) -> None:
        """Read what was written up to now. Raises ``EngineError`` when the engine does not answer."""
        try:
            self._read(follow=False)
        except LogUnreadableError as error:
            self.unreadable = str(error)
        except LogGoneError:
            if not self._whole:
                self.missing = f"container {self.container.name} was removed before its log was read to the end"

    def stop(self) -> None:
        """End the reading that waits for more."""
        self._stopped.set()
        response = self._response
        if response is not None:
            cut(response)

    def _is_over(self, starts: int, lost_at: float | None) -> bool:
        """Return whether there is nothing more to follow for the thread that asks."""
        with self._lock:
            given_up = lost_at is not None and time.monotonic() - lost_at > _RECONNECT_S
            ended = lost_at is None and self._starts == starts
            self._followed = not (given_up or ended)
            return not self._followed

    def _read(self, *, follow: bool) -> None:
        """Read once, from where the last reading ended."""
        since_ns = self._position.since_ns
        tail = self._tail if since_ns is None else None
        response = open_log(self._engine, self.container.id, follow=follow, since_ns=since_ns, tail=tail)
        if follow:
            self._response = response
            if self._stopped.is_set():
                response.close()
                return
        reading = Reading(self._position)
        try:
            for line in read_lines(self._engine, self.container, response):
                with self._lock:
                    if reading.is_new(line):
                        self._take(self.container, line)
        finally:
            if follow:
                self._response = None


class LogFollower:
    """Tells every line of every container of a project, from its start on, to ``take``.

    It learns from ``watch`` which containers are started. ``take`` is called from several threads, for one container
    from one at a time.
    """

    def __init__(self, engine: Engine, project: str, watch: EventWatch, take: Take) -> None:
        self._engine = engine
        self._project = project
        self._watch = watch
        self._take = take
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._feeds: dict[str, _Feed] = {}
        self._threads: list[threading.Thread] = []
        self._seen: set[tuple[str, int]] = set()
        self._missed: dict[str, list[str]] = {}

    def start(self) -> None:
        """Begin with the containers that are there. Raises ``EngineError`` when the engine does not answer."""
        for container in self._engine.containers(self._project):
            self._follow(self._feed(container, HISTORY_LINES))
        threading.Thread(target=self._look, name="infragate-logs", daemon=True).start()

    def catch_up(self) -> None:
        """Read everything that was written up to now. Raises ``EngineError`` when the engine does not answer."""
        for container in self._engine.containers(self._project):
            self._feed(container)
        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="infragate-logs") as pool:
            list(pool.map(_Feed.catch_up, self._known()))

    def stop(self) -> None:
        """End at once; nothing is told any more."""
        self._stopped.set()
        for feed in self._known():
            feed.stop()
        deadline = time.monotonic() + _STOP_S
        for thread in self._threads:
            thread.join(max(deadline - time.monotonic(), 0))

    @property
    def containers(self) -> tuple[ContainerState, ...]:
        """Every container whose log was looked for, as it was when it was first seen."""
        return tuple(feed.container for feed in self._known())

    @property
    def unreadable(self) -> Mapping[str, str]:
        """The services whose logging driver keeps nothing that could be read, with what the engine says of it."""
        return {feed.container.service: feed.unreadable for feed in self._known() if feed.unreadable}

    @property
    def missing(self) -> Mapping[str, tuple[str, ...]]:
        """What could not be read, in sentences by service; complete only after ``catch_up``."""
        found = {service: list(texts) for service, texts in self._missed.items()}
        for feed in self._known():
            if feed.missing:
                found.setdefault(feed.container.service, []).append(feed.missing)
        return {service: tuple(texts) for service, texts in found.items()}

    def _known(self) -> list[_Feed]:
        with self._lock:
            return list(self._feeds.values())

    def _look(self) -> None:
        """Follow every container that is started from now on."""
        while not self._stopped.is_set():
            changes = self._watch.changes
            for event in self._watch.events():
                if event.action == "start" and (event.container_id, event.time_ns) not in self._seen:
                    self._seen.add((event.container_id, event.time_ns))
                    self._started(event.container_id, event.service)
            self._watch.wait(_LOOK_S, changes)

    def _started(self, container_id: str, service: str) -> None:
        feed = self._feeds.get(container_id)
        try:
            self._follow(feed or self._feed(self._engine.inspect(container_id)))
        except EngineError as error:
            self._missed.setdefault(service, []).append(
                f"container {container_id[:12]} vanished before its log could be read: {error}"
            )

    def _feed(self, container: ContainerState, tail: int | None = None) -> _Feed:
        with self._lock:
            return self._feeds.setdefault(container.id, _Feed(self._engine, container, self._take, tail))

    def _follow(self, feed: _Feed) -> None:
        """Start a thread for a container where none follows it already; what ended long ago is read once by it."""
        with self._lock:
            running = [thread for thread in self._threads if thread.is_alive()]
            self._threads = running
            if self._stopped.is_set() or len(running) >= _MOST_THREADS or not feed.begin_to_follow():
                return
            thread = threading.Thread(target=feed.follow, name="infragate-log", daemon=True)
            self._threads.append(thread)
            thread.start()
