"""Asking from inside callers with every kind of tools, on a stack of real services."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial

import pytest
from docker.models.containers import Container

from engine_setup.images import SERVICES, TINY
from pytest_infragate.errors import InfragateError
from pytest_infragate.probes import probe
from pytest_infragate.probes.base import ProbeResult, Target
from pytest_infragate.probes.listeners import listeners, listening
from pytest_infragate.settings import ProbeSettings
from pytest_infragate.stack import tools
from pytest_infragate.stack.claim import RUN_LABEL
from pytest_infragate.stack.engine import Engine
from pytest_infragate.stack.exchange import Failure, Question
from pytest_infragate.stack.inside import Inside
from pytest_infragate.stack.state import ContainerState
from pytest_infragate.stack.tools import Tools

from .conftest import Stacks

READY_S = 30.0
FULL_BACKLOG = (
    "import socket, time; s = socket.socket(); s.bind(('', 7000)); s.listen(0); mine = []\n"
    "for _ in range(4):\n"
    " c = socket.socket(); c.setblocking(False); c.connect_ex(('127.0.0.1', 7000)); mine.append(c)\n"
    "time.sleep(600)"
)
STACK = f"""
services:
  py: {{image: "{SERVICES}", command: [sleep, "600"], init: true}}
  bare: {{image: BASE, command: [sleep, "600"], init: true}}
  web: {{image: "{TINY}"}}
  cache: {{image: "{SERVICES}", command: [redis-server, --protected-mode, "no", --save, ""]}}
  lonely: {{image: "{SERVICES}", command: [python3, -m, http.server, "9000", --bind, 127.0.0.1], init: true}}
  full: {{image: "{SERVICES}", command: [python3, -c, {FULL_BACKLOG!r}], init: true}}
  db:
    image: "{SERVICES}"
    user: postgres
    environment: {{PGDATA: /tmp/pg}}
    command:
      - bash
      - -c
      - initdb -A scram-sha-256 --pwfile=<(echo x) >/dev/null &&
        echo host all all all scram-sha-256 >>/tmp/pg/pg_hba.conf && exec postgres -c listen_addresses=* -k /tmp
    init: true
networks: {{default: {{internal: true}}}}
"""
PING = Question("cache", 6379, b"PING\r\n", 64, line=True)


@pytest.fixture(scope="module")
def project(module_stacks: Stacks, engine: Engine) -> str:
    project = module_stacks.up(STACK).project
    with contextlib.closing(Inside(engine, project)) as inside:
        states = by_service(engine, project)
        for name, port in (("cache", 6379), ("web", 8080), ("lonely", 9000), ("full", 7000), ("db", 5432)):
            eventually(partial(opens, inside, states[name], port))
    return project


@pytest.fixture
def inside(engine: Engine, project: str) -> Iterator[Inside]:
    with contextlib.closing(Inside(engine, project)) as made:
        yield made


@pytest.fixture
def states(engine: Engine, project: str) -> Mapping[str, ContainerState]:
    return by_service(engine, project)


def by_service(engine: Engine, project: str) -> dict[str, ContainerState]:
    return {state.service: state for state in engine.containers(project)}


def opens(inside: Inside, state: ContainerState, port: int) -> bool:
    return any(listener.port == port for listener in listeners(inside, state))


def eventually(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + READY_S
    while not holds():
        assert time.monotonic() < deadline, "did not become true in time"
        time.sleep(0.1)


@pytest.mark.parametrize(
    ("caller", "via"),
    [
        ("py", "python3 in the caller"),
        ("bare", "bash in the caller"),
        ("web", "our prober in a helper container beside the caller"),
    ],
)
def test_each_caller_asks_with_what_it_has(
    inside: Inside, states: Mapping[str, ContainerState], caller: str, via: str
) -> None:
    questions = [PING, Question("cache", 6380), Question("no-such-name", 80, timeout_s=1), Question("web")]
    pong, closed, nobody, named = inside.ask(states[caller], questions)
    assert pong.via == via
    assert (pong.failure, pong.reply) == (None, b"+PONG\r\n")
    assert pong.resolved == tuple(states["cache"].addresses.values())
    assert pong.connect_s is not None
    assert closed.failure is Failure.REFUSED
    assert nobody.failure is Failure.NOT_RESOLVABLE
    assert (named.failure, named.resolved) == (None, tuple(states["web"].addresses.values()))


BUSYBOX_ONLY = """
mkdir -p /tmp/bin && cd /tmp/bin
ln -sf "$(command -v busybox)" busybox
for tool in sh timeout od dd sed tr printf; do ln -sf busybox $tool; done
"""


@pytest.mark.parametrize("path", ["/usr/bin:/bin", "/tmp/bin"], ids=["netcat", "busybox alone"])  # noqa: S108  (inside)
def test_images_that_have_only_nc_can_ask(engine: Engine, states: Mapping[str, ContainerState], path: str) -> None:
    py = states["py"]
    assert engine.execute(py.id, ["sh", "-c", BUSYBOX_ONLY], timeout_s=20).exit_code == 0
    questions = [PING, Question("cache", 6380), Question("localhost"), Question("no-such-name", timeout_s=1)]
    done = engine.execute(py.id, tools.asking(Tools.NC, questions), timeout_s=30, environment={"PATH": path})
    pong, closed, hosts_file, nobody = tools.understand(Tools.NC, questions, done.stdout.decode())
    assert pong.resolved == tuple(states["cache"].addresses.values())
    assert pong.reply == b"+PONG\r\n"
    assert closed.failure is Failure.REFUSED
    assert hosts_file.resolved[0] == "127.0.0.1"
    assert nobody.failure is Failure.NOT_RESOLVABLE


@pytest.mark.parametrize("caller", ["py", "bare"])
def test_a_connect_that_nobody_answers_is_bounded(
    inside: Inside, states: Mapping[str, ContainerState], caller: str
) -> None:
    (exchange,) = inside.ask(states[caller], [Question("full", 7000, timeout_s=1)])
    assert exchange.failure is Failure.TIMED_OUT


def test_the_helper_is_ours_reused_no_part_of_the_project_and_removed(
    engine: Engine, project: str, states: Mapping[str, ContainerState]
) -> None:
    with contextlib.closing(Inside(engine, project)) as inside:
        inside.ask(states["web"], [PING])
        inside.ask(states["web"], [PING])
        (helper,) = helpers(engine, project)
        assert helper.labels["com.docker.compose.project"] == ""
        assert helper.attrs["HostConfig"]["NetworkMode"] == f"container:{states['web'].id}"
        assert {state.service for state in engine.containers(project)} == set(states)
    eventually(lambda: not helpers(engine, project))


def helpers(engine: Engine, project: str) -> list[Container]:
    return list(engine.client.containers.list(all=True, filters={"label": f"{RUN_LABEL}={project}"}))


def test_a_helper_of_an_image_that_compose_built_is_not_taken_for_a_container_of_the_project(
    stacks: Stacks, engine: Engine
) -> None:
    text = f"""
services:
  tool: {{build: {{dockerfile_inline: "FROM {SERVICES}"}}, command: [sleep, "600"], init: true}}
  web: {{image: "{TINY}"}}
"""
    stack = stacks.make(text)
    selection = stacks.selection(text, stack.project)
    try:
        done = stack._run("build")
        assert done.ok, done.stderr
        assert stack.up(timeout_s=60).ok
        image = engine.client.images.get(f"{stack.project}-tool")
        assert image.labels.get("com.docker.compose.project") == stack.project
        before = {state.id for state in engine.containers(stack.project)}
        with contextlib.closing(Inside(engine, selection.project)) as inside:
            (exchange,) = inside.ask(by_service(engine, stack.project)["web"], [Question("tool")])
            assert exchange.failure is None
            assert {state.id for state in engine.containers(stack.project)} == before
    finally:
        stack.down(timeout_s=60)
        engine.client.images.remove(f"{stack.project}-tool", force=True)


def test_callers_that_do_not_run_say_so(stacks: Stacks, engine: Engine) -> None:
    stack = stacks.up(
        f'services: {{a: {{image: "{SERVICES}", command: [sleep, "600"], init: true}}, b: {{image: BASE, command: ["true"]}}}}'
    )
    fresh = by_service(engine, stack.project)
    eventually(lambda: by_service(engine, stack.project)["b"].status == "exited")
    stack.steer("pause", "a")
    with contextlib.closing(Inside(engine, stack.project)) as inside:
        for state in (fresh["a"], by_service(engine, stack.project)["a"]):
            (exchange,) = inside.ask(state, [Question("a", 1)])
            assert (exchange.failure, exchange.detail) == (Failure.CALLER_DOWN, f"{state.name} is paused")
        (exchange,) = inside.ask(by_service(engine, stack.project)["b"], [Question("a", 1)])
        assert exchange.failure is Failure.CALLER_DOWN
        assert "is not running (it is exited, exit code 0)" in exchange.detail
    stack.steer("unpause", "a")


def test_the_named_helper_image_comes_before_the_prober(stacks: Stacks, engine: Engine) -> None:
    stack = stacks.up(f'services: {{one: {{image: "{TINY}"}}, two: {{image: "{TINY}"}}}}')
    one = by_service(engine, stack.project)["one"]
    asked = [Question("two", 8080, b"GET / HTTP/1.0\r\n\r\n", 200, line=True)]
    with contextlib.closing(Inside(engine, stack.project, SERVICES)) as inside:
        eventually(lambda: inside.ask(one, asked)[0].reply.startswith(b"HTTP/1."))
        assert inside.ask(one, asked)[0].via == "python3 in a helper container beside the caller"
        assert listening(inside, [one], [8080])[:2] == (True, "listens on 8080/tcp")
    absent = pytest.raises(InfragateError, match="names igt/absent:1, which the engine does not hold")
    with contextlib.closing(Inside(engine, stack.project, "igt/absent:1")) as inside, absent:
        inside.ask(one, asked)
    eventually(lambda: not helpers(engine, stack.project))


@pytest.mark.parametrize(
    ("service", "ports", "ok", "message"),
    [
        ("cache", [6379], True, "listens on 6379/tcp"),
        ("web", [8080], True, "listens on 8080/tcp"),
        ("lonely", [9000], False, "p-1 listens on 9000/tcp only on its own loopback (127.0.0.1:9000)"),
        ("cache", [6380], False, "does not listen on 6380/tcp; it listens on"),
        ("bare", [80], False, "it listens on nothing at all"),
    ],
)
def test_what_really_listens(
    inside: Inside,
    states: Mapping[str, ContainerState],
    service: str,
    ports: list[int],
    ok: bool,
    message: str,
) -> None:
    found = listening(inside, [states[service]], ports)
    assert found.ok is ok
    assert message.removeprefix("p-1 ") in found.message


def ask_probe(inside: Inside, state: ContainerState, settings: ProbeSettings) -> ProbeResult:
    return probe(Target(inside, state), settings, 5.0)


@pytest.mark.parametrize(
    ("service", "settings", "said"),
    [
        ("cache", ProbeSettings("redis"), "PING gives +PONG"),
        ("cache", ProbeSettings("tcp", 6379), "accepts connections on port 6379"),
        ("web", ProbeSettings("http", 8080), "GET / gives 200 OK"),
        ("lonely", ProbeSettings("http", 9000), "GET / gives 200 OK"),
        ("db", ProbeSettings("postgres"), "asks for authentication"),
        ("bare", ProbeSettings("exec", argv=("test", "-d", "/etc")), "exit code 0"),
    ],
    ids=lambda value: value.protocol if isinstance(value, ProbeSettings) else None,
)
def test_services_that_are_ready_pass_their_probe(
    inside: Inside, states: Mapping[str, ContainerState], service: str, settings: ProbeSettings, said: str
) -> None:
    result: list[ProbeResult] = []

    def passes() -> bool:
        result[:] = [ask_probe(inside, states[service], settings)]
        return result[0].ok

    eventually(passes)
    assert said in result[0].message
    assert result[0].duration_s is not None


@pytest.mark.parametrize(
    ("service", "settings", "said"),
    [
        ("web", ProbeSettings("redis", 8080), "PING gives HTTP/1."),
        ("cache", ProbeSettings("redis", 6380), "6380 refused"),
        ("web", ProbeSettings("http", 8080, "/absent"), "gives 404 Not Found, expected 200 to 399"),
        ("web", ProbeSettings("https", 8080), "8080 tls"),
        ("bare", ProbeSettings("exec", argv=("sh", "-c", "echo no; exit 4")), "exit code 4: no"),
        ("web", ProbeSettings("exec", argv=("sh",)), "could not be started (exit code 12"),
        ("bare", ProbeSettings("exec", argv=("sleep", "9")), "did not end within 5 s"),
    ],
    ids=lambda value: value.protocol if isinstance(value, ProbeSettings) else None,
)
def test_services_that_are_not_say_why(
    inside: Inside, states: Mapping[str, ContainerState], service: str, settings: ProbeSettings, said: str
) -> None:
    result = ask_probe(inside, states[service], settings)
    assert not result.ok
    assert said in result.message
    assert result.proven
