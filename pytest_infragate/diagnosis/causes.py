"""Which failure caused which: chains of failed services are folded to their roots; pure.

Two kinds of evidence count: a service that was not started waits for one that failed (certain), and a service that
failed by itself says, in its log or healthcheck, that it cannot reach one that failed before it (probable).
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_AT_ONCE = datetime.timedelta(seconds=1)
"""Two failures this close together may be told in either order: one is read from a log, the other from the engine."""
_UNREACHED = re.compile(
    r"connect|refused|resol|reach|time[d ]?\s?out|unknown host|host not found|no such host|getaddrinfo|lookup"
    r"|name or service not known|ENOTFOUND|unavailable|broken pipe|reset by peer",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Trouble:
    """One service that is not well."""

    service: str
    summary: str = ""
    """What became of it, to follow its name."""
    waits_for: str | None = None
    """The dependency because of which it was not started, the first of them."""
    needs: tuple[str, ...] = ()
    """All its dependencies."""
    said: tuple[str, ...] = ()
    """What it said last, in its log and its healthcheck, oldest first."""
    at: datetime.datetime | None = None
    """When it failed, as far as that is known."""


@dataclass(frozen=True)
class Consequence:
    """A failure that another one has caused; ``evidence`` is the line that says so where it is only probable."""

    trouble: Trouble
    evidence: str = ""

    @property
    def certain(self) -> bool:
        """Whether Compose itself has kept the service from being started."""
        return self.trouble.waits_for is not None


@dataclass(frozen=True)
class Root:
    """A failure that no other one explains, with what it has caused, directly or through others."""

    trouble: Trouble
    consequences: tuple[Consequence, ...] = ()
    also_blocks: tuple[str, ...] = ()
    """What is told under another root, and would not be started because of this one either."""


@dataclass(frozen=True)
class _Link:
    cause: str
    evidence: str = ""


def roots(
    troubles: Sequence[Trouble],
    calls: Mapping[str, frozenset[str]],
    addresses: Mapping[str, frozenset[str]] | None = None,
) -> tuple[Root, ...]:
    """Return the roots of all troubles, those with the most consequences first.

    ``calls`` are the services that each service is known to call; ``addresses`` the IP addresses of each. Every
    trouble is in the result exactly once: one that cannot be explained, or only in a circle, is a root.
    """
    known = {one.service: one for one in troubles}
    links = {one.service: link for one in troubles if (link := _link(one, known, calls, addresses or {}))}
    _break_circles(links, known)
    found: dict[str, list[Consequence]] = {name: [] for name in known if name not in links}
    for name, link in links.items():
        found[_root_of(name, links)].append(Consequence(known[name], link.evidence))
    blocked = _blocked(links, known)
    ordered = sorted(found.items(), key=lambda entry: -len(entry[1]))
    return tuple(
        Root(known[name], tuple(sorted(those, key=_certain_first)), tuple(sorted(blocked.get(name, ()))))
        for name, those in ordered
    )


def names(line: str, service: str, addresses: frozenset[str] = frozenset()) -> bool:
    """Whether a line tells that a service cannot be reached: it names it as a host, and a port or a failed connection."""
    spellings = "|".join(map(re.escape, sorted({service, *addresses})))
    host = rf"(?<![\w.-])(?:{spellings})(?![\w-]|\.\w)"
    return bool(re.search(rf"{host}:\d", line) or (re.search(host, line) and _UNREACHED.search(line)))


def _link(
    one: Trouble,
    known: Mapping[str, Trouble],
    calls: Mapping[str, frozenset[str]],
    addresses: Mapping[str, frozenset[str]],
) -> _Link | None:
    if one.waits_for is not None:
        return _Link(one.waits_for) if one.waits_for in known else None
    suspects = [known[name] for name in sorted(calls.get(one.service, ())) if name in known and name != one.service]
    for line in reversed(one.said):
        for suspect in suspects:
            if _not_later(suspect, one) and names(line, suspect.service, addresses.get(suspect.service, frozenset())):
                return _Link(suspect.service, line)
    return None


def _not_later(cause: Trouble, effect: Trouble) -> bool:
    return cause.at is None or effect.at is None or cause.at <= effect.at + _AT_ONCE


def _break_circles(links: dict[str, _Link], known: Mapping[str, Trouble]) -> None:
    """Make a root of one member of each circle: the one that failed first, else the first by name."""
    for start in sorted(links):
        walk: list[str] = []
        name = start
        while name in links and name not in walk:
            walk.append(name)
            name = links[name].cause
        if name in walk:
            del links[min(walk[walk.index(name) :], key=lambda member: _failed_first(known[member]))]


def _failed_first(one: Trouble) -> tuple[bool, float, str]:
    return (one.at is None, one.at.timestamp() if one.at else 0.0, one.service)


def _blocked(links: Mapping[str, _Link], known: Mapping[str, Trouble]) -> dict[str, set[str]]:
    """Return for each root what also waits for it, or for what it has caused, beside the root that it is told under."""
    found: dict[str, set[str]] = {}
    for name in links:
        for need in known[name].needs:
            if need in known and _root_of(need, links) != _root_of(name, links):
                found.setdefault(_root_of(need, links), set()).add(name)
    return found


def _root_of(name: str, links: Mapping[str, _Link]) -> str:
    while name in links:
        name = links[name].cause
    return name


def _certain_first(one: Consequence) -> bool:
    return not one.certain
