"""``findings.sarif`` holds to SARIF 2.1.0 and tells everything that code scanning can show."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pytest_infragate import manual
from pytest_infragate.masking import Masker
from pytest_infragate.reports import sarif
from pytest_infragate.reports.document import Report
from pytest_infragate.results import Fix, Location, Overridden, Replacement, failed, passed

from .builders import ERROR, FACTS, FIX, PATHS, PORT, RESULTS, TAG, WAIVED, report

SCHEMA = os.environ.get("INFRAGATE_SARIF_SCHEMA", "")
"""The published schema, where somebody has it; docs/development.md says how to get it."""

SHAPES: dict[str, dict[str, Any]] = {
    "log": {"$schema!": str, "version!": str, "runs!": ["run"]},
    "run": {
        "tool!": "tool",
        "automationDetails": "automation",
        "invocations": ["invocation"],
        "columnKind": str,
        "originalUriBaseIds": {"artifact"},
        "results": ["result"],
    },
    "tool": {"driver!": "driver"},
    "driver": {"name!": str, "semanticVersion": str, "informationUri": str, "rules": ["rule"]},
    "rule": {
        "id!": str,
        "name": str,
        "shortDescription": "text",
        "fullDescription": "text",
        "help": "text",
        "helpUri": str,
        "defaultConfiguration": "configuration",
        "properties": "properties",
    },
    "text": {"text!": str, "markdown": str},
    "configuration": {"level": str},
    "properties": {"tags": [str]},
    "automation": {"id": str},
    "invocation": {
        "executionSuccessful!": bool,
        "startTimeUtc": str,
        "toolExecutionNotifications": ["notification"],
        "ruleConfigurationOverrides": ["override"],
    },
    "override": {"descriptor!": "reference", "configuration!": "override configuration"},
    "override configuration": {"enabled": bool, "level": str, "parameters": "parameters", "properties": "reason"},
    "parameters": {"options": [str]},
    "reason": {"reason": str},
    "notification": {"message!": "text", "level": str, "associatedRule": "reference"},
    "reference": {"id": str},
    "result": {
        "ruleId": str,
        "ruleIndex": int,
        "level": str,
        "message!": "text",
        "locations": ["location"],
        "partialFingerprints": {str},
        "suppressions": ["suppression"],
        "properties": "severity by",
        "fixes": ["fix"],
    },
    "severity by": {"severityBy": str},
    "location": {"physicalLocation": "physical", "logicalLocations": ["logical"]},
    "physical": {"artifactLocation": "artifact", "region": "region"},
    "artifact": {"uri": str, "uriBaseId": str, "description": "text"},
    "region": {"startLine": int, "startColumn": int, "endLine": int, "endColumn": int},
    "logical": {"name": str, "kind": str},
    "suppression": {"kind!": str, "status": str, "justification": str},
    "fix": {"description": "text", "artifactChanges!": ["change"]},
    "change": {"artifactLocation!": "artifact", "replacements!": ["replacement"]},
    "replacement": {"deletedRegion!": "region", "insertedContent": "text"},
}
"""The part of the standard that is used: properties of each object, ``!`` for those that it must have."""
LEVELS = {"none", "note", "warning", "error"}


def rendered(told: Report) -> dict[str, Any]:
    log: dict[str, Any] = json.loads(sarif.render(told))
    hold(log, "log")
    return log


def hold(value: Any, shape: Any) -> None:
    """Assert that a value has a shape: a type, the name of an object, a list of one shape, or a mapping to one."""
    if isinstance(shape, list):
        assert isinstance(value, list)
        for one in value:
            hold(one, shape[0])
    elif isinstance(shape, set):
        for one in value.values():
            hold(one, next(iter(shape)))
    elif isinstance(shape, str):
        known = {name.rstrip("!"): below for name, below in SHAPES[shape].items()}
        assert set(value) <= set(known), shape
        assert {name.rstrip("!") for name in SHAPES[shape] if name.endswith("!")} <= set(value), shape
        assert value.get("level", "none") in LEVELS
        for name, below in value.items():
            hold(below, known[name])
    else:
        assert type(value) is shape
        assert value != 0 or shape is not int or value == 0


def results(told: Report) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = rendered(told)["runs"][0]["results"]
    return found


def test_every_finding_is_a_result_with_its_level_and_place() -> None:
    told = [(one["ruleId"], one["level"], one["locations"][0]["physicalLocation"]) for one in results(report())]
    top = {"uriBaseId": "%SRCROOT%"}
    assert told == [
        ("IG301", "error", {"artifactLocation": {"uri": "shop/compose.yaml", **top}, "region": {"startLine": 12, "startColumn": 5}}),
        ("IG301", "error", {"artifactLocation": {"uri": "shop/compose.yaml", **top}, "region": {"startLine": 12, "startColumn": 5}}),
        ("IG201", "warning", {"artifactLocation": {"uri": "shop/a%20b.yaml", **top}, "region": {"startLine": 3}}),
        ("IG201", "note", {"artifactLocation": {"uri": "file:///elsewhere/x.yaml"}, "region": {"startLine": 1, "startColumn": 1}}),
        ("ACME7", "error", {"artifactLocation": {"uri": "shop/compose.yaml", **top}}),
    ]  # fmt: skip


def test_rules_are_the_pages_of_the_manual_once_each_and_results_point_at_them() -> None:
    run = rendered(report())["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == sorted({rule["id"] for rule in rules})
    for one in run["results"]:
        assert rules[one["ruleIndex"]]["id"] == one["ruleId"]
    port = next(rule for rule in rules if rule["id"] == "IG301")
    page = manual.find("IG301")
    assert page is not None
    assert port["help"]["text"] == page.text
    assert port["shortDescription"]["text"] == page.summary
    assert port["defaultConfiguration"] == {"level": "error"}
    assert {"id": "ACME7", "name": "label-missing"} in rules


def test_rules_lead_to_the_documentation_where_the_package_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert all("helpUri" not in rule for rule in rendered(report())["runs"][0]["tool"]["driver"]["rules"])
    monkeypatch.setattr(sarif, "_documentation", lambda: "https://docs.example.com/checks.md")
    driver = rendered(report())["runs"][0]["tool"]["driver"]
    assert driver["informationUri"] == "https://docs.example.com/checks.md"
    addresses = {rule["id"]: rule.get("helpUri") for rule in driver["rules"]}
    assert addresses["IG301"] == "https://docs.example.com/checks.md#ig301-host-port-conflict"
    assert addresses["ACME7"] is None


def test_fingerprints_do_not_depend_on_lines_and_differ() -> None:
    moved = [
        replace(one, findings=tuple(replace(f, location=Location("compose.yaml", 77, 1)) for f in one.findings))
        for one in (failed(PORT, "", (ERROR, WAIVED)),)
    ]
    before = [one["partialFingerprints"] for one in results(report(failed(PORT, "", (ERROR, WAIVED))))]
    assert [one["partialFingerprints"] for one in results(report(*moved))] == before
    assert before[0] != before[1]


@pytest.mark.parametrize(
    ("by", "kind"),
    [
        ("comment: the host tool needs it", "inSource"),
        ("waiver until 2027-03-31: agreed", "external"),
        ("", "external"),
    ],
)
def test_what_is_waived_is_suppressed_with_its_reason(by: str, kind: str) -> None:
    told = results(report(failed(PORT, "", (ERROR, replace(WAIVED, waived_by=by)))))
    assert "suppressions" not in told[0]
    suppression = told[1]["suppressions"][0]
    assert (suppression["kind"], suppression["status"]) == (kind, "accepted")
    assert suppression.get("justification", "") == by


def test_fixes_tell_what_is_replaced_file_by_file() -> None:
    other = Location("shop/other.yaml", 1, 1)
    both = replace(FIX, replacements=(*FIX.replacements, Replacement(other, replace(other, line=2), "")))
    told = results(report(failed(PORT, "", (replace(ERROR, fixes=(both,)),))))[0]["fixes"][0]
    assert told["description"]["text"] == "Quote it. None."
    first, second = told["artifactChanges"]
    assert first["replacements"] == [
        {
            "deletedRegion": {"startLine": 12, "startColumn": 5, "endLine": 12, "endColumn": 9},
            "insertedContent": {"text": '"80"'},
        }
    ]
    assert second["artifactLocation"]["uri"] == "shop/shop/other.yaml"
    assert "insertedContent" not in second["replacements"][0]


def test_a_fix_that_holds_a_secret_is_left_out() -> None:
    secret = Fix("Quote it.", (replace(FIX.replacements[0], text="PASSWORD: 'hunter2x'"),))
    told = report(failed(PORT, "", (replace(ERROR, fixes=(secret, FIX)),)))
    text = sarif.render(replace(told, masker=Masker(["hunter2x"])))
    assert "hunter2x" not in text
    assert len(json.loads(text)["runs"][0]["results"][0]["fixes"]) == 1


def test_what_has_no_place_and_what_was_not_evaluated_is_a_notification() -> None:
    invocation = rendered(report())["runs"][0]["invocations"][0]
    assert invocation["executionSuccessful"] is False
    assert invocation["startTimeUtc"] == "2027-01-02T03:04:05Z"
    told = {one["associatedRule"]["id"]: one["message"]["text"] for one in invocation["toolExecutionNotifications"]}
    assert set(told) == {"IG941", "IG901"}
    assert told["IG901"] == "engine-reachable: no engine answers"


def test_no_result_is_without_a_location_where_no_file_is_known() -> None:
    nowhere = replace(report(), facts=replace(FACTS, file=""))
    assert all(one["locations"] for one in results(nowhere))
    assert len(results(nowhere)) == len(results(report())) - 1
    invocation = rendered(nowhere)["runs"][0]["invocations"][0]
    told = [one["associatedRule"]["id"] for one in invocation["toolExecutionNotifications"]]
    assert "ACME7" in told


def test_a_good_run_was_evaluated_and_has_no_result() -> None:
    run = rendered(report(passed(TAG)))["runs"][0]
    assert run["results"] == []
    assert run["invocations"][0] == {
        "executionSuccessful": True,
        "startTimeUtc": "2027-01-02T03:04:05Z",
        "toolExecutionNotifications": [],
    }


def test_a_run_that_is_not_over_says_so() -> None:
    invocation = rendered(Report(FACTS, PATHS))["runs"][0]["invocations"][0]
    assert invocation["executionSuccessful"] is False
    assert invocation["toolExecutionNotifications"][0]["message"]["text"] == "run did not finish"


@pytest.mark.skipif(not SCHEMA, reason="INFRAGATE_SARIF_SCHEMA names no schema")
@pytest.mark.parametrize("told", [report(), report(passed(TAG)), Report(FACTS, PATHS)])
def test_the_published_schema_agrees(told: Report) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    checker = jsonschema.Draft7Validator(json.loads(Path(SCHEMA).read_text(encoding="utf-8-sig")))
    assert [error.message for error in checker.iter_errors(json.loads(sarif.render(told)))] == []


def test_all_results_of_the_example_are_used() -> None:
    assert {result.check.condition.value for result in RESULTS} >= {"configuration", "commands", "health", "lifecycle"}


def test_what_the_settings_say_of_a_rule_is_told_as_its_configuration() -> None:
    overrides = (
        Overridden("IG201", "*", "off", "we build all"),
        Overridden("IG301", "*", "info"),
        Overridden("IG402", "db", "off", "needs it", 1),
        Overridden("IG310", "*", "", options=("known_hosts",)),
    )
    told = replace(report(), facts=replace(FACTS, overrides=overrides))
    assert rendered(told)["runs"][0]["invocations"][0]["ruleConfigurationOverrides"] == [
        {"descriptor": {"id": "IG201"}, "configuration": {"enabled": False, "properties": {"reason": "we build all"}}},
        {"descriptor": {"id": "IG301"}, "configuration": {"level": "note"}},
        {"descriptor": {"id": "IG310"}, "configuration": {"parameters": {"options": ["known_hosts"]}}},
    ]


def test_a_result_names_the_setting_that_gives_it_its_level() -> None:
    [told] = results(
        report(failed(PORT, "twice", (replace(ERROR, severity_by="checks.severity.IG301, otherwise info"),)))
    )
    assert told["properties"] == {"severityBy": "checks.severity.IG301, otherwise info"}
