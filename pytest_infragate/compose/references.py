"""Infers which service needs which other one, from ``depends_on``, variables, commands and healthchecks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from ..results import Location
from .announced import from_announcements
from .edges import Edge, Evidence, merged
from .mentions import Mention, further_ports, in_command, in_environment
from .model import Project, Service
from .names import directory
from .orders import from_dependencies
from .ports import declared_ports, family_ports, is_udp, known_ports
from .shared import Sharing, Told, is_from_env_file

_REMEMBERED = 4
"""Of so many projects what was found is remembered: several checks ask for it."""
_WEB = frozenset({"http", "https", "ws", "wss"})


@dataclass(frozen=True)
class Reference:
    """A host that one service names, where, and the service that the name leads to (``None``: none)."""

    source: str
    mention: Mention
    target: str | None
    why: str
    location: Location


@lru_cache(maxsize=_REMEMBERED)
def infer_edges(project: Project) -> tuple[Edge, ...]:
    """Return the needs that the files state, each once, sorted; a service never needs itself."""
    called = tuple(_edges(project, references(project), Evidence.TEXT))
    further = (*_edges(project, file_references(project), Evidence.FILE), *from_announcements(project))
    return merged((*called, *further, *from_dependencies(project, called)))


@lru_cache(maxsize=_REMEMBERED)
def references(project: Project) -> tuple[Reference, ...]:
    """Return every host that a variable, command or healthcheck names, whether it leads to a service or not."""
    return tuple(_references(project))


@lru_cache(maxsize=_REMEMBERED)
def file_references(project: Project) -> tuple[Reference, ...]:
    """Return every host that a configuration file of a well-known server names, which a service is given."""
    return tuple(_file_references(project))


def _file_references(project: Project) -> Iterator[Reference]:
    names = directory(project)
    for service in project.services.values():
        if not may_be_given_files(service):
            continue
        from .mounted.texts import calls  # the readers are loaded where there is something to read

        for call in calls(project, service):
            target = names.target(service, call.mention.host)
            yield Reference(service.name, call.mention, target, call.key, call.location)


def _references(project: Project) -> Iterator[Reference]:
    found = tuple(_all_references(project))
    told = {id(one): Told(one.source, key, one.target or "") for key, one in found if key and one.target}
    sharing = Sharing(project, told.values())
    for _, one in found:
        if id(one) not in told or sharing.counts(told[id(one)]):
            yield one


def _all_references(project: Project) -> Iterator[tuple[str, Reference]]:
    """Yield every host that a text names, with its variable (empty: no variable)."""
    names = directory(project)
    for service in project.services.values():
        for path, mention in _mentions(service):
            target = names.target(service, mention.host)
            key = path[1] if len(path) > 1 else ""
            for meant in _meant(service, key, mention, project.services.get(target or "")):
                yield key, Reference(service.name, meant, target, " ".join(path), service.place(*path))


def _edges(project: Project, found: Iterable[Reference], evidence: Evidence) -> Iterator[Edge]:
    """Yield the needs that references state."""
    for one in found:
        if one.target is not None and one.target != one.source:
            port = _port(project.services[one.target], one.mention)
            yield Edge(one.source, one.target, port, one.why, one.location, evidence, (one.mention.host,))


def may_be_given_files(service: Service) -> bool:
    """Return whether a service has files of the project, or of the Compose file itself."""
    return bool(service.configs) or any(mount.kind == "bind" for mount in service.mounts)


def _port(target: Service, mention: Mention) -> int | None:
    """Return the port that is called over TCP; ``None``: none is known, or none can be connected to."""
    port = mention.port or _family_port(target, mention)
    if port is None or mention.scheme == "udp" or is_udp(target, port):
        return None
    if mention.implied and mention.scheme in _WEB and declared_ports(target) and port not in known_ports(target):
        # The program may be told the port elsewhere.
        return None
    return port


def _mentions(service: Service) -> Iterator[tuple[tuple[str, ...], Mention]]:
    """Yield (the key's path, the host) for all texts of a service."""
    for key, mention in in_environment(service.environment):
        yield ("environment", key), mention
    test = service.healthcheck.test[1:] if service.healthcheck else ()
    for why, words in (("command", service.command), ("entrypoint", service.entrypoint), ("healthcheck", test)):
        for mention in in_command(words):
            yield (why,), mention


def _meant(service: Service, key: str, mention: Mention, target: Service | None) -> tuple[Mention, ...]:
    """Return what a variable means, once for each port.

    A ``*_PORT`` out of an env file that is the host's side of a publication is forgotten: Compose itself uses it there.
    """
    if target is None or not key or not mention.strong or mention.scheme:
        return (mention,)
    host_side = any(port.published == str(mention.port) for port in target.ports)
    known = known_ports(target)
    if host_side and is_from_env_file(service, key) and mention.port not in known:
        mention = replace(mention, port=None)
    further = further_ports(key, service.environment)
    named = [port for port in further if port in known]
    if not known and mention.port is None and len(further) == 1:
        named = list(further)
    others = tuple(replace(mention, port=port) for port in named if port != mention.port)
    return others if others and mention.port is None else (mention, *others)


def _family_port(target: Service, mention: Mention) -> int | None:
    """Return the port for clients of a well-known image, where a bare ``*_HOST`` names none."""
    return next(iter(family_ports(target)), None) if mention.strong and not mention.scheme else None
