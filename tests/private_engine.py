"""An engine of a test's own, in namespaces of its own, so that it touches neither networks nor processes of others.

Whatever it started, its containerd and its containers' supervisors too, ends with its namespace of processes.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NoReturn, TypeVar

import pytest

from pytest_infragate.errors import EngineError
from pytest_infragate.stack.engine import Engine

_READY_S = 60.0
_PROGRAMS = ("docker-init", "dockerd", "nsenter", "unshare")
_NAMESPACES = ("--net", "--pid", "--mount")
Found = TypeVar("Found")


class Daemon:
    """An engine of a test's own that can be restarted."""

    def __init__(self, folder: Path, pools: str, options: Mapping[str, str]) -> None:
        self.folder = folder
        hold = ["unshare", *_NAMESPACES, "--mount-proc", "--fork", "--kill-child"]
        self._holder = subprocess.Popen([*hold, "docker-init", "--", "sleep", "infinity"], start_new_session=True)
        self._options = _options(folder, pools) | dict(options)
        self._process = self._begun()

    @property
    def address(self) -> str:
        """The engine as a value for DOCKER_HOST."""
        return f"unix://{self.folder}/socket"

    def connected(self) -> Engine:
        """Return a connection, as soon as the engine answers; skips the test (in CI: fails it) when it does not."""
        return _eventually(self._answering, lambda: _cannot(f"no engine of our own: {self._last_words()}"))

    def restart(self) -> None:
        """End the engine and start it again; its containers survive only with ``live-restore``."""
        self.end()
        self.begin()

    def begin(self) -> None:
        """Start the engine again after ``end``; ``connected`` waits until it answers."""
        self._process = self._begun()

    def end(self) -> None:
        """End the engine in good order."""
        for child in _children(self._process.pid):
            os.kill(child, signal.SIGTERM)
        self._process.wait(_READY_S)

    def remove(self) -> None:
        """End everything that runs in the engine's namespaces."""
        self._holder.kill()
        self._holder.wait()
        self._process.wait(_READY_S)

    def _begun(self) -> subprocess.Popen[bytes]:
        inside = _eventually(lambda: next(iter(_children(self._holder.pid)), None), lambda: _cannot("no namespaces"))
        enter = ["nsenter", f"--target={inside}", *_NAMESPACES, "dockerd"]
        with (self.folder / "log").open("ab") as log:
            words = [*enter, *(f"--{name}={value}" for name, value in self._options.items())]
            return subprocess.Popen(words, stdout=log, stderr=log, start_new_session=True)

    def _answering(self) -> Engine | None:
        with contextlib.suppress(EngineError):
            return Engine.connect({"DOCKER_HOST": self.address})
        return None

    def _last_words(self) -> str:
        return (self.folder / "log").read_text()[-500:]


@contextlib.contextmanager
def private_daemon(pools: str, **options: str) -> Iterator[Daemon]:
    """Give an engine with these address pools and further options, without an image.

    Skips the test where no such engine can be started (in CI it fails): it takes root and ``dockerd``.
    """
    if os.geteuid() != 0 or not all(map(shutil.which, _PROGRAMS)):
        _cannot(f"an engine of our own takes root and {', '.join(_PROGRAMS)}")
    # A short path: the address of a socket has at most 107 bytes.
    folder = Path(tempfile.mkdtemp(prefix="igt-engine-"))
    daemon = Daemon(folder, pools, options)
    try:
        yield daemon
    finally:
        daemon.remove()
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def private_engine(pools: str, image: str, source: Engine) -> Iterator[Engine]:
    """Give an engine with these address pools that has one image; no container can run on it for long, it has no bridge."""
    with private_daemon(pools) as daemon, contextlib.closing(daemon.connected()) as engine:
        load(engine, image, source)
        yield engine


def load(engine: Engine, image: str, source: Engine) -> None:
    """Bring an image from one engine to another."""
    engine.client.images.load(b"".join(source.client.images.get(image).save(named=True)))


def _cannot(reason: str) -> NoReturn:
    """Skip the test; in CI, where nobody reads what was skipped, it fails."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def _options(folder: Path, pools: str) -> dict[str, str]:
    return {
        "host": f"unix://{folder}/socket",
        "data-root": f"{folder}/data",
        "exec-root": f"{folder}/exec",
        "pidfile": f"{folder}/pid",
        "storage-driver": "vfs",
        "bridge": "none",
        "iptables": "false",
        "ip6tables": "false",
        "ip-forward": "false",
        "default-address-pool": pools,
    }


def _children(pid: int) -> list[int]:
    """Return the processes that one has started and that still run."""
    with contextlib.suppress(FileNotFoundError):
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def _eventually(ask: Callable[[], Found | None], give_up: Callable[[], Found]) -> Found:
    deadline = time.monotonic() + _READY_S
    while (found := ask()) is None:
        if time.monotonic() > deadline:
            return give_up()
        time.sleep(0.1)
    return found
