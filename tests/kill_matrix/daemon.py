"""An engine of the test's own, which may be stopped and started; the machine's engine is never touched."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from engine_setup.images import TINY
from pytest_infragate.errors import EngineError
from pytest_infragate.stack.engine import Engine

from .. import waiting

_READY_S = 60.0
_APART = ("--bridge=none", "--iptables=false", "--ip6tables=false")
"""It makes no networks and leaves the machine's alone; its stacks use ``network_mode: none``."""


class Daemon:
    """A second ``dockerd`` with data, state and socket in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.address = f"unix://{folder}/socket"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        places = (
            f"--data-root={self._folder}/data",
            f"--exec-root={self._folder}/exec",
            f"--pidfile={self._folder}/pid",
        )
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                ["dockerd", *places, f"--host={self.address}", *_APART], stdout=log, stderr=log, start_new_session=True
            )
        waiting.until(self._answers, _READY_S, "the test's own dockerd answered")

    def stop(self) -> None:
        """End it, and with it its containers, as a restart of the engine does; wait for its end."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait()
            self._process = None

    def restart(self) -> None:
        """Stop it and start it again."""
        self.stop()
        self.start()

    def load(self, image: str, source: Engine) -> None:
        """Bring an image over from another engine."""
        data = b"".join(source.client.images.get(image).save(named=True))
        with closing(self.connect()) as engine:
            engine.client.images.load(data)

    def connect(self) -> Engine:
        """Return a connection to it."""
        return Engine.connect({"DOCKER_HOST": self.address})

    def _answers(self) -> bool:
        try:
            self.connect().close()
        except EngineError:
            if self._process is not None and self._process.poll() is not None:
                pytest.fail(f"the test's own dockerd ended:\n{(self._folder / 'log').read_text()[-2000:]}")
            return False
        return True


@contextmanager
def own_daemon(source: Engine) -> Iterator[Daemon]:
    """Give an engine of the test's own that has the tiny image. Where that cannot be, the test is skipped; in CI it fails."""
    _demand_means()
    folder = Path(tempfile.mkdtemp(prefix="igt-dockerd-"))
    daemon = Daemon(folder)
    try:
        daemon.start()
        daemon.load(TINY, source)
        yield daemon
    finally:
        daemon.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _demand_means() -> None:
    missing = "dockerd is not on PATH" if shutil.which("dockerd") is None else "" if os.geteuid() == 0 else "not root"
    if missing:
        say = pytest.fail if os.environ.get("CI") else pytest.skip
        say(f"an engine of the test's own cannot be started here: {missing}")
