"""Sees every container that is created on the engine, as it happens: the engine itself remembers 256 events only."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

from docker.errors import DockerException

from pytest_infragate.stack.engine import Engine

from . import leftovers

_SEEN_WITHIN_S = 30.0
_TOPICS = {"type": ["container", "volume"], "event": ["create"]}
"""Volumes for the mark alone."""


class Witness:
    """Takes down which containers are created from now on."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._labels: list[dict[str, str]] = []
        self._marks: set[str] = set()
        self._changed = threading.Condition()
        self._events = engine.client.api.events(filters=_TOPICS, decode=True)
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def created(self, folder: str) -> tuple[str, ...]:
        """Return the services of the projects of a folder, once for each container that was created, sorted."""
        self._catch_up()
        mine = (one for one in self._labels if folder in one.get(leftovers.PROJECT_LABEL, ""))
        return tuple(sorted(one[leftovers.SERVICE_LABEL] for one in mine))

    def close(self) -> None:
        """End the watch."""
        self._events.close()
        self._thread.join()

    def _catch_up(self) -> None:
        """Wait until everything before now was seen: events come in order, so until a mark made now comes back."""
        mark = leftovers.project_name()
        volume = self._engine.client.volumes.create(mark)
        try:
            with self._changed:
                assert self._changed.wait_for(lambda: mark in self._marks, _SEEN_WITHIN_S), "no event came back"
        finally:
            volume.remove()

    def _watch(self) -> None:
        with contextlib.suppress(DockerException, OSError):
            for event in self._events:
                self._note(event["Type"], event["Actor"])

    def _note(self, kind: str, actor: dict[str, dict[str, str]]) -> None:
        with self._changed:
            if kind == "container":
                self._labels.append(actor["Attributes"])
            else:
                self._marks.add(str(actor["ID"]))
            self._changed.notify_all()


@contextlib.contextmanager
def witness(engine: Engine) -> Iterator[Witness]:
    """Give a witness from now on."""
    watching = Witness(engine)
    try:
        yield watching
    finally:
        watching.close()
