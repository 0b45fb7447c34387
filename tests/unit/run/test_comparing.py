"""One run and the recorded ones: which of them count here, what is said where there are none, what is written."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from pytest_infragate.compose.selection import Selection
from pytest_infragate.gates import comparisons
from pytest_infragate.gates.measures import Measurements
from pytest_infragate.past_runs import BaselineSettings, BaselineUse, Distribution, MetricKey, PastRun, PastRuns
from pytest_infragate.reading.past_runs import read_past_runs
from pytest_infragate.results import CheckResult, Json, Outcome, Severity
from pytest_infragate.run import baseline_file
from pytest_infragate.run.baseline_place import Place, stack_name
from pytest_infragate.run.comparing import BaselineError, Comparing, Kept
from pytest_infragate.run.machine_class import differences, machine_class, rounded
from pytest_infragate.verdict import Verdict
from tests.unit.gates.builders import project, service

HERE = Place("compose.yaml", "x86_64, 2 CPUs, 8 GiB, cgroup 2, local", "/srv")
STARTUP: MetricKey = ("web", "startup")
TIME = "2026-11-23T12:00:00Z"


def run(value: float, day: int = 1) -> PastRun:
    return PastRun(f"2026-11-{day:02}T12:00:00Z", Distribution(1, 1, (value,) * 5))


def recorded(*runs: PastRun, machine: str = HERE.machine, stack: str = HERE.stack) -> PastRuns:
    return PastRuns({stack: {machine: {STARTUP: runs}}})


def comparing(settings: BaselineSettings, *tracked: MetricKey) -> Comparing:
    past = settings.past.of(HERE.stack, HERE.machine) if settings.is_held else {}
    planned = comparisons.plan(tracked, past, project(service("web")))
    return Comparing(settings, replace(HERE, root=str(Path(settings.file or "/srv/x").parent)), tracked, planned)


def held(past: PastRuns, *tracked: MetricKey, required: bool = False) -> CheckResult:
    return comparing(BaselineSettings(file="/srv/b.json", past=past, required=required), *tracked).at_hand()


def test_where_runs_were_recorded_it_says_what_is_held_against_them() -> None:
    result = held(recorded(run(1)), STARTUP)
    assert (result.outcome, result.findings) == (Outcome.PASSED, ())
    assert result.message == f"1 metric is held against b.json ({HERE.machine})"


def test_what_is_only_recorded_or_only_measured_is_told() -> None:
    result = held(recorded(run(1)), ("api", "startup"))
    assert [one.message for one in result.findings] == [
        "recorded, but not measured in this run: web startup",
        "measured, but not recorded yet: api startup",
    ]
    assert {one.severity for one in result.findings} == {Severity.INFO}


@pytest.mark.parametrize(
    ("past", "why"),
    [
        (PastRuns(), "b.json has no runs of compose.yaml"),
        (recorded(run(1), stack="other/compose.yaml"), "b.json has no runs of compose.yaml"),
        (
            recorded(run(1), machine="x86_64, 4 CPUs, 16 GiB, cgroup 2, local, CI"),
            "which say nothing about this one (4 CPUs, 16 GiB, CI there, 2 CPUs, 8 GiB here)",
        ),
    ],
)
def test_without_recorded_runs_of_this_machine_nothing_fails_unless_they_are_required(past: PastRuns, why: str) -> None:
    result = held(past, STARTUP)
    assert result.outcome is Outcome.PASSED
    assert [one.severity for one in result.findings] == [Severity.INFO]
    assert why in result.message
    assert result.message.startswith("nothing is held against recorded runs: ")
    demanded = held(past, STARTUP, required=True)
    assert demanded.outcome is Outcome.FAILED
    assert [one.severity for one in demanded.findings] == [Severity.ERROR]
    assert "--infragate-baseline=update" in demanded.findings[0].remedy


def test_a_failure_says_what_has_changed_since_the_last_good_run() -> None:
    one = comparing(BaselineSettings(file="/srv/b.json", past=recorded(*[run(1)] * 5)), STARTUP)
    (result,) = one.results(lambda: Measurements(startup_s={"web": (5.0,)}), lambda service: f"{service} was changed")
    assert result.outcome is Outcome.FAILED
    assert result.message.endswith("\n  web was changed")
    assert result.notes == ("web was changed",)


def updating(folder: Path, past: PastRuns, value: float = 1.0) -> Comparing:
    """Return the run that adds itself to a file that holds these runs."""
    if past != PastRuns():
        baseline_file.write(folder / "b.json", baseline_file.text(past))
    said = BaselineSettings(str(folder / "b.json"), BaselineUse.UPDATE, past=past, runs=3)
    one = comparing(said, STARTUP)
    assert one.results(lambda: Measurements(startup_s={"web": (value,)}), lambda _: "") == ()
    return one


def written(folder: Path) -> list[tuple[str, float]]:
    past = read_past_runs(str(folder / "b.json"), "b.json").of(HERE.stack, HERE.machine)
    return [(one.time[:10], one.found.median) for one in past[STARTUP]]


def test_a_run_is_added_and_the_oldest_goes(tmp_path: Path) -> None:
    note = updating(tmp_path, PastRuns()).record(TIME, ["web"], refused="")
    assert written(tmp_path) == [("2026-11-23", 1.0)]
    assert note.startswith(
        "The performance baseline b.json now holds this run: 1 metric, the first of this stack here (x86_64"
    )
    past = recorded(run(1.0, 1), run(1.1, 2), run(0.9, 3))
    note = updating(tmp_path, past).record(TIME, ["web"], refused="")
    assert "now holds this run: 1 metric, with up to 2 earlier runs (x86_64" in note
    assert written(tmp_path) == [("2026-11-02", 1.1), ("2026-11-03", 0.9), ("2026-11-23", 1.0)]


def test_runs_of_other_machines_and_stacks_stay(tmp_path: Path) -> None:
    past = PastRuns({"compose.yaml": {"arm": {STARTUP: (run(9),)}}, "b.yaml": {HERE.machine: {STARTUP: (run(8),)}}})
    updating(tmp_path, past).record(TIME, ["web"], refused="")
    now = read_past_runs(str(tmp_path / "b.json"), "b.json")
    assert now.of("compose.yaml", "arm") == past.of("compose.yaml", "arm")
    assert now.of("b.yaml", HERE.machine) == past.of("b.yaml", HERE.machine)


@pytest.mark.parametrize("value", [4.0, 0.1])
def test_a_metric_that_has_moved_begins_anew(tmp_path: Path, value: float) -> None:
    past = recorded(*(run(2.0, day) for day in (1, 2, 3)))
    note = updating(tmp_path, past, value).record(TIME, ["web"], refused="")
    assert written(tmp_path) == [("2026-11-23", value)]
    assert "begun anew, because it has moved: web startup" in note


def test_a_run_that_proves_too_little_is_not_written(tmp_path: Path) -> None:
    note = updating(tmp_path, PastRuns()).record(TIME, ["web"], refused="the verdict is incomplete")
    assert note == "The performance baseline b.json was not written: the verdict is incomplete."
    assert list(tmp_path.iterdir()) == []


def test_a_run_of_which_nothing_can_be_recorded_is_told(tmp_path: Path) -> None:
    with pytest.raises(BaselineError, match="no metric of this run can be recorded"):
        comparing(BaselineSettings(str(tmp_path / "b.json"), BaselineUse.UPDATE)).record(TIME, ["web"], refused="")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (baseline_file.text(recorded(run(5))), "was changed during the run; record a run again"),
        ("{", "was damaged during the run: b.json:"),
    ],
)
def test_what_somebody_else_has_written_meanwhile_stays(tmp_path: Path, content: str, told: str) -> None:
    one = updating(tmp_path, recorded(run(1)))
    (tmp_path / "b.json").write_text(content)
    with pytest.raises(BaselineError, match=told):
        one.record(TIME, ["web"], refused="")
    assert (tmp_path / "b.json").read_text() == content


def test_a_file_that_cannot_be_written_is_told_and_stays(tmp_path: Path) -> None:
    (tmp_path / "b.json").mkdir()
    with pytest.raises(BaselineError, match=r"the performance baseline b\.json could not be written: Is a directory"):
        updating(tmp_path, PastRuns()).record(TIME, ["web"], refused="")
    assert [one.name for one in tmp_path.iterdir()] == ["b.json"]


def test_without_the_option_nothing_is_compared_or_written() -> None:
    nothing = Comparing()
    assert nothing.record(TIME, ["web"], refused="") == ""
    assert (nothing.planned, nothing.metrics, nothing.is_held) == ((), frozenset(), False)
    assert nothing.results(Measurements, lambda _: "") == ()


class Lasting:
    """A memory that lasts as long as the test."""

    def __init__(self) -> None:
        self.values: dict[str, Json] = {}

    def load(self, key: str) -> object:
        return self.values.get(key)

    def save(self, key: str, value: Json) -> None:
        self.values[key] = value


STARTED = datetime.datetime(2026, 11, 23, 12, tzinfo=datetime.timezone.utc)


def ended(memory: Lasting, value: float, *, day: int, complete: bool = True, past: PastRuns | None = None) -> Kept:
    """Return what is kept of a run whose start took so many seconds."""
    said = BaselineSettings("/srv/b.json", past=past or PastRuns())
    one = Comparing(said, HERE, [STARTUP], (), memory)
    one.results(lambda: Measurements(startup_s={"web": (value,)}), lambda _: "")
    verdict = Verdict(complete, {}, (), ())
    return one.keep(verdict, STARTED + datetime.timedelta(days=day), None, tests_failed=False)


def test_good_runs_make_the_trend_of_the_next_one() -> None:
    memory = Lasting()
    assert ended(memory, 2.0, day=0).trend == ()
    assert ended(memory, 9.0, day=1, complete=False).notes == ("Moved against the last run: web startup 2 s → 9 s.",)
    steady = ended(memory, 2.1, day=2)
    assert [value for _, value in steady.trend[0].points] == [2.0, 2.1]
    assert steady.notes == ()
    (row,) = ended(memory, 2.0, day=3, past=recorded(run(1.9))).trend
    assert [value for _, value in row.points] == [1.9, 2.0, 2.1, 2.0]


def test_a_run_that_is_recorded_needs_a_complete_verdict_and_tests_that_passed(tmp_path: Path) -> None:
    for complete, tests_failed, told in (
        (False, False, "the verdict is incomplete"),
        (False, True, "the verdict is incomplete"),
        (True, True, "a test has failed"),
    ):
        kept = updating(tmp_path, PastRuns()).keep(
            Verdict(complete, {}, (), ()), STARTED, project(service("web")), tests_failed=tests_failed
        )
        assert kept.notes == (f"The performance baseline b.json was not written: {told}.",)
        assert kept.trouble == ""
        assert list(tmp_path.iterdir()) == []
    kept = updating(tmp_path, PastRuns()).keep(
        Verdict(True, {}, (), ()), STARTED, project(service("web")), tests_failed=False
    )
    assert written(tmp_path) == [("2026-11-23", 1.0)]
    (tmp_path / "b.json").unlink()
    (tmp_path / "b.json").mkdir()
    kept = updating(tmp_path, PastRuns()).keep(
        Verdict(True, {}, (), ()), STARTED, project(service("web")), tests_failed=False
    )
    assert (kept.notes, "could not be written" in kept.trouble) == ((), True)


@dataclass
class Machine:
    architecture: str = "x86_64"
    cpus: int = 2
    memory_bytes: int = int(7.7 * 2**30)
    cgroup_version: str = "2"
    is_local: bool = True


@pytest.mark.parametrize(
    ("environ", "changes", "stays", "expected"),
    [
        ({}, {}, "", "x86_64, 2 CPUs, 8 GiB, cgroup 2, local"),
        ({"CI": "true"}, {"cpus": 1, "is_local": False}, "", "x86_64, 1 CPU, 8 GiB, cgroup 2, remote, CI"),
        ({"CI": "false"}, {"architecture": "aarch64"}, "attached", "aarch64, 2 CPUs, 8 GiB, cgroup 2, local, attached"),
    ],
)
def test_the_class_of_a_machine_is_what_matters_of_it(
    environ: dict[str, str], changes: dict[str, object], stays: str, expected: str
) -> None:
    machine = replace(Machine(), **changes)  # type: ignore[arg-type]
    assert machine_class(machine, environ, stays) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("gib", "expected"),
    [(6.8, "6"), (7.5, "8"), (7.8, "8"), (15.6, "16"), (31.2, "32"), (23.5, "24"), (0.9, "1"), (0.0, "0.25")],
)
def test_machines_of_one_kind_differ_by_what_their_kernels_keep(gib: float, expected: str) -> None:
    assert rounded(int(gib * 2**30)) == expected


def test_a_stack_is_its_files_and_profiles() -> None:
    plain = Selection("/srv", ("/srv/compose.yaml", "/srv/ci/compose.yaml"))
    assert stack_name(plain, "/srv") == "compose.yaml, ci/compose.yaml"
    assert stack_name(replace(plain, profiles=("b", "a")), "/srv/ci") == "../compose.yaml, compose.yaml (a, b)"


def test_the_difference_of_two_classes_names_what_differs() -> None:
    assert differences("x86_64, 2 CPUs, local", "x86_64, 4 CPUs, local, CI") == "4 CPUs, CI there, 2 CPUs here"
    assert differences("x86_64", "x86_64") == ""


def test_the_text_of_a_file_does_not_depend_on_the_order_of_runs_of_the_gate() -> None:
    one = {STARTUP: (run(1),), ("api", "startup"): (run(2),)}
    other = dict(reversed(one.items()))
    texts = {baseline_file.text(PastRuns({"compose.yaml": {"here": runs}})) for runs in (one, other)}
    assert len(texts) == 1
