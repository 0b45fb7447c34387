"""Which containers are made ready to be asked from before anybody asks."""

from __future__ import annotations

import datetime
import threading
from dataclasses import dataclass, field
from typing import cast

from pytest_infragate.run.asking_ahead import asking_ahead
from pytest_infragate.stack.inside import Inside
from pytest_infragate.stack.state import ContainerState

from ...waiting import until
from ..states import running


@dataclass
class Prepared:
    """Takes note of what is made ready."""

    names: list[str] = field(default_factory=list)
    go: threading.Event = field(default_factory=threading.Event)

    def prepare(self, caller: ContainerState) -> None:
        self.go.wait(10)
        self.names.append(caller.name)


def test_each_running_container_of_a_caller_once() -> None:
    inside = Prepared()
    inside.go.set()
    api, job = running("api"), running("job", running=False)
    later = running("api", started_at=datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc))
    with asking_ahead(cast("Inside", inside), frozenset({"api", "job"})) as ahead:
        ahead.consider([api, job, running("db")])
        ahead.consider([api])
        ahead.consider([later])
        until(lambda: len(inside.names) >= 2, 10, "both were made ready")
    assert inside.names == ["p-api-1", "p-api-1"]


def test_what_has_not_begun_is_left_to_those_who_ask() -> None:
    inside = Prepared()
    services = [f"s{number}" for number in range(5)]
    with asking_ahead(cast("Inside", inside), frozenset(services)) as ahead:
        ahead.consider(running(name) for name in services)
        threading.Timer(0.2, inside.go.set).start()
    assert len(inside.names) <= 2
