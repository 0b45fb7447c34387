"""GitLab's code quality report: an entry for whatever is in the way, so that none means that nothing is."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from pytest_infragate.reports import gitlab
from pytest_infragate.reports.document import Report
from pytest_infragate.results import Location, failed, passed

from .builders import ERROR, FACTS, PATHS, PORT, RESULTS, TAG, WAIVED, report


def entries(told: Report) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(gitlab.render(told))
    for entry in found:
        assert set(entry) == {"description", "check_name", "fingerprint", "severity", "location"}
        assert entry["severity"] in {"info", "minor", "major", "critical", "blocker"}
        assert set(entry["location"]) == {"path", "lines"}
        assert isinstance(entry["location"]["lines"]["begin"], int)
    assert len({entry["fingerprint"] for entry in found}) == len(found)
    return found


def test_findings_and_failures_without_one_are_entries_and_what_is_waived_is_not() -> None:
    told = [
        (one["check_name"], one["severity"], one["location"]["path"], one["location"]["lines"]["begin"])
        for one in entries(report())
    ]
    assert told == [
        ("host-port-conflict", "critical", "shop/compose.yaml", 12),
        ("floating-image-tag", "minor", "shop/a b.yaml", 3),
        ("floating-image-tag", "info", "/elsewhere/x.yaml", 1),
        ("label-missing", "critical", "shop/compose.yaml", 1),
        ("command-passed[lint, 100%]", "blocker", "shop/compose.yaml", 1),
        ("engine-reachable", "blocker", "shop/compose.yaml", 1),
    ]


def test_an_entry_says_what_is_wrong_and_what_to_do() -> None:
    assert entries(report())[0]["description"] == "IG301 web: Port 80: twice. Change it."


def test_nothing_in_the_way_is_an_empty_list_and_an_unfinished_run_is_not() -> None:
    waived = replace(failed(PORT, "", (WAIVED,)), waived=True)
    assert entries(report(passed(TAG), waived)) == []
    assert [one["description"] for one in entries(Report(FACTS, PATHS))] == ["run did not finish"]


@pytest.mark.parametrize("file", ["", "/repo/shop/compose.yaml"])
def test_a_path_is_always_there(file: str) -> None:
    told = entries(Report(replace(FACTS, file=file), PATHS, report().verdict))
    assert {one["location"]["path"] for one in told} >= {"shop/compose.yaml"}


def test_fingerprints_stay_when_lines_move_and_times_change() -> None:
    moved = failed(PORT, "", (replace(ERROR, location=Location("compose.yaml", 99, 1)),))
    later = replace(RESULTS[3], message="lint exited with 2 after 3.1 s")
    before = entries(report(failed(PORT, "", (ERROR,)), RESULTS[3]))
    assert [one["fingerprint"] for one in entries(report(moved, later))] == [one["fingerprint"] for one in before]
