"""Programs are run, watched and ended together with their children: real processes, no mocks."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pytest_infragate import process
from pytest_infragate.companions import Detached
from pytest_infragate.errors import ProcessError
from pytest_infragate.process import Completed, run

CHILD = "import subprocess, sys, time; c = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])"


def python(code: str, timeout_s: float = 30.0, **more: object) -> Completed:
    return run([sys.executable, "-c", code], timeout_s=timeout_s, **more)  # type: ignore[arg-type]


def wait_until_gone(pid: int) -> None:
    """Fail when the process still lives after a generous time (a zombie of another parent counts as gone)."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return
        if state in "ZX":
            return
        time.sleep(0.02)
    pytest.fail(f"process {pid} is still there")


def test_outputs_exit_code_and_duration() -> None:
    done = python("import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)")
    assert (done.exit_code, done.stdout, done.stderr) == (3, "out\n", "err\n")
    assert done.duration_s > 0
    assert not done.ok
    assert not done.cut_short


def test_ok_means_ended_by_itself_with_zero() -> None:
    assert python("pass").ok
    assert not Completed(("x",), 0, "", "", 0.0, timed_out=True).ok


def test_input_is_empty() -> None:
    assert python("import sys; print(repr(sys.stdin.read()))").stdout == "''\n"


def test_undecodable_output_is_replaced() -> None:
    assert python(r"import sys; sys.stdout.buffer.write(b'a\xffb')").stdout == "a\ufffdb"


def test_environment_replaces_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IGT_OURS", "1")
    code = "import os; print(os.environ.get('IGT_OURS'), os.environ.get('IGT_GIVEN'))"
    assert python(code, environment={"IGT_GIVEN": "2"}).stdout == "None 2\n"
    assert python(code).stdout == "1 None\n"


def test_directory(tmp_path: Path) -> None:
    assert python("import os; print(os.getcwd())", directory=tmp_path).stdout.strip() == str(tmp_path.resolve())


def test_shell_line() -> None:
    done = run(["echo one | tr o 0; exit 4"], timeout_s=30, shell_line=True)
    assert (done.stdout, done.exit_code) == ("0ne\n", 4)
    assert done.argv[:2] == ("/bin/sh", "-c")


def test_an_argument_list_has_no_shell() -> None:
    assert run(["echo", "$HOME", "; exit 4"], timeout_s=30).stdout == "$HOME ; exit 4\n"


def test_lines_are_passed_on_while_it_runs() -> None:
    seen: list[tuple[str, bool]] = []
    stop = threading.Event()

    def on_line(line: str) -> None:
        seen.append((line, stop.is_set()))
        stop.set()

    done = python("print('first', flush=True); import time; time.sleep(60)", on_line=on_line, stop=stop)
    assert seen == [("first", False)]
    assert done.stopped


def test_lines_of_both_outputs_and_a_last_one_without_line_end() -> None:
    seen: list[str] = []
    code = r"import sys; sys.stdout.write('a\r\nb\nc'); sys.stdout.flush(); sys.stderr.write('d\n')"
    python(code, on_line=seen.append)
    assert sorted(seen) == ["a", "b", "c", "d"]


def test_memory_is_bounded_and_says_so() -> None:
    done = python("import sys; sys.stdout.write('h' * 10 + 'm' * 3_000_000 + 't' * 10)", keep_bytes=2000)
    assert len(done.stdout) < 2100
    assert done.stdout.startswith("h" * 10)
    assert done.stdout.endswith("t" * 10)
    assert "[2998020 bytes left out]" in done.stdout


def test_output_within_the_bound_is_whole() -> None:
    done = python("import sys; sys.stdout.write('x' * 300_000)")
    assert done.stdout == "x" * 300_000


def test_timeout_ends_it() -> None:
    done = python("print('begun', flush=True); import time; time.sleep(60)", timeout_s=1.0)
    assert done.timed_out
    assert done.exit_code == -signal.SIGTERM
    assert done.duration_s < 30


def test_timeout_ends_the_children_too() -> None:
    done = python(CHILD + "; print(c.pid, flush=True); time.sleep(60)", timeout_s=2.0)
    assert done.timed_out
    wait_until_gone(int(done.stdout))


def test_one_that_ignores_sigterm_is_killed() -> None:
    code = "import signal, time; signal.signal(15, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
    done = python(code, timeout_s=2.0)
    assert done.timed_out
    assert done.exit_code == -signal.SIGKILL


def test_last_words_after_sigterm_are_kept() -> None:
    code = (
        "import signal, sys, time\n"
        "signal.signal(15, lambda *_: (print('bye', flush=True), sys.exit(7)))\n"
        "print('hi', flush=True); time.sleep(60)"
    )
    done = python(code, timeout_s=2.0)
    assert (done.stdout, done.exit_code, done.timed_out) == ("hi\nbye\n", 7, True)


def test_silence_is_a_stall_and_output_is_not() -> None:
    chatty = "import time\nfor _ in range(8): print('x', flush=True); time.sleep(0.2)"
    assert not python(chatty, stall_s=5.0).stalled
    silent = python("print('x', flush=True); import time; time.sleep(60)", stall_s=1.0)
    assert silent.stalled
    assert not silent.timed_out


def test_stop_ends_it() -> None:
    stop = threading.Event()
    threading.Timer(0.3, stop.set).start()
    done = python("import time; time.sleep(60)", stop=stop)
    assert done.stopped
    assert done.duration_s < 30


def test_a_background_child_that_holds_the_output_neither_hangs_nor_survives() -> None:
    done = run(["sleep 60 & echo $!"], timeout_s=30, shell_line=True)
    assert done.exit_code == 0
    assert not done.cut_short
    assert done.duration_s < 30
    wait_until_gone(int(done.stdout))


def test_a_program_that_closes_its_outputs_is_still_waited_for() -> None:
    done = python("import os, sys, time; os.close(1); os.close(2); time.sleep(0.5); os._exit(5)")
    assert done.exit_code == 5


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, ValueError])
def test_an_exception_in_the_caller_ends_the_group(error: type[BaseException]) -> None:
    pids: list[int] = []

    def on_line(line: str) -> None:
        pids.extend(int(word) for word in line.split())
        raise error

    with pytest.raises(error):
        python(CHILD + "; import os; print(os.getpid(), c.pid, flush=True); time.sleep(60)", on_line=on_line)
    for pid in pids:
        wait_until_gone(pid)
    assert len(pids) == 2


def test_it_has_its_own_session() -> None:
    done = python("import os; print(os.getsid(0))")
    assert int(done.stdout) != os.getsid(0)


@pytest.mark.parametrize(
    ("argv", "directory", "words"),
    [
        (["igt-no-such-program"], None, "'igt-no-such-program': no such program was found"),
        (["true"], "/igt-no-such-folder", "working directory '/igt-no-such-folder' does not exist"),
        (["true", "a\0b"], None, "null byte"),
    ],
)
def test_what_cannot_be_started_is_a_clear_error(argv: list[str], directory: str | None, words: str) -> None:
    with pytest.raises(ProcessError) as caught:
        run(argv, directory=directory, timeout_s=5)
    assert words in str(caught.value)


def test_a_file_that_may_not_be_executed_is_a_clear_error(tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.write_text("#!/bin/sh\n", encoding="utf-8")
    script.chmod(0o644)
    with pytest.raises(ProcessError, match=f"cannot run '{script}': Permission denied"):
        run([str(script)], timeout_s=5)


class Heard:
    """A listener that takes down what it hears."""

    def __init__(self) -> None:
        self.marks: list[str] = []
        self.words: list[tuple[str, int]] = []

    def starting(self, mark: str) -> None:
        self.marks.append(mark)

    def begun(self, mark: str, pid: int) -> None:
        assert mark == self.marks[-1]
        self.words.append(("begun", pid))

    def ended(self, pid: int) -> None:
        self.words.append(("ended", pid))


@pytest.fixture
def heard() -> Iterator[Heard]:
    """Give a listener that hears of every program."""
    listener = Heard()
    process.listeners.append(listener)
    yield listener
    process.listeners.remove(listener)


def test_listeners_hear_of_every_program_when_it_begins_and_when_it_has_ended(heard: Heard) -> None:
    pid = int(python("import os; print(os.getpid())").stdout)
    assert heard.words == [("begun", pid), ("ended", pid)]


def test_every_program_bears_a_mark_of_its_own_that_listeners_hear_first(heard: Heard) -> None:
    told = [python("import os; print(os.environ['INFRAGATE_STARTED'], end='')").stdout for _ in range(2)]
    assert told == heard.marks
    assert len(set(told)) == 2


def test_listeners_hear_of_the_end_on_an_exception_too(heard: Heard) -> None:
    with pytest.raises(KeyboardInterrupt):
        python("print('x', flush=True); import time; time.sleep(60)", on_line=_interrupt)
    assert [word for word, _ in heard.words] == ["begun", "ended"]


def _interrupt(_line: str) -> None:
    raise KeyboardInterrupt


WATCHES_INPUT = "import os, sys; text = sys.stdin.read(); open(sys.argv[1], 'w').write(text + os.getcwd())"


def test_a_detached_program_is_told_lines_and_ends_with_its_input(tmp_path: Path) -> None:
    detached = Detached([sys.executable, "-c", WATCHES_INPUT, str(tmp_path / "seen")], os.environ)
    detached.tell("one")
    detached.tell("two")
    detached.part(30)
    assert (tmp_path / "seen").read_text() == "one\ntwo\n/"


def test_no_other_program_keeps_the_input_of_a_detached_one_open(tmp_path: Path) -> None:
    detached = Detached([sys.executable, "-c", WATCHES_INPUT, str(tmp_path / "seen")], os.environ)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, close_fds=False) as other:
        detached.part(30)
        assert (tmp_path / "seen").read_text() == "/"
        assert other.poll() is None
        other.communicate(b"\n")


def test_a_detached_program_that_goes_on_is_not_waited_for_and_causes_no_warning(tmp_path: Path) -> None:
    code = "import os, sys, time; open(sys.argv[1], 'w').write(str(os.getpid())); time.sleep(60)"
    detached = Detached([sys.executable, "-c", code, str(tmp_path / "pid")], os.environ)
    pid = detached.pid
    detached.part(0)
    detached.tell("nobody hears this")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        del detached
        gc.collect()
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


def test_a_detached_program_that_cannot_be_started_is_a_clear_error() -> None:
    with pytest.raises(ProcessError, match="'igt-no-such-program': no such program was found"):
        Detached(["igt-no-such-program"], os.environ)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_while_it_is_started_does_not_lose_it(
    monkeypatch: pytest.MonkeyPatch, heard: Heard, number: signal.Signals
) -> None:
    def started(*words: Any, **more: Any) -> subprocess.Popen[bytes]:
        made = popen(*words, **more)
        signal.raise_signal(number)
        return made

    popen = subprocess.Popen
    before = signal.signal(signal.SIGTERM, _raise_interrupt)
    try:
        monkeypatch.setattr(subprocess, "Popen", started)
        with pytest.raises(KeyboardInterrupt):
            python("import time; time.sleep(60)")
        assert signal.getsignal(signal.SIGTERM) is _raise_interrupt
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGTERM, before)
    [(_, pid), _] = heard.words
    wait_until_gone(pid)


def _raise_interrupt(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


def test_a_program_ends_by_sigterm_as_everywhere() -> None:
    assert python("import os, signal; os.kill(os.getpid(), signal.SIGTERM)").exit_code == -signal.SIGTERM
