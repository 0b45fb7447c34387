"""Starts on the real engine that differ from the first start of a stack that is well."""

from __future__ import annotations

from pytest_infragate.gates.waiting import End
from pytest_infragate.progress import Silent
from pytest_infragate.stack.engine import Engine
from pytest_infragate.startup import Startup

from ..leftovers import project_name
from .conftest import Stacks, site_of

APP = "services: {app: {image: BASE, init: true, command: sleep 300, environment: {NEW: 'NUMBER'}}}"
SILENT = "services: {app: {image: BASE, command: 'false', logging: {driver: none}}}"


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
