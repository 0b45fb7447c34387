from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from pytest_infragate.errors import EngineError
from pytest_infragate.stack import events
from pytest_infragate.stack.engine import Engine
from pytest_infragate.stack.events import EventWatch

from ..leftovers import project_name
from .conftest import Stacks, SteeredStack
from .relay import Relay

STACK = """
services:
  steady:
    image: BASE
    init: true
    command: sleep 300
    healthcheck: {test: ["CMD", "test", "!", "-e", "/sick"], interval: 300ms, retries: 1}
  dying:
    image: BASE
    command: ["bash", "-c", "exit 3"]
"""


@contextlib.contextmanager
def watching(engine: Engine, project: str) -> Iterator[EventWatch]:
    watch = EventWatch(engine, project)
    watch.start()
    try:
        yield watch
    finally:
        watch.stop()


def actions(watch: EventWatch, service: str) -> list[str]:
    return [one.action for one in watch.events(service)]


def until(condition: Callable[[], bool], watch: EventWatch, limit_s: float = 30) -> None:
    deadline = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < deadline, watch.events()
        watch.wait(0.2)


@pytest.fixture
def stack(stacks: Stacks) -> SteeredStack:
    return stacks.make(STACK)


def test_a_whole_life_is_seen_in_order(engine: Engine, stack: SteeredStack) -> None:
    with watching(engine, stack.project) as watch:
        assert stack.up(timeout_s=60).ok
        until(lambda: "health_status: healthy" in actions(watch, "steady"), watch)
        steady = next(state for state in engine.containers(stack.project) if state.service == "steady")
        engine.execute(steady.id, ["touch", "/sick"], timeout_s=20)
        until(lambda: "health_status: unhealthy" in actions(watch, "steady"), watch)
        stack.steer("pause", "steady")
        stack.steer("unpause", "steady")
        stack.steer("restart", "steady")
        stack.down(timeout_s=60)
        watch.catch_up()
    seen = actions(watch, "steady")
    wanted = [
        "create",
        "connect",
        "start",
        "health_status: healthy",
        "health_status: unhealthy",
        "pause",
        "unpause",
        "die",
        "restart",
        "destroy",
    ]
    assert [action for action in dict.fromkeys(seen) if action in wanted] == wanted
    dying = watch.events("dying")
    assert [one.exit_code for one in dying if one.action == "die"] == [3]
    assert watch.gaps == ()
    assert not [action for action in seen if action.startswith("exec")]


def test_catching_up_does_not_wait_for_the_stream(engine: Engine, stack: SteeredStack) -> None:
    watch = EventWatch(engine, stack.project)
    watch._begun_ns = events._nanoseconds(engine.now())
    assert stack.up(timeout_s=60).ok
    watch.catch_up()
    assert "start" in actions(watch, "steady")
    assert watch.gaps == ()


def test_a_broken_stream_is_joined_again_without_a_gap(stack: SteeredStack, relay: Relay) -> None:
    with contextlib.closing(Engine.connect({"DOCKER_HOST": relay.address})) as through:
        with watching(through, stack.project) as watch:
            assert stack.up(timeout_s=60).ok
            until(lambda: "start" in actions(watch, "steady"), watch)
            relay.cut()
            stack.steer("restart", "steady")
            relay.restore()
            until(lambda: "restart" in actions(watch, "steady"), watch)
            watch.catch_up()
        assert watch.gaps == ()


def test_events_that_the_engine_no_longer_tells_are_a_gap(engine: Engine, stack: SteeredStack, relay: Relay) -> None:
    with contextlib.closing(Engine.connect({"DOCKER_HOST": relay.address})) as through:
        with watching(through, stack.project) as watch:
            assert stack.up(timeout_s=60).ok
            until(lambda: "start" in actions(watch, "steady"), watch)
            relay.cut()
            flood(engine)
            relay.restore()
            watch.catch_up()
        assert "lost" in watch.gaps[0]


def test_an_engine_that_is_gone_for_good_is_a_gap(
    stack: SteeredStack, relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "RECONNECT_S", 0.5)
    with contextlib.closing(Engine.connect({"DOCKER_HOST": relay.address})) as through:
        with watching(through, stack.project) as watch:
            relay.cut()
            watch._thread.join(30)
            watch.catch_up()
        assert "could not be asked" in watch.gaps[0]


def test_stopping_is_prompt_and_leaves_no_thread(engine: Engine) -> None:
    with watching(engine, project_name()):
        assert any(thread.name == "infragate-events" for thread in threading.enumerate())
    assert not any(thread.name == "infragate-events" for thread in threading.enumerate())


def test_watching_an_engine_that_is_gone_is_an_error(relay: Relay) -> None:
    with contextlib.closing(Engine.connect({"DOCKER_HOST": relay.address})) as through:
        relay.cut()
        with pytest.raises(EngineError):
            EventWatch(through, project_name()).start()


def flood(engine: Engine) -> None:
    """Cause more events than the engine keeps: creating and removing a volume are two."""
    for _ in range(events.REPLAYED // 2 + 10):
        engine.client.volumes.create(project_name()).remove()
