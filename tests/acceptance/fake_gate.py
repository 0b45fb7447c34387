"""A gate whose evidence is given beforehand, for tests of the pytest edge that need no engine.

Load with ``-p tests.acceptance.fake_gate``; the environment variable ``FAKE_GATE`` holds the answers as JSON:
``{"early": [[id, name, condition, subject, outcome, message], …], "late": […], "slow_s": 0}``. ``slow_s``: how long
each of its phases takes, in seconds.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pytest_infragate import xdist
from pytest_infragate.advice.hint import Hint
from pytest_infragate.fixtures import HANDOVER_PATH
from pytest_infragate.owner import Owner
from pytest_infragate.plan import Plan, Stage
from pytest_infragate.progress import Progress, Silent
from pytest_infragate.recall.recollection import Forgetful, Memory
from pytest_infragate.reports.problems import Problem, problems
from pytest_infragate.results import CheckResult, Condition, Location, Outcome, PlannedCheck
from pytest_infragate.settings import Settings
from pytest_infragate.timeline import Timeline
from pytest_infragate.verdict import Verdict, closes_the_gate, decide


class FakeGate:
    """Answers with what it was given; notes on standard error when it opens and closes."""

    notes: tuple[str, ...] = ()
    advice: tuple[Hint, ...] = ()
    unread = 0
    memory: Memory = Forgetful()
    progress: Progress = Silent()
    tell: Callable[[CheckResult], None]

    def __init__(self, answers: dict[str, Any], log: Path) -> None:
        self.settings = Settings(root=".", static=bool(answers.get("static")))
        self.environment = {"INFRAGATE_FAKE": "1"}
        self.timeline = Timeline()
        self._early = [_result(*answer) for answer in answers.get("early", [])]
        self._late = [_result(*answer) for answer in answers.get("late", [])]
        stage = Stage.STATIC if self.settings.static else Stage.FULL
        others = dict.fromkeys(Condition, "nothing to prove here")
        self.plan = Plan(stage, tuple(result.check for result in [*self._early, *self._late]), others)
        self._received: list[CheckResult] = []
        self._slow_s = float(answers.get("slow_s", 0))
        self._log = log

    @property
    def closed(self) -> bool:
        return any(map(closes_the_gate, self._received))

    @property
    def problems(self) -> tuple[Problem, ...]:
        return problems(self._received)

    def quoted(self, _place: Location | None, _width: int) -> tuple[str, ...]:
        return ()

    def begin(self) -> None:
        self._note("begin")

    def connect(self) -> None:
        """Reaches nothing."""

    def prepare(self) -> None:
        self._note("prepare")

    def open(self) -> None:
        self._note("open")
        time.sleep(self._slow_s)
        for result in self._early:
            self._receive(result)

    def prove_again(self, *, patient: bool) -> None:
        self._note(f"prove again patient={patient}")
        time.sleep(self._slow_s)

    def close(self, broken_off: str | None) -> Verdict:
        self._note(f"close {broken_off}")
        later = time.time() + 3600
        heard, running = self.timeline.at(0.0, later).possible, self.timeline.at(later, later).certain
        self._log.with_name("heard.json").write_text(json.dumps({"heard": heard, "running": running}))
        time.sleep(self._slow_s)
        for result in self._late:
            self._receive(result)
        return decide(self.plan, self._received, broken_off)

    def _receive(self, result: CheckResult) -> None:
        self._received.append(result)
        self.tell(result)

    def _note(self, text: str) -> None:
        with self._log.open("a") as stream:
            stream.write(text + "\n")


def _result(id_: str, name: str, condition: str, subject: str, outcome: str, message: str = "") -> CheckResult:
    return CheckResult(PlannedCheck(id_, name, Condition(condition), subject), Outcome(outcome), message)


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    if not xdist.is_worker(config):
        root = Path(config.rootpath)
        config.stash[HANDOVER_PATH] = root / "handover.json"
        gate = FakeGate(json.loads(os.environ["FAKE_GATE"]), root / "gate.log")
        config.pluginmanager.unregister(name="infragate-on-demand")
        config.pluginmanager.register(Owner(config, gate), "infragate-owner")  # type: ignore[arg-type]
