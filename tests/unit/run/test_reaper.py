"""The reaper: what it hears, how it takes the owner's death, and whom it ends. Real processes, no engine."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pytest_infragate import identity
from pytest_infragate.identity import start_time
from pytest_infragate.process import MARK
from pytest_infragate.run import reaper
from pytest_infragate.run.reaper import BEGUN, ENDED, STARTING, Programs

from ...waiting import until

pytestmark = pytest.mark.skipif(os.name != "posix", reason="there is a reaper on POSIX systems only")
has_proc = pytest.mark.skipif(not Path("/proc").is_dir(), reason="this system has no /proc")
ENDS_S = 30.0
SLEEPS = (sys.executable, "-c", "import time; print(flush=True); time.sleep(60)")
DEAF = (
    sys.executable,
    "-c",
    "import signal, time; signal.signal(15, signal.SIG_IGN); print(flush=True); time.sleep(60)",
)
REAPER = (
    "import sys; sys.path.append(sys.argv[1]); from pytest_infragate.run import reaper;"
    "reaper._reap = lambda owner, calm: print('reaped', calm, flush=True); reaper.main(*sys.argv[2:])"
)
"""A reaper that has no engine, and says so when it would remove what is left."""


@contextmanager
def program(*argv: str, mark: str = "m") -> Iterator[subprocess.Popen[bytes]]:
    """Give a program in a group of its own that has begun to run, with a mark in its environment."""
    with subprocess.Popen(
        argv,
        env={**os.environ, MARK: mark},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    ) as started:
        try:
            assert started.stdout is not None
            started.stdout.readline()
            yield started
        finally:
            started.kill()


@contextmanager
def waiting_reaper(owner: identity.Identity, folder: str = "") -> Iterator[subprocess.Popen[str]]:
    """Give a reaper that watches over ``owner``."""
    words = (sys.executable, "-c", REAPER, str(Path(reaper.__file__).parents[2]), owner.text(), folder)
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as started:
        try:
            yield started
        finally:
            started.kill()


@pytest.mark.parametrize("argv", [SLEEPS, DEAF], ids=["usual", "deaf"])
def test_programs_that_run_are_ended(argv: tuple[str, ...]) -> None:
    with program(*argv) as one:
        programs = Programs()
        programs.hear(f"{BEGUN} m {one.pid}")
        assert programs.end()
        assert one.wait(ENDS_S) == (-signal.SIGTERM if argv is SLEEPS else -signal.SIGKILL)


def test_programs_that_have_ended_are_not() -> None:
    with program(*SLEEPS) as one:
        programs = Programs()
        programs.hear(f"{BEGUN} m {one.pid}")
        programs.hear(f"{ENDED} {one.pid}")
        assert not programs.end()
        assert one.poll() is None


@has_proc
def test_what_was_being_started_is_found_by_its_mark() -> None:
    with program(*SLEEPS, mark="of-this-one") as one, program(*SLEEPS, mark="of-another") as other:
        programs = Programs()
        programs.hear(f"{STARTING} of-this-one")
        assert programs.end()
        assert one.wait(ENDS_S) == -signal.SIGTERM
        assert other.poll() is None


@has_proc
def test_a_process_without_the_mark_is_not_taken_up() -> None:
    with program(*SLEEPS, mark="of-another") as one:
        programs = Programs()
        programs.hear(f"{BEGUN} m {one.pid}")
        assert not programs.end()
        assert one.poll() is None


def test_a_process_that_leads_no_group_is_not_signalled() -> None:
    with subprocess.Popen(SLEEPS, env={**os.environ, MARK: "m"}, stdout=subprocess.PIPE) as one:
        try:
            assert one.stdout is not None
            one.stdout.readline()
            programs = Programs()
            programs.hear(f"{BEGUN} m {one.pid}")
            programs._signal(signal.SIGKILL)
            assert one.poll() is None
        finally:
            one.kill()


def test_what_was_never_started_is_no_program() -> None:
    programs = Programs()
    programs.hear(f"{STARTING} of-nobody")
    assert not programs.end()


def test_a_pid_that_was_given_again_is_not_touched(monkeypatch: pytest.MonkeyPatch) -> None:
    with program(*SLEEPS) as one:
        programs = Programs()
        with monkeypatch.context() as patched:
            patched.setattr(identity, "start_time", lambda _pid: "1")
            programs.hear(f"{BEGUN} m {one.pid}")
        assert not programs.end()
        assert one.poll() is None


@pytest.mark.parametrize(
    "line", ["", "begun", "begun 1", "begun m x", "begun m -1", "begun m 0", "begun m 1", "other m 2", "ended x"]
)
def test_lines_of_another_form_and_the_first_process_are_passed_over(line: str) -> None:
    programs = Programs()
    programs.hear(line)
    assert programs._running == {}


def test_after_a_goodbye_nothing_is_removed() -> None:
    with waiting_reaper(identity.mine()) as one:
        assert one.communicate("starting m\nbye\n", timeout=ENDS_S)[0] == ""
        assert one.returncode == 0


def test_the_owners_death_is_seen_by_the_end_of_the_input() -> None:
    with program(*SLEEPS) as owner:
        who = identity.of(owner.pid)
        owner.kill()
        owner.wait()
        with waiting_reaper(who) as one:
            assert one.communicate("", timeout=ENDS_S)[0] == f"reaped {reaper._CALM}\n"


def test_the_owners_death_is_seen_while_somebody_else_holds_the_input() -> None:
    with program(*SLEEPS) as owner, waiting_reaper(identity.of(owner.pid)) as one:
        owner.kill()
        owner.wait()
        assert one.stdout is not None
        assert one.stdout.readline() == f"reaped {reaper._CALM}\n"


def test_an_input_that_ends_before_the_owner_does_is_no_death() -> None:
    with program(*SLEEPS) as owner, waiting_reaper(identity.of(owner.pid)) as one:
        assert one.stdin is not None
        one.stdin.close()
        with pytest.raises(subprocess.TimeoutExpired):
            one.wait(1.0)
        owner.kill()
        owner.wait()
        assert one.stdout is not None
        assert one.stdout.readline() == f"reaped {reaper._CALM}\n"


def test_what_an_owner_says_between_two_looks_and_dies_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    with program(*SLEEPS) as owner, os.fdopen(reading) as heard:
        known = identity.of(owner.pid)

        def nothing_yet(*_: object) -> tuple[list[object], list[object], list[object]]:
            monkeypatch.undo()
            monkeypatch.setattr(sys, "stdin", heard)
            os.write(writing, f"{reaper.BYE}\n".encode())
            owner.kill()
            owner.wait()
            return [], [], []

        monkeypatch.setattr(sys, "stdin", heard)
        monkeypatch.setattr(select, "select", nothing_yet)
        assert reaper._hears_goodbye(known, Programs())
    os.close(writing)


def test_programs_of_a_dead_owner_are_ended_and_the_engine_is_watched_for_longer() -> None:
    with program(*SLEEPS) as owner, program(*SLEEPS) as child, waiting_reaper(identity.of(owner.pid)) as one:
        assert one.stdin is not None
        assert one.stdout is not None
        one.stdin.write(f"{BEGUN} m {child.pid}\n")
        one.stdin.flush()
        owner.kill()
        owner.wait()
        assert one.stdout.readline() == f"reaped {reaper._CALM_AFTER_PROGRAMS}\n"
        assert child.wait(ENDS_S) == -signal.SIGTERM


def test_the_folder_of_a_dead_owner_is_removed(tmp_path: Path) -> None:
    folder = tmp_path / "infragate-x"
    folder.mkdir()
    (folder / "journal.jsonl").touch()
    with program(*SLEEPS) as owner:
        who = identity.of(owner.pid)
        owner.kill()
        owner.wait()
        with waiting_reaper(who, str(folder)) as one:
            one.communicate("", timeout=ENDS_S)
    assert not folder.exists()


def test_signals_meant_for_the_run_do_not_end_it() -> None:
    with program(*SLEEPS) as owner, waiting_reaper(identity.of(owner.pid)) as one:
        meant = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        until(lambda: all(_ignored(one.pid, number) for number in meant), ENDS_S, "signals were ignored")
        for number in meant:
            one.send_signal(number)
        assert one.stdin is not None
        one.stdin.write("bye\n")
        one.stdin.flush()
        assert one.wait(ENDS_S) == 0
        assert start_time(owner.pid) is not None


def _status(pid: int) -> str:
    return Path(f"/proc/{pid}/status").read_text(encoding="utf-8")


def _ignored(pid: int, number: signal.Signals) -> bool:
    line = next(one for one in _status(pid).splitlines() if one.startswith("SigIgn"))
    return bool(int(line.split()[1], 16) & 1 << number - 1)


def test_a_goodbye_ends_what_the_owner_forgot() -> None:
    with program(*SLEEPS) as child, waiting_reaper(identity.mine()) as one:
        assert one.communicate(f"{BEGUN} m {child.pid}\nbye\n", timeout=ENDS_S)[0] == ""
        assert child.wait(ENDS_S) == -signal.SIGTERM
