"""The short form of ``depends_on``, where a condition is better than "was started"."""

from __future__ import annotations

from collections.abc import Mapping

from ...compose.model import Project, Service
from ...results import Location
from ...settings import Kind
from ..candidate import Candidate, CannotEditError, Change, Edit, Refusal
from ..layout import dash_of, demand_end_of_line, indent_width
from ..sources import Writer
from ..view import Found, View

CHECK = "IG511"
STARTED, HEALTHY, COMPLETED = "service_started", "service_healthy", "service_completed_successfully"
_RUNS_AGAIN = ("always", "unless-stopped")
_WHAT = {HEALTHY: "is healthy", COMPLETED: "has ended with 0"}


def conditions(view: View) -> Found:
    """Let a service wait for the health or the end of what it depends on, where that is known."""
    one_shots = _one_shots(view)
    for service in view.project.services.values():
        better = {
            needed.service: condition
            for needed in service.depends_on
            if needed.condition == STARTED
            and (condition := _condition(view.project, service, needed.service, one_shots))
        }
        if better:
            yield from _rewritten(view, service, better)


def _one_shots(view: View) -> frozenset[str]:
    """Return the services that run to an end: declared so, or waited for so by another one."""
    declared = {name for name, service in view.services.items() if service.kind is Kind.ONE_SHOT}
    dependencies = [one for service in view.project.services.values() for one in service.depends_on]
    return frozenset(declared) | {one.service for one in dependencies if one.condition == COMPLETED}


def _condition(project: Project, service: Service, name: str, one_shots: frozenset[str]) -> str | None:
    """Return what to wait for; members of one cluster (same image) may need each other to become healthy."""
    target = project.services.get(name)
    if target is None or (target.image is not None and target.image == service.image and name not in one_shots):
        return None
    if name in one_shots:
        return None if (target.restart or "no").partition(":")[0] in _RUNS_AGAIN else COMPLETED
    check = target.healthcheck
    return HEALTHY if check is not None and check.test and not check.disabled else None


def _rewritten(view: View, service: Service, better: Mapping[str, str]) -> Found:
    """Yield one fix for every list that names one of the dependencies; a condition that somebody wrote stays."""
    writers = view.sources.writers(service.name, "depends_on")
    chosen = {key.text for writer in writers for key, value in writer.value.entries if value.get("condition")}
    for writer in writers:
        found = [one for one in writer.value.elements if one.text in better.keys() - chosen]
        places = {one.text: writer.document.location(one.start) for one in found}
        if any(view.accepted(CHECK, service.name, place) for place in places.values()):
            continue
        if places:
            yield _fix(writer, service.name, better, places)


def _fix(
    writer: Writer, service: str, better: Mapping[str, str], places: Mapping[str, Location]
) -> Candidate | Refusal:
    location = writer.document.location(writer.key.start)
    told = " and ".join(f"'{name}' {_WHAT[better[name]]}" for name in sorted(places))
    description = f"lets '{service}' wait until {told}"
    try:
        edits = _long_form(writer, better)
    except CannotEditError as error:
        return Refusal(location, description, str(error))
    changes = tuple(
        Change(("services", service, "depends_on", name, "condition"), STARTED, better[name]) for name in sorted(places)
    )
    behaviour = f"'{service}' starts later, and not at all when that never comes"
    shared = writer.key.shared or writer.value.shared or any(one.shared for one in writer.value.elements)
    return Candidate(CHECK, location, description, edits, changes, behaviour, tuple(places.values()), shared)


def _long_form(writer: Writer, better: Mapping[str, str]) -> tuple[Edit, ...]:
    if writer.value.decorated:
        raise CannotEditError("an anchor, alias or tag stands before the list")
    return (_in_brackets(writer, better),) if writer.value.flow else _in_lines(writer, better)


def _in_brackets(writer: Writer, better: Mapping[str, str]) -> Edit:
    document, value = writer.document, writer.value
    if "#" in document.slice(value) or any(element.decorated for element in value.elements):
        raise CannotEditError("comments, anchors or aliases stand between the brackets")
    pairs = (
        f"{document.slice(element)}: {{condition: {better.get(element.text, STARTED)}}}" for element in value.elements
    )
    return Edit(document.path, value.start, value.end, f"{{{', '.join(pairs)}}}")


def _in_lines(writer: Writer, better: Mapping[str, str]) -> tuple[Edit, ...]:
    """Turn each ``- db`` into ``db:`` with a line for its condition; comments stay beside the name."""
    document = writer.document
    unit = indent_width(document, writer.name, writer.key)
    edits = []
    for element in writer.value.elements:
        dash, end = dash_of(document, element), demand_end_of_line(document, element)
        column = document.column(dash)
        shift = unit if column <= document.column(writer.key.start) else 0
        edits.append(Edit(document.path, dash, element.end, f"{' ' * shift}{document.slice(element)}:"))
        line = f"{document.newline}{' ' * (column + shift + unit)}condition: {better.get(element.text, STARTED)}"
        edits.append(Edit(document.path, end, end, line) if end > element.end else _joined(edits.pop(), line))
    return tuple(edits)


def _joined(edit: Edit, line: str) -> Edit:
    return Edit(edit.path, edit.start, edit.end, edit.text + line)
