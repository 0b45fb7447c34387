"""Whom a HAProxy calls: the servers of ``backend`` and ``listen`` sections. Source: HAProxy configuration manual, "server"."""

from __future__ import annotations

from collections.abc import Iterator

from .calls import Call, Written, address, filled

_SECTIONS = frozenset(
    [
        "global",
        "defaults",
        "frontend",
        "backend",
        "listen",
        "resolvers",
        "peers",
        "mailers",
        "program",
        "ring",
        "userlist",
        "cache",
        "fcgi-app",
        "http-errors",
    ]
)
_WITH_SERVERS = frozenset({"backend", "listen"})
_FIRST_ADDRESS = {"server": 2, "server-template": 3}
"""Which word of the line is the address."""


def haproxy(written: Written) -> Iterator[Call]:
    """Yield the servers, with the port that their line names."""
    section = ""
    for number, line in enumerate(filled(written.text, written.environment).splitlines(), 1):
        words = line.partition("#")[0].split()
        if not words:
            continue
        if words[0] in _SECTIONS:
            section = words[0]
        place = _FIRST_ADDRESS.get(words[0])
        if place is None or section not in _WITH_SERVERS or len(words) <= place:
            continue
        found = address(words[place].removeprefix("ipv4@").removeprefix("ipv6@"))
        if found and "@" not in words[place].removeprefix("ipv4@").removeprefix("ipv6@"):
            yield Call(found, f"haproxy {words[0]}", written.location(number))
