from __future__ import annotations

import os
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine_setup.leftovers import clear_leftovers, is_dead_socket, is_live_socket, running_daemon

PID = 4711


@pytest.fixture
def run() -> Iterator[Path]:
    """Give an empty folder in the shape of /var/run; its path is short, as the address of a socket must be."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "docker", "containerd").mkdir(parents=True)
        yield Path(folder)


@pytest.fixture
def proc(tmp_path: Path) -> Path:
    """Give an empty folder in the shape of /proc."""
    (tmp_path / "proc").mkdir()
    return tmp_path / "proc"


@pytest.fixture
def listening(run: Path) -> Iterator[Path]:
    """Give a socket that somebody listens on."""
    path = run / "docker.sock"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen()
        yield path


def process(proc: Path, name: str) -> None:
    (proc / str(PID)).mkdir()
    (proc / str(PID) / "comm").write_text(f"{name}\n", encoding="utf-8")


def dead_socket(path: Path) -> Path:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
    return path


@pytest.mark.parametrize("text", [str(PID), f"{PID}\n", "", "rubbish"])
def test_a_pid_file_without_its_process_is_removed(run: Path, proc: Path, text: str) -> None:
    (run / "docker.pid").write_text(text, encoding="ascii")
    assert clear_leftovers(run, proc) == [run / "docker.pid"]
    assert not (run / "docker.pid").exists()


def test_a_pid_that_now_belongs_to_another_program_is_stale(run: Path, proc: Path) -> None:
    (run / "docker.pid").write_text(str(PID), encoding="ascii")
    process(proc, "postgres")
    assert running_daemon(run, proc) is None
    assert clear_leftovers(run, proc) == [run / "docker.pid"]


def test_a_live_daemon_keeps_its_files(run: Path, proc: Path, listening: Path) -> None:
    (run / "docker.pid").write_text(str(PID), encoding="ascii")
    process(proc, "dockerd")
    assert running_daemon(run, proc) == PID
    assert clear_leftovers(run, proc) == []
    assert listening.is_socket()


def test_a_containerd_that_outlived_its_daemon_is_kept(run: Path, proc: Path) -> None:
    pid_file = run / "docker" / "containerd" / "containerd.pid"
    pid_file.write_text(str(PID), encoding="ascii")
    process(proc, "containerd")
    assert clear_leftovers(run, proc) == []


def test_dead_sockets_of_both_are_removed(run: Path, proc: Path) -> None:
    names = ["docker.sock", "docker/containerd/containerd.sock", "docker/containerd/containerd.sock.ttrpc"]
    sockets = [dead_socket(run / name) for name in names]
    assert clear_leftovers(run, proc) == sockets
    assert not any(path.exists() for path in sockets)


def test_nothing_is_removed_where_nothing_was_left(run: Path, proc: Path) -> None:
    assert clear_leftovers(run, proc) == []
    assert running_daemon(run, proc) is None


def test_sockets_tell_whether_somebody_listens(run: Path, listening: Path) -> None:
    dead = dead_socket(run / "dead.sock")
    plain = run / "plain"
    plain.touch()
    assert (is_live_socket(listening), is_dead_socket(listening)) == (True, False)
    assert (is_live_socket(dead), is_dead_socket(dead)) == (False, True)
    assert (is_live_socket(plain), is_dead_socket(plain)) == (False, False)


def test_this_process_is_no_daemon(run: Path) -> None:
    (run / "docker.pid").write_text(str(os.getpid()), encoding="ascii")
    assert running_daemon(run) is None
