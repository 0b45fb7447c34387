"""Stacks on the real engine: each under its own project name, removed in every path."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from engine_setup.images import base_image
from pytest_infragate import process
from pytest_infragate.compose.resolve import resolve
from pytest_infragate.compose.selection import Selection
from pytest_infragate.errors import EngineError
from pytest_infragate.gates.edge_plan import ConnectivityPlan
from pytest_infragate.gates.roles import roles
from pytest_infragate.run.site import Site, needed_ports
from pytest_infragate.settings import Settings
from pytest_infragate.stack.engine import Engine
from pytest_infragate.stack.events import EventWatch
from pytest_infragate.stack.inside import Inside
from pytest_infragate.stack.lifecycle import ComposeStack

from ..leftovers import project_name
from .relay import Relay, relayed

DOWN_S = 60.0


class SteeredStack(ComposeStack):
    """A stack whose services the tests stop, freeze and restart behind the gate's back, as its user would by Compose."""

    def steer(self, *words: str) -> None:
        """Run one Compose command on the stack."""
        done = process.run((*self.command, *words), environment=self.environment, timeout_s=DOWN_S)
        assert done.ok, done.stderr


class Stacks:
    """Makes Compose stacks of a test and removes them all at its end."""

    def __init__(self, engine: Engine, directory: Path) -> None:
        self.engine = engine
        self.directory = directory
        self._made: list[SteeredStack] = []

    def selection(self, text: str, project: str | None = None) -> Selection:
        """Write a Compose file, with ``BASE`` replaced by the base image, in a folder of its own."""
        name = project or project_name()
        folder = self.directory / f"{name}-{len(self._made)}"
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / "compose.yaml"
        file.write_text(text.replace("BASE", base_image()), encoding="utf-8")
        return Selection(str(folder), (str(file),), project=name)

    def make(self, text: str, project: str | None = None) -> SteeredStack:
        """Return a stack that is not up yet."""
        stack = SteeredStack(self.selection(text, project), self.engine, os.environ)
        self._made.append(stack)
        return stack

    def up(self, text: str, project: str | None = None) -> SteeredStack:
        """Return a stack that is up."""
        stack = self.make(text, project)
        done = stack.up(timeout_s=60)
        assert done.ok, done.stderr
        return stack

    def remove(self) -> None:
        """Take every stack down; one that cannot be does not keep the others standing."""
        for stack in reversed(self._made):
            with contextlib.suppress(EngineError):
                stack.down(timeout_s=DOWN_S)
        self._made.clear()


@contextlib.contextmanager
def site_of(stacks: Stacks, text: str, name: str, *, early: bool = True) -> Iterator[Site]:
    """Yield a stack with everything that a start needs, watched from before it."""
    selection = stacks.selection(text, name)
    project = resolve(selection, os.environ, selection.directory).project
    assert project is not None
    engine, settings = stacks.engine, Settings(root=selection.directory)
    site = Site(
        engine,
        replace(project, name=name),
        stacks.make(text, name),
        EventWatch(engine, name),
        partial(Inside, engine, name),
        roles(project, settings),
        needed_ports(project, ConnectivityPlan()),
        early,
    )
    site.watch.start()
    try:
        yield site
    finally:
        site.watch.stop()
        site.inside.close()


@pytest.fixture
def stacks(engine: Engine, tmp_path: Path) -> Iterator[Stacks]:
    made = Stacks(engine, tmp_path)
    try:
        yield made
    finally:
        made.remove()


@pytest.fixture(scope="module")
def module_stacks(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stacks]:
    made = Stacks(engine, tmp_path_factory.mktemp("stacks"))
    try:
        yield made
    finally:
        made.remove()


@pytest.fixture
def relay(engine: Engine) -> Iterator[Relay]:
    with relayed(engine.address) as made:
        yield made
