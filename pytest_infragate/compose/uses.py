"""Where Compose files and env files use variables: ``$NAME``, ``${NAME…}``, and names without a value that are passed on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ..results import Location
from .env_files import EnvFile
from .node import Node
from .trees import Tree

PASSED = "passed"
"""The operator of a name that ``environment`` lists without a value: the service gets it where it is set."""
_TOKEN = re.compile(
    r"\$\$|\$(?P<plain>[A-Za-z_]\w*)|\$\{(?P<braced>[A-Za-z_]\w*)(?P<operator>:?[-?+])?|(?P<close>\})", re.ASCII
)
_SECRET_KEY = re.compile(r"PASS|SECRET|TOKEN|KEY|HASH|AUTH|CRED|SALT|USERS", re.IGNORECASE)
_NAME = re.compile(r"[\w.-]+")


@dataclass(frozen=True)
class Use:
    """One use of a variable; ``operator`` is that of ``${NAME:-…}``, empty without, or ``PASSED``."""

    name: str
    operator: str
    location: Location
    key: str
    """The last key on the way to the value, or the name in ``NAME=value``."""
    service: str = ""
    """The service whose keys use it; empty elsewhere."""
    nested: bool = False
    """Whether it stands inside ``${OTHER:-…}``, so that it is not always looked up."""
    accidental: bool = False
    """Whether the dollar sign looks like part of a word (``pa$word``)."""

    @property
    def needs_value(self) -> bool:
        """Whether nothing is said for the case that the variable has no value."""
        return self.operator in ("", "?", ":?") and not self.nested and not self.accidental


def uses_in(trees: tuple[Tree, ...], extended: tuple[tuple[str, Node], ...] = ()) -> tuple[Use, ...]:
    """Return every use in the documents and in services of other files by name, what aliases repeat once."""
    found: list[Use] = []
    for tree in trees:
        _look_into(tree.root, (), found)
    for service, node in extended:
        _look_into(node, ("services", service), found)
    return tuple({(use.name, use.operator, use.location): use for use in reversed(found)}.values())[::-1]


def uses_in_file(file: EnvFile) -> Iterator[Use]:
    """Yield the uses in the values of an env file."""
    for one in file.assignments:
        if not one.literal and "$" in one.text:
            yield from _in_text(one.text, one.location, one.name, "")


def _look_into(node: Node, path: tuple[str, ...], found: list[Use]) -> None:
    """Add the uses below a node; of a list of names and values each element has the path of the list."""
    for key, value in node.entries:
        if value.is_null and _is_environment(path):
            found.append(Use(key.text, PASSED, key.location, key.text, path[1]))
        elif value.entries or value.elements or value.text:
            _look_into(value, (*path, key.text), found)
    for element in node.elements:
        _look_into(element, path, found)
    if node.text:
        _look_at(node, path, found)


def _look_at(node: Node, path: tuple[str, ...], found: list[Use]) -> None:
    """Add the uses of one text."""
    service = path[1] if len(path) > 1 and path[0] == "services" else ""
    name, separator, _ = node.text.partition("=")
    if "$" in node.text:
        key = name if separator and _NAME.fullmatch(name) else path[-1] if path else ""
        found.extend(_in_text(node.text, node.location, key, service))
    elif not separator and _is_environment(path) and _NAME.fullmatch(name):
        found.append(Use(name, PASSED, node.location, name, service))


def _is_environment(path: tuple[str, ...]) -> bool:
    return len(path) == 3 and path[0] == "services" and path[2] == "environment"


def _in_text(text: str, location: Location, key: str, service: str) -> Iterator[Use]:
    depth = 0
    for match in _TOKEN.finditer(text):
        if match["close"]:
            depth = max(0, depth - 1)
        elif match["plain"] or match["braced"]:
            name: str = match["plain"] or match["braced"]
            accidental = bool(match["plain"]) and _looks_accidental(text[: match.start()], name, key)
            yield Use(name, match["operator"] or "", location, key, service, bool(depth), accidental)
            depth += bool(match["braced"])


def _looks_accidental(before: str, name: str, key: str) -> bool:
    """Whether ``$name`` is rather part of a word: after a letter or digit, or not in capitals; secrets have both."""
    inside = before[-1:].isalnum()
    odd = name.upper() != name
    return (inside or odd) if _SECRET_KEY.search(key) else inside and odd
