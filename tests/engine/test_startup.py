"""Starts on the real engine that differ from the first start of a stack that is well."""

from __future__ import annotations

from engine_setup.images import SERVICES, TINY
from pytest_infragate.gates.waiting import End
from pytest_infragate.progress import Silent
from pytest_infragate.run.startup import Startup
from pytest_infragate.stack.engine import Engine
from pytest_infragate.stack.exchange import Question

from ..leftovers import project_name
from .conftest import Stacks, site_of
from .test_inside import by_service, helpers

APP = "services: {app: {image: BASE, init: true, command: sleep 300, environment: {NEW: 'NUMBER'}}}"
WAITING = f"""
services:
  bare: {{image: "{TINY}"}}
  equipped: {{image: "{SERVICES}", init: true, command: [sleep, "300"]}}
  unasked: {{image: "{TINY}"}}
  slow:
    image: BASE
    init: true
    command: [sh, -c, "sleep 3; touch /tmp/there; sleep 300"]
    healthcheck: {{test: [CMD, test, -e, /tmp/there], interval: 1s, retries: 30}}
"""
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


def test_who_needs_a_helper_has_it_when_the_others_are_ready(stacks: Stacks, engine: Engine) -> None:
    name = project_name()
    with site_of(stacks, WAITING, name) as site:
        callers = frozenset({"bare", "equipped"})
        assert Startup(site, Silent(), 60.0, 0.5, callers).up().wait.end is End.READY
        (helper,) = helpers(engine, name)
        assert helper.attrs["HostConfig"]["NetworkMode"] == f"container:{by_service(engine, name)['bare'].id}"
        (exchange,) = site.inside.ask(by_service(engine, name)["bare"], [Question("slow")])
        assert exchange.failure is None
        assert [one.id for one in helpers(engine, name)] == [helper.id]
    assert helpers(engine, name) == []
