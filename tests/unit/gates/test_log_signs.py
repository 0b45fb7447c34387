"""What log lines are signs of: true examples of each, and what only looks like one."""

from __future__ import annotations

import pytest

from pytest_infragate.gates.log_signs import FATAL_SIGNS, GoPanics, Weight, weigh
from pytest_infragate.stack.log_stream import LogLine

FATAL = (
    (
        "2027-01-01 10:00:00.000 UTC [1] LOG:  server process (PID 71) was terminated by signal 9: Killed",
        "2027-01-01 10:00:00.000 UTC [1] LOG:  server process (PID 71) exited with exit code 1",
    ),
    (
        "2027/01/01 10:00:00 [alert] 1#1: worker process 30 exited on signal 11 (core dumped)",
        "2027/01/01 10:00:00 [notice] 1#1: worker process 30 exited with code 0",
    ),
    (
        "2027-01-01 10:00:00,000 WARN exited: web (terminated by SIGKILL; not expected)",
        "2027-01-01 10:00:00,000 WARN stopped: web (terminated by SIGKILL)",
    ),
    (
        "billiard.exceptions.WorkerLostError: Worker exited prematurely: signal 9 (SIGKILL) Job: 3.",
        "billiard.exceptions.WorkerLostError: Worker exited prematurely: exitcode 0 Job: 3.",
    ),
    (
        "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory",
        "the job before was killed: FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory",
    ),
    (
        "# A fatal error has been detected by the Java Runtime Environment:",
        "see hs_err.log: # A fatal error has been detected by the Java Runtime Environment:",
    ),
    (
        "Terminating due to java.lang.OutOfMemoryError: Java heap space",
        'Exception in thread "main" java.lang.OutOfMemoryError: Java heap space',
    ),
)


@pytest.mark.parametrize(("line", "near_miss"), FATAL)
def test_what_a_healthy_service_never_writes_is_fatal_and_its_like_is_not(line: str, near_miss: str) -> None:
    assert weigh(line)[0] is Weight.FATAL
    assert weigh(near_miss)[0] is not Weight.FATAL


def test_every_fatal_sign_has_its_example() -> None:
    assert {weigh(line)[1] for line, _ in FATAL} == {sign.what for sign in FATAL_SIGNS}


@pytest.mark.parametrize(
    "line",
    [
        "ERROR could not connect",
        '2027-01-01 10:00:00.000 UTC [31] FATAL:  role "root" does not exist',
        "2027-01-01T10:00:00Z [ERROR] [Server] unknown option",
        "\x1b[31mERROR\x1b[0m in colour",
        "CRITICAL:root:disk",
        'time="2027-01-01T10:00:00Z" level=error msg="no route"',
        '{"level":"fatal","msg":"no route"}',
        '{"severity": "ERROR", "message": "no route"}',
        '{"level":50,"time":1,"msg":"no route"}',
        '{"t":{"$date":"2027-01-01"},"s":"E","c":"NETWORK","msg":"no route"}',
        "2027/01/01 10:00:00 [crit] 7#7: *1 connect() failed",
        "[Thu Jan 01 10:00:00 2027] [core:error] [pid 7] no route",
        "E0101 10:00:00.000000       1 controller.go:114] no route",
        "Traceback (most recent call last):",
        "ValueError: no",
        "Error: listen EADDRINUSE: address already in use",
        "Uncaught TypeError: x is not a function",
        "panic: no route",
        "thread 'main' panicked at src/main.rs:2:5:",
        "Segmentation fault (core dumped)",
        "Out of memory: Killed process 12 (java) total-vm:1kB",
        "java.lang.OutOfMemoryError: Java heap space",
        "[2027-01-01 10:00:00 +0000] [1] [ERROR] Worker (pid:7) was sent SIGKILL! Perhaps out of memory?",
        "DAMN ! worker 1 (pid: 21) died, killed by signal 9 :( trying respawn ...",
        "./run.sh: line 3:     9 Killed                  ./work",
        "write failed: No space left on device",
    ],
)
def test_what_usually_tells_of_an_error_is_suspicious(line: str) -> None:
    assert weigh(line)[0] is Weight.SUSPICIOUS


@pytest.mark.parametrize(
    "line",
    [
        "",
        "INFO listening on port 8000",
        "INFO the log level is ERROR",
        "2027-01-01 10:00:00.000 UTC [1] LOG:  database system is ready to accept connections",
        "LOG_LEVEL=ERROR",
        "starting with --log-level=error",
        'level=info msg="finished with 0 errors"',
        '{"level":30,"msg":"error rate is 0"}',
        "errors: 0, warnings: 0",
        "ERROR_REPORTING is on",
        '127.0.0.1 - - [01/Jan/2027:10:00:00 +0000] "GET /error HTTP/1.1" 200 0',
        "WARN retrying after error",
        "1:M 01 Jan 2027 10:00:00.000 * Memory: 1.00M used, 2.00M peak",
        "worker process 30 exited on signal 15",
        "[notice] 1#1: signal 3 (SIGQUIT) received, shutting down",
        "\ufffd\ufffd\x00\x01 binary",
    ],
)
def test_what_good_services_write_is_neither(line: str) -> None:
    assert weigh(line)[0] is Weight.NONE


def test_only_the_front_of_a_long_line_is_looked_at() -> None:
    assert weigh("x" * 10_000 + " ERROR")[0] is Weight.NONE


def panics(text: str) -> list[str]:
    """Return the messages of the panics in the lines of one output."""
    panic = GoPanics()
    found = [panic.feed(LogLine(2, number, line, len(line))) for number, line in enumerate(text.splitlines())]
    return [message.text for message in (*found, panic.finish()) if message is not None]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("panic: boom\n\ngoroutine 1 [running]:\nmain.main()\n\t/app/main.go:4 +0x1d\nexit status 2", "panic: boom"),
        ("panic: nil\n[signal SIGSEGV: segmentation violation]\n\ngoroutine 7 [running]:", "panic: nil"),
        ("fatal error: all goroutines are asleep - deadlock!\n\ngoroutine 1 [chan receive]:\nmain.main()", "fatal error: all goroutines are asleep - deadlock!"),
        ("panic: one [recovered]\n\tpanic: two\n\ngoroutine 1 gp=0xc000002380 m=0 mp=0x5 [running]:\nmain.main()", "panic: one [recovered]"),
        ("fatal error: runtime: out of memory\n" + "runtime.throw\n" * 40 + "goroutine 1 [running]:\nmain.main()", "fatal error: runtime: out of memory"),
    ],
)  # fmt: skip
def test_a_go_panic_is_its_message_and_a_goroutine(text: str, message: str) -> None:
    assert panics(f"listening\n{text}\n") == [message]


@pytest.mark.parametrize(
    "text",
    [
        "panic: boom",
        "panic: boom\n" + "served\n" * 30 + "goroutine 1 [running]:\nmain.main()",
        "panic: boom\ngoroutine 7 [running]:\nruntime/debug.Stack()\n\t/go/debug/stack.go:24",
        "2027/01/01 10:00:00 http: panic serving 127.0.0.1:5: boom\ngoroutine 7 [running]:\nnet/http.(*conn).serve",
        "goroutine 1 [running]:\nmain.main()",
        "panic: boom\n12 goroutines are running",
    ],
)
def test_a_panic_that_was_caught_or_only_mentioned_is_none(text: str) -> None:
    assert panics(text) == []


def test_each_of_two_panics_is_found_once() -> None:
    one = "panic: {}\n\ngoroutine 1 [running]:\nmain.main()\n"
    assert panics(one.format("a") + one.format("b")) == ["panic: a", "panic: b"]
