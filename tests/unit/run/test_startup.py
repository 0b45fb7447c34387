"""When a start is looked at: fakes, because Compose's own pace cannot be provoked."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from pytest_infragate.progress import Silent
from pytest_infragate.run import startup
from pytest_infragate.run.starting import Start
from pytest_infragate.run.startup import Startup
from pytest_infragate.stack.event import StackEvent

REPLICAS = {"api": 2, "db": 1}
POLL_S = 0.01


class Watch:
    """Has seen the starts of some containers; waiting for more is told."""

    def __init__(self, started: int) -> None:
        self.count = self.changes = started
        self.waited_s: list[float] = []
        self._events = tuple(StackEvent(at, "start", "api", f"id{at}") for at in range(started))

    def events(self) -> tuple[StackEvent, ...]:
        return self._events

    def wait(self, timeout_s: float, _since: int) -> bool:
        self.waited_s.append(timeout_s)
        if len(self.waited_s) > 1:
            raise TimeoutError
        return False


@pytest.mark.parametrize(("started", "sits_out"), [(0, True), (2, True), (3, False)])
def test_once_all_are_started_the_end_of_compose_is_not_waited_for(started: int, sits_out: bool) -> None:
    watch = Watch(started)
    if sits_out:
        with pytest.raises(TimeoutError):
            wake(watch)
        assert watch.waited_s[0] == 1.0
    else:
        wake(watch)
        assert watch.waited_s == [POLL_S]


def test_while_compose_starts_nothing_the_stack_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(startup, "_STILL_S", 0.0)
    watch = Watch(2)
    wake(watch)
    assert watch.waited_s == [0.0]


def wake(watch: Watch) -> None:
    """Wait once for the next look of a start that Compose has not ended yet."""
    services = {name: SimpleNamespace(replicas=count) for name, count in REPLICAS.items()}
    site = cast("Any", SimpleNamespace(watch=watch, project=SimpleNamespace(services=services)))
    start = cast("Start", SimpleNamespace(lull=lambda: True))
    Startup(site, Silent(), 60.0, 0.5)._wake(start, POLL_S)
