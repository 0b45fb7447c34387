"""Finds the places that Compose's own errors and warnings speak of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ..results import Location
from .node import Node
from .source import SourceError, read_text
from .trees import Tree, named_files, shown

_UNSET = re.compile(r'^The "(?P<name>\w+)" variable is not set')
_FILE_PREFIX = re.compile(r"^(?P<file>\S.*?\.\w+): ")
_DOTTED = re.compile(r"\b(?:services|networks|volumes|secrets|configs)(?:\.[\w-]+)+")
_SERVICE = re.compile(r'\bservice "?(?P<name>[\w.-]+)"?')
_QUOTED = re.compile(r"""["'`]([^"'`\s]+)["'`]|\bundefined \w+ ([\w.-]+)|([^\s/]+) not found|: (\w+)$""")


@dataclass(frozen=True)
class UnsetVariable:
    """A variable that Compose replaced by nothing, and the first place that uses it."""

    name: str
    location: Location | None


@dataclass(frozen=True)
class Complaint:
    """A warning of Compose and the place that it speaks of."""

    text: str
    location: Location | None


def read_warnings(
    warnings: Iterable[str], trees: tuple[Tree, ...], env_files: Iterable[Path], base: str
) -> tuple[tuple[UnsetVariable, ...], tuple[Complaint, ...]]:
    """Sort Compose's warnings into variables without a value and all others, each with its place, sorted."""
    files = tuple(_texts_read(trees, env_files))
    unset, others = [], []
    for warning in warnings:
        match = _UNSET.match(warning)
        if match:
            unset.append(UnsetVariable(match["name"], variable_place(match["name"], files, base)))
        else:
            others.append(_complaint(warning, trees))
    return tuple(sorted(unset, key=lambda item: item.name)), tuple(sorted(others, key=lambda item: item.text))


def variable_place(name: str, files: Iterable[Path], base: str) -> Location | None:
    """Return the first place of ``$NAME`` or ``${NAME…}`` outside comments; ``$$NAME`` is no use of it."""
    use = re.compile(rf"(?<!\$)(?:\$\$)*(?P<use>\$(?:\{{{name}\b|{name}\b))")
    for path in files:
        for number, line in enumerate(_lines(path), 1):
            match = use.search(line)
            if match and not line.lstrip().startswith("#"):
                return Location(shown(path, base), number, match.start("use") + 1)
    return None


def locate_error(error: str, trees: tuple[Tree, ...]) -> Location | None:
    """Return the place of the key or value that an error of Compose names, as deep as it can be found."""
    words = [next(filter(None, groups)) for groups in _QUOTED.findall(error)]
    dotted, service = _DOTTED.search(error), _SERVICE.search(error)
    path = dotted[0].split(".") if dotted else ["services", service["name"]] if service else []
    found = [_below(tree.root, path, words) for tree in reversed(trees)]
    return max(found, key=lambda place: place[0], default=(0, None))[1]


def _below(root: Node, path: list[str], words: list[str]) -> tuple[int, Location | None]:
    """Walk down the path, then look for one of the words, the last first; return how much was found, and where.

    Nothing was found where the path leads nowhere.
    """
    depth = 0
    node, location = root, None
    while path:
        length = next((n for n in range(len(path), 0, -1) if node.get(".".join(path[:n])) is not None), 0)
        if not length:
            break
        name, path = ".".join(path[:length]), path[length:]
        key, below = node.key(name), node.get(name)
        if key is None or below is None:
            break
        node, location, depth = below, key.location, depth + 1
    if location is None and path:
        return 0, None
    inside = next((place for word in reversed(words) for place in _named(node, word)), None)
    return (depth, location) if inside is None else (depth + 1, inside)


def _named(node: Node, word: str) -> Iterator[Location]:
    """Yield the places of keys that are the word and of scalars that hold it."""
    for key, value in node.entries:
        if key.text == word:
            yield key.location
        yield from _named(value, word)
    for element in node.elements:
        yield from _named(element, word)
    if re.search(rf"(?<![\w.-]){re.escape(word)}(?![\w.-])", node.text):
        yield node.location


def _complaint(warning: str, trees: tuple[Tree, ...]) -> Complaint:
    """Name the file of a warning as everywhere else, and find the top-level key that it quotes."""
    match = _FILE_PREFIX.match(warning)
    tree = next((tree for tree in trees if match and str(tree.path) == match["file"]), None)
    if match is None or tree is None:
        return Complaint(warning, locate_error(warning, trees))
    text = warning[match.end() :]
    _, place = _below(tree.root, [], [next(filter(None, groups)) for groups in _QUOTED.findall(text)])
    return Complaint(text, place or Location(tree.root.location.file))


def _texts_read(trees: tuple[Tree, ...], env_files: Iterable[Path]) -> Iterator[Path]:
    """Yield every file whose text Compose interpolates, each once: Compose files, then env files."""
    seen = dict.fromkeys(tree.path for tree in trees)
    for tree in trees:
        services = tree.root.get("services")
        for _, service in services.items() if services else ():
            seen |= dict.fromkeys(named_files(tree, service.get("env_file")))
    yield from seen | dict.fromkeys(env_files)


def _lines(path: Path) -> list[str]:
    try:
        return read_text(path).splitlines()
    except SourceError:
        return []
