"""An engine of a test's own, in a network namespace of its own, so that it touches neither networks nor daemon of others."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pytest_infragate.errors import EngineError
from pytest_infragate.stack.engine import Engine

_READY_S = 60.0
_PROGRAMS = ("dockerd", "unshare")


@contextlib.contextmanager
def private_engine(pools: str, image: str, source: Engine) -> Iterator[Engine]:
    """Give an engine with these address pools that has one image; no container can run on it for long, it has no bridge.

    Skips the test where no such engine can be started: it takes root and ``dockerd``.
    """
    if os.geteuid() != 0 or not all(map(shutil.which, _PROGRAMS)):
        pytest.skip(f"an engine of our own takes root and {' and '.join(_PROGRAMS)}")
    # A short path: the address of a socket has at most 107 bytes.
    folder = Path(tempfile.mkdtemp(prefix="igt-engine-"))
    with (folder / "log").open("wb") as log:
        daemon = subprocess.Popen(_command(folder, pools), stdout=log, stderr=log, start_new_session=True)
    try:
        with contextlib.closing(_connected(folder, daemon)) as engine:
            engine.client.images.load(b"".join(source.client.images.get(image).save(named=True)))
            yield engine
    finally:
        daemon.terminate()
        daemon.wait(_READY_S)
        shutil.rmtree(folder, ignore_errors=True)


def _command(folder: Path, pools: str) -> list[str]:
    options = {
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
    return ["unshare", "--net", "dockerd", *(f"--{name}={value}" for name, value in options.items())]


def _connected(folder: Path, daemon: subprocess.Popen[bytes]) -> Engine:
    deadline = time.monotonic() + _READY_S
    while True:
        try:
            return Engine.connect({"DOCKER_HOST": f"unix://{folder}/socket"})
        except EngineError:
            if daemon.poll() is not None or time.monotonic() > deadline:
                pytest.skip(f"no engine of our own could be started: {(folder / 'log').read_text()[-500:]}")
            time.sleep(0.1)
