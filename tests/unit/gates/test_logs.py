"""What is made of the lines of a service: counted by phase, weighed, excused, told."""

from __future__ import annotations

import datetime

import pytest

from pytest_infragate import catalogue
from pytest_infragate.gates.log_tally import KEPT_HITS, LogTally, Written
from pytest_infragate.gates.logs import SHOWN, Excuses, LogReading, judge, plan
from pytest_infragate.results import CheckResult, Outcome, Severity
from pytest_infragate.settings import LogSettings
from pytest_infragate.stack.event import NANOSECONDS
from pytest_infragate.stack.interruptions import MeantInterruption
from pytest_infragate.stack.log_stream import LogLine
from pytest_infragate.stack.state import ContainerState
from tests.unit.stacks import project
from tests.unit.states import running

CHECK = catalogue.log_clean("db")
PLAIN = LogSettings()
KILLED = "LOG:  server process (PID 71) was terminated by signal 9: Killed"
PANIC = "panic: boom\n\ngoroutine 1 [running]:\nmain.main()"
DB = running("db")


def at(second: float) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(second, datetime.timezone.utc)


READY = Excuses(at(0), {"db": None})


def tally_of(text: str, *, begin: float = 10.0, step: float = 1.0, settings: LogSettings = PLAIN) -> LogTally:
    """Return the tally of lines of which one comes each ``step`` seconds."""
    tally = LogTally(settings, lambda line: line.replace("hunter2", "***"))
    for number, line in enumerate(text.splitlines()):
        time_ns = int((begin + number * step) * NANOSECONDS)
        tally.take(DB, LogLine(1, time_ns, line, len(line) + 1))
    return tally


def written(text: str, settings: LogSettings = PLAIN) -> Written:
    tally = tally_of(text, settings=settings)
    try:
        assert tally.settle() == ""
        return tally.written("db")
    finally:
        tally.close()


def judged(text: str, settings: LogSettings = PLAIN, excuses: Excuses = READY) -> CheckResult:
    return judge(CHECK, LogReading({"db": written(text, settings)}), settings, excuses)


def test_every_service_is_planned_whatever_the_settings_say() -> None:
    assert {check.subject for check in plan(project({"db": {"image": "x"}, "api": {"image": "x"}}))} == {"api", "db"}


FORBID = LogSettings(forbid=("panic:", "FATAL"), allow=("FATAL: .* is starting up",))


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("panic: out of ideas", Outcome.FAILED),
        ("2027-01-01 FATAL: no such role", Outcome.FAILED),
        ("FATAL: the database system is starting up", Outcome.PASSED),
        ("panicking is not panic", Outcome.PASSED),
        ("", Outcome.PASSED),
        (f"ok\n{PANIC}\nok", Outcome.FAILED),
    ],
)
def test_a_line_counts_when_a_pattern_forbids_it_and_none_allows_it(text: str, outcome: Outcome) -> None:
    assert judged(text, FORBID).outcome is outcome


def test_the_first_lines_are_told_with_their_times_and_all_are_counted() -> None:
    count = KEPT_HITS + 3
    result = judged("\n".join(f"bad {number}" for number in range(count)), LogSettings(forbid=("bad",)))
    first = "1970-01-01T00:00:10.000000Z bad 0"
    assert result.message.startswith(f"db wrote what logs.forbid names ({count} lines, the first): {first}\n")
    assert len(result.message.splitlines()) == SHOWN
    assert result.evidence["lines"] == [
        f"1970-01-01T00:00:{10 + number}.000000Z bad {number}" for number in range(SHOWN)
    ]
    assert result.evidence["written"] == {"lines": count, "bytes": 10 * 6 + 90 * 7 + 3 * 8, "errors": 0}


@pytest.mark.parametrize(("text", "words"), [(KILLED, "PostgreSQL was killed"), (PANIC, "a Go program panicked")])
def test_what_is_certainly_fatal_fails_without_settings_and_is_allowed_by_them(text: str, words: str) -> None:
    result = judged(text)
    assert result.outcome is Outcome.FAILED
    assert words in result.message
    assert judged(text, LogSettings(allow=("panic: boom", "signal 9"))).outcome is Outcome.PASSED


def test_suspicious_lines_are_one_warning_that_closes_nothing() -> None:
    result = judged("ok\nERROR one hunter2\nERROR two\x1b[0m\n")
    assert result.outcome is Outcome.PASSED
    (finding,) = result.findings
    assert finding.severity is Severity.WARNING
    assert finding.message.splitlines() == [
        "db wrote 2 lines that look like an error:",
        "  1970-01-01T00:00:11.000000Z ERROR one ***",
        "  1970-01-01T00:00:12.000000Z ERROR two",
    ]


@pytest.mark.parametrize("settings", [LogSettings(allow=("ERROR",)), LogSettings(forbid=())])
def test_no_warning_about_what_is_allowed_or_where_the_settings_say_what_is_forbidden(settings: LogSettings) -> None:
    assert judged("ERROR one", settings).findings == ()


@pytest.mark.parametrize(
    ("excuses", "outcome"),
    [
        (Excuses(at(20), {"db": at(5)}), Outcome.FAILED),
        (Excuses(at(20), {"db": at(15)}), Outcome.PASSED),  # it was started again before it was ready
        (Excuses(at(20), {"other": at(5)}), Outcome.PASSED),  # the container was replaced before
        (Excuses(at(5), {"other": at(1)}), Outcome.FAILED),
        (Excuses(at(5), {"db": at(1)}, [MeantInterruption("db", "stop", at(9), at(11))]), Outcome.PASSED),
        (Excuses(at(5), {"db": at(1)}, [MeantInterruption("db", "stop", at(9), None)]), Outcome.FAILED),
        (Excuses(at(5), {"db": at(1)}, [MeantInterruption("api", "stop", at(9), at(11))]), Outcome.FAILED),
    ],
)
def test_a_fatal_line_counts_in_the_life_that_was_proven_and_unless_a_test_caused_it(
    excuses: Excuses, outcome: Outcome
) -> None:
    assert judged(KILLED, excuses=excuses).outcome is outcome
    assert judged(KILLED, LogSettings(forbid=("signal 9",)), excuses).outcome is Outcome.FAILED


@pytest.mark.parametrize(
    ("state", "outcome"),
    [
        (running("db", started_at=at(10.2)), Outcome.FAILED),  # its first line is older than its start
        (running("db", started_at=at(10.4), finished_at=at(9.9)), Outcome.PASSED),  # and its last younger than its end
        (running("db", started_at=at(9), finished_at=at(8)), Outcome.FAILED),
        (running("db", running=False, started_at=at(10.02), finished_at=at(12)), Outcome.FAILED),
        (running("db", running=False, started_at=at(10.2), finished_at=at(12), restart_count=1), Outcome.PASSED),
        (running("db", running=False, started_at=at(10.02), finished_at=at(12), restart_count=1), Outcome.FAILED),
        (running("db"), Outcome.FAILED),
    ],
)
def test_the_lives_of_a_container_are_told_apart(state: ContainerState, outcome: Outcome) -> None:
    assert judged(KILLED, excuses=Excuses.of(at(20), [state], [])).outcome is outcome


def test_a_meant_interruption_excuses_suspicious_lines() -> None:
    during = [MeantInterruption("db", "stop", at(9), at(10.5))]
    (finding,) = judged("ERROR one\nERROR two", excuses=Excuses(at(5), {"db": at(1)}, during)).findings
    assert "1 line that looks like an error" in finding.message
    assert "two" in finding.message


@pytest.mark.parametrize(
    ("settings", "reading", "outcome"),
    [
        (PLAIN, LogReading({}, unreadable={"db": "no driver"}), Outcome.PASSED),
        (FORBID, LogReading({}, unreadable={"db": "no driver"}), Outcome.ERROR),
        (FORBID, LogReading({}, unreadable={"api": "no driver"}), Outcome.PASSED),
        (FORBID, LogReading({}, missing={"db": ("gone too soon",)}), Outcome.ERROR),
        (FORBID, LogReading({}, trouble="too slow"), Outcome.ERROR),
        (LogSettings(allow=("x",)), LogReading({}, trouble="too slow"), Outcome.ERROR),
    ],
)
def test_a_log_that_was_not_read_is_no_clean_one(settings: LogSettings, reading: LogReading, outcome: Outcome) -> None:
    result = judge(CHECK, reading, settings, READY)
    assert result.outcome is outcome
    told = result.message + "".join(finding.message for finding in result.findings)
    assert any(word in told for word in ("no driver", "gone too soon", "too slow")) is ("api" not in reading.unreadable)


def test_lines_are_counted_in_the_phase_of_their_time() -> None:
    tally = LogTally(PLAIN, str)
    for second, phase in ((10, "startup"), (12, "idle"), (13, "suite")):
        tally.mark(phase, second * NANOSECONDS)
    for number, text in enumerate(["before", "start", "ERROR start", "idle", "suite", "ERROR suite", "suite"]):
        tally.take(DB, LogLine(1, int((9.5 + number) * NANOSECONDS), text, 1))
    flow = tally.flows(["db", "idle"], int(16.4 * NANOSECONDS))["db"]
    assert dict(flow.lines) == {"": 1, "startup": 2, "idle": 1, "suite": 3}
    assert dict(flow.errors) == {"startup": 1, "suite": 1}
    assert flow.seconds == {"startup": 2.0, "idle": 1.0, "suite": pytest.approx(3.4)}
    assert flow.per_second == {"startup": (1.0, 1.0), "idle": (1.0,), "suite": (1.0, 1.0, 1.0)}


def test_a_long_run_keeps_its_rates_in_bounded_memory() -> None:
    tally = LogTally(PLAIN, str)
    tally.mark("suite", 0)
    for second in range(20_000):
        tally.take(DB, LogLine(1, second * NANOSECONDS, "x", 2))
    rates = tally.flows(["db"], 20_000 * NANOSECONDS)["db"].per_second["suite"]
    assert set(rates) == {1.0}
    assert len(rates) <= 4000


def test_the_last_lines_of_a_container_are_remembered_without_secrets() -> None:
    last = tally_of("\n".join(f"line {number} hunter2" for number in range(200))).last_lines("db")
    assert last[-1] == "line 199 ***"
    assert len(last) == 50


def test_a_panic_is_one_error() -> None:
    assert written(PANIC).errors == 1
