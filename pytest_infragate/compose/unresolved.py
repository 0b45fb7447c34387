"""Finds hosts that a project names and no service has, and the name that was probably meant."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

from ..results import Location
from .credentials import is_credential_name
from .mentions import Mention, in_text, is_host_variable
from .model import Project, Service
from .mounted.calls import SCRAPED
from .names import OWN_HOSTS, host_names, hosts_file_names, is_off_network, namespace_owner
from .ports import known_ports
from .references import Reference, file_references, references

_SHORT = 5
"""In names below this length one letter may be wrong, in others two."""
_ENVIRONMENT = "environment "
_PLACEHOLDERS = frozenset(
    [
        "host",
        "hostname",
        "example",
        "changeme",
        "change-me",
        "user",
        "username",
        "server",
        "none",
        "null",
        "true",
        "false",
        "yes",
        "no",
        "on",
        "off",
        "auto",
        "default",
        "any",
        "all",
        "local",
        "disabled",
        "enabled",
        "http",
        "https",
        "tcp",
        "udp",
        "unix",
        "sqlite",
        "memory",
        "dummy",
        "undefined",
    ]
)
"""Words that stand where a host could stand and mean none."""
_DIGITS = re.compile(r"[-_]?\d+")
_FOR_PEOPLE = re.compile(r"href|homepage|opencontainers|icon|support|webui|documentation|source|vendor", re.IGNORECASE)
"""Labels whose addresses are shown to people, who are not in the stack's networks."""


@dataclass(frozen=True)
class UnresolvedHost:
    """A name without dots that no service has; ``nearest`` is the one that was probably meant, ``None`` if none is near."""

    source: str
    host: str
    why: str
    location: Location
    nearest: str | None


@lru_cache(maxsize=4)
def unresolved_hosts(project: Project) -> tuple[UnresolvedHost, ...]:
    """Return the hosts in variables, commands, healthchecks, labels and files that are single names which no service has.

    Names that may lead out of the project are left out: those with dots, ``extra_hosts``, services of inactive
    profiles, and any name where the service is on an external network, on the host's, or on none. ``word:number``
    counts only under a variable that names hosts, or where a service of nearly that name listens on that port.
    """
    found: dict[tuple[str, str, str], UnresolvedHost] = {}
    names = host_names(project)
    near = _Neighbours(names)
    for reference in (*references(project), *_label_references(project, names)):
        host = reference.mention.host.lower()
        if reference.target is not None or not _must_be_ours(project, reference.source, host):
            continue
        if not reference.mention.scheme and is_credential_name(reference.why.removeprefix(_ENVIRONMENT)):
            # What looks like a host there may be a piece of the secret.
            continue
        nearest = near.of(host)
        meant = project.services[names[nearest]] if nearest else None
        if _is_certainly_host(reference) or _is_near_miss(reference.mention, meant):
            item = UnresolvedHost(reference.source, host, reference.why, reference.location, nearest)
            found.setdefault((item.source, host, item.why), item)
    for reference in file_references(project):
        # Whatever such a file names is called; of what is only watched IG550 tells.
        host = reference.mention.host.lower()
        ours = reference.why != SCRAPED and _must_be_ours(project, reference.source, host)
        if reference.target is None and ours:
            item = UnresolvedHost(reference.source, host, reference.why, reference.location, near.of(host))
            found.setdefault((item.source, host, item.why), item)
    return tuple(found.values())


def edit_distance(one: str, other: str) -> int:
    """Return how many letters must be inserted, removed or replaced to turn one word into the other."""
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        previous, row[0] = row[0], i
        for j, wanted in enumerate(other, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (letter != wanted))
    return row[-1]


class _Neighbours:
    """Finds the nearest of many names; its index is built when it is first asked.

    Two words at most two letters apart become equal when at most two letters are left out of each.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._names = names
        self._index: dict[str, set[str]] | None = None
        self._known: dict[str, str | None] = {}

    def of(self, host: str) -> str | None:
        """Return the name that is one or two letters away (one, where the host is short).

        Names that differ in numbers alone (``node1``, ``node2``) are no slips of each other.
        """
        if host not in self._known:
            allowed = 1 if len(host) < _SHORT else 2
            others = (name for name in self._candidates(host) if _DIGITS.sub("", name) != _DIGITS.sub("", host))
            distances = sorted((edit_distance(host, name), name) for name in others)
            self._known[host] = distances[0][1] if distances and distances[0][0] <= allowed else None
        return self._known[host]

    def _candidates(self, host: str) -> set[str]:
        if self._index is None:
            self._index = defaultdict(set)
            for name in self._names:
                for shortened in _shortened(name):
                    self._index[shortened].add(name)
        return {name for shortened in _shortened(host) for name in self._index.get(shortened, ())}


def _shortened(word: str) -> set[str]:
    """Return the word with up to two letters left out; of long words only the end matters, which bounds the work."""
    head, tail = word[:-32], word[-32:]
    kept = (combinations(tail, length) for length in range(max(0, len(tail) - 2), len(tail) + 1))
    return {head + "".join(letters) for some in kept for letters in some}


def _label_references(project: Project, names: dict[str, str]) -> Iterator[Reference]:
    """Yield the hosts of URLs in labels, which other programs read (a reverse proxy, a monitor)."""
    for service in project.services.values():
        for key, value in service.labels.items():
            if "://" in value and not _FOR_PEOPLE.search(key):
                for mention in in_text(value):
                    target = names.get(mention.host.lower())
                    yield Reference(service.name, mention, target, f"label {key}", service.place("labels", key))


def _is_certainly_host(reference: Reference) -> bool:
    """Whether the text can only mean a host that is called: a URL, or a variable that names hosts."""
    mention = reference.mention
    if mention.scheme:
        return True
    variable = reference.why.removeprefix(_ENVIRONMENT)
    return variable != reference.why and (mention.strong or is_host_variable(variable))


def _is_near_miss(mention: Mention, meant: Service | None) -> bool:
    """Whether a word names a service with one or two wrong letters and with a port of that service."""
    return meant is not None and mention.port in known_ports(meant)


def _must_be_ours(project: Project, source: str, host: str) -> bool:
    service = project.services[source]
    if "." in host or ":" in host or host in OWN_HOSTS or host in project.inactive_services:
        return False
    if host in _PLACEHOLDERS or not re.search("[a-z]", host):
        return False
    if host in hosts_file_names(service):
        return False
    owner = project.services[namespace_owner(project, source)]
    external = any(project.networks[use.key].external for use in owner.networks if use.key in project.networks)
    return not external and not is_off_network(project, source)
