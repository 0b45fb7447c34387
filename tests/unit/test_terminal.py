"""Progress and verdict as a person reads them, on a terminal and in a CI log."""

from __future__ import annotations

import pytest

from pytest_infragate import catalogue, terminal
from pytest_infragate.plan import Plan, Stage
from pytest_infragate.reports.problems import problems
from pytest_infragate.results import WHOLE_STACK, CheckResult, Condition, Finding, Outcome, Severity, failed, passed
from pytest_infragate.terminal import Ending, TerminalProgress, write_annotations, write_plan, write_verdict
from pytest_infragate.verdict import decide

READY = catalogue.service_ready("db")


class Screen:
    """Stands in for pytest's reporter and its writer; keeps what is written."""

    width_of_current_line = 0

    def __init__(self, *, terminal: object, verbosity: int = 0) -> None:
        self.isatty = terminal
        self.verbosity = verbosity
        self.lines: list[str] = []
        self.rewritten: list[str] = []
        self._open = ""

    def write(self, text: str, **_markup: bool) -> None:
        self._open += text

    def write_line(self, text: str, **_markup: bool) -> None:
        self.lines.append(self._open + text)
        self._open = ""

    def write_sep(self, _sep: str, title: str, **_markup: bool) -> None:
        self.lines.append(f"= {title} =")

    def rewrite(self, text: str) -> None:
        self.rewritten.append(text.rstrip())

    def ensure_newline(self) -> None:
        self.line()

    def line(self) -> None:
        if self._open:
            self.write_line("")


def progress(screen: Screen) -> TerminalProgress:
    return TerminalProgress(screen, screen)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("isatty", "live"), [(True, True), (lambda: True, True), (False, False), (lambda: False, False)]
)
def test_only_a_terminal_gets_a_line_that_is_rewritten(isatty: object, live: bool) -> None:
    screen = Screen(terminal=isatty, verbosity=1)
    told = progress(screen)
    told.phase("starting 2 services")
    told.waiting("3 s: db is created")
    told.change("db", "is healthy after 3 s")
    told.change(WHOLE_STACK, "all is well")
    assert ("  … 3 s: db is created" in screen.rewritten) == live
    assert [line.partition("] ")[2] for line in screen.lines] == [
        "starting 2 services",
        "  db: is healthy after 3 s",
        "  all is well",
    ]


def test_what_becomes_of_each_service_is_told_with_v_only() -> None:
    screen = Screen(terminal=False)
    told = progress(screen)
    told.phase("starting 2 services")
    told.change("db", "is healthy after 3 s")
    assert len(screen.lines) == 1


def test_a_ci_log_hears_of_a_long_wait_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen(terminal=False)
    told = progress(screen)
    told.waiting("12 s: db is created")
    assert screen.lines == []
    monkeypatch.setattr(terminal, "SILENT_S", 0.0)
    told.waiting("13 s: db is created")
    monkeypatch.undo()
    told.waiting("14 s: db is created")
    assert [line.partition("] ")[2] for line in screen.lines] == ["  still: 13 s: db is created"]


def test_a_line_that_is_rewritten_is_wiped_before_the_next_one() -> None:
    screen = Screen(terminal=True)
    told = progress(screen)
    told.waiting("long long long")
    told.phase("next")
    assert screen.rewritten[-1] == ""


def test_dots_of_other_tests_are_not_written_on() -> None:
    screen = Screen(terminal=False)
    screen.write("..")
    screen.width_of_current_line = 2
    progress(screen).phase("next")
    assert screen.lines[0] == ".."
    assert screen.lines[1].endswith("] next")


def test_the_plan_lists_checks_and_what_is_not_applicable() -> None:
    screen = Screen(terminal=False)
    write_plan(screen, Plan(Stage.FULL, (READY,), {Condition.COMMANDS: "no command is declared"}))  # type: ignore[arg-type]
    assert screen.lines == [
        "<InfragateCheck IG911 health::service-ready[db]>",
        "<InfragateCondition commands not applicable: no command is declared>",
    ]


def verdict_lines(*results: CheckResult, lost: int | None = None, verbosity: int = 1) -> list[str]:
    screen = Screen(terminal=False, verbosity=verbosity)
    verdict = decide(Plan(Stage.FULL, tuple(result.check for result in results)), results)
    write_verdict(screen, Ending(verdict, problems(verdict.results), lost, ["Reports: out"]))  # type: ignore[arg-type]
    return screen.lines


def test_with_v_the_verdict_says_why_what_to_do_and_how_many_tests_were_lost() -> None:
    lines = verdict_lines(failed(READY, "db is unhealthy\nmore"), lost=1)
    assert lines[0] == "= infragate: incomplete ="
    assert "health        failed          1 check; service-ready[db]: db is unhealthy" in lines
    assert "The gate was closed before the first test: 1 test was not run." in lines
    assert lines[-2:] == ["  1. service-ready[db]: db is unhealthy", "Reports: out"]


def test_many_steps_and_long_reasons_do_not_fill_the_screen() -> None:
    many = [failed(catalogue.service_ready(f"s{number}"), f"{number} " + "x" * 200) for number in range(20)]
    lines = verdict_lines(*many)
    assert max(map(len, lines)) < 260
    assert any("… and 12 more" in line for line in lines)


def test_with_v_warnings_and_waived_findings_are_shown() -> None:
    warning = Finding("IG911", "x", Severity.WARNING, "db", "has no healthcheck")
    waived = Finding("IG402", "x", Severity.ERROR, "*", "socket", waived=True)
    lines = verdict_lines(
        passed(READY, "", (warning,)), CheckResult(catalogue.engine_reachable(), Outcome.PASSED, findings=(waived,))
    )
    assert "warning: IG911 db: has no healthcheck" in lines
    assert "waived: IG402 socket" in lines


@pytest.mark.parametrize(("verbosity", "informed"), [(1, False), (2, True)])
def test_what_is_for_information_is_counted_and_shown_with_vv(verbosity: int, informed: bool) -> None:
    info = Finding("IG201", "x", Severity.INFO, "db", "no digest")
    lines = verdict_lines(passed(READY, "", (info,)), verbosity=verbosity)
    assert ("info: IG201 db: no digest" in lines) is informed
    assert ("1 for information: shown with -vv and in verdict.json" in lines) is not informed


def test_a_good_run_has_one_line_for_each_of_the_first_warnings() -> None:
    many = tuple(Finding("IG201", "x", Severity.WARNING, "db", f"n{number}", "Mend.") for number in range(12))
    others = dict.fromkeys(Condition, "nothing to prove")
    verdict = decide(Plan(Stage.FULL, (READY,), others), [passed(READY, "", many)])
    screen = Screen(terminal=False)
    write_verdict(screen, Ending(verdict, (), None))  # type: ignore[arg-type]
    assert screen.lines[-2:] == ["warning: IG201 db: n9", "… and 2 more: shown with -v and in verdict.json"]
    assert not any("Mend" in line for line in screen.lines)


@pytest.mark.parametrize(("environ", "count"), [({}, 0), ({"GITHUB_ACTIONS": "true"}, 1)])
def test_annotations_are_written_where_github_reads_them(environ: dict[str, str], count: int) -> None:
    screen = Screen(terminal=False)
    verdict = decide(Plan(Stage.FULL, (READY,)), [failed(READY, "db is unhealthy")])
    write_annotations(screen, verdict, ".", environ)  # type: ignore[arg-type]
    assert screen.lines == ["::error title=IG911 service-ready[db]::db is unhealthy"] * count


@pytest.mark.parametrize(("verbosity", "more"), [(-1, True), (0, False)])
def test_who_is_shown_less_is_told_where_the_rest_is(verbosity: int, more: bool) -> None:
    lines = verdict_lines(failed(READY, "db is unhealthy\n  its log: x"), verbosity=verbosity)
    assert lines[-1] == "Reports: out"
    assert any(line.startswith("More of each: with -v") for line in lines) == more


def test_with_reports_the_rest_is_told_to_be_there() -> None:
    screen = Screen(terminal=False, verbosity=-1)
    result = failed(READY, "db is unhealthy\n  its log: x")
    verdict = decide(Plan(Stage.FULL, (READY,)), [result])
    write_verdict(screen, Ending(verdict, problems([result]), None, report="out"))  # type: ignore[arg-type]
    assert screen.lines[-1] == "More of each: with -v, and in out/evidence/SERVICE-N.*"
