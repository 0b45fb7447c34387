"""Every protocol spoken with a real server: ready, a wrong password, a port that accepts and is not ready, a wrong port."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping

import pytest

from engine_setup.built_images import ensure_servers
from engine_setup.images import SERVERS, SERVICES, TINY
from pytest_infragate.probes import PROTOCOLS, dialogue
from pytest_infragate.settings import ProbeSettings
from pytest_infragate.stack.engine import Engine
from pytest_infragate.stack.exchange import Failure, Judgement
from pytest_infragate.stack.inside import Inside
from pytest_infragate.stack.state import ContainerState

from .conftest import Stacks
from .test_inside import by_service, eventually

DEAF = "import socket, time; s = socket.create_server(('', 7000)); time.sleep(600)"
STACK = f"""
services:
  python: {{image: "{SERVICES}", command: [sleep, "600"], init: true}}
  nothing: {{image: "{TINY}"}}
  deaf: {{image: "{SERVICES}", command: [python3, -c, "{DEAF}"], init: true}}
  redis: {{image: "{SERVICES}", command: [redis-server, --requirepass, s3cret, --save, ""]}}
  postgres:
    image: "{SERVICES}"
    user: postgres
    init: true
    command:
      - bash
      - -c
      - initdb -D /tmp/pg -U app -A scram-sha-256 --pwfile=<(echo s3cret) >/dev/null &&
        echo host all all all scram-sha-256 >>/tmp/pg/pg_hba.conf &&
        exec postgres -D /tmp/pg -c listen_addresses=* -k /tmp
  mysql:
    image: "{SERVERS}"
    init: true
    command:
      - bash
      - -c
      - mariadb-install-db --user=mysql --datadir=/tmp/my --skip-test-db >/dev/null &&
        echo "CREATE USER app IDENTIFIED BY 's3cret';" >/tmp/init.sql &&
        exec mariadbd --user=mysql --datadir=/tmp/my --socket=/tmp/my.sock --pid-file=/tmp/my.pid --bind-address=0.0.0.0 --init-file=/tmp/init.sql
  amqp:
    image: "{SERVERS}"
    init: true
    command:
      - bash
      - -c
      - "printf 'loopback_users = none\\ndefault_user = app\\ndefault_pass = s3cret\\n' >/etc/rabbitmq/rabbitmq.conf && exec rabbitmq-server"
  memcached: {{image: "{SERVERS}", command: [memcached, -u, memcache, -l, 0.0.0.0], init: true}}
  nats: {{image: "{SERVERS}", command: [nats-server, --user, app, --pass, s3cret], init: true}}
  mqtt:
    image: "{SERVERS}"
    init: true
    user: mosquitto
    command:
      - bash
      - -c
      - mosquitto_passwd -b -c /tmp/users app s3cret &&
        printf 'listener 1883 0.0.0.0\\npassword_file /tmp/users\\n' >/tmp/m.conf && exec mosquitto -c /tmp/m.conf
networks: {{default: {{internal: true}}}}
"""
WITH_PASSWORD = ("redis", "postgres", "mysql", "amqp", "nats", "mqtt")
ALL = (*WITH_PASSWORD, "memcached")
CALLERS = ("python", "nothing")


@pytest.fixture(scope="module")
def project(module_stacks: Stacks, engine: Engine) -> str:
    ensure_servers()
    project = module_stacks.up(STACK).project
    states = by_service(engine, project)
    with contextlib.closing(Inside(engine, project)) as inside:
        for protocol in ALL:
            eventually(lambda: judged(inside, states["python"], protocol).ok)  # noqa: B023  (called at once)
        eventually(lambda: judged(inside, states["python"], "tcp", "deaf", 7000).ok)
    return project


@pytest.fixture
def inside(engine: Engine, project: str) -> Iterator[Inside]:
    with contextlib.closing(Inside(engine, project)) as made:
        yield made


@pytest.fixture
def states(engine: Engine, project: str) -> Mapping[str, ContainerState]:
    return by_service(engine, project)


def judged(
    inside: Inside,
    caller: ContainerState,
    protocol: str,
    host: str = "",
    port: int | None = None,
    password: str | None = None,
) -> Judgement:
    """Ask a server from inside a caller."""
    spoken = PROTOCOLS[protocol]
    asked = ProbeSettings(protocol, port or spoken.default_port, user="app", password=password)
    asked = asked if protocol != "redis" else ProbeSettings(protocol, asked.port, password=password)
    question = dialogue.question(spoken, asked, host or protocol, 2.0)
    return dialogue.verdict(spoken, asked, inside.ask(caller, [question])[0])


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("protocol", ALL)
def test_a_server_that_is_ready(
    inside: Inside, states: Mapping[str, ContainerState], protocol: str, caller: str
) -> None:
    found = judged(inside, states[caller], protocol)
    assert found.ok, found.message


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize(("password", "failure"), [("s3cret", None), ("wr0ng-one", Failure.AUTHENTICATION)])
@pytest.mark.parametrize("protocol", WITH_PASSWORD)
def test_a_password_is_tried(
    inside: Inside,
    states: Mapping[str, ContainerState],
    protocol: str,
    password: str,
    failure: Failure | None,
    caller: str,
) -> None:
    found = judged(inside, states[caller], protocol, password=password)
    assert found.failure is failure, found.message
    assert password not in found.message


@pytest.mark.parametrize("protocol", [*ALL, "http", "smtp", "kafka", "mongodb"])
@pytest.mark.parametrize(
    ("host", "port", "failure"), [("deaf", 7000, Failure.PROTOCOL), ("deaf", 7001, Failure.REFUSED)]
)
def test_what_accepts_and_is_silent_is_not_ready(
    inside: Inside, states: Mapping[str, ContainerState], protocol: str, host: str, port: int, failure: Failure
) -> None:
    assert judged(inside, states["nothing"], protocol, host, port).failure is failure


@pytest.mark.parametrize("protocol", [*ALL, "http", "smtp", "kafka", "mongodb"])
def test_another_protocol_is_not_taken_for_the_right_one(
    inside: Inside, states: Mapping[str, ContainerState], protocol: str
) -> None:
    other, port = ("redis", 6379) if protocol != "redis" else ("memcached", 11211)
    assert judged(inside, states["nothing"], protocol, other, port).failure is Failure.PROTOCOL


def test_a_paused_server_is_not_ready(stacks: Stacks, engine: Engine) -> None:
    text = f"""
services:
  api: {{image: "{TINY}"}}
  redis: {{image: "{SERVICES}", command: [redis-server, --protected-mode, "no", --save, ""]}}
"""
    stack = stacks.up(text)
    api = by_service(engine, stack.project)["api"]
    with contextlib.closing(Inside(engine, stack.project)) as inside:
        eventually(lambda: judged(inside, api, "redis").ok)
        stack.steer("pause", "redis")
        assert judged(inside, api, "redis").failure is Failure.PROTOCOL
        stack.steer("unpause", "redis")
