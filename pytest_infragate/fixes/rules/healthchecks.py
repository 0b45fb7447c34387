"""Healthchecks of databases that ask over the socket, where the first start answers before it is ready."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ...compose.model import Service
from ...compose.node import NodeKind
from ...compose.ports import family_ports
from ...compose.values import elements, inner
from ...results import Json
from ..candidate import Candidate, CannotEditError, Change, Edit, Refusal
from ..layout import dash_of, demand_end_of_line
from ..view import Found, View
from ..written import Document, Written

CHECK = "IG523"
_HOST = "127.0.0.1"
_BY_NAME = "localhost"
_TOOLS = {5432: r"pg_isready", 3306: r"(?:mysql|mariadb-)admin"}
"""By the port of the image's family; the start-up of these images runs a server on the socket only."""
_SOCKET_BY_NAME = re.compile(r"(?<!\S)(?:-h\s*|--host[= ])localhost(?![\w.-])")
"""To the programs of MySQL and MariaDB ``localhost`` means the socket."""
_SAYS_WHERE = re.compile(r"(?:^|\s)-\w*h|--host|(?:^|\s)-S|--socket|--protocol|host=|://|\$\(|`")
_LISTENS_ELSEWHERE = re.compile(r"listen_addresses|skip.networking|bind.address|unix_socket|PGHOST")


def asked_over_tcp(view: View) -> Found:
    """Let ``pg_isready`` and ``mysqladmin`` ask the server's port; without ``-h`` they ask the socket.

    So does ``mysqladmin -h localhost``.
    """
    for service in view.project.services.values():
        tool = _TOOLS.get(next(iter(family_ports(service)), 0))
        check = inner(service.resolved, "healthcheck")
        test = [word for word in elements(check, "test") if isinstance(word, str)]
        if tool is None or check.get("disable") or not _asks_socket(service, test, tool):
            continue
        if view.accepted(CHECK, service.name, service.place("healthcheck", "test")):
            continue
        yield _fix(view, service, test, tool)


def _asks_socket(service: Service, test: Sequence[str], tool: str) -> bool:
    command = " ".join(test)
    elsewhere = " ".join((*service.command, *service.entrypoint, *service.environment))
    if _says_localhost(test, tool):
        command = _SOCKET_BY_NAME.sub("", command)
    once = len(re.findall(rf"(?<![\w-]){tool}(?![\w-])", command)) == 1
    return once and not _SAYS_WHERE.search(command) and not _LISTENS_ELSEWHERE.search(elsewhere)


def _says_localhost(test: Sequence[str], tool: str) -> bool:
    """Whether the one ``localhost`` in the command stands for the socket."""
    command = " ".join(test)
    return tool != _TOOLS[5432] and command.count(_BY_NAME) == 1 and bool(_SOCKET_BY_NAME.search(command))


def _fix(view: View, service: Service, test: list[str], tool: str) -> Candidate | Refusal:
    description = f"lets the healthcheck of '{service.name}' ask {_HOST} instead of the socket"
    writers = [writer for writer in view.sources.writers(service.name, "healthcheck") if writer.value.get("test")]
    if not writers:
        reason = "no file writes the test for this service itself (an alias or merge key brings it in)"
        return Refusal(service.place("healthcheck"), description, reason)
    written = writers[-1].value.get("test")
    writer = writers[-1]
    key = writer.value.entry("test")
    location = writer.document.location(key[0].start if key else writer.key.start)
    try:
        node, edit = _edit(writer.document, written, tool, by_name=_says_localhost(test, tool))
    except CannotEditError as error:
        return Refusal(location, description, str(error))
    after: list[Json] = list(_expected(test, tool))
    change = Change(("services", service.name, "healthcheck", "test"), list(test), after)
    behaviour = "it is healthy only when the server answers on its port, which is what clients need"
    return Candidate(CHECK, location, description, (edit,), (change,), behaviour, shared=node.shared)


def _edit(document: Document, written: Written | None, tool: str, *, by_name: bool) -> tuple[Written, Edit]:
    """Return the scalar that names the program or the host, and the edit."""
    if by_name:
        return _renamed(document, written)
    node, whole = _node(written, tool)
    return node, _added_words(document, written, node) if whole else _added_text(document, node, tool)


def _renamed(document: Document, written: Written | None) -> tuple[Written, Edit]:
    nodes = (written.elements or (written,)) if written else ()
    for node in nodes:
        found = document.slice(node).find(_BY_NAME)
        if found >= 0 and not node.decorated:
            start = node.start + found
            return node, Edit(document.path, start, start + len(_BY_NAME), _HOST)
    raise CannotEditError("the host is not written out there")


def _node(written: Written | None, tool: str) -> tuple[Written, bool]:
    """Return the scalar that names the program, and whether it is an argument of its own."""
    nodes = (written.elements or (written,)) if written else ()
    for node in nodes:
        if node.kind is NodeKind.SCALAR and re.search(rf"(?<![\w-]){tool}(?![\w-])", node.text):
            return node, nodes[0].text == "CMD" and re.fullmatch(rf"(?:\S*/)?{tool}", node.text) is not None
    raise CannotEditError("the program is not written out there")


def _added_text(document: Document, node: Written, tool: str) -> Edit:
    if node.decorated:
        raise CannotEditError("an anchor, alias or tag stands there")
    found = re.search(rf"(?<![\w-]){tool}(?![\w-])", document.slice(node))
    if found is None:
        raise CannotEditError("the program's name is not written in one piece")
    end = node.start + found.end()
    return Edit(document.path, end, end, f" -h {_HOST}")


def _added_words(document: Document, written: Written | None, node: Written) -> Edit:
    """Return the edit that adds two elements to the list, with the quotes of the one before."""
    words = [f"{node.style}{word}{node.style}" for word in ("-h", _HOST)]
    if written is not None and written.flow:
        return Edit(document.path, node.end, node.end, "".join(f", {word}" for word in words))
    indent = " " * document.column(dash_of(document, node))
    end = demand_end_of_line(document, node)
    return Edit(document.path, end, end, "".join(f"{document.newline}{indent}- {word}" for word in words))


def _expected(test: Sequence[str], tool: str) -> list[str]:
    if _says_localhost(test, tool):
        return [word.replace(_BY_NAME, _HOST) for word in test]
    for number, word in enumerate(test):
        if number and test[0] == "CMD" and re.fullmatch(rf"(?:\S*/)?{tool}", word):
            return [*test[: number + 1], "-h", _HOST, *test[number + 1 :]]
    return [re.sub(rf"(?<![\w-])({tool})(?![\w-])", rf"\1 -h {_HOST}", word) for word in test]
