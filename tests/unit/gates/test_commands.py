from __future__ import annotations

import sys
import threading
from pathlib import Path

import pytest

from pytest_infragate.compose.selection import Selection
from pytest_infragate.gates import commands
from pytest_infragate.gates.commands import Surroundings
from pytest_infragate.results import CheckResult, Location, Outcome
from pytest_infragate.settings import CommandSettings, When

HERE = Location("infragate.yaml", 9)
PATH = {"PATH": "/usr/bin:/bin"}


def result_of(command: CommandSettings, directory: Path, **environment: str) -> CheckResult:
    around = Surroundings(str(directory), {**PATH, **environment})
    (result,) = commands.run(command.when, commands.plan([command]), around)
    return result


def test_a_shell_line_that_ends_as_declared(tmp_path: Path) -> None:
    result = result_of(CommandSettings("lint", "echo fine && exit 3", exit_code=3), tmp_path)
    assert result.outcome is Outcome.PASSED
    assert result.evidence == {"output": "fine", "exit_code": 3}
    assert (result.check.id, result.check.subject) == ("IG941", "lint")


def test_an_argument_list_goes_through_no_shell(tmp_path: Path) -> None:
    argv = (sys.executable, "-c", "import sys; print(sys.argv[1:])", "$HOME", "a b")
    assert result_of(CommandSettings("list", argv), tmp_path).evidence["output"] == "['$HOME', 'a b']"


def test_a_wrong_exit_code_is_told_in_words_with_the_last_lines_and_the_place(tmp_path: Path) -> None:
    line = "for i in $(seq 40); do echo line $i; done; exit 127"
    result = result_of(CommandSettings("lint", line, location=HERE), tmp_path)
    assert result.outcome is Outcome.FAILED
    assert (
        "ended with exit code 127 (the program was not found), expected 0. Declared at infragate.yaml:9."
        in result.message
    )
    assert "  line 40" in result.message
    assert "  line 28\n" not in result.message
    assert result.evidence["exit_code"] == 127


def test_a_command_that_a_signal_ended(tmp_path: Path) -> None:
    result = result_of(CommandSettings("gone", "kill -9 $$"), tmp_path)
    assert "exit code 137 (killed" in result.message
    assert "It wrote nothing." in result.message


def test_an_overrun_is_a_failure_even_where_its_exit_code_would_be_expected(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    line = f"trap '' TERM; (sleep 30; touch {mark}) & echo began; wait"
    result = result_of(CommandSettings("slow", line, timeout_s=0.3, exit_code=-9), tmp_path)
    assert result.outcome is Outcome.FAILED
    assert "did not end within 0.3 s and was ended" in result.message
    assert result.evidence["output"] == "began"
    assert not mark.exists()


def test_a_program_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    result = result_of(CommandSettings("none", ("no-such-program-here",)), tmp_path)
    assert result.outcome is Outcome.ERROR
    assert "no such program was found" in result.message


def test_the_working_directory_is_the_projects_or_the_declared_one(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    assert result_of(CommandSettings("here", "pwd"), tmp_path).evidence["output"] == str(tmp_path)
    below = result_of(CommandSettings("there", "pwd", directory="below"), tmp_path)
    assert below.evidence["output"] == str(tmp_path / "below")


def test_the_declared_environment_is_added(tmp_path: Path) -> None:
    command = CommandSettings("env", 'echo "$ONE $TWO"', environment={"TWO": "declared"})
    assert result_of(command, tmp_path, ONE="given", TWO="given").evidence["output"] == "given declared"


def test_only_the_commands_of_the_phase_run_in_their_order(tmp_path: Path) -> None:
    plan = commands.plan(
        [
            CommandSettings("a", "true", When.BEFORE_UP),
            CommandSettings("b", "true", When.AFTER_TESTS),
            CommandSettings("c", "false", When.BEFORE_UP),
        ]
    )
    told: list[str] = []
    results = commands.run(
        When.BEFORE_UP, plan, Surroundings(str(tmp_path), PATH), lambda result: told.append(result.check.subject)
    )
    assert [(result.check.subject, result.outcome) for result in results] == [
        ("a", Outcome.PASSED),
        ("c", Outcome.FAILED),
    ]
    assert told == ["a", "c"]
    assert len(plan.checks) == 3


def test_an_interrupted_run_starts_and_keeps_no_command(tmp_path: Path) -> None:
    stop = threading.Event()
    around = Surroundings(str(tmp_path), PATH, stop=stop)
    timer = threading.Timer(0.2, stop.set)
    timer.start()
    plan = commands.plan([CommandSettings("long", "sleep 30"), CommandSettings("next", "true")])
    results = commands.run(When.AFTER_UP, plan, around)
    timer.join()
    assert [result.outcome for result in results] == [Outcome.NOT_RUN, Outcome.NOT_RUN]


def test_without_commands_the_condition_says_so() -> None:
    plan = commands.plan([])
    assert (plan.checks, plan.not_applicable) == ((), "the settings declare no commands")


def test_the_subject_of_a_command_inside_a_service_is_the_service() -> None:
    plan = commands.plan(
        [
            CommandSettings("schema", ("true",), service="db"),
            CommandSettings("one", "true", service="api"),
            CommandSettings("two", "true", service="api"),
            CommandSettings("lint", "true"),
        ]
    )
    assert [check.subject for check in plan.checks] == ["db", "api one", "api two", "lint"]


def test_a_command_named_like_a_service_keeps_its_own_check() -> None:
    plan = commands.plan([CommandSettings("db", "true"), CommandSettings("schema", "true", service="db")])
    assert [check.subject for check in plan.checks] == ["db", "db schema"]


def test_a_command_inside_a_service_that_does_not_run_fails(tmp_path: Path) -> None:
    result = result_of(CommandSettings("schema", ("psql",), service="db", location=HERE), tmp_path)
    assert result.outcome is Outcome.FAILED
    assert result.message == "db has no running container to run `psql` in. Declared at infragate.yaml:9."


@pytest.mark.parametrize("context", [{}, {"DOCKER_CONTEXT": "elsewhere"}])
def test_commands_know_which_project_is_meant(context: dict[str, str]) -> None:
    selection = Selection("/p", ("/p/a.yaml", "/p/b.yaml"), ("web",), ("/p/.env",), "shop")
    made = commands.environment({**PATH, **context}, selection, None)
    assert made["COMPOSE_PROJECT_NAME"] == "shop"
    assert made["COMPOSE_FILE"] == "/p/a.yaml:/p/b.yaml"
    assert made["INFRAGATE_ACTIVE"] == "1"
    assert made["PATH"] == PATH["PATH"]
