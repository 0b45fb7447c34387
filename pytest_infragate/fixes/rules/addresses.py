"""Databases that are published to every network that the host is on."""

from __future__ import annotations

from collections.abc import Mapping

from ...compose.model import Service
from ...compose.node import NodeKind
from ...compose.ports import family_ports
from ...compose.values import Object, objects, text, whole
from ...results import Json
from ..candidate import Candidate, CannotEditError, Change, Edit, Refusal
from ..layout import append_entries, quoted
from ..sources import Writer
from ..view import Found, View
from ..written import Document, Written

CHECK = "IG340"
_LOOPBACK = "127.0.0.1"
_DATABASES = frozenset({3306, 5432, 5984, 6379, 7687, 8086, 9042, 9200, 11211, 27017})
"""The ports for clients of databases and caches; brokers are often meant for other machines."""


def loopback(view: View) -> Found:
    """Publish a database's own port on the loopback address alone, where the file names no address."""
    for service in view.project.services.values():
        own = set(family_ports(service)[:1]) & _DATABASES
        if service.network_mode == "host":
            continue
        for number, port in enumerate(objects(service.resolved, "ports")):
            if whole(port, "target") in own and text(port, "published") and not text(port, "host_ip"):
                found = _fix(view, service, number, port)
                if not view.accepted(CHECK, service.name, found.location):
                    yield found


def _fix(view: View, service: Service, number: int, port: Object) -> Candidate | Refusal:
    target = text(port, "target") or ""
    description = f"publishes port {target} of '{service.name}' on {_LOOPBACK} only"
    written = [(one, element) for one in view.sources.writers(service.name, "ports") for element in one.value.elements]
    found = [(one, element) for one, element in written if _publishes(element, port)]
    exact = [(one, element) for one, element in found if "$" not in _host(element)] or found
    if not exact or (len(exact) > 1 and exact is found and "$" in _host(exact[0][1])):
        reason = "it cannot be told which entry publishes it (variables, an alias or a merge key)"
        return Refusal(service.place("ports"), description, reason)
    location = exact[-1][0].document.location(exact[-1][1].start)
    try:
        edits = tuple(_edit(writer, element) for writer, element in exact)
    except CannotEditError as error:
        return Refusal(location, description, str(error))
    change = Change(("services", service.name, "ports", number), dict(port), _bound(port))
    behaviour = "other machines do not reach it any more; services of the stack do"
    shared = any(element.shared for _, element in exact)
    return Candidate(CHECK, location, description, edits, (change,), behaviour, shared=shared)


def _bound(port: Mapping[str, Json]) -> dict[str, Json]:
    return {**port, "host_ip": _LOOPBACK}


def _publishes(element: Written, port: Object) -> bool:
    """Whether ``5432:5432``, ``${PORT:-5432}:5432/tcp`` or the long form publishes this port; a bare one does not."""
    container, host = _container(element), _host(element)
    wanted = f"{text(port, 'target')}/{text(port, 'protocol') or 'tcp'}"
    return container == wanted and ("$" in host or host == text(port, "published"))


def _container(element: Written) -> str:
    if element.kind is NodeKind.MAPPING:
        inner = {key.text: value.text for key, value in element.entries}
        return f"{inner.get('target')}/{inner.get('protocol', 'tcp')}"
    container = element.text.rpartition(":")[2]
    return container if "/" in container else f"{container}/tcp"


def _host(element: Written) -> str:
    if element.kind is NodeKind.MAPPING:
        published = element.get("published")
        return published.text if published else ""
    return element.text.rpartition(":")[0]


def _edit(writer: Writer, element: Written) -> Edit:
    document = writer.document
    if element.kind is NodeKind.MAPPING:
        return append_entries(document, element, (("host_ip", _LOOPBACK),))
    if element.decorated or element.style not in ("", '"', "'"):
        raise CannotEditError("an anchor, alias, tag or text block stands there")
    return _prefixed(document, element)


def _prefixed(document: Document, element: Written) -> Edit:
    if element.style:
        return Edit(document.path, element.start + 1, element.start + 1, f"{_LOOPBACK}:")
    return Edit(document.path, element.start, element.end, quoted(f"{_LOOPBACK}:{document.slice(element)}"))
