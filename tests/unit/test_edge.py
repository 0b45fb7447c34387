"""The small parts of the pytest edge: reports of checks, exit status, signals, options."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pytest_infragate import catalogue, options, reporting
from pytest_infragate.owner import final_status
from pytest_infragate.provider import runs_in_ci
from pytest_infragate.results import (
    CheckResult,
    Finding,
    Location,
    Outcome,
    Severity,
    failed,
    not_run,
    passed,
    unevaluated,
)
from pytest_infragate.signals import Terminated, raising_on_termination, shielded

pytest_plugins = ("pytester",)
READY = catalogue.service_ready("db")


class Recorder:
    """A plugin that keeps the reports sent to it."""

    def __init__(self) -> None:
        self.reports: list[pytest.TestReport] = []
        self.calls: list[str] = []

    def pytest_runtest_logstart(self) -> None:
        self.calls.append("start")

    def pytest_runtest_logfinish(self) -> None:
        self.calls.append("finish")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.reports.append(report)


def send(result: CheckResult, verbose: int = 1, **plugins: Recorder) -> Any:
    """Send the reports of a result to these plugins; return the config that they were sent through."""
    manager = pytest.PytestPluginManager()
    for name, plugin in plugins.items():
        manager.register(plugin, name)
    config = SimpleNamespace(pluginmanager=manager, hook=manager.hook, getoption=lambda _name, _default: verbose)
    reporting.Sender(config).send(result)  # type: ignore[arg-type]
    return config


def sent(result: CheckResult) -> list[tuple[str, str]]:
    recorder, remembering = Recorder(), Recorder()
    send(result, junitxml=recorder, lfplugin=remembering)
    assert not remembering.reports
    assert recorder.calls == ["start", "finish"]
    return [(str(report.when), report.outcome) for report in recorder.reports]


@pytest.mark.parametrize(
    ("result", "phases"),
    [
        (passed(READY), [("setup", "passed"), ("call", "passed"), ("teardown", "passed")]),
        (failed(READY, "x"), [("setup", "passed"), ("call", "failed"), ("teardown", "passed")]),
        (unevaluated(READY, "x"), [("setup", "failed"), ("teardown", "passed")]),
        (not_run(READY, "x"), [("setup", "skipped"), ("teardown", "passed")]),
        (
            CheckResult(READY, Outcome.FAILED, waived=True),
            [("setup", "passed"), ("call", "skipped"), ("teardown", "passed")],
        ),
    ],
)
def test_an_outcome_is_told_as_pytest_tells_it_of_tests(result: CheckResult, phases: list[tuple[str, str]]) -> None:
    assert sent(result) == phases


@pytest.mark.parametrize(("verbose", "calls", "told"), [(0, [], ("passed", "", "")), (1, ["start", "finish"], None)])
def test_the_terminal_has_a_line_for_a_check_with_v_only(
    verbose: int, calls: list[str], told: tuple[str, str, str] | None
) -> None:
    terminal, others = Recorder(), Recorder()
    config = send(passed(READY), verbose, terminalreporter=terminal, junitxml=others)
    assert (terminal.calls, others.calls) == (calls, ["start", "finish"])
    said = ("passed", ".", "PASSED")
    assert reporting.status(config, terminal.reports[1], said) == (told or said)


def test_who_only_counts_gets_no_set_up_or_tear_down_that_went_well() -> None:
    terminal, owner = Recorder(), Recorder()
    for result in (passed(READY), unevaluated(READY, "x"), not_run(READY, "x")):
        send(result, 0, **{"terminalreporter": terminal, "infragate-owner": owner})
    assert [report.when for report in terminal.reports] == ["call", "setup", "setup"]
    assert len(owner.reports) == 3


def test_a_check_has_a_node_id_of_its_own_kind() -> None:
    assert reporting.nodeid(READY) == "infragate/health::service-ready[db]"
    assert reporting.nodeid(catalogue.published_port_answers("web [::1]:80")).count("::") == 1
    assert reporting.is_check(reporting.nodeid(READY))
    assert not reporting.is_check("tests/infragate/test_x.py::test_y")


def test_the_text_of_a_failure_has_its_closing_findings_with_place_and_remedy() -> None:
    closing = Finding("IG201", "x", Severity.ERROR, "web", "uses latest", "Pin it.", Location("compose.yaml", 3))
    shown = Finding("IG201", "x", Severity.WARNING, "web", "a remark")
    assert reporting.text_of(failed(READY, "", (closing, shown))) == "compose.yaml:3: IG201 uses latest\n    Pin it."
    assert reporting.text_of(failed(READY, "")) == "failed"


@pytest.mark.parametrize(
    ("status", "collected", "complete", "selected", "final"),
    [
        (0, 3, True, False, 0),
        (0, 3, False, False, 1),
        (1, 3, True, False, 1),
        (2, 3, False, False, 2),
        (3, 3, False, False, 3),
        (4, 0, False, True, 4),
        (5, 0, True, False, 0),
        (5, 0, False, False, 1),
        (5, 0, True, True, 5),
        (0, 0, True, True, 5),
        (0, 0, True, False, 0),
        (6, 3, True, False, 6),
    ],
)
def test_exit_status(status: int, collected: int, complete: bool, selected: bool, final: int) -> None:
    assert final_status(status, collected=collected, complete=complete, selected=selected) == final


@pytest.fixture(autouse=True)
def _handlers_come_back() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    yield
    assert {number: signal.getsignal(number) for number in before} == before


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_termination_raises_like_an_interruption(number: signal.Signals) -> None:
    with pytest.raises(Terminated, match=number.name), raising_on_termination():
        os.kill(os.getpid(), number)
    assert issubclass(Terminated, KeyboardInterrupt)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_shield_answers_every_signal_with_a_notice(number: signal.Signals) -> None:
    noticed: list[str] = []
    with raising_on_termination(), shielded(lambda: noticed.append("please wait")):
        os.kill(os.getpid(), number)
        os.kill(os.getpid(), number)
    assert noticed == ["please wait", "please wait"]


def test_a_notice_may_need_the_lock_that_the_interrupted_code_holds() -> None:
    lock = threading.Lock()
    noticed: list[bool] = []

    def notice() -> None:
        with lock:
            noticed.append(True)

    with shielded(notice), lock:
        os.kill(os.getpid(), signal.SIGINT)
    assert noticed == [True]


def test_every_option_but_the_actions_has_an_ini_twin_and_takes_no_optional_value(pytester: pytest.Pytester) -> None:
    shown = pytester.runpytest_subprocess("--help").stdout.str()
    for option in options.OPTIONS:
        assert f"  {option.flag}" in shown
        assert f"{option.flag}=[" not in shown
        assert (f"\n  {option.name} (" in shown) == option.ini, option.name


def test_loading_the_plugin_imports_nothing_heavy() -> None:
    code = "import sys, pytest_infragate.plugin as p; print(sorted({'docker', 'yaml', 'requests', 'testcontainers'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_path_that_moves_the_root_directory_is_refused(
    pytester: pytest.Pytester, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    pytester.makeini("[pytest]")
    wrong = pytester.runpytest_subprocess("--infragate-static", "--infragate-report", str(elsewhere))
    assert wrong.ret == pytest.ExitCode.USAGE_ERROR
    wrong.stderr.fnmatch_lines([f"*write it as one word: --infragate-report={elsewhere}"])
    right = pytester.runpytest_subprocess("--infragate-static", f"--infragate-report={elsewhere}")
    assert right.ret == pytest.ExitCode.TESTS_FAILED
    assert (Path(elsewhere) / "verdict.json").exists()


@pytest.mark.parametrize(
    ("ini", "arguments", "found"),
    [
        ("", [], None),
        ("", ["--infragate"], "full"),
        ("", ["--infragate-static"], "static"),
        ("infragate = true", [], "full"),
        ("infragate_static = true", [], "static"),
        ("infragate = true", ["--infragate-static"], "static"),
        ("infragate_static = true", ["--infragate"], "full"),
        ("infragate = false", [], None),
    ],
)
def test_the_command_line_chooses_the_stage_before_the_ini_file(
    pytester: pytest.Pytester, ini: str, arguments: list[str], found: str | None
) -> None:
    pytester.makeini(f"[pytest]\n{ini}\n")
    assert options.stage(pytester.parseconfig(*arguments)) == found


def test_both_stages_at_once_are_refused(pytester: pytest.Pytester) -> None:
    refused = pytester.runpytest_subprocess("--infragate", "--infragate-static")
    assert refused.ret == pytest.ExitCode.USAGE_ERROR
    refused.stderr.fnmatch_lines(["*--infragate and --infragate-static contradict each other*"])


def test_only_the_whole_gate_is_refused_inside_another_one(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INFRAGATE_ACTIVE", "1")
    assert pytester.runpytest_subprocess("--infragate").ret == pytest.ExitCode.USAGE_ERROR
    assert pytester.runpytest_subprocess("--infragate-static").ret == pytest.ExitCode.TESTS_FAILED


@pytest.mark.parametrize(
    "environ, expected",
    [
        ({}, False),
        ({"CI": ""}, False),
        ({"CI": "false"}, False),
        ({"CI": "0"}, False),
        ({"CI": "true"}, True),
        ({"CI": "woodpecker"}, True),
        ({"JENKINS_URL": "http://127.0.0.1/"}, True),
        ({"CI": "false", "TF_BUILD": "True"}, False),
    ],
)
def test_what_a_ci_job_is(environ: dict[str, str], expected: bool) -> None:
    assert runs_in_ci(environ) is expected


def test_findings_are_accepted_by_a_run_of_the_gate_alone(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest_subprocess("--infragate-accept-findings")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: --infragate-accept-findings * give --infragate-static with it"])


@pytest.mark.parametrize("marker", ['requires("api")', 'connects("api -> db:5432")', 'limits("api", "pids: max < 9")'])
def test_settings_that_are_wrong_are_told_in_a_line_where_a_marker_needs_them(
    pytester: pytest.Pytester, marker: str
) -> None:
    pytester.makefile(".yaml", compose="services: {api: {image: a}, db: {image: b}}", infragate="timeot: 3s\n")
    pytester.makepyfile(f"import pytest\n\n@pytest.mark.infragate_{marker}\ndef test_one():\n    pass\n")
    result = pytester.runpytest_subprocess()
    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.stdout.fnmatch_lines(["*::test_one: infragate.yaml:1:1: unknown key 'timeot'*"])
    result.stdout.no_fnmatch_line("*markers.py*")
