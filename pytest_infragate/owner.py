"""The gate at the pytest edge: runs in the process that owns the session, before, around and after the suite."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Generator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pytest

from . import cache, reporting, terminal, xdist
from .environment import lent
from .errors import SettingsError
from .fixtures import HANDOVER_PATH
from .progress import Progress, Silent
from .signals import raising_on_termination, shielded
from .timeline import RELAYED_S

if TYPE_CHECKING:
    from .results import CheckResult
    from .run.gate import Gate
    from .run.recalled import RecalledGate
    from .verdict import Verdict

NOT_EVALUATED = "the run ended before the gate was evaluated"
INTERRUPTED = "the run was interrupted"
BROKE_DOWN = "pytest itself or one of its plugins broke down"
NOT_COLLECTED = "the tests could not be collected, so the gate was not evaluated"


class Owner:
    """Drives the gate through pytest's session hooks.

    The gate runs in ``pytest_runtestloop``: earlier, a Ctrl-C would skip ``pytest_sessionfinish`` and with it the
    reports; later, tests would already have been sent.
    """

    def __init__(self, config: pytest.Config, gate: Gate | RecalledGate) -> None:
        self._config = config
        self._gate = gate
        self._verdict: Verdict | None = None
        self._broken_off: str | None = NOT_EVALUATED
        self._collected = 0
        self._lost_tests: int | None = None
        self._tests_failed = False
        self._not_collected = False
        self._interrupted = False
        self._session: pytest.Session | None = None
        self._until_down = contextlib.ExitStack()
        gate.tell = self._tell

    @cached_property
    def _sender(self) -> reporting.Sender:
        return reporting.Sender(self._config)

    @property
    def _static(self) -> bool:
        return self._gate.settings.static

    @property
    def _runs_no_tests(self) -> bool:
        return self._static and self._config.args_source is not pytest.Config.ArgsSource.ARGS

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Leave an incomplete verdict in the report folder, so that a killed run leaves no old one."""
        self._gate.progress = progress(self._config)
        self._gate.memory = cache.memory(self._config)
        try:
            self._gate.begin()
        except SettingsError as error:
            raise pytest.UsageError("\n".join(error.problems)) from None
        self._session = session
        if xdist.is_controller(self._config):
            self._gate.timeline.late_s = RELAYED_S

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self) -> bool | None:
        """Collect nothing in a static run that was given no paths: the gate is the run."""
        return True if self._runs_no_tests else None

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tell an xdist worker where it will find the stack."""
        xdist.tell_worker(node, self._config.stash.get(HANDOVER_PATH, None))

    @pytest.hookimpl(wrapper=True, specname="pytest_runtestloop")
    def pytest_around_runtestloop(self) -> Generator[None, object, object]:
        """Take note that the suite came to its end, or was stopped by a rule such as ``-x``: that loses tests, no checks.

        Every other end counts as an interruption: Ctrl-C, and ``pytest.exit``, which may ask for exit status 0. Not told
        by ``pytest_keyboard_interrupt``, because a second Ctrl-C keeps pytest from calling it.
        """
        try:
            result = yield
        except (KeyboardInterrupt, Exception) as error:
            if xdist.stopped_by_rule(error):
                self._note_end()
            raise
        self._note_end()
        return result

    def _note_end(self) -> None:
        if self._broken_off == INTERRUPTED:
            self._broken_off = None

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        """Evaluate everything that comes before the suite; let the suite run only through an open gate."""
        if session.testsfailed and not session.config.option.continue_on_collection_errors:
            self._broken_off = NOT_COLLECTED
            return None
        self._broken_off = INTERRUPTED
        self._until_down.enter_context(raising_on_termination())
        self._gate.connect()
        self._gate.prepare()
        self._collected = session.testscollected
        self._gate.open()
        self._until_down.enter_context(lent(self._gate.environment))
        if self._gate.closed and not xdist.is_controller(self._config):
            self._lost_tests = len(session.items)
            return True
        return True if self._runs_no_tests else None

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: Sequence[str]) -> None:
        """Under xdist, a worker says how many tests there are; a closed gate keeps them from running."""
        self._collected = len(ids)
        if self._gate.closed:
            self._lost_tests = len(ids)

    @pytest.hookimpl(optionalhook=True, tryfirst=True)
    def pytest_xdist_make_scheduler(self) -> xdist.SendsNothing | None:
        """Under xdist, send no test through a closed gate."""
        return xdist.SendsNothing() if self._gate.closed else None

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count checks into the total that pytest's progress is a part of, so that it never exceeds 100 %.

        xdist sets the total anew whenever a worker has collected.
        """
        if self._session is not None:
            shown = len(self._gate.plan.checks) if reporting.shows_checks(self._config) else 0
            self._session.testscollected = self._collected + shown
        if report.failed and not reporting.is_check(report.nodeid):
            self._tests_failed = True
        if report.when == xdist.CRASHED:
            self._gate.timeline.ended(report.nodeid, time.time())

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Take note of what could not be collected, which pytest tells in a section of its own."""
        self._not_collected = self._not_collected or report.failed

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Take note that a test begins: set-up and tear-down of its fixtures count to it."""
        if not reporting.is_check(nodeid):
            self._gate.timeline.began(nodeid, time.time())

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        """Take note that a test is over."""
        self._gate.timeline.ended(nodeid, time.time())

    @pytest.hookimpl(wrapper=True)
    def pytest_report_teststatus(self, report: pytest.TestReport) -> Generator[None, Any, Any]:
        """Count checks as tests, but let the terminal show them only with ``-v``."""
        return reporting.status(self._config, report, (yield))

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Prove the stack again, take it down, decide, write, and set the exit status; before JUnit XML is written."""
        xdist.end_workers(session)
        if session.exitstatus == pytest.ExitCode.INTERNAL_ERROR and self._broken_off in (None, INTERRUPTED):
            self._broken_off = BROKE_DOWN
        self._close()
        session.exitstatus = final_status(
            pytest.ExitCode.INTERRUPTED if self._interrupted else session.exitstatus,
            collected=self._collected,
            complete=self._verdict is not None and self._verdict.complete,
            selected=tests_were_selected(self._config),
        )
        if not (self._tests_failed or self._not_collected):
            reporting.leave_to_the_verdict(self._config)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Write the verdict."""
        if self._verdict is not None:
            terminal.write_verdict(terminalreporter, self._ending(self._verdict))
            terminal.write_annotations(terminalreporter, self._verdict, self._gate.settings.root, os.environ)
        if self._interrupted:
            terminalreporter.write_line("The run was interrupted after its last test, so it is not green.", red=True)

    def _ending(self, verdict: Verdict) -> terminal.Ending:
        gate = self._gate
        told = (verdict, gate.problems, self._lost_tests, gate.notes, gate.settings.report, gate.quoted)
        return terminal.Ending(*told, unread=gate.unread, advice=gate.advice)

    @pytest.hookimpl(trylast=True)
    def pytest_unconfigure(self) -> None:
        """Take the stack down when a second interruption kept ``pytest_sessionfinish`` from doing it.

        The last word on the exit status is spoken here: a later hook of the suite may have set it to 0.
        """
        if self._session is None:
            self._remove_handover()
            return
        self._close()
        if self._session.exitstatus == pytest.ExitCode.OK and (self._verdict is None or not self._verdict.complete):
            self._session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def _close(self) -> None:
        if self._verdict is not None:
            return
        if self._broken_off is None:
            self._prove_again()
        with shielded(self._note_interruption):
            self._verdict = self._gate.close(self._broken_off)
        self._until_down.close()
        self._remove_handover()

    def _remove_handover(self) -> None:
        """Remove the file that told the tests where the stack is; where no test runs there is none."""
        path = self._config.stash.get(HANDOVER_PATH, None)
        if path is not None:
            from .run import handover

            handover.remove(path)

    def _prove_again(self) -> None:
        """Prove everything again; who interrupts this wants the run to end, so the rest is not evaluated."""
        try:
            self._gate.prove_again(patient=not self._tests_failed)
        except KeyboardInterrupt:
            self._broken_off = INTERRUPTED
            self._interrupted = True

    def _note_interruption(self) -> None:
        self._interrupted = True
        self._gate.progress.phase("still taking the stack down, please wait")

    def _tell(self, result: CheckResult) -> None:
        if not self._config.getoption("collectonly", False):
            self._sender.send(result)


class PlanOnly:
    """Stands in for the owner where pytest only shows what it would do: starts nothing, writes nothing."""

    def __init__(self, config: pytest.Config, gate: Gate) -> None:
        self._config = config
        self._gate = gate

    def pytest_collection_finish(self) -> None:
        """List the planned checks after the tests."""
        reporter = self._config.pluginmanager.get_plugin("terminalreporter")
        if reporter is not None and not xdist.is_worker(self._config):
            self._gate.prepare()
            terminal.write_plan(reporter, self._gate.plan)


def progress(config: pytest.Config) -> Progress:
    """Return progress on the terminal, or none with ``-q`` or without a terminal reporter."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or config.option.verbose < 0:
        return Silent()
    return terminal.TerminalProgress(reporter, config.get_terminal_writer())


def tests_were_selected(config: pytest.Config) -> bool:
    """Return whether the user asked for certain tests: paths, node ids, ``-k``, ``-m`` or ``--deselect``."""
    given = config.args_source is pytest.Config.ArgsSource.ARGS
    return given or any(config.getoption(name, None) for name in ("keyword", "markexpr", "deselect"))


def final_status(status: int, *, collected: int, complete: bool, selected: bool) -> int:
    """Return pytest's exit status with the verdict taken in: 0 only when the tests passed and the verdict is complete.

    Nothing collected and nothing selected: the gate is the run. A selection that matched nothing is told as pytest
    tells it, although checks were counted as well.
    """
    if status not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        return status
    if collected == 0 and selected:
        return pytest.ExitCode.NO_TESTS_COLLECTED
    return pytest.ExitCode.OK if complete else pytest.ExitCode.TESTS_FAILED
