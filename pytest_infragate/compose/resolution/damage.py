"""Finds which parts of a project its problems concern."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from ...results import Location
from ..damage import Damage
from ..messages import Complaint
from ..node import Node
from ..values import inner, objects
from .assembly import Assembly
from .resource_shapes import RESOURCES

WHOLE = ""
"""Stands for the whole of a service in place of one of its keys."""
_Owner = tuple[str, str, str]
"""Section, name and key."""


def find_damage(assembly: Assembly, root: Node, problems: Iterable[Complaint], *, incomplete: bool) -> Damage:
    """Return what problems damage; one whose place is in no service and no resource damages everything."""
    owners = _owners(assembly, root)
    everything = incomplete
    services: defaultdict[str, set[str]] = defaultdict(set)
    resources: set[str] = set()
    for problem in problems:
        found = owners.get(problem.location, ()) if problem.location else ()
        everything |= not found
        for section, name, key in found:
            if section == "services":
                services[name].add(key)
            else:
                resources.add(name)
                for user in _users(assembly, section, name):
                    services[user].add(section)
    frozen = {name: frozenset(keys) for name, keys in services.items()}
    return Damage(everything, MappingProxyType(frozen), frozenset(resources))


def _owners(assembly: Assembly, root: Node) -> Mapping[Location, list[_Owner]]:
    """Return whose each place is; with anchors and `extends` one place may be of several."""
    owners: defaultdict[Location, list[_Owner]] = defaultdict(list)
    for name, node in assembly.nodes.items():
        owners[assembly.places[name]].append(("services", name, WHOLE))
        owners[node.location].append(("services", name, WHOLE))
        for key, value in node.entries:
            for place in (key.location, *_places(value)):
                owners[place].append(("services", name, key.text))
    for section in RESOURCES:
        written = root.get(section)
        for key, value in written.entries if written else ():
            for place in (key.location, *_places(value)):
                owners[place].append((section, key.text, WHOLE))
    return owners


def _places(node: Node) -> Iterator[Location]:
    """Yield the places of a node and of all below it."""
    yield node.location
    for key, value in node.entries:
        yield key.location
        yield from _places(value)
    for element in node.elements:
        yield from _places(element)


def _users(assembly: Assembly, section: str, name: str) -> Iterator[str]:
    """Yield the services that use a network, volume, secret or config."""
    for service, value in assembly.active.items():
        named = any(one.get("source") == name for one in objects(value, section))
        if named or name in inner(value, section):
            yield service
