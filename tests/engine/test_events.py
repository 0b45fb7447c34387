from __future__ import annotations

import contextlib
import datetime
import threading
import time
from collections.abc import Callable, Iterator

import pytest
import requests

from engine_setup.images import base_image
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
def watching_through(relay: Relay, project: str) -> Iterator[EventWatch]:
    with (
        contextlib.closing(Engine.connect({"DOCKER_HOST": relay.address})) as through,
        watching(through, project) as watch,
    ):
        yield watch


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
    with watching(engine, stack.project) as watch:
        watch.stop()
        assert stack.up(timeout_s=60).ok
        watch.catch_up()
    assert "start" in actions(watch, "steady")
    assert watch.gaps == ()


def test_a_broken_stream_is_joined_again_without_a_gap(engine: Engine, stack: SteeredStack, relay: Relay) -> None:
    with watching_through(relay, stack.project) as watch:
        assert stack.up(timeout_s=60).ok
        until(lambda: "start" in actions(watch, "steady"), watch)
        relay.cut()
        freeze(engine, stack)
        relay.restore()
        until(lambda: "unpause" in actions(watch, "steady"), watch)
        watch.catch_up()
        assert watch.gaps == ()


def test_events_that_the_engine_no_longer_tells_are_a_gap(engine: Engine, stack: SteeredStack, relay: Relay) -> None:
    with watching_through(relay, stack.project) as watch:
        assert stack.up(timeout_s=60).ok
        until(lambda: "start" in actions(watch, "steady"), watch)
        relay.cut()
        before = engine.now()
        flood(engine)
        relay.restore()
        watch.catch_up()
        (gap,) = watch.gaps
        assert "the event stream broke" in gap.what
        assert gap.until is not None
        assert gap.until > before


def test_a_flood_before_anything_of_ours_is_a_gap_too(engine: Engine, stack: SteeredStack, relay: Relay) -> None:
    with watching_through(relay, stack.project) as watch:
        relay.cut()
        flood(engine)
        relay.restore()
        assert stack.up(timeout_s=60).ok
        until(lambda: "start" in actions(watch, "steady"), watch)
        watch.catch_up()
        assert [gap.until is None for gap in watch.gaps] == [False]


def test_after_a_gap_the_networks_of_containers_born_in_it_are_known(
    engine: Engine, stack: SteeredStack, relay: Relay
) -> None:
    with watching_through(relay, stack.project) as watch:
        relay.cut()
        assert stack.up(timeout_s=60).ok
        flood(engine)
        relay.restore()
        watch.catch_up()
        steady = next(state for state in engine.containers(stack.project) if state.service == "steady")
        engine.client.networks.list(names=[f"{stack.project}_default"])[0].disconnect(steady.id)
        until(lambda: "disconnect" in actions(watch, "steady"), watch)


def test_an_engine_that_does_not_answer_is_a_gap_until_it_answers_again(stack: SteeredStack, relay: Relay) -> None:
    with watching_through(relay, stack.project) as watch:
        relay.cut()
        watch.catch_up()
        (gap,) = watch.gaps
        assert gap.until is None
        assert "could not be asked" in gap.what
        relay.restore()
        assert stack.up(timeout_s=60).ok
        until(lambda: "start" in actions(watch, "steady"), watch)
        watch.catch_up()
        assert watch.gaps == ()


def test_a_silent_stream_is_opened_again_and_misses_nothing(
    engine: Engine, stack: SteeredStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "_SILENT_S", 0.05)
    opened: list[object] = []
    openly = EventWatch._open

    def noted(self: EventWatch, until: datetime.datetime | None = None) -> requests.Response:
        opened.append(until)
        return openly(self, until)

    monkeypatch.setattr(EventWatch, "_open", noted)
    with watching(engine, stack.project) as watch:
        until(lambda: opened.count(None) >= 3, watch)
        assert stack.up(timeout_s=60).ok
        until(lambda: "health_status: healthy" in actions(watch, "steady"), watch)
        watch.catch_up()
    assert watch.gaps == ()
    numbers = [one.number for one in watch.events()]
    assert sorted(numbers) == list(range(1, len(numbers) + 1))


def test_more_events_than_are_kept_are_a_gap_that_ends_with_the_last_one_forgotten(
    engine: Engine, stack: SteeredStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "KEPT_EVENTS", 3)
    with watching(engine, stack.project) as watch:
        assert stack.up(timeout_s=60).ok
        until(lambda: watch.count > 5, watch)
        watch.catch_up()
    (gap,) = watch.gaps
    kept = watch.events()
    assert len(kept) == 3
    assert gap.until is not None
    assert gap.until <= kept[0].time


def test_a_flood_of_others_hides_nothing_from_a_live_stream(engine: Engine, stack: SteeredStack) -> None:
    with watching(engine, stack.project) as watch:
        assert stack.up(timeout_s=60).ok
        flood(engine)
        watch.catch_up()
        assert "start" in actions(watch, "steady")
    assert watch.gaps == ()


def test_stopping_is_prompt_and_leaves_no_thread(engine: Engine) -> None:
    with watching(engine, project_name()):
        assert any(thread.name == "infragate-events" for thread in threading.enumerate())
    assert not any(thread.name == "infragate-events" for thread in threading.enumerate())


def test_watching_an_engine_that_is_gone_is_an_error(relay: Relay) -> None:
    with contextlib.closing(Engine.connect({"DOCKER_HOST": relay.address})) as through:
        relay.cut()
        with pytest.raises(EngineError):
            EventWatch(through, project_name()).start()


def freeze(engine: Engine, stack: SteeredStack) -> None:
    """Pause and unpause a container, quickly: others' events must not push these two out of what the engine keeps."""
    steady = next(state for state in engine.containers(stack.project) if state.service == "steady")
    engine.client.api.pause(steady.id)
    engine.client.api.unpause(steady.id)


def flood(engine: Engine) -> None:
    """Cause more events than the engine keeps."""
    name = project_name()
    image = engine.client.images.get(base_image())
    try:
        for _ in range(events.REPLAYED + 10):
            image.tag(name)
    finally:
        engine.client.api.remove_image(name, noprune=True)
