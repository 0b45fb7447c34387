"""Logs of the ``json-file`` driver that grow without bound."""

from __future__ import annotations

from collections.abc import Mapping

from ...compose.model import Service
from ...compose.values import inner, text
from ..candidate import Candidate, CannotEditError, Change, Edit, Refusal
from ..layout import append_entries, indent_width
from ..sources import Writer
from ..view import Found, View

CHECK = "IG540"
_DRIVER = "json-file"
_SIZE, _FILES = "max-size", "max-file"
_ROTATION = {_SIZE: "10m", _FILES: "3"}


def rotation(view: View) -> Found:
    """Give ``json-file`` a size and a number of files, where the file chooses that driver.

    Without ``logging`` the driver is the engine's choice, and another one may refuse these options.
    """
    for service in view.project.services.values():
        logging = inner(service.resolved, "logging")
        options = inner(logging, "options")
        if text(logging, "driver") != _DRIVER or _SIZE in options:
            continue
        if view.accepted(CHECK, service.name, service.place("logging")):
            continue
        added = {name: value for name, value in _ROTATION.items() if name not in options}
        change = Change(("services", service.name, "logging", "options"), logging.get("options"), {**options, **added})
        yield _fix(view, service, added, change)


def _fix(view: View, service: Service, added: Mapping[str, str], change: Change) -> Candidate | Refusal:
    description = f"lets the log of '{service.name}' rotate at {_ROTATION[_SIZE]}"
    writers = [writer for writer in view.sources.writers(service.name, "logging") if writer.value.get("driver")]
    if not writers:
        reason = "no file writes its log driver for this service itself (an alias or merge key brings it in)"
        return Refusal(service.place("logging"), description, reason)
    writer = writers[-1]
    location = writer.document.location(writer.key.start)
    try:
        edit = _edit(writer, added)
    except CannotEditError as error:
        return Refusal(location, description, str(error))
    behaviour = "older lines of its log are dropped"
    return Candidate(CHECK, location, description, (edit,), (change,), behaviour, shared=writer.value.shared)


def _edit(writer: Writer, added: Mapping[str, str]) -> Edit:
    entries = tuple((name, f'"{value}"') for name, value in added.items())
    options = writer.value.get("options")
    if options is not None:
        return append_entries(writer.document, options, entries)
    if not writer.value.entries:
        raise CannotEditError("it is not written as a mapping")
    unit = indent_width(writer.document, writer.key, writer.value.entries[0][0])
    return append_entries(writer.document, writer.value, (("options", entries),), unit)
