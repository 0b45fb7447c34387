"""The file of the performance baseline: what is written is read again, and every mistake is told with its place."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pytest_infragate.errors import SettingsError
from pytest_infragate.past_runs import BaselineSettings, BaselineUse, Distribution, PastRun, PastRuns
from pytest_infragate.reading.options import RawOptions, Said
from pytest_infragate.reading.past_runs import read_past_runs
from pytest_infragate.reading.settings import read_settings
from pytest_infragate.run import baseline_file

ONE = PastRun("2026-11-22T12:00:00Z", Distribution(9, 4.5, (0.00005, 0.1, 0.2, 0.3, 1234567.0)))
TWO = PastRun("2026-11-23T12:00:00Z", Distribution(1, 1, (2.0, 2.0, 2.0, 2.0, 2.0)))
MACHINE = "x86_64, 2 CPUs, 8 GiB, cgroup 2, local"
PAST = PastRuns(
    {"compose.yaml": {MACHINE: {("web", "startup"): (ONE, TWO), ("api", "http.latency"): (TWO,)}, "arm": {}}}
)
LINE = (
    '{"run": "2026-11-22T12:00:00Z", "samples": 9, "independent": 4.5, "p5": 1, "p25": 2, "p50": 3, "p75": 4, "p95": 5}'
)
SHORT = '{"run": "2026-11-22T12:00:00Z", "samples": 9, "independent": 4.5, "p5": 1, "p50": 7}'
HEAD = '{\n"schema": "infragate.performance-baseline/1",\n"stacks": {"compose.yaml": {"here": {"api": {"startup": [\n'


def read(folder: Path, text: str) -> PastRuns:
    (folder / "b.json").write_text(text, encoding="utf-8")
    return read_past_runs(str(folder / "b.json"), "b.json")


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    text = baseline_file.text(PAST)
    assert read(tmp_path, text) == PAST
    assert json.loads(text)["stacks"]["compose.yaml"][MACHINE]["web"]["startup"][0]["p5"] == 5e-05


def test_the_text_is_sorted_and_has_a_line_for_each_run() -> None:
    lines = baseline_file.text(PAST).splitlines()
    assert [line.strip() for line in lines if line.endswith(": [")] == ['"http.latency": [', '"startup": [']
    assert sum('"run"' in line for line in lines) == 3
    assert lines[4] == '      "arm": {'
    assert (
        baseline_file.text(PastRuns()) == '{\n  "schema": "infragate.performance-baseline/1",\n  "stacks": {\n  }\n}\n'
    )


def test_a_run_more_changes_the_lines_of_its_metrics_alone() -> None:
    web, startup = ("web", "startup"), PAST.of("compose.yaml", MACHINE)
    runs, anew = baseline_file.added(startup, {web: TWO.found}, TWO.time, 2, lambda _key: False)
    assert (runs[web], anew) == ((TWO, TWO), ())
    changed = baseline_file.text(baseline_file.with_machine(PAST, "compose.yaml", MACHINE, runs)).splitlines()
    kept = [line for line in changed if line in baseline_file.text(PAST).splitlines()]
    assert len(changed) - len(kept) == 1, changed


def test_runs_from_before_a_change_that_is_meant_are_dropped() -> None:
    web, startup = ("web", "startup"), PAST.of("compose.yaml", MACHINE)
    runs, anew = baseline_file.added(startup, {web: TWO.found}, TWO.time, 5, lambda _key: True)
    assert (runs[web], anew) == ((TWO,), (web,))
    assert runs["api", "http.latency"] == (TWO,)


def test_services_and_metrics_that_are_gone_are_dropped() -> None:
    runs = PAST.of("compose.yaml", MACHINE)
    assert set(baseline_file.without(runs, ["web"], ["startup", "http.latency"])) == {("web", "startup")}
    assert set(baseline_file.without(runs, ["web", "api"], ["http.latency"])) == {("api", "http.latency")}


def test_a_file_is_replaced_whole_and_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "b.json"
    baseline_file.write(path, "one")
    path.chmod(0o640)
    baseline_file.write(path, "two")
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("two", 0o640)
    assert [one.name for one in tmp_path.iterdir()] == ["b.json"]
    (tmp_path / "link.json").symlink_to("b.json")
    baseline_file.write(tmp_path / "link.json", "three")
    assert path.read_text() == "three"
    assert (tmp_path / "link.json").is_symlink()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "b.json:1:1: the file has no 'schema'"),
        ("[]", "b.json:1:1: the file is a list: expected a mapping with the keys schema and stacks"),
        ('{"schema": "infragate.performance-baseline/1"}', "b.json:1:1: the file has no 'stacks'"),
        (
            '{"schema": "infragate.performance-baseline/2", "stacks": {}}',
            "b.json:1:12: schema is 'infragate.performance-",
        ),
        ('{"schema": "infragate.verdict/1", "stacks": {}}', "expected infragate.performance-baseline/1"),
        ('{"schema": ', "b.json:2:1: "),
        (f"{HEAD}<<<<<<< HEAD\n{LINE}]}}}}}}}}", "b.json:5:1: this is not valid"),
        (f"{HEAD}{LINE.replace('9', 'many', 1)}]}}}}}}}}}}", "b.json:4:"),
        (f"{HEAD}{LINE.replace('9,', '0,')}]}}}}}}}}}}", "samples is 0: expected a whole number, 1 or more"),
        (f"{HEAD}{LINE.replace('4.5', '9.5')}]}}}}}}}}}}", "9.5 independent of 9 samples: expected 1 to 9"),
        (f"{HEAD}{LINE.replace('4.5', 'null')}]}}}}}}}}}}", "9 samples, but no independent: expected all of them"),
        (f"{HEAD}{SHORT}]}}}}}}}}}}", "9 samples, but no p25, p75 or p95: expected all of them"),
        (f"{HEAD}{LINE.replace(': 3', ': 1')}]}}}}}}}}}}", "the quantiles do not rise: expected p5 <= p25 <="),
        (f"{HEAD}{LINE.replace(': 3', ': -3')}]}}}}}}}}}}", "p50 is -3: expected a number, 0 or more"),
        (f"{HEAD}{LINE.replace(': 3', ': .nan')}]}}}}}}}}}}", "p50 is .nan: expected a number, 0 or more"),
        (
            f"{HEAD}{LINE.replace('p50', 'p60')}]}}}}}}}}}}",
            "unknown key 'p60' in stacks.compose.yaml.here.api.startup[0]",
        ),
        (f"{HEAD}{LINE.replace('T12', ' 12')}]}}}}}}}}}}", "expected when the run began, such as 2027-03-31T12:00:00Z"),
        (f"{HEAD.replace('startup', 'startupp')}{LINE}]}}}}}}}}}}", "which is no metric; did you mean 'startup'?"),
        (f"{HEAD.replace('[', '{')}}}}}}}}}}}}}", "b.json:3:"),
    ],
)
def test_what_is_wrong_is_told_with_its_place_and_what_to_do(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(SettingsError) as error:
        read(tmp_path, text)
    assert told in str(error.value)
    assert "b.json:" in str(error.value)
    assert "--infragate-baseline=update" in error.value.problems[-1]


def test_of_a_single_sample_the_value_says_everything(tmp_path: Path) -> None:
    line = '{"run": "2026-11-22T12:00:00Z", "samples": 1, "p50": 2.5}'
    (run,) = read(tmp_path, f"{HEAD}{line}]}}}}}}}}}}").of("compose.yaml", "here")["api", "startup"]
    assert run.found == Distribution(1, 1, (2.5,) * 5)
    past = PastRuns({"compose.yaml": {"here": {("api", "startup"): (run,)}}})
    assert line in baseline_file.text(past)


def test_a_good_line_is_read(tmp_path: Path) -> None:
    found = read(tmp_path, f"{HEAD}{LINE}]}}}}}}}}}}").of("compose.yaml", "here")
    assert found["api", "startup"][0].found == Distribution(9, 4.5, (1, 2, 3, 4, 5))


def settings(
    folder: Path, text: str = "", *, use: str | None = None, source: str = "command line", static: bool = False
) -> BaselineSettings:
    (folder / "infragate.yaml").write_text(text, encoding="utf-8")
    said = RawOptions(baseline=Said(use, source) if use else None, static=Said(True) if static else None)
    return read_settings(folder, said, known_checks=()).performance.baseline


def test_the_file_is_beside_the_settings_where_there_is_one(tmp_path: Path) -> None:
    assert settings(tmp_path).file is None
    (tmp_path / "infragate-baseline.json").write_text(baseline_file.text(PAST))
    assert settings(tmp_path).file == str(tmp_path / "infragate-baseline.json")
    assert settings(tmp_path).past == PAST
    assert settings(tmp_path).is_held
    assert not settings(tmp_path, use="off").is_held
    assert settings(tmp_path, use="off").past == PastRuns()
    assert settings(tmp_path, static=True).file is None


def test_a_file_that_is_named_must_be_there_unless_it_is_about_to_be_written(tmp_path: Path) -> None:
    text = "performance: {baseline: perf/b.json}\n"
    with pytest.raises(
        SettingsError, match=r"infragate.yaml:1:25: performance.baseline is perf/b.json, which does not exist"
    ):
        settings(tmp_path, text)
    with pytest.raises(SettingsError, match="expected a file in a folder that exists"):
        settings(tmp_path, text, use="update")
    (tmp_path / "perf").mkdir()
    found = settings(tmp_path, text, use="update")
    assert (found.file, found.use) == (str(tmp_path / "perf" / "b.json"), BaselineUse.UPDATE)
    assert settings(tmp_path, text, use="off").file is None


def test_everything_can_be_said_in_the_settings(tmp_path: Path) -> None:
    text = """
performance:
  baseline:
    required: true
    runs: 10
    shift: 30%
    significance: 0.01
    noise: 0.25
    metrics: [http.latency, memory.bytes]
    floors: {http.latency: 10ms, memory.bytes: 1m}
"""
    found = settings(tmp_path, text)
    assert (found.required, found.runs, found.shift, found.significance) == (True, 10, 0.3, 0.01)
    assert found.noise == 0.25
    assert found.metrics == ("http.latency", "memory.bytes")
    assert found.floors == {"http.latency": 0.01, "memory.bytes": 1 << 20}
    assert found.is_held


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("{runs: 0}", "performance.baseline.runs is 0: expected 1 to 50"),
        ("{shift: 20}", "performance.baseline.shift is 20: expected more than 0 and at most 10, such as 0.2 or 20%"),
        ("{noise: none}", "performance.baseline.noise is 'none': expected a share such as 0.2 or 20%"),
        ("{shift: much}", "expected a share such as 0.2 or 20%"),
        ("{significance: 0.9}", "expected how often chance may fail a run, at most 0.5, such as 0.02"),
        ("{metrics: [http.latenci]}", "did you mean 'http.latency'?"),
        ("{metrics: [log.errors]}", "expected a metric with values over time"),
        ("{floors: {http.latency: 5}}", "performance.baseline.floors.http.latency is 5: the bound '5' does not fit"),
        ("{floors: {startup: 0s}}", "performance.baseline.floors.startup is '0s': expected more than 0"),
        ("{floors: {restarts: 5}}", "expected one of the metrics"),
        ("{require: true}", "unknown key 'require' in performance.baseline"),
        ("[b.json]", "performance.baseline is a list: expected a mapping with the keys"),
    ],
)
def test_wrong_settings_are_told_with_their_place(tmp_path: Path, value: str, told: str) -> None:
    with pytest.raises(SettingsError) as error:
        settings(tmp_path, f"performance:\n  baseline: {value}\n")
    assert str(error.value).startswith("infragate.yaml:2:")
    assert told in str(error.value)


@pytest.mark.parametrize(
    ("use", "source", "static", "told"),
    [
        (
            "updaet",
            "command line",
            False,
            "--infragate-baseline is 'updaet': expected check, off or update; did you mean",
        ),
        ("update", "command line", True, "--infragate-static starts none: leave out one"),
        ("check", "command line", True, "--infragate-static starts none: leave out one"),
        ("update", "ini", False, "a run that only records itself finds nothing; give it on the command line"),
    ],
)
def test_the_option_says_what_is_wrong_with_it(tmp_path: Path, use: str, source: str, static: bool, told: str) -> None:
    with pytest.raises(SettingsError) as error:
        settings(tmp_path, use=use, source=source, static=static)
    assert told in str(error.value)


@pytest.mark.parametrize(
    ("use", "source", "static"), [("off", "command line", True), ("check", "ini", True), ("check", "ini", False)]
)
def test_the_ini_file_may_say_what_holds_for_every_run(tmp_path: Path, use: str, source: str, static: bool) -> None:
    assert settings(tmp_path, use=use, source=source, static=static).use is BaselineUse(use)
