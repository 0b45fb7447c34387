from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from pytest_infragate.errors import EngineError
from pytest_infragate.stack import prober
from pytest_infragate.stack.prober import Probers
from tests.unit.gates.builders import at
from tests.unit.states import running


class Engine:
    """An engine that makes containers slowly, and takes note of what is removed."""

    architecture = "x86_64"

    def __init__(self) -> None:
        self.begun, self.go_on = threading.Event(), threading.Event()
        self.removed: list[str] = []
        self.client = SimpleNamespace(api=SimpleNamespace(remove_image=lambda _: self.removed.append("image")))

    @contextlib.contextmanager
    def asking(self, _what: str) -> Iterator[None]:
        yield

    def attach(self, _container_id: str) -> object:
        return object()

    def create(self, *_: object) -> str:
        self.begun.set()
        assert self.go_on.wait(10)
        return "helper"


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    made = Engine()
    monkeypatch.setattr(prober, "create_beside", made.create)
    monkeypatch.setattr(prober, "started", lambda *_: contextlib.nullcontext())
    monkeypatch.setattr(prober, "Relay", lambda _: SimpleNamespace(close=lambda: None, made=object()))
    monkeypatch.setattr(prober, "remove", lambda _, one: made.removed.append(one))
    monkeypatch.setattr(prober, "remove_all", lambda _, ids: made.removed.extend(ids))
    monkeypatch.setattr(Probers, "_import", lambda *_: "ours:1")
    return made


def test_a_prober_that_is_being_made_when_the_run_ends_goes_before_its_image(engine: Engine) -> None:
    probers: Any = Probers(engine, "run")  # type: ignore[arg-type]
    assert probers.lacking() == ""
    asks = threading.Thread(target=probers.beside(running("api")).__enter__)
    asks.start()
    assert engine.begun.wait(10)
    closes = threading.Thread(target=probers.close)
    closes.start()
    assert engine.removed == [], "close waits for the one that is being made"
    engine.go_on.set()
    asks.join()
    closes.join()
    assert engine.removed == ["helper", "image"]


def test_nothing_is_made_any_more_once_the_run_is_over(engine: Engine) -> None:
    probers = Probers(engine, "run")  # type: ignore[arg-type]
    probers.close()
    assert "The run is over" in probers.lacking()
    with pytest.raises(EngineError, match="The run is over"), probers.beside(running("api")):
        pass
    assert engine.removed == []


def test_a_restarted_caller_gets_a_new_prober_and_who_knows_it_from_before_gets_that_too(engine: Engine) -> None:
    probers = Probers(engine, "run")  # type: ignore[arg-type]
    engine.go_on.set()
    before = running("api", id="one", started_at=at(1))
    after = replace(before, started_at=at(9))
    given = []
    for caller in (before, before, after, before, after):
        with probers.beside(caller) as relay:
            given.append(relay)
    first, again, *later = given
    assert first is again
    assert first not in later
    assert later == [later[0]] * 3
