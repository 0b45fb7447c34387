"""Starts on the real engine that differ from the first start of a stack that is well."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import replace

from pytest_infragate.compose.resolve import resolve
from pytest_infragate.gates.connectivity import ConnectivityPlan
from pytest_infragate.gates.roles import roles
from pytest_infragate.gates.waiting import End
from pytest_infragate.progress import Silent
from pytest_infragate.settings import Settings
from pytest_infragate.site import Site, needed_ports
from pytest_infragate.stack.engine import Engine
from pytest_infragate.stack.events import EventWatch
from pytest_infragate.stack.inside import Inside
from pytest_infragate.startup import Startup

from ..leftovers import project_name
from .conftest import Stacks

APP = "services: {app: {image: BASE, init: true, command: sleep 300, environment: {NEW: 'NUMBER'}}}"
SILENT = "services: {app: {image: BASE, command: 'false', logging: {driver: none}}}"


@contextlib.contextmanager
def site_of(stacks: Stacks, text: str, name: str) -> Iterator[Site]:
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
        Inside(engine, name),
        roles(project, settings),
        needed_ports(project, ConnectivityPlan()),
    )
    site.watch.start()
    try:
        yield site
    finally:
        site.watch.stop()
        site.inside.close()


def test_a_container_that_compose_replaces_is_no_death(stacks: Stacks) -> None:
    name = project_name()
    stacks.up(APP.replace("NUMBER", "1"), name)
    with site_of(stacks, APP.replace("NUMBER", "2"), name) as site:
        started = Startup(site, Silent(), 60.0, 0.5).up()
    assert started.up.ok, started.up.stderr
    assert started.wait.end is End.READY, started.wait.readiness


def test_a_log_that_cannot_be_read_says_so(stacks: Stacks, engine: Engine) -> None:
    name = project_name()
    stacks.up(SILENT, name)
    with site_of(stacks, SILENT, name) as site:
        assert "not available" in site.logs(engine.containers(name)[0])[0]
