"""Edges and published ports, proven or refuted on real networks."""

from __future__ import annotations

import contextlib
from dataclasses import replace

import pytest

from engine_setup.images import SERVICES, TINY
from pytest_infragate.compose.model import Project
from pytest_infragate.compose.resolve import resolve
from pytest_infragate.gates import connectivity, edge_plan
from pytest_infragate.gates.live import LiveStack
from pytest_infragate.probes.listeners import listeners
from pytest_infragate.results import CheckResult, Outcome
from pytest_infragate.settings import ConnectivityPolicy, ConnectivitySettings, EdgeSettings
from pytest_infragate.stack.inside import Inside

from .conftest import Stacks
from .test_inside import by_service, eventually

STACK = f"""
services:
  api:
    image: "{SERVICES}"
    init: true
    command: [python3, -m, http.server, "8000"]
    scale: 2
    environment:
      CACHE_URL: redis://cache:6379/0
      WRONG_URL: redis://cache:6380/0
      LONELY_URL: http://lonely:9000
      FAR_URL: redis://far:6379/0
    networks: [front]
  edge: {{image: "{TINY}", environment: {{API_URL: "http://api:8000"}}, depends_on: [cache], networks: [front]}}
  cache: {{image: "{SERVICES}", command: [redis-server, --protected-mode, "no", --save, ""], networks: [front]}}
  lonely: {{image: "{SERVICES}", init: true, command: [python3, -m, http.server, "9000", --bind, 127.0.0.1], networks: [front]}}
  far: {{image: "{SERVICES}", command: [redis-server, --protected-mode, "no", --save, ""], networks: [back]}}
  once: {{image: BASE, command: ["true"], environment: {{CACHE_URL: "redis://cache:6379"}}, networks: [front]}}
networks: {{front: {{internal: true}}, back: {{internal: true}}}}
"""


class Stand:
    """A stack that is up, and what connectivity finds on it."""

    def __init__(self, stacks: Stacks, text: str, project: str | None = None) -> None:
        self.engine = stacks.engine
        self.stack = stacks.up(text, project)
        self.name = self.stack.project
        resolved = resolve(stacks.selection(text, self.name))
        assert resolved.project is not None, resolved.error
        self.project: Project = resolved.project

    def serve(self, **ports: int) -> None:
        """Wait until services listen."""
        with contextlib.closing(Inside(self.engine, self.name)) as inside:
            for service, port in ports.items():
                for state in self.engine.containers(self.name):
                    if state.service == service:
                        eventually(lambda: any(one.port == port for one in listeners(inside, state)))  # noqa: B023

    def find(self, settings: ConnectivitySettings, ended: frozenset[str] = frozenset()) -> dict[str, CheckResult]:
        planned = edge_plan.plan(self.project, settings)
        with contextlib.closing(Inside(self.engine, self.name)) as inside:
            live = LiveStack(self.engine.containers(self.name), ended=ended)
            results = connectivity.evaluate(planned, live, inside)
        assert [result.check for result in results] == list(planned.checks)
        return {result.check.title: result for result in results}


@pytest.fixture(scope="module")
def stand(module_stacks: Stacks) -> Stand:
    made = Stand(module_stacks, STACK)
    made.serve(api=8000, cache=6379, lonely=9000, far=6379)
    return made


@pytest.fixture(scope="module")
def inferred(stand: Stand) -> dict[str, CheckResult]:
    eventually(lambda: by_service(stand.engine, stand.name)["once"].status == "exited")
    return stand.find(ConnectivitySettings(), ended=frozenset({"once"}))


@pytest.mark.parametrize(
    ("title", "outcome", "said"),
    [
        ("edge-open[api -> cache:6379]", Outcome.PASSED, ["python3 in the caller"]),
        ("edge-open[edge -> api:8000]", Outcome.PASSED, ["helper container"]),
        ("edge-open[edge -> cache]", Outcome.PASSED, ["cache:6379 accepts connections from inside edge"]),
        ("edge-open[once -> cache:6379]", Outcome.PASSED, ["ended with 0"]),
        (
            "edge-open[api -> cache:6380]",
            Outcome.FAILED,
            ["is refused", "cache listens on 0.0.0.0:6379", "environment WRONG_URL (compose.yaml:10", "Use port 6379"],
        ),
        (
            "edge-open[api -> lonely:9000]",
            Outcome.FAILED,
            ["is refused", "Make lonely listen on 0.0.0.0:9000 instead of its own loopback"],
        ),
        (
            "edge-open[api -> far:6379]",
            Outcome.FAILED,
            ["is not-resolvable", "_front, far on ", "_back", "Put api and far on one network"],
        ),
    ],
)
def test_inferred_edges(inferred: dict[str, CheckResult], title: str, outcome: Outcome, said: list[str]) -> None:
    result = inferred[title]
    assert result.outcome is outcome, result.message
    for part in said:
        assert part in result.message


def test_nothing_else_was_inferred(inferred: dict[str, CheckResult]) -> None:
    assert len(inferred) == 7


def test_all_replicas_ask_and_are_asked(inferred: dict[str, CheckResult]) -> None:
    callers, addresses = (inferred["edge-open[api -> cache:6379]"].evidence[key] for key in ("callers", "addresses"))
    assert isinstance(callers, list)
    assert [str(name)[-5:] for name in callers] == ["api-1", "api-2"]
    assert isinstance(addresses, list)
    reached = inferred["edge-open[edge -> api:8000]"].evidence["addresses"]
    assert isinstance(reached, list)
    assert (len(addresses), len(reached)) == (1, 2)


DECLARED = ConnectivitySettings(policy=ConnectivityPolicy.DECLARED)


@pytest.mark.parametrize(
    ("path", "outcome"), [("/", Outcome.PASSED), ("/absent", Outcome.FAILED)], ids=["there", "absent"]
)
def test_an_edge_with_a_path_is_an_http_request_from_inside(stand: Stand, path: str, outcome: Outcome) -> None:
    found = stand.find(replace(DECLARED, expect=(EdgeSettings("edge", "api", 8000, path),)))
    result = found[f"edge-open[edge -> api:8000{path}]"]
    assert result.outcome is outcome, result.message


@pytest.mark.parametrize(
    ("forbidden", "outcome", "said"),
    [
        (EdgeSettings("edge", "far"), Outcome.PASSED, "while it itself connects to far:6379"),
        (EdgeSettings("edge", "lonely"), Outcome.PASSED, "lonely listens only on its own loopback"),
        (
            EdgeSettings("edge", "cache", 6380),
            Outcome.ERROR,
            "not even cache itself, so that edge does not either proves",
        ),
        (EdgeSettings("edge", "cache"), Outcome.FAILED, "Both are on "),
        (EdgeSettings("edge", "api"), Outcome.FAILED, "edge-1 can connect to api:8000"),
        (EdgeSettings("once", "cache"), Outcome.ERROR, "is not running"),
    ],
    ids=lambda value: f"{value.target}:{value.port}" if isinstance(value, EdgeSettings) else None,
)
def test_forbidden_edges(stand: Stand, forbidden: EdgeSettings, outcome: Outcome, said: str) -> None:
    (result,) = stand.find(replace(DECLARED, forbid=(forbidden,))).values()
    assert result.outcome is outcome, result.message
    assert said in result.message


PUBLISHED = f"""
services:
  web: {{image: "{TINY}", ports: ["127.0.0.1::8080"]}}
  dead: {{image: BASE, command: [sleep, "600"], init: true, ports: ["127.0.0.1::9000"]}}
  lonely:
    image: "{SERVICES}"
    init: true
    command: [python3, -m, http.server, "9000", --bind, 127.0.0.1]
    ports: ["127.0.0.1::9000"]
"""


@pytest.fixture
def standing_alone(stacks: Stacks) -> Stand:
    made = Stand(stacks, PUBLISHED)
    made.serve(web=8080, lonely=9000)
    return made


def test_published_ports_need_a_listener_that_the_host_can_reach(standing_alone: Stand) -> None:
    found = standing_alone.find(ConnectivitySettings())
    web, dead, lonely = (
        found[f"published-port-answers[{name}/tcp]"] for name in ("web:8080", "dead:9000", "lonely:9000")
    )
    assert web.outcome is Outcome.PASSED, web.message
    assert "keeps the connection open" in web.message
    assert dead.outcome is Outcome.FAILED
    assert "listens on nothing at all" in dead.message
    assert lonely.outcome is Outcome.FAILED
    assert "only on its own loopback" in lonely.message


def test_a_paused_target_fails_though_its_kernel_accepts(stacks: Stacks) -> None:
    text = f"""
services:
  api: {{image: "{SERVICES}", init: true, command: [sleep, "600"], environment: {{URL: "redis://cache:6379"}}}}
  cache: {{image: "{SERVICES}", command: [redis-server, --protected-mode, "no", --save, ""]}}
"""
    stand = Stand(stacks, text)
    stand.serve(cache=6379)
    stand.stack.steer("pause", "cache")
    (result,) = stand.find(ConnectivitySettings()).values()
    stand.stack.steer("unpause", "cache")
    assert result.outcome is Outcome.FAILED
    assert f"{stand.name}-cache-1 is paused" in result.message
    (result,) = stand.find(ConnectivitySettings()).values()
    assert result.outcome is Outcome.PASSED, result.message


def answering(busy: int) -> str:
    """Return a program that answers as Redis does, at first that it still loads its data."""
    return (
        "import socket; s = socket.create_server(('', 6379)); n = 0\n"
        "while True:\n"
        " c, _ = s.accept(); c.recv(99); n += 1\n"
        f" c.sendall(b'-LOADING in memory\\r\\n' if n <= {busy} else b'+PONG\\r\\n'); c.close()"
    )


SPEAKING = f"""
services:
  api:
    image: "{TINY}"
    environment:
      GOOD_URL: redis://:s3cret@cache:6379/0
      LATE_URL: redis://late:6379/0
      NEVER_URL: redis://never:6379/0
  worker: {{image: "{SERVICES}", init: true, command: [sleep, "600"], environment: {{URL: "redis://:wr0ng-one@cache:6379/0"}}}}
  cache: {{image: "{SERVICES}", command: [redis-server, --requirepass, s3cret, --save, ""]}}
  late: {{image: "{SERVICES}", init: true, command: [python3, -c, {answering(2)!r}]}}
  never: {{image: "{SERVICES}", init: true, command: [python3, -c, {answering(999)!r}]}}
"""


def test_edges_are_asked_in_the_protocol_of_the_callers_url(stacks: Stacks) -> None:
    stand = Stand(stacks, SPEAKING)
    stand.serve(cache=6379, late=6379, never=6379)
    found = stand.find(ConnectivitySettings())
    reasons = {title.partition("[")[2].rstrip("]"): one.evidence.get("reason") for title, one in found.items()}
    assert reasons == {
        "api -> cache:6379": None,
        "api -> late:6379": None,
        "api -> never:6379": "protocol",
        "worker -> cache:6379": "authentication",
    }
    assert "LOADING" in found["edge-open[api -> never:6379]"].message
    refused = found["edge-open[worker -> cache:6379]"]
    assert "WRONGPASS" in refused.message
    assert "Give worker a user and a password that cache takes." in refused.message
    assert "lets us in" in found["edge-open[api -> cache:6379]"].message
    assert not any(secret in str(one) for one in found.values() for secret in ("s3cret", "wr0ng-one"))
