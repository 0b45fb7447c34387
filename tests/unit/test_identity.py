"""Whether a process lives is judged by what can be proven, and nothing else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from pytest_infragate import identity
from pytest_infragate.identity import Identity, Life, judge, life, mine, read_stat, start_time

OWNER = Identity("ci-1", "machine-a", "boot-a", "pid:[1]", 4711, "100")
HERE = replace(OWNER, pid=1, started="1")
has_proc = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="this system has no /proc")


@pytest.mark.parametrize(
    ("changed", "started", "expected"),
    [
        ({}, "100", Life.ALIVE),
        ({}, None, Life.DEAD),
        ({}, "200", Life.DEAD),
        ({}, "", Life.UNKNOWN),
        ({"boot": "boot-b"}, "100", Life.DEAD),
        ({"boot": "boot-b", "namespace": "pid:[2]"}, None, Life.DEAD),
        ({"namespace": "pid:[2]"}, None, Life.UNKNOWN),
        ({"namespace": "pid:[2]"}, "100", Life.UNKNOWN),
        ({"host": "ci-2"}, None, Life.UNKNOWN),
        ({"host": "ci-2"}, "100", Life.UNKNOWN),
        ({"machine": "machine-b"}, None, Life.UNKNOWN),
        ({"machine": "machine-b", "boot": "boot-b"}, None, Life.UNKNOWN),
        ({"host": "ci-2", "boot": "boot-b"}, None, Life.UNKNOWN),
        ({"boot": ""}, None, Life.UNKNOWN),
    ],
)
def test_only_what_is_proven_dead_is_dead(changed: dict[str, str], started: str | None, expected: Life) -> None:
    assert judge(OWNER, replace(HERE, **changed), started) is expected  # type: ignore[arg-type]


def test_another_boot_proves_nothing_where_the_machine_has_no_id() -> None:
    owner, here = replace(OWNER, machine=""), replace(HERE, machine="", boot="boot-b")
    assert judge(owner, here, None) is Life.UNKNOWN
    assert judge(owner, replace(here, boot="boot-a"), None) is Life.DEAD


def test_an_owner_that_had_ended_when_it_was_looked_at_is_dead() -> None:
    assert judge(replace(OWNER, started=""), HERE, "100") is Life.DEAD


def test_this_process_lives() -> None:
    assert life(mine()) is Life.ALIVE
    assert mine() == mine()


def test_a_pid_that_was_given_again_is_another_process() -> None:
    assert life(replace(mine(), started="1")) is Life.DEAD


@has_proc
def test_a_process_that_has_ended_and_was_not_waited_for_is_dead() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        one = identity.of(child.pid)
        assert life(one) is Life.ALIVE
        child.communicate(b"\n")
        assert life(one) is Life.DEAD


def test_a_child_has_another_identity() -> None:
    code = "from pytest_infragate.identity import mine; print(mine().text())"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=_environment())
    child = Identity.read(told.stdout)
    assert child is not None
    assert replace(child, pid=0, started="") == replace(mine(), pid=0, started="")
    assert life(child) is Life.DEAD


def test_what_is_written_is_read_again() -> None:
    assert Identity.read(OWNER.text()) == OWNER


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "1",
        "null",
        "{}",
        json.dumps({**asdict(OWNER), "pid": "4711"}),
        json.dumps({**asdict(OWNER), "host": None}),
        json.dumps({name: value for name, value in asdict(OWNER).items() if name != "boot"}),
    ],
)
def test_anything_else_is_no_identity(text: str) -> None:
    assert Identity.read(text) is None


@pytest.mark.parametrize(
    ("name", "state", "expected"),
    [("(sh)", "S", "4242"), ("(a b) c)", "R", "4242"), ("(sh)", "Z", None), ("(sh)", "X", None)],
)
def test_the_start_time_stands_behind_a_name_that_may_hold_anything(
    name: str, state: str, expected: str | None
) -> None:
    assert read_stat(f"7 {name} {state} " + " ".join(["0"] * 18) + " 4242 0 0") == expected


def test_nobody_has_a_pid_that_is_free() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as child:
        child.wait()
        assert start_time(child.pid) is None


def test_without_proc_the_systems_own_programs_are_asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(identity, "_BOOT_ID", tmp_path / "absent")
    first, again = start_time(os.getpid()), start_time(os.getpid())
    assert first
    assert first == again
    with subprocess.Popen([sys.executable, "-c", ""]) as child:
        child.wait()
    assert start_time(child.pid) is None


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(Path(identity.__file__).parents[1])}
