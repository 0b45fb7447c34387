"""Health that is proven before the engine has run its first healthcheck, which here comes after ten minutes."""

from __future__ import annotations

import pytest

from engine_setup.images import SERVICES
from pytest_infragate.gates import readiness
from pytest_infragate.gates.readiness import ENGINE_HEALTHCHECK, OWN_TEST, State
from pytest_infragate.gates.waiting import End
from pytest_infragate.probes.listeners import listeners
from pytest_infragate.progress import Silent
from pytest_infragate.run.site import Site
from pytest_infragate.run.startup import Started, Startup
from pytest_infragate.stack import nearby
from pytest_infragate.stack.engine import Engine

from ..leftovers import project_name
from .conftest import Stacks, site_of

LATER = "interval: 600s"
CHAIN = f"""
x-service: &service
  image: BASE
  init: true
  command: [sleep, "300"]
  healthcheck: {{test: [CMD, "true"], {LATER}}}
services:
  db: {{<<: *service}}
  api: {{<<: *service, depends_on: {{db: {{condition: service_healthy}}}}}}
  web: {{<<: *service, depends_on: {{api: {{condition: service_healthy}}, db: {{condition: service_started}}}}}}
"""
FAITHFUL = f"""
services:
  app:
    image: BASE
    init: true
    user: nobody
    working_dir: /tmp
    environment: {{MARK: "yes"}}
    command: [sleep, "300"]
    configs: [{{source: greeting, target: /etc/greeting}}]
    healthcheck:
      test: test $$(id -un) = nobody && test $$PWD = /tmp && test $$MARK = yes && test $$(cat /etc/greeting) = hello
      {LATER}
  behind: {{image: BASE, init: true, command: [sleep, "300"], depends_on: {{app: {{condition: service_healthy}}}}}}
configs: {{greeting: {{content: hello}}}}
"""
SETS_ITSELF_UP = f"""
services:
  db:
    image: {SERVICES}
    user: postgres
    init: true
    expose: ["5432"]
    command:
      - bash
      - -c
      - |
        export PATH=$$(echo /usr/lib/postgresql/*/bin):$$PATH PGDATA=/tmp/data
        initdb -A trust > /dev/null
        pg_ctl -w start -o "-c listen_addresses='' -k /tmp" && sleep 3 && pg_ctl -w stop
        exec postgres -c listen_addresses='*' -k /tmp
    healthcheck: {{test: pg_isready -h /tmp, {LATER}}}
  api:
    image: {SERVICES}
    init: true
    command: [sh, -c, pg_isready -h db && sleep 300]
    depends_on: {{db: {{condition: service_healthy}}}}
"""
WITHOUT = """
services:
  db: {image: BASE, init: true, command: [sleep, "300"]}
  api: {image: BASE, init: true, command: [sleep, "300"], depends_on: {db: {condition: service_healthy}}}
"""
FAILS = """
services:
  migrate: {image: BASE, command: [sh, -c, exit 3]}
  api: {image: BASE, command: [sleep, "300"], depends_on: {migrate: {condition: service_completed_successfully}}}
"""
SILENT = """
services:
  app:
    image: BASE
    init: true
    command: [sleep, "300"]
    expose: ["8000"]
    healthcheck: {test: [CMD, "true"], interval: 1s}
"""
LISTENS = f"""
services:
  app: {{image: {SERVICES}, init: true, command: [redis-server], expose: ["6379"]}}
"""


def started(site: Site) -> Started:
    return Startup(site, Silent(), 60.0, 0.5).up()


def test_a_chain_is_up_before_the_engine_has_looked_once(stacks: Stacks) -> None:
    with site_of(stacks, CHAIN, project_name()) as site:
        found = started(site)
        assert found.wait.end is End.READY, found.wait.readiness
        assert found.up.ok
        assert {state.health for state in site.containers()} == {"starting"}
        assert {one.proof for one in found.wait.readiness.values()} == {OWN_TEST}


def test_what_is_up_is_what_plain_compose_would_have_made(stacks: Stacks, engine: Engine) -> None:
    with site_of(stacks, CHAIN, project_name()) as site:
        started(site)
        plain = stacks.make(CHAIN)
        assert plain.create(60.0).ok
        assert site.stack.pending() == frozenset()
        assert labels(engine, site.stack.project) == labels(engine, plain.project)


def labels(engine: Engine, project: str) -> dict[str, tuple[str, frozenset[str]]]:
    """Return what Compose wrote down of each service: its configuration's hash and, in any order, what it depends on."""
    found = {}
    for listed in engine.listed(project):
        told = listed["Labels"]
        prefix = "com.docker.compose."
        found[told[f"{prefix}service"]] = (
            told[f"{prefix}config-hash"],
            frozenset(told[f"{prefix}depends_on"].split(",")),
        )
    return found


def test_the_test_runs_as_the_engine_would_run_it(stacks: Stacks) -> None:
    with site_of(stacks, FAITHFUL, project_name()) as site:
        found = started(site)
        assert found.wait.end is End.READY, found.wait.readiness
        assert found.wait.readiness["app"].proof == OWN_TEST


def test_a_database_that_still_sets_itself_up_is_not_taken_for_ready(stacks: Stacks) -> None:
    with site_of(stacks, SETS_ITSELF_UP, project_name()) as site:
        found = started(site)
        logs = {state.service: site.logs(state) for state in site.containers()}
        assert found.wait.end is End.READY, (found.wait.readiness, logs)


def test_the_settings_can_leave_it_to_the_engine(stacks: Stacks) -> None:
    with site_of(stacks, CHAIN.replace(LATER, "interval: 1s"), project_name(), early=False) as site:
        found = started(site)
        assert found.wait.end is End.READY
        assert {one.proof for one in found.wait.readiness.values()} == {ENGINE_HEALTHCHECK}


@pytest.mark.parametrize(
    ("text", "waiting", "cause"),
    [(WITHOUT, "api", "it waits for db, which has no healthcheck"), (FAILS, "api", "it waits for migrate, which has")],
)
def test_what_waits_in_vain_ends_the_start(stacks: Stacks, text: str, waiting: str, cause: str) -> None:
    with site_of(stacks, text, project_name()) as site:
        found = started(site)
        assert found.wait.end is End.FAILED
        assert cause in found.wait.readiness[waiting].message
        assert not found.up.ok
        assert not [state for state in site.containers() if state.service == waiting and state.started_at]


def test_a_healthcheck_that_cannot_fail_is_caught_by_its_port(stacks: Stacks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "SILENT_S", 2.0)
    with site_of(stacks, SILENT, project_name()) as site:
        found = started(site)
        assert found.wait.end is End.FAILED
        assert found.wait.readiness["app"].state is State.FAILED
        assert "is healthy by its own healthcheck, but" in found.wait.readiness["app"].message
        assert "does not listen on 8000/tcp" in found.wait.readiness["app"].message


def test_listeners_are_the_same_seen_from_outside_and_from_inside(
    stacks: Stacks, monkeypatch: pytest.MonkeyPatch
) -> None:
    with site_of(stacks, LISTENS, project_name()) as site:
        assert started(site).wait.end is End.READY
        (state,) = site.containers()
        outside = listeners(site.inside, state)
        monkeypatch.setattr(nearby, "read", lambda _state, _paths: None)
        assert listeners(site.inside, state) == outside
        assert [one.port for one in outside if not one.loopback]


def test_a_process_of_somebody_else_is_not_taken_for_the_container(stacks: Stacks, engine: Engine) -> None:
    stack = stacks.up(LISTENS)
    (state,) = engine.containers(stack.project)
    other = stacks.up(SILENT)
    (stranger,) = engine.containers(other.project)
    mixed = type(state)(**{**vars(state), "pid": stranger.pid})
    assert nearby.read(mixed, ["/proc/net/tcp"]) is None


def test_a_kept_chain_is_proven_again_and_only_what_changed_is_started(stacks: Stacks) -> None:
    name = project_name()
    with site_of(stacks, CHAIN, name) as site:
        started(site)
        before = {state.service: state.id for state in site.containers()}
    changed = CHAIN.replace("web: {<<: *service,", "web: {<<: *service, environment: {NEW: one},")
    with site_of(stacks, changed, name) as site:
        found = started(site)
        assert found.wait.end is End.READY, found.wait.readiness
        after = {state.service: state.id for state in site.containers()}
    assert (before["db"], before["api"]) == (after["db"], after["api"])
    assert before["web"] != after["web"]
