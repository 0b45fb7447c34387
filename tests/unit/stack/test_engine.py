"""An engine that does not answer; everything else about engines is tried on a real one."""

from __future__ import annotations

import gc
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from pytest_infragate.errors import EngineError
from pytest_infragate.stack.engine import Engine


@pytest.fixture
def dead_socket() -> Iterator[Path]:
    """Give a socket file that a daemon left when it was killed; its path is short, as that of a socket must be."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "docker.sock")
        with socket.socket(socket.AF_UNIX) as left:
            left.bind(str(path))
        yield path


def test_a_socket_that_nobody_listens_on_is_told_and_leaves_nothing_open(dead_socket: Path) -> None:
    with pytest.raises(
        EngineError, match=f"No Docker engine answers at unix://{dead_socket} \\(chosen by DOCKER_HOST\\)"
    ):
        Engine.connect({"DOCKER_HOST": f"unix://{dead_socket}"})
    # A socket that is still open now would warn, and warnings fail the tests.
    gc.collect()


def test_a_socket_that_does_not_exist_is_told(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="No Docker engine answers"):
        Engine.connect({"DOCKER_HOST": f"unix://{tmp_path}/absent.sock"})
