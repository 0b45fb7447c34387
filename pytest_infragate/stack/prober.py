"""The prober: a program of our own beside a caller whose image has nothing to ask with.

It is one static binary, which needs no other image: it is imported as an image of this run alone, and that image is
removed with the helpers. Its source is ``tools/prober/prober.c``.
"""

from __future__ import annotations

import contextlib
import datetime
import io
import json
import secrets
import tarfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import requests
from docker.errors import APIError, ImageNotFound

from .. import identity
from ..errors import EngineError
from .claim import OWNER_LABEL, RUN_LABEL
from .helper import create_beside, remove, remove_all, started
from .relay import Relay
from .state import ContainerState

if TYPE_CHECKING:
    from .engine import Engine

BINARIES = Path(__file__).parent / "binaries"
REPOSITORY = "infragate/prober"
ARCHITECTURES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}
"""How engines name what a binary is built for."""
_GONE_S = 5.0
_PAUSE_S = 0.05
_OVER = "The run is over, so nothing is asked from inside any more."
_PROGRAM = "/prober"


def binary(architecture: str) -> Path | None:
    """Return the prober for an engine's architecture, ``None`` where there is none."""
    known = ARCHITECTURES.get(architecture)
    return BINARIES / f"prober-{known}" if known else None


def archive(file: Path) -> bytes:
    """Return a tar archive that holds the program and nothing else."""
    content = file.read_bytes()
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as tar:
        entry = tarfile.TarInfo(_PROGRAM.lstrip("/"))
        entry.size, entry.mode = len(content), 0o555
        tar.addfile(entry, io.BytesIO(content))
    return held.getvalue()


@dataclass
class _Standing:
    """A prober that runs beside a caller, and since when the caller did."""

    container_id: str
    started_for: datetime.datetime | None
    relay: Relay
    lock: threading.Lock = field(default_factory=threading.Lock)


class Probers:
    """The probers of one run: at most one beside each caller, all removed by ``close``; safe for several threads."""

    def __init__(self, engine: Engine, run: str) -> None:
        self._engine = engine
        self._run = run
        self._image = ""
        self._lock = threading.Lock()
        self._making: dict[str, threading.Lock] = {}
        self._standing: dict[str, _Standing] = {}
        self._closed = False

    def lacking(self) -> str:
        """Say why there can be no prober on this engine, nothing when there can; the image is imported for that."""
        file = binary(self._engine.architecture)
        if file is None:
            return f"There is no prober for the engine's architecture ({self._engine.architecture})."
        try:
            self._imported(file)
        except EngineError as error:
            return str(error)
        return ""

    @contextlib.contextmanager
    def beside(self, caller: ContainerState) -> Iterator[Relay]:
        """Give the prober beside ``caller`` to this thread alone; one that fails is made anew the next time.

        A caller that was restarted has a new network namespace, and gets a new one; whoever still knows it as it was before gets
        the new one too. To be called when nothing is ``lacking``. Raises EngineError.
        """
        standing = self._prober(caller)
        with standing.lock:
            try:
                yield standing.relay
            except EngineError:
                self._drop(caller.id, standing)
                raise

    @contextlib.contextmanager
    def further(self, caller: ContainerState) -> Iterator[Relay]:
        """Give one more prober, in the container of the one beside ``caller``, to this thread alone.

        Where that container is gone, it is made anew the next time. Raises EngineError.
        """
        standing = self._prober(caller)
        try:
            relay = Relay(self._engine.converse(standing.container_id, (_PROGRAM,)))
        except EngineError:
            self._drop(caller.id, standing)
            raise
        with contextlib.closing(relay):
            yield relay

    def close(self) -> None:
        """Remove every prober and then their image, also when removing one of them fails. Raises EngineError.

        One that another thread is making at this moment is waited for, because the image cannot go before it.
        """
        with self._lock:
            self._closed = True
            under_way = tuple(self._making.values())
        for making in under_way:
            with making:
                pass
        with self._lock:
            standing, self._standing = list(self._standing.values()), {}
            image, self._image = self._image, ""
        for one in standing:
            one.relay.close()
        with contextlib.ExitStack() as stack:
            if image:
                stack.callback(self._remove_image, image)
            remove_all(self._engine, [one.container_id for one in standing])

    def _prober(self, caller: ContainerState) -> _Standing:
        with self._lock:
            making = self._making.setdefault(caller.id, threading.Lock())
        with making:
            known = self._standing.get(caller.id)
            if known and not _is_outlived(known, caller):
                return known
            if known:
                self._drop(caller.id, known)
            if self._closed:
                raise EngineError(_OVER)
            made = self._start(caller)
            self._standing[caller.id] = made
            return made

    def _start(self, caller: ContainerState) -> _Standing:
        """Create and start a container, and take hold of its input and output."""
        container_id = create_beside(self._engine, self._run, caller, self._image, (_PROGRAM,))
        with started(self._engine, container_id):
            relay = Relay(self._engine.attach(container_id))
        return _Standing(container_id, caller.started_at, relay)

    def _imported(self, file: Path) -> str:
        """Return the name of our image, imported now unless that is done."""
        with self._lock:
            if self._closed:
                raise EngineError(_OVER)
            self._image = self._image or self._import(file)
            return self._image

    def _import(self, file: Path) -> str:
        tag = secrets.token_hex(6)
        labels = {RUN_LABEL: self._run, OWNER_LABEL: identity.mine().text()}
        changes = [f"LABEL {name}={json.dumps(value)}" for name, value in labels.items()]
        with self._engine.asking("to import the prober as an image"):
            self._engine.client.api.import_image_from_data(archive(file), REPOSITORY, tag, changes)
        return f"{REPOSITORY}:{tag}"

    def _drop(self, key: str, standing: _Standing) -> None:
        """Forget a prober and remove it."""
        if self._standing.get(key) is standing:
            del self._standing[key]
        self._remove(standing)

    def _remove(self, standing: _Standing) -> None:
        standing.relay.close()
        remove(self._engine, standing.container_id)

    def _remove_image(self, image: str) -> None:
        """Remove our image; it is refused while the engine is still busy with the end of a container of it."""
        until = time.monotonic() + _GONE_S
        with self._engine.asking(f"to remove the image {image}"):
            while not self._image_is_gone(image, last=time.monotonic() >= until):
                time.sleep(_PAUSE_S)

    def _image_is_gone(self, image: str, *, last: bool) -> bool:
        try:
            self._engine.client.api.remove_image(image)
        except ImageNotFound:
            return True
        except APIError as error:
            if last or error.status_code != requests.codes.conflict:
                raise
            return False
        return True


def _is_outlived(known: _Standing, caller: ContainerState) -> bool:
    """Whether a caller was started anew since its prober was made."""
    if caller.started_at is None or known.started_for is None:
        return caller.started_at is not known.started_for
    return caller.started_at > known.started_for
