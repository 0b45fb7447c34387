"""A closed gate on one screen."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_infragate import catalogue, screen
from pytest_infragate.plan import Plan, Stage
from pytest_infragate.reports.problems import problems
from pytest_infragate.results import (
    CheckResult,
    Condition,
    Finding,
    Location,
    Outcome,
    PlannedCheck,
    Severity,
    failed,
    not_run,
    passed,
)
from pytest_infragate.screen import Amount
from pytest_infragate.verdict import Verdict, decide

PLACE = Location("compose.yaml", 2, 3)
WIDTH = 80


def ready(service: str, *details: str, remedy: str = "Mend it.", notes: tuple[str, ...] = ()) -> CheckResult:
    check = catalogue.service_ready(service)
    text = f"{service} is unhealthy"
    finding = Finding(check.id, check.name, Severity.ERROR, service, text, remedy, PLACE)
    return replace(failed(check, "\n".join((text, *(f"  {line}" for line in details))), (finding,)), notes=notes)


def verdict(*results: CheckResult, broken_off: str | None = None) -> Verdict:
    return decide(Plan(Stage.FULL, tuple(result.check for result in results)), results, broken_off)


def shown(made: Verdict, amount: Amount = Amount.SCREEN, lost: int | None = None) -> list[str]:
    return [line for line, _ in screen.lines(made, problems(made.results), lost, amount, WIDTH)]


def test_one_problem_is_told_with_all_that_is_known() -> None:
    made = verdict(ready("db", "note", "last log lines:", "  FATAL", notes=("note",)), not_run(READY_API, "x"))
    assert shown(made, lost=2) == [
        "failed: health (1 of 2 checks); not run: configuration, connectivity,",
        "performance, commands, lifecycle",
        "The gate was closed before the first test: 2 tests were not run.",
        "1. db is unhealthy",
        "   note",
        "   last log lines:",
        "     FATAL",
        "   → Mend it. (compose.yaml:2:3)",
    ]


READY_API = catalogue.service_ready("api")


def test_many_problems_are_told_by_their_notes_alone() -> None:
    made = verdict(*(ready(f"s{number}", "note", "more", notes=("note",)) for number in range(5)))
    lines = shown(made)
    assert lines[2:5] == ["1. s0 is unhealthy", "   note", "   → Mend it. (compose.yaml:2:3)"]
    assert len(lines) == 2 + 5 * 3
    assert screen.is_cut(problems(made.results), Amount.SCREEN)


def test_q_leaves_out_what_explains() -> None:
    made = verdict(ready("db", "note", notes=("note",)))
    assert shown(made, Amount.BRIEF)[2:] == ["1. db is unhealthy", "   → Mend it. (compose.yaml:2:3)"]
    assert screen.is_cut(problems(made.results), Amount.BRIEF)
    assert not screen.is_cut(problems(made.results), Amount.SCREEN)


def test_the_longest_texts_of_five_services_fit_on_one_screen() -> None:
    notes = ("n" * 500, "because of it: " + "x" * 300, "changed " + "c" * 300, "fourth")
    long = [ready(f"s{number}" + "t" * 300, remedy="r" * 400, notes=notes) for number in range(5)]
    lines = shown(verdict(*long), lost=1)
    rows = sum(-(-len(line) // WIDTH) for line in lines)
    assert rows <= 3 + 5 * (3 + 3 + 2)
    assert all("(compose.yaml:2:3)" in line for line in lines if "→" in line)


def test_more_than_eight_are_counted() -> None:
    assert shown(verdict(*(ready(f"s{number}") for number in range(10))))[-1] == "… and 2 more"


def test_a_log_line_that_is_shown_is_not_quoted_again() -> None:
    remedy = "Mend what its log names: FATAL: no role"
    assert shown(verdict(ready("db", "last log lines:", "  FATAL: no role", remedy=remedy)))[-1] == (
        "   → Mend what its log names. (compose.yaml:2:3)"
    )
    assert "FATAL: no role" in shown(verdict(ready("db", "healthchecks", remedy=remedy)))[-1]


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (verdict(passed(READY_API), broken_off="the run was interrupted"), "the run was interrupted"),
        (verdict(ready("db"), broken_off="the run was interrupted"), "the run was interrupted"),
        (verdict(passed(READY_API)), "configuration: no check was planned, so nothing is proven"),
        (verdict(not_run(READY_API, "nobody asked")), "… and 3 more reasons"),
    ],
)
def test_what_no_problem_tells_is_told_as_a_reason(made: Verdict, expected: str) -> None:
    assert expected in shown(made)


def test_the_waived_are_named_and_warnings_counted() -> None:
    warning = Finding("IG911", "x", Severity.WARNING, "db", "has no healthcheck")
    waived = Finding("IG402", "x", Severity.ERROR, "*", "socket", waived=True)
    well = passed(READY_API, "", (warning, warning))
    made = verdict(ready("db"), well, CheckResult(catalogue.engine_reachable(), Outcome.PASSED, findings=(waived,)))
    assert shown(made)[-2:] == ["waived: IG402 socket", "2 warnings: shown with -v and in verdict.json"]


def static(
    message: str, place: Location | None, check: str = "IG301", severity: Severity = Severity.ERROR
) -> CheckResult:
    rule = PlannedCheck(check, "some-rule", Condition.CONFIGURATION)
    found = Finding(check, rule.name, severity, "web", message, f"Mend {message}.", place)
    return failed(rule, message, (found,)) if severity is Severity.ERROR else passed(rule, "", (found,))


def quote(place: Location | None, width: int) -> tuple[str, ...]:
    return (f"<{place} in {width}>",)


def quoted(made: Verdict, amount: Amount = Amount.SCREEN) -> list[str]:
    return [line for line, _ in screen.lines(made, problems(made.results), None, amount, WIDTH, quote)][2:]


def test_what_files_say_wrong_is_told_file_by_file_with_id_and_source_line() -> None:
    made = verdict(
        static("late", Location("b.yaml", 9, 1)),
        static("none", None, "IG105"),
        static("other", Location("a.yaml", 1, 1), "IG302"),
        static("early", Location("b.yaml", 2, 5), "IG303"),
        ready("db"),
    )
    assert quoted(made) == [
        "b.yaml",
        "1. IG303 web: early",
        "   <b.yaml:2:5 in 77>",
        "   → Mend early. (b.yaml:2:5)",
        "2. IG105 web: none",
        "   → Mend none.",
        "b.yaml",
        "3. IG301 web: late",
        "   <b.yaml:9:1 in 77>",
        "   → Mend late. (b.yaml:9:1)",
        "a.yaml",
        "4. IG302 web: other",
        "   <a.yaml:1:1 in 77>",
        "   → Mend other. (a.yaml:1:1)",
        "5. db is unhealthy",
        "   → Mend it. (compose.yaml:2:3)",
    ]


def test_source_lines_give_way_where_there_is_much_to_tell_or_little_was_asked_for() -> None:
    few = verdict(static("x", PLACE))
    many = verdict(*(static(f"m{number}", PLACE, f"IG30{number}") for number in range(6)))
    assert any("<" in line for line in quoted(few))
    assert not any("<" in line for line in quoted(few, Amount.BRIEF))
    assert not any("<" in line for line in quoted(many))


def test_four_findings_fit_on_a_small_screen() -> None:
    made = verdict(
        *(static("word " * 18, Location("compose.yaml", number, 1), f"IG30{number}") for number in range(1, 5))
    )
    lines = [
        line
        for line, _ in screen.lines(made, problems(made.results), None, Amount.SCREEN, WIDTH, lambda *_: ("a", "b"))
    ]
    assert sum(-(-len(line) // WIDTH) for line in lines) <= 3 + 4 * 6


def test_many_waived_findings_are_counted() -> None:
    waived = tuple(Finding("IG402", "x", Severity.ERROR, "*", f"n{number}", waived=True) for number in range(5))
    made = verdict(ready("db"), passed(catalogue.engine_reachable(), "", waived))
    assert shown(made)[-2:] == ["waived: IG402 n2", "… and 2 more waived: shown with -v and in verdict.json"]
