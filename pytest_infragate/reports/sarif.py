"""``findings.sarif``: the findings in SARIF 2.1.0, as code scanning reads them.

Facts about the format are those of the OASIS standard, sections named as there, and of what GitHub asks for: it refuses a result
without a location, so what has none is a notification of the invocation.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, metadata

from .. import __version__, manual
from ..results import WHOLE_STACK, Finding, Fix, Json, Location, Outcome, Overridden, Replacement, Severity
from ..settings import Level
from ..verdict import Verdict
from .document import DID_NOT_FINISH, Report, marked
from .paths import Paths
from .untold import untold

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_PACKAGE = "pytest-infragate"
_FINGERPRINT = "infragateFinding/v1"
_TOP = "%SRCROOT%"
_LEVELS: Mapping[Severity, Json] = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_IN_SOURCE = "comment"
"""How ``Finding.waived_by`` begins where a comment in the file itself accepts it."""
_EXAMPLES = "\n\nFlagged::"
_Object = dict[str, Json]


def render(report: Report) -> str:
    """Return the log as indented JSON with a final line end."""
    return (
        json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [_run(report)]}, indent=2, ensure_ascii=False) + "\n"
    )


def _run(report: Report) -> _Object:
    verdict = report.verdict
    rules = _rules(verdict)
    places = {one["id"]: index for index, one in enumerate(rules)}
    driver: _Object = {"name": _PACKAGE, "semanticVersion": __version__, "rules": list(rules)}
    if address := _documentation():
        driver["informationUri"] = address
    found = () if verdict is None else marked(verdict)
    results: list[Json] = [
        _result(finding, mark, places[finding.check], report) for finding, mark in found if _place(finding, report)
    ]
    return {
        "tool": {"driver": driver},
        "automationDetails": {"id": f"infragate/{report.facts.stage.value}/"},
        "invocations": [_invocation(report)],
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_TOP: {"description": {"text": "The top of the repository."}}},
        "results": results,
    }


def _place(finding: Finding, report: Report) -> Location | None:
    """Return where a finding is shown: its own place, else the first Compose file."""
    return finding.location or (Location(report.facts.file) if report.facts.file else None)


def _result(finding: Finding, mark: str, rule: int, report: Report) -> _Object:
    message = f"{finding.statement} {finding.remedy}".strip()
    result: _Object = {
        "ruleId": finding.check,
        "ruleIndex": rule,
        "level": _LEVELS[finding.severity],
        "message": {"text": message},
        "locations": [_location(finding, report)],
        "partialFingerprints": {_FINGERPRINT: mark},
    }
    if finding.waived:
        result["suppressions"] = [_suppression(finding)]
    if finding.severity_by:
        result["properties"] = {"severityBy": finding.severity_by}
    masked = report.masker.text
    fixes = [
        _fix(fix, report.paths)
        for fix in finding.fixes
        if all(masked(one.text) == one.text for one in fix.replacements)
    ]
    return {**result, "fixes": list(fixes)} if fixes else result


def _location(finding: Finding, report: Report) -> _Object:
    place = _place(finding, report) or Location("")
    physical: _Object = {"artifactLocation": _artifact(place.file, report.paths)}
    if place.line is not None:
        region: _Object = {"startLine": place.line}
        physical["region"] = region if place.column is None else {**region, "startColumn": place.column}
    return {"physicalLocation": physical, "logicalLocations": [{"name": finding.subject, "kind": "resource"}]}


def _artifact(file: str, paths: Paths) -> _Object:
    uri = paths.uri(file)
    return {"uri": uri} if ":" in uri.partition("/")[0] else {"uri": uri, "uriBaseId": _TOP}


def _suppression(finding: Finding) -> _Object:
    kind = "inSource" if finding.waived_by.startswith(_IN_SOURCE) else "external"
    told: _Object = {"kind": kind, "status": "accepted"}
    return {**told, "justification": finding.waived_by} if finding.waived_by else told


def _fix(fix: Fix, paths: Paths) -> _Object:
    by_file: dict[str, list[Json]] = {}
    for one in fix.replacements:
        by_file.setdefault(one.location.file, []).append(_replacement(one))
    changes: list[Json] = [
        {"artifactLocation": _artifact(file, paths), "replacements": replacements}
        for file, replacements in by_file.items()
    ]
    return {"description": {"text": f"{fix.description} {fix.behaviour}".strip()}, "artifactChanges": changes}


def _replacement(one: Replacement) -> _Object:
    region: _Object = {
        "startLine": one.location.line,
        "startColumn": one.location.column,
        "endLine": one.end.line,
        "endColumn": one.end.column,
    }
    change: _Object = {"deletedRegion": region}
    return {**change, "insertedContent": {"text": one.text}} if one.text else change


def _rules(verdict: Verdict | None) -> list[_Object]:
    """Return a rule for every check of the run and of its findings, once."""
    if verdict is None:
        return []
    names = {result.check.id: result.check.name for result in verdict.results}
    for finding in verdict.findings:
        names.setdefault(finding.check, finding.name)
    known = {page.id: page for page in manual.pages()}
    return [_rule(known[id_]) if id_ in known else {"id": id_, "name": name} for id_, name in sorted(names.items())]


def _rule(page: manual.Page) -> _Object:
    severity = page.severities.get(Level.DEFAULT, Severity.ERROR)
    rule: _Object = {
        "id": page.id,
        "name": page.name,
        "shortDescription": {"text": page.summary},
        "fullDescription": {"text": page.text.partition(_EXAMPLES)[0]},
        "help": {"text": page.text, "markdown": page.markdown},
        "defaultConfiguration": {"level": _LEVELS[severity]},
        "properties": {"tags": [page.topic, page.condition.value]},
    }
    address = _documentation()
    return {**rule, "helpUri": f"{address}#{page.anchor}"} if address else rule


def _invocation(report: Report) -> _Object:
    """Return whether everything could be evaluated, and what closes the gate without a place in a file."""
    if report.verdict is None:
        return {"executionSuccessful": False, "toolExecutionNotifications": [_notification(DID_NOT_FINISH, "error")]}
    told = list(_notifications(report, report.verdict))
    unsure = any(result.outcome in (Outcome.ERROR, Outcome.NOT_RUN) for result in report.verdict.results)
    started = report.facts.started.strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "executionSuccessful": not unsure,
        "startTimeUtc": started,
        "toolExecutionNotifications": list(told),
        **({"ruleConfigurationOverrides": list(overrides)} if (overrides := _overrides(report)) else {}),
    }


def _overrides(report: Report) -> list[_Object]:
    """Return what the settings say of a rule for the whole stack; what they say of a service is with its results."""
    found = (one for one in report.facts.overrides if one.subject == WHOLE_STACK)
    return [{"descriptor": {"id": one.check}, "configuration": _configuration(one)} for one in found]


def _configuration(one: Overridden) -> _Object:
    if one.options:
        return {"parameters": {"options": list(one.options)}}
    levels = {severity.value: level for severity, level in _LEVELS.items()}
    told: _Object = {"level": levels[one.severity]} if one.severity in levels else {"enabled": False}
    return {**told, "properties": {"reason": one.reason}} if one.reason else told


def _notifications(report: Report, verdict: Verdict) -> Iterator[_Object]:
    for one in untold(verdict):
        yield _notification(f"{one.title}: {one.text}", "error", one.check)
    for finding in verdict.findings:
        if _place(finding, report) is None and not finding.waived:
            yield _notification(finding.statement, _LEVELS[finding.severity], finding.check)


def _notification(text: str, level: Json, rule: str = "") -> _Object:
    told: _Object = {"message": {"text": text}, "level": level}
    return {**told, "associatedRule": {"id": rule}} if rule else told


@cache
def _documentation() -> str:
    """Return the address of ``docs/checks.md`` as the installed package names it, or nothing."""
    try:
        addresses = metadata(_PACKAGE).get_all("Project-URL") or []
    except PackageNotFoundError:
        return ""
    named = dict(entry.replace(" ", "").split(",", 1) for entry in addresses)
    return str(named.get("Checks", ""))
