"""``summary.md``: the verdict on one screen, as CI systems show it beside a job."""

from __future__ import annotations

from typing import cast

from ..results import WHOLE_STACK, Json
from .document import Report, ReportDocument
from .trend_table import trend_table

_MOST_REASONS = 10


def render(report: Report) -> str:
    """Return the report as a Markdown summary."""
    document = report.document
    lines = [
        f"# infragate: {document['verdict']}",
        "",
        f"Project `{document['project']}`, stage {document['stage']}.",
        "",
    ]
    lines += ["| condition | outcome | checks |", "|---|---|---|"]
    lines += [f"| {name} | {entry['outcome']} | {entry['checks']} |" for name, entry in _conditions(document)]
    reasons = _texts(document["reasons"])
    lines += _section("Why it is not proven", reasons) + _section("What to do", _texts(document["plan"]))
    lines += _section("Overridden by the settings", [_override(one) for one in _objects(document["overrides"])])
    lines += trend_table(report.facts.trend)
    lines += _section("Advice, from what was measured", [_hint(one) for one in _objects(document["advice"])])
    return "\n".join(lines) + "\n"


def _hint(one: dict[str, Json]) -> str:
    subject = "" if one["subject"] == WHOLE_STACK else f"{one['subject']}: "
    proposal = f" → {one['proposal']}" if one["proposal"] else ""
    return f"{subject}{one['seen']}{proposal} ({one['basis']})"


def _objects(value: Json) -> list[dict[str, Json]]:
    return cast("list[dict[str, Json]]", value)


def _override(one: dict[str, Json]) -> str:
    if one["options"]:
        return f"{one['check']} has options: {', '.join(_texts(one['options']))}"
    subject = "" if one["subject"] == WHOLE_STACK else f" on {one['subject']}"
    count = "not evaluated" if one["findings"] is None else f"findings: {one['findings']}"
    reason = f": {one['reason']}" if one["reason"] else ""
    return f"{one['check']}{subject} is {one['severity']} ({count}){reason}"


def _conditions(document: ReportDocument) -> list[tuple[str, dict[str, Json]]]:
    return list(cast("dict[str, dict[str, Json]]", document["conditions"]).items())


def _texts(value: Json) -> list[str]:
    return cast("list[str]", value)


def _section(title: str, entries: list[str]) -> list[str]:
    if not entries:
        return []
    shown = [f"- {_escape(entry)}" for entry in entries[:_MOST_REASONS]]
    more = len(entries) - _MOST_REASONS
    return ["", f"## {title}", "", *shown] + ([f"- … and {more} more in `verdict.json`"] if more > 0 else [])


def _escape(text: str) -> str:
    return text.replace("<", "&lt;").replace("|", "\\|").replace("\n", " ")
