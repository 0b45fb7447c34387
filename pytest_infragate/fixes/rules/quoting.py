"""Values without quotes that programs with YAML 1.1 read as something else than Compose does."""

from __future__ import annotations

from collections.abc import Iterator

import yaml

from ...compose.scalars import resolve
from ...results import WHOLE_STACK
from ..candidate import Candidate, CannotEditError, Edit, Refusal
from ..layout import quoted
from ..view import Found, View
from ..written import Document, Written, walk

CHECK = "IG112"
_STRINGS = ("tag:yaml.org,2002:str", "tag:yaml.org,2002:merge", "tag:yaml.org,2002:value")


def quotes(view: View) -> Found:
    """Quote published ports and words such as ``no`` and ``22:22``, which mean the same to Compose either way."""
    for document in view.sources.documents:
        ports = {id(node): quote for root in document.roots for node, quote in _ports(root)}
        for root in document.roots:
            for node in walk(root):
                port = id(node) in ports
                if not port and not (_is_plain(node) and _is_trap(node.text)):
                    continue
                if not view.accepted(CHECK, WHOLE_STACK, document.location(node.start)):
                    yield _fix(document, node, ports.get(id(node)))


def _ports(root: Written) -> Iterator[tuple[Written, str]]:
    """Yield the published ports without quotes, with the kind of quotes that their neighbours have."""
    services = root.get("services")
    for _, service in services.entries if services else ():
        ports = service.get("ports")
        elements = ports.elements if ports else ()
        quote = next((element.style for element in elements if element.style in ("'", '"')), '"')
        yield from ((element, quote) for element in elements if _is_plain(element) and ":" in element.text)


def _is_plain(node: Written) -> bool:
    return bool(node.text) and not node.style and not node.decorated


def _is_trap(text: str) -> bool:
    """Whether YAML 1.1 makes a number, a truth value or a date of what is text for Compose."""
    if not isinstance(resolve(text), str):
        return False
    candidates = yaml.SafeLoader.yaml_implicit_resolvers.get(text[0], [])
    tag = next((tag for tag, pattern in candidates if pattern.match(text)), _STRINGS[0])
    return tag not in _STRINGS


def _fix(document: Document, node: Written, quote: str | None) -> Candidate | Refusal:
    """Return the fix of a port, with the quotes that it is to have, or of a word (no quotes given)."""
    location = document.location(node.start)
    description = (
        f"quotes the port {node.text}" if quote else f"quotes {node.text}, which YAML 1.1 does not read as text"
    )
    try:
        edit = Edit(document.path, node.start, node.end, quoted(document.slice(node), quote or '"'))
    except CannotEditError as error:
        return Refusal(location, description, str(error))
    return Candidate(CHECK, location, description, (edit,), shared=node.shared)
