"""Whether a variable that several services are given says of one of them that it calls somebody.

One env file, or one block of variables under a YAML anchor, is often given to services that use none or a part of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from ..results import Location
from .closure import Order
from .model import Project, Service
from .ports import is_store
from .programs import is_proxy, is_tool


@dataclass(frozen=True)
class Told:
    """A variable of a service that names another one, ``target``."""

    service: str
    key: str
    target: str


def is_from_env_file(service: Service, key: str) -> bool:
    """Return whether a variable comes out of an env file."""
    source = service.places.get(("env_file",))
    return source is not None and service.places.get(("environment", key)) == source


class Sharing:
    """Answers for one project which shared variables count."""

    def __init__(self, project: Project, told: Iterable[Told]) -> None:
        self._project = project
        self._order = Order(project)
        self._by_value: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        self._by_place: defaultdict[Location, set[str]] = defaultdict(set)
        self._of_stores: set[tuple[str, str]] = set()
        known = tuple(told)
        keys = frozenset(one.key for one in known)
        for service in project.services.values():
            self._collect(service, keys)
        spread = [one for one in known if self._is_spread(one)]
        self._called = self._order.bits({one.target for one in spread})
        self._some_wait = any(self._waits(one.service) for one in spread)

    def _collect(self, service: Service, keys: frozenset[str]) -> None:
        for key in keys & service.environment.keys():
            value = service.environment[key]
            place = service.places.get(("environment", key))
            if is_from_env_file(service, key):
                self._by_value[key, value].add(service.name)
                if is_store(service):
                    self._of_stores.add((key, value))
            elif place is not None:
                self._by_place[place].add(service.name)

    def counts(self, one: Told) -> bool:
        """Return whether a variable says that its service calls the target.

        Web servers and tools know none of the project's own variables: theirs count where ``depends_on`` agrees. An env file that is
        given to those who are called in it as well counts for the services that wait for one of those, if any do.
        """
        service = self._project.services[one.service]
        from_file = is_from_env_file(service, one.key)
        if from_file and is_store(service):
            return False
        if len(self._sharers(service, one.key)) > 1 and (is_proxy(service) or (from_file and is_tool(service))):
            return any(needed.service == one.target for needed in service.depends_on)
        return not (self._some_wait and self._is_spread(one)) or self._waits(one.service)

    def _sharers(self, service: Service, key: str) -> set[str]:
        if is_from_env_file(service, key):
            return self._by_value[key, service.environment[key]]
        place = service.places.get(("environment", key))
        return self._by_place[place] if place is not None else set()

    def _is_spread(self, one: Told) -> bool:
        """Whether a variable out of an env file is given to the one that it names, or to a datastore."""
        service = self._project.services[one.service]
        if not is_from_env_file(service, one.key):
            return False
        variable = (one.key, service.environment[one.key])
        return variable in self._of_stores or one.target in self._by_value[variable]

    def _waits(self, name: str) -> bool:
        return self._order.waits_for_any(name, self._called)
