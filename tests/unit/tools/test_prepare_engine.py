"""The script as a user runs it, with a PATH that holds no Docker or one that only answers questions."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from engine_setup.built_images import RECIPES, Recipe
from engine_setup.images import BASE, SERVICES, TINY
from engine_setup.machine import Machine
from engine_setup.programs import ensure_programs
from engine_setup.telling import MissingError

SCRIPT = RECIPES.parents[1] / "tools" / "prepare_engine.py"


def prepare(tmp_path: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    base = {"PATH": str(tmp_path / "bin"), "HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path)}
    (tmp_path / "bin").mkdir(exist_ok=True)
    return subprocess.run(
        [sys.executable, str(SCRIPT)],
        env={**base, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def client(tmp_path: Path, body: str) -> Path:
    """Put a client on PATH that notes each question in a file, and return that file."""
    program = tmp_path / "bin" / "docker"
    program.parent.mkdir(exist_ok=True)
    asked = tmp_path / "asked"
    asked.unlink(missing_ok=True)
    program.write_text(f'#!/bin/sh\necho "$*" >> {asked}\n{body}\n', encoding="utf-8")
    program.chmod(0o755)
    return asked


def test_forbidden_by_the_environment(tmp_path: Path) -> None:
    run = prepare(tmp_path, INFRAGATE_NO_INSTALL="1")
    assert run.returncode == 1
    assert "there is no program `docker` on PATH" in run.stderr
    assert "INFRAGATE_NO_INSTALL is set, so nothing is installed or started." in run.stderr
    assert "Traceback" not in run.stderr
    assert run.stdout == ""


def test_an_engine_that_the_user_chose_is_never_replaced(tmp_path: Path) -> None:
    client(tmp_path, "echo cannot connect; exit 1")
    run = prepare(tmp_path, DOCKER_HOST="tcp://127.0.0.1:1")
    assert run.returncode == 1
    assert "names, tcp://127.0.0.1:1, does not answer" in run.stderr
    assert "cannot connect" in run.stderr
    assert run.stdout == ""


def test_a_machine_that_has_everything_is_only_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    client(tmp_path, "echo sha256:1")
    with monkeypatch.context() as only_our_client:
        only_our_client.setenv("PATH", str(tmp_path / "bin"))
        services = Recipe(SERVICES, RECIPES / "services", "BASE_IMAGE", BASE).fingerprint()
        tiny = Recipe(TINY, RECIPES / "tiny", "SERVICES_IMAGE", SERVICES).fingerprint()
    (tmp_path / "bin" / "make").touch(mode=0o755)
    asked = client(
        tmp_path,
        f"""case "$*" in
  *Server.Version*) echo 27.1.0 ;;
  compose*) echo v2.30.0 ;;
  *.Id*) echo sha256:1 ;;
  *Labels*{SERVICES}) echo {services} ;;
  *Labels*{TINY}) echo {tiny} ;;
  *) exit 1 ;;
esac""",
    )
    run = prepare(tmp_path)
    assert run.returncode == 0, run.stderr
    assert run.stdout == (
        f"infragate tools: engine 27.1.0, Compose 2.30.0, base image {BASE}, images {SERVICES}, {TINY}: ready\n"
    )
    questions = {" ".join(line.split()[:2]) for line in asked.read_text(encoding="utf-8").splitlines()}
    assert questions == {"version --format", "compose version", "image inspect"}


def test_programs_that_the_example_calls_are_missed_clearly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    forbidden = Machine("debian", "bookworm", root=True, forbidden=True, may_pull=False, state=tmp_path)
    with pytest.raises(MissingError, match="programs that are not on PATH: make"):
        ensure_programs(forbidden)


def test_a_rootless_engine_that_nothing_names_is_pointed_at(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "docker.sock"))
        server.listen()
        run = prepare(tmp_path)
    assert run.returncode == 1
    assert f"Run `export DOCKER_HOST=unix://{tmp_path / 'docker.sock'}` and then this again." in run.stderr
