"""The report document and the folder that it is written to."""

from __future__ import annotations

import datetime
import json
from dataclasses import replace
from pathlib import Path

import pytest

from pytest_infragate import catalogue
from pytest_infragate.errors import SettingsError
from pytest_infragate.fingerprint import fingerprints
from pytest_infragate.plan import Plan, Stage
from pytest_infragate.reports import json as json_report
from pytest_infragate.reports import markdown
from pytest_infragate.reports.document import Report, RunFacts, unfinished
from pytest_infragate.reports.folder import FORMATS, ReportFolder
from pytest_infragate.reports.paths import Paths
from pytest_infragate.results import Condition, Finding, Location, Overridden, PlannedCheck, Severity, failed, passed
from pytest_infragate.verdict import decide

FACTS = RunFacts(
    Stage.FULL,
    "shop",
    datetime.datetime(2027, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc),
    1.23456,
    "28.5.2",
    "2.40.3",
    (("level", "ini"),),
)
PATHS = Paths(Path("/repository/shop"), Path("/repository"))
RULE = PlannedCheck("IG201", "floating-image-tag", Condition.CONFIGURATION)
READY = catalogue.service_ready("db")
FINDING = Finding(
    "IG201",
    "floating-image-tag",
    Severity.ERROR,
    "web",
    "uses nginx:latest",
    "Pin it.",
    Location("compose.yaml", 12, 5),
)


def test_the_document_has_the_fixed_shape() -> None:
    verdict = decide(Plan(Stage.FULL, (RULE, READY)), [failed(RULE, "", (FINDING,)), passed(READY, "healthy", n=1)])
    told = json.loads(json_report.render(Report(FACTS, PATHS, verdict)))
    assert set(told) == {
        "schema", "verdict", "stage", "project", "started", "duration_s", "engine", "sources", "resolution", "reasons",
        "conditions", "checks", "findings", "overrides", "advice", "plan",
    }  # fmt: skip
    assert (told["schema"], told["verdict"], told["stage"]) == ("infragate.verdict/1", "incomplete", "full")
    assert (told["started"], told["duration_s"]) == ("2027-01-02T03:04:05+00:00", 1.235)
    assert told["engine"] == {"version": "28.5.2", "compose": "2.40.3"}
    assert told["sources"] == {"level": "ini"}
    assert list(told["conditions"]) == [condition.value for condition in Condition]
    assert told["conditions"]["configuration"] == {
        "outcome": "failed",
        "checks": 1,
        "reasons": ["floating-image-tag: uses nginx:latest"],
    }
    assert told["checks"][1] == {
        "id": "IG911", "name": "service-ready", "condition": "health", "subject": "db", "outcome": "passed",
        "waived": False, "message": "healthy", "duration_s": 0.0, "evidence": {"n": 1},
    }  # fmt: skip
    assert told["findings"] == [
        {
            "check": "IG201",
            "name": "floating-image-tag",
            "severity": "error",
            "subject": "web",
            "file": "compose.yaml",
            "line": 12,
            "column": 5,
            "message": "uses nginx:latest",
            "remedy": "Pin it.",
            "waived": False,
            "fingerprint": fingerprints([FINDING])[0],
        }
    ]
    assert told["plan"] == ["web: Pin it. (compose.yaml:12:5)"]


def test_an_unfinished_run_is_incomplete_in_every_condition() -> None:
    told = unfinished(FACTS)
    assert told["verdict"] == "incomplete"
    assert told["reasons"] == ["run did not finish"]
    assert {entry["outcome"] for entry in told["conditions"].values()} == {"not-run"}  # type: ignore[union-attr,index,call-overload]


def test_the_summary_is_one_screen_and_escapes_what_markdown_reads() -> None:
    results = [failed(catalogue.service_ready(f"s{number}"), "a | b <c>") for number in range(12)]
    text = markdown.render(Report(FACTS, PATHS, decide(Plan(Stage.FULL, tuple(r.check for r in results)), results)))
    assert text.startswith("# infragate: incomplete\n")
    assert "| health | failed | 12 |" in text
    assert "a \\| b &lt;c>" in text
    assert "… and 7 more in `verdict.json`" in text


def test_the_folder_is_private_and_replaces_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "verdict.json").write_text('{"verdict": "complete"}')
    folder = ReportFolder(tmp_path / "out")
    folder.write_reports(Report(FACTS, PATHS))
    assert json.loads((tmp_path / "out" / "verdict.json").read_text())["verdict"] == "incomplete"
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o700
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(FORMATS)


def test_what_a_killed_run_was_writing_is_removed_by_the_next(tmp_path: Path) -> None:
    ReportFolder(tmp_path / "out").write("evidence/api.log", "whole")
    for place in (tmp_path / "out", tmp_path / "out" / "evidence"):
        (place / ".infragate-abcdefgh").write_text("a part")
    ReportFolder(tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").rglob("*") if path.is_file()] == ["api.log"]


def test_links_are_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.mkdir()
    (victim / "kept").write_text("kept")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "evidence").symlink_to(victim)
    (tmp_path / "out" / "verdict.json").symlink_to(victim / "kept")
    folder = ReportFolder(tmp_path / "out")
    folder.write("evidence/db.log", "log")
    folder.write("verdict.json", "{}")
    assert (victim / "kept").read_text() == "kept"
    assert [path.name for path in victim.iterdir()] == ["kept"]
    (tmp_path / "link").symlink_to(victim)
    with pytest.raises(SettingsError, match="is a symbolic link; name the real folder"):
        ReportFolder(tmp_path / "link")


def test_a_folder_that_cannot_be_made_is_a_usage_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SettingsError, match="cannot be used as a folder"):
        ReportFolder(tmp_path / "file" / "out")


def test_overrides_are_in_the_document_and_in_the_summary() -> None:
    overrides = (
        Overridden("IG201", "*", "off", "we build all"),
        Overridden("IG402", "w-*", "info", "", 2, Location("x", 3)),
        Overridden("IG310", "*", "", options=("known_hosts",)),
    )
    told = Report(replace(FACTS, overrides=overrides), PATHS, decide(Plan(Stage.FULL, ()), []))
    assert json.loads(json_report.render(told))["overrides"] == [one.to_dict() for one in overrides]
    assert overrides[1].to_dict() == {
        "check": "IG402", "subject": "w-*", "severity": "info", "options": [], "reason": None, "findings": 2, "file": "x", "line": 3,
    }  # fmt: skip
    lines = markdown.render(told).splitlines()
    assert lines[-3:] == [
        "- IG201 is off (not evaluated): we build all",
        "- IG402 on w-* is info (findings: 2)",
        "- IG310 has options: known_hosts",
    ]
