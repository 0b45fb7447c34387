"""The baseline of performance in one run: what is held against recorded runs, and the run that is added to them."""

from __future__ import annotations

import datetime
import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from .. import catalogue, runner
from ..compose.model import Project
from ..errors import InfragateError, SettingsError
from ..past_runs import FILE_NAME, UPDATE, BaselineSettings, BaselineUse, Distribution, MetricKey, OfMachine, PastRuns
from ..preparation import Preparation
from ..recall.recollection import Forgetful, Memory
from ..results import CheckResult, Finding, Outcome, Severity, failed, passed
from ..settings import Settings
from .baseline_place import Place, stack_name
from .machine_class import differences, machine_class

if TYPE_CHECKING:
    from ..gates.compared import PlannedComparison
    from ..gates.measures import Measurements
    from ..gates.trend import TrendRow
    from ..stack.engine import Engine
    from ..verdict import Verdict

_OFF = BaselineSettings(use=BaselineUse.OFF)
_FORGETFUL = Forgetful()
_NOWHERE = Place()


class BaselineError(InfragateError):
    """A run that was to be recorded could not be."""


def comparing(
    settings: Settings,
    preparation: Preparation,
    tracked: Sequence[MetricKey],
    engine: Engine,
    environ: Mapping[str, str],
    memory: Memory,
) -> Comparing:
    """Return what this run compares or records, now that the engine says on what machine it runs."""
    baseline, project = settings.performance.baseline, preparation.project
    if project is None or baseline.use is BaselineUse.OFF:
        return Comparing()
    machine = machine_class(engine, environ, "attached" if settings.attach else "kept" if settings.keep else "")
    stack = stack_name(preparation.selection, settings.root)
    past = baseline.past.of(stack, machine) if baseline.is_held else {}
    planned = _planned(tracked, past, project) if past else ()
    return Comparing(baseline, Place(stack, machine, settings.root), tracked, planned, memory)


def _planned(tracked: Sequence[MetricKey], past: OfMachine, project: Project) -> tuple[PlannedComparison, ...]:
    from ..gates import comparisons  # what compares is loaded where there is something to compare

    return comparisons.plan(tracked, past, project)


@dataclass(frozen=True)
class Kept:
    """What came of keeping a run: lines for the user, why it could not be recorded, and how its metrics went of late."""

    notes: tuple[str, ...] = ()
    trouble: str = ""
    trend: tuple[TrendRow, ...] = ()


class Comparing:
    """Holds one run against the recorded ones of its place, or records it; by default it does neither."""

    def __init__(
        self,
        settings: BaselineSettings = _OFF,
        place: Place = _NOWHERE,
        tracked: Sequence[MetricKey] = (),
        planned: Sequence[PlannedComparison] = (),
        memory: Memory = _FORGETFUL,
    ) -> None:
        """``tracked`` are the metrics of a run like this one, ``planned`` those of them that have recorded runs."""
        self._settings = settings
        self._place = place
        self._tracked = tuple(tracked)
        self._memory = memory
        self._found: dict[MetricKey, Distribution] = {}
        self.planned = tuple(planned)

    @property
    def is_held(self) -> bool:
        """Whether it is planned to tell what the run is held against."""
        return self._settings.is_held

    @property
    def metrics(self) -> frozenset[str]:
        """The metrics that have to be measured."""
        return frozenset(metric for _, metric in self._wanted)

    @property
    def _updates(self) -> bool:
        return self._settings.use is BaselineUse.UPDATE

    @property
    def _wanted(self) -> tuple[MetricKey, ...]:
        return self._tracked if self._updates else tuple((one.service, one.metric) for one in self.planned)

    @property
    def _past(self) -> OfMachine:
        return self._settings.past.of(self._place.stack, self._place.machine)

    @property
    def _name(self) -> str:
        return os.path.relpath(self._settings.file or FILE_NAME, self._place.root or ".")

    def at_hand(self) -> CheckResult:
        """Return whether there are recorded runs to hold this one against, and what is not compared."""
        check = catalogue.baseline_at_hand()
        if not self._past:
            return self._absent()
        gone = sorted(self._past.keys() - set(self._tracked))
        new = sorted(set(self._tracked) - self._past.keys())
        count = len(self.planned)
        are = "are" if count != 1 else "is"
        told = f"{_count(count, 'metric')} {are} held against {self._name} ({self._place.machine})"
        remarks = [self._remark(f"recorded, but not measured in this run: {_listed(gone)}")] if gone else []
        remarks += [self._remark(f"measured, but not recorded yet: {_listed(new)}")] if new else []
        return passed(check, told, tuple(remarks), machine=self._place.machine, compared=len(self.planned))

    def lacks_samples(self, measurements: Measurements) -> bool:
        """Return whether measuring on can bring samples that are still missing."""
        from ..gates import comparisons

        return comparisons.lacks_samples(self._wanted, measurements)

    def results(self, measured: Callable[[], Measurements], changes: Callable[[str], str]) -> tuple[CheckResult, ...]:
        """Hold what was measured against the recorded runs; ``changes`` says what changed of a service since the last good run.

        What is recorded is what was measured at the first call: of the stack as the files have it.
        """
        from ..gates import comparisons

        if self._tracked and not self._found:
            found, _ = runner.attempt(lambda: comparisons.measured(self._tracked, measured()))
            self._found = found or {}
        if not self.planned:
            return ()
        results = runner.evaluate_all(
            [one.check for one in self.planned],
            lambda: comparisons.judge(self.planned, measured(), self._settings),
        )
        return tuple(_explained(one, changes) if one.outcome is Outcome.FAILED else one for one in results)

    def keep(
        self, verdict: Verdict, started: datetime.datetime, project: Project | None, *, tests_failed: bool
    ) -> Kept:
        """Record this run where that is asked for and the run proves enough; tell how its metrics went of late."""
        time = f"{started:%Y-%m-%dT%H:%M:%SZ}"
        found = self._trend(time, complete=verdict.complete)
        failed_ones = {one.check.subject for one in verdict.results if one.outcome is Outcome.FAILED}
        moved = [row for row in found if row.moved and f"{row.service} {row.metric}" not in failed_ones]
        refused = "a test has failed" if tests_failed else ""
        if not verdict.complete:
            refused = "the verdict is incomplete"
        services = (*project.services, *project.inactive_services) if project else ()
        try:
            note, trouble = self.record(time, services, refused=refused), ""
        except BaselineError as error:
            note, trouble = "", str(error)
        return Kept(tuple(line for line in (_moved(moved), note) if line), trouble, found)

    def _trend(self, time: str, *, complete: bool) -> tuple[TrendRow, ...]:
        """Return how the metrics went over the last good runs, and add this one to them where it is one."""
        if not self._found:
            return ()
        from ..gates import trend

        digest = hashlib.sha256(f"{self._place.stack}\0{self._place.machine}".encode()).hexdigest()[:12]
        earlier = trend.recalled(self._memory.load(f"trend-{digest}"))
        if complete:
            self._memory.save(f"trend-{digest}", trend.remembered(earlier, self._found, time))
        return trend.rows(self._found, time, self._past, earlier, self._settings)

    def record(self, time: str, services: Sequence[str], *, refused: str) -> str:
        """Add this run to the file and say so; nothing where it was not asked for.

        ``time`` is when the run began, ``services`` are all that the files have, ``refused`` says why the run proves too little.
        Raises ``BaselineError``.
        """
        if not self._updates:
            return ""
        from . import baseline_file

        if refused:
            return f"The performance baseline {self._name} was not written: {refused}."
        if not self._found:
            raise BaselineError("no metric of this run can be recorded, so the performance baseline was not written")
        settings, place = self._settings, self._place
        self._demand_unchanged()
        known = baseline_file.without(self._past, services, settings.metrics)
        runs, anew = baseline_file.added(known, self._found, time, settings.runs, self._has_moved)
        past = baseline_file.with_machine(settings.past, place.stack, place.machine, runs)
        try:
            baseline_file.write(Path(settings.file or FILE_NAME), baseline_file.text(past))
        except OSError as error:
            raise BaselineError(
                f"the performance baseline {self._name} could not be written: {error.strerror}"
            ) from error
        return self._recorded(runs, anew)

    def _demand_unchanged(self) -> None:
        """Raise ``BaselineError`` when somebody else has written the file since it was read."""
        from ..reading.past_runs import read_past_runs

        file = self._settings.file
        try:
            now = read_past_runs(file, self._name) if file and Path(file).is_file() else PastRuns()
        except SettingsError as error:
            raise BaselineError(f"the performance baseline was damaged during the run: {error}") from error
        if now != self._settings.past:
            raise BaselineError(f"the performance baseline {self._name} was changed during the run; record a run again")

    def _has_moved(self, key: MetricKey) -> bool:
        from ..gates.compared import has_moved, held_against, statistics_of

        past, now = [one.found for one in self._past[key]], self._found[key]
        return any(
            has_moved(held_against(past, now, key[1], self._settings, statistic), key[1], self._settings)
            for statistic in statistics_of(key[1], (now, *past))
        )

    def _recorded(self, runs: OfMachine, anew: Sequence[MetricKey]) -> str:
        earlier = max(len(runs[key]) for key in self._found) - 1
        moved = ""
        if anew:
            moved = f"; begun anew, because {'it has' if len(anew) == 1 else 'they have'} moved: {_listed(anew)}"
        before = f"with up to {_count(earlier, 'earlier run')}" if earlier else "the first of this stack here"
        return (
            f"The performance baseline {self._name} now holds this run: {_count(len(self._found), 'metric')}, {before} "
            f"({self._place.machine}){moved}. Look through it before you commit it."
        )

    def _absent(self) -> CheckResult:
        check = catalogue.baseline_at_hand()
        others = self._settings.past.machines(self._place.stack)
        why = f"{self._name} has no runs of {self._place.stack}"
        if others:
            nearest = min(others, key=lambda one: len(differences(self._place.machine, one)))
            why = (
                f"{self._name} has runs of other machines alone, which say nothing about this one "
                f"({differences(self._place.machine, nearest)})"
            )
        if self._settings.file is None:
            why = f"no run was recorded: there is no {FILE_NAME}"
        told = f"nothing is held against recorded runs: {why}"
        if not self._settings.required:
            return passed(check, told, (self._remark(told),), machine=self._place.machine, compared=0)
        finding = replace(self._remark(told), severity=Severity.ERROR)
        return failed(check, told, (finding,), machine=self._place.machine, compared=0)

    def _remark(self, message: str) -> Finding:
        check = catalogue.baseline_at_hand()
        remedy = f"Record a run on this machine with {UPDATE}."
        return Finding(check.id, check.name, Severity.INFO, check.subject, message, remedy, self._settings.location)


def _moved(rows: Sequence[TrendRow]) -> str:
    if not rows:
        return ""
    from ..gates import trend

    return trend.line(rows)


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s' if number != 1 else ''}"


def _listed(keys: Sequence[MetricKey]) -> str:
    return ", ".join(f"{service} {metric}" for service, metric in keys)


def _explained(result: CheckResult, changes: Callable[[str], str]) -> CheckResult:
    """Return a failure with what changed of its service since the last good run."""
    changed = changes(result.check.subject.split()[0])
    return replace(result, message=f"{result.message}\n  {changed}", notes=(changed,)) if changed else result
