"""Edges on networks of every shape, in one stack: what must pass passes, what must fail says what to change."""

from __future__ import annotations

import contextlib
import json
import secrets
import socket
from dataclasses import replace

import pytest

from engine_setup.images import SERVICES, TINY
from pytest_infragate.probes.listeners import listeners
from pytest_infragate.results import CheckResult, Outcome
from pytest_infragate.settings import ConnectivityPolicy, ConnectivitySettings, EdgeSettings
from pytest_infragate.stack.engine import Engine
from pytest_infragate.stack.exchange import Failure
from pytest_infragate.stack.inside import Inside

from ..leftovers import project_name
from .conftest import Stacks
from .test_connectivity import Stand
from .test_inside import by_service, eventually

LOCKED = """
    user: "65534:65534"
    read_only: true
    cap_drop: [ALL]
    security_opt: ["no-new-privileges:true"]
"""
BY_TURNS = "mkdir /turn/taken && exec python3 -m http.server 8000\necho 127.0.0.1 store >>/etc/hosts\nexec sleep 600"
"""One replica serves; the other is deaf, and has a wrong address for another service."""
ONLY_SIX = (
    "import socket; s = socket.socket(socket.AF_INET6); s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)\n"
    "s.bind(('::', 8000)); s.listen()\n"
    "while True: s.accept()[0].close()"
)
STACK = """
x-quiet: &quiet {{dns: [127.0.0.1], dns_search: [igt.invalid]}}
services:
  store:
    <<: *quiet
    image: "{tiny}"
    networks: {{front: {{ipv4_address: "{subnet}.10"}}, back: {{aliases: [vault]}}}}
    environment: {{DB: "http://db-host:8080", BOX: "http://{project}_box:8080"}}
  db:
    <<: *quiet
    image: "{tiny}"
    hostname: db-host
    container_name: {project}_box
    networks: [back]
    environment: {{STORE: "http://vault:8080", DUO: "http://duo:8000"}}
  duo:
    <<: *quiet
    image: "{services}"
    init: true
    scale: 2
    command: [sh, -c, {by_turns}]
    volumes: [turn:/turn]
    networks: [front]
    environment: {{STORE: "http://store:8080"}}
  only_six:
    <<: *quiet
    image: "{services}"
    init: true
    command: [python3, -c, {only_six}]
    networks: [six]
  edge:
    <<: *quiet
    image: "{tiny}"
    {locked}
    links: ["store:linked"]
    networks: [front, six]
    environment:
      LINKED: http://linked:8080
      FIXED: http://{subnet}.10:8080
      STORE: http://store:8080
      COLOR: http://color:8080
      SIX: http://only_six:8000
      DUO: http://duo:8000
      FAR: http://db:8080
  py:
    <<: *quiet
    image: "{services}"
    init: true
    {locked}
    command: [sleep, "600"]
    expose: ["9999"]
    extra_hosts: ["blue:host-gateway"]
    networks: {{front: {{aliases: [mixed]}}, six: {{}}}}
    environment: {{SIX: "http://only_six:8000"}}
  blue:
    <<: *quiet
    image: "{tiny}"
    ports: ["{gateway}:{port}:8080"]
    networks: {{front: {{aliases: [color]}}}}
    environment: {{VAULT: "http://vault:8080", MIXED: "http://mixed:8080"}}
  green:
    <<: *quiet
    image: "{tiny}"
    networks: {{front: {{aliases: [color, mixed]}}}}
  host:
    image: "{services}"
    init: true
    command: [sleep, "600"]
    network_mode: host
    dns: [127.0.0.1]
    extra_hosts: ["store:{subnet}.10"]
    environment: {{STORE: "http://store:8080", GREEN: "http://green:8080"}}
  beside:
    image: "{services}"
    init: true
    command: [sleep, "600"]
    network_mode: service:edge
    environment: {{STORE: "http://store:8080", BOX: "http://db:8080"}}
  joined:
    image: "{services}"
    init: true
    command: [sleep, "600"]
    network_mode: container:{project}_box
    depends_on: [db]
    environment: {{STORE: "http://vault:8080"}}
  once: {{image: BASE, command: ["true"], networks: [front], environment: {{STORE: "http://store:8080"}}}}
networks:
  front: {{ipam: {{config: [{{subnet: "{subnet}.0/24"}}]}}}}
  back: {{internal: true}}
  six: {{internal: true, enable_ipv6: true, ipam: {{config: [{{subnet: "{prefix}::/64"}}]}}}}
volumes: {{turn: {{}}}}
"""


def free_port(address: str) -> int:
    with contextlib.closing(socket.socket()) as trial:
        trial.bind((address, 0))
        return int(trial.getsockname()[1])


@pytest.fixture(scope="module")
def port(gateway: str) -> int:
    return free_port(gateway)


@pytest.fixture(scope="module")
def gateway(engine: Engine) -> str:
    """Where containers reach the host by ``host-gateway``."""
    return str(engine.client.api.inspect_network("bridge")["IPAM"]["Config"][0]["Gateway"])


@pytest.fixture(scope="module")
def stand(module_stacks: Stacks, gateway: str, port: int) -> Stand:
    project = project_name()
    text = STACK.format(
        tiny=TINY,
        services=SERVICES,
        project=project,
        subnet=f"10.231.{secrets.randbelow(256)}",
        prefix=f"fd00:{secrets.token_hex(2)}:{secrets.token_hex(2)}:1",
        by_turns=json.dumps(BY_TURNS),
        only_six=json.dumps(ONLY_SIX),
        locked=LOCKED.strip(),
        gateway=gateway,
        port=port,
    )
    made = Stand(module_stacks, text, project)
    eventually(lambda: one_serves(made))
    made.serve(store=8080, db=8080, only_six=8000, blue=8080, green=8080)
    eventually(lambda: by_service(made.engine, project)["once"].status == "exited")
    return made


def one_serves(stand: Stand) -> bool:
    replicas = [state for state in stand.engine.containers(stand.name) if state.service == "duo"]
    with contextlib.closing(Inside(stand.engine, stand.name)) as inside:
        return any(one.port == 8000 for state in replicas for one in listeners(inside, state))


@pytest.fixture(scope="module")
def inferred(stand: Stand) -> dict[str, CheckResult]:
    return stand.find(ConnectivitySettings(), ended=frozenset({"once"}))


@pytest.mark.parametrize(
    ("edge", "said"),
    [
        ("edge -> store:8080", [".10:8080, linked:8080, store:8080 accepts", "our prober"]),
        ("edge -> blue:8080", ["color:8080 accepts"]),
        ("edge -> only_six:8000", ["only_six:8000 accepts", "our prober"]),
        ("py -> only_six:8000", ["python3 in the caller"]),
        ("store -> db:8080", ["db-host:8080", "_box:8080 accepts"]),
        ("db -> store:8080", ["vault:8080 accepts"]),
        ("host -> store:8080", ["python3 in the caller"]),
        ("beside -> store:8080", ["store:8080 accepts", "python3 in the caller"]),
        ("joined -> store:8080", ["vault:8080 accepts"]),
        ("once -> store:8080", ["ended with 0"]),
    ],
)
def test_what_must_pass_passes(inferred: dict[str, CheckResult], edge: str, said: list[str]) -> None:
    result = inferred[f"edge-open[{edge}]"]
    assert result.outcome is Outcome.PASSED, result.message
    for part in said:
        assert part in result.message


@pytest.mark.parametrize(
    ("edge", "reason", "said"),
    [
        (
            "edge -> db:8080",
            Failure.NOT_RESOLVABLE,
            ["edge is on ", "_front", "db on ", "Put edge and db on one network"],
        ),
        ("db -> duo:8000", Failure.NOT_RESOLVABLE, ["Put db and duo on one network"]),
        (
            "blue -> store:8080",
            Failure.NOT_RESOLVABLE,
            ["vault:8080 is not-resolvable", "Call it store, or give store the alias vault on ", "_front"],
        ),
        ("edge -> duo:8000", Failure.REFUSED, ["-duo-", ") from inside", "duo listens on nothing at all"]),
        ("duo -> store:8080", Failure.REFUSED, ["-duo-", "There the name leads to 127.0.0.1", "extra_hosts of duo"]),
        (
            "blue -> green:8080",
            Failure.REFUSED,
            [
                "mixed:8080 is refused at ",
                "-py-1) from inside",
                "where no container of green is",
                "goes by the name mixed",
            ],
        ),
        ("host -> green:8080", Failure.NOT_RESOLVABLE, ["network_mode host", "extra_hosts of host: green:127.0.0.1"]),
        ("beside -> db:8080", Failure.NOT_RESOLVABLE, ["no network of its own (network_mode container:"]),
    ],
)
def test_what_must_fail_says_what_to_change(
    inferred: dict[str, CheckResult], edge: str, reason: Failure, said: list[str]
) -> None:
    result = inferred[f"edge-open[{edge}]"]
    assert result.outcome is Outcome.FAILED, result.message
    assert result.evidence["reason"] == reason.value
    for part in said:
        assert part in result.message


def test_the_deaf_replica_is_named(stand: Stand, inferred: dict[str, CheckResult]) -> None:
    with contextlib.closing(Inside(stand.engine, stand.name)) as inside:
        replicas = [state for state in stand.engine.containers(stand.name) if state.service == "duo"]
        (deaf,) = (state for state in replicas if not any(one.port == 8000 for one in listeners(inside, state)))
    assert f"({deaf.name}) from inside" in inferred["edge-open[edge -> duo:8000]"].message
    assert f"is refused from inside {deaf.name}: " in inferred["edge-open[duo -> store:8080]"].message


def test_each_address_behind_a_shared_name_was_asked(stand: Stand, inferred: dict[str, CheckResult]) -> None:
    states = by_service(stand.engine, stand.name)
    both = {ip for name in ("blue", "green") for ip in states[name].every_address}
    assert inferred["edge-open[edge -> blue:8080]"].evidence["addresses"] == sorted(both)


DECLARED = ConnectivitySettings(policy=ConnectivityPolicy.DECLARED)


def test_a_port_of_the_host_is_reached_by_host_gateway(stand: Stand, gateway: str, port: int) -> None:
    (result,) = stand.find(replace(DECLARED, expect=(EdgeSettings("py", "blue", port),))).values()
    assert result.outcome is Outcome.PASSED, result.message
    assert result.evidence["addresses"] == [gateway]


FORBIDDEN = [
    (EdgeSettings("edge", "db"), Outcome.PASSED, ["edge cannot resolve db", "while ", "-store-1 connects to db:8080"]),
    (
        EdgeSettings("blue", "only_six"),
        Outcome.PASSED,
        ["cannot resolve only_six", "it itself connects to only_six:8000"],
    ),
    (EdgeSettings("db", "green", 8080), Outcome.PASSED, ["cannot resolve green", "it itself connects to green:8080"]),
    (EdgeSettings("store", "db", 8081), Outcome.ERROR, ["not even db itself", "db listens on ", "forbid a port"]),
    (EdgeSettings("edge", "py"), Outcome.ERROR, ["on port 9999, not even py itself", "py listens on nothing at all"]),
    (EdgeSettings("blue", "green"), Outcome.FAILED, ["can connect to green:8080", "Both are on "]),
    (EdgeSettings("host", "db"), Outcome.FAILED, ["-host-1 can connect to ", ":8080, which is forbidden"]),
    (EdgeSettings("joined", "store"), Outcome.FAILED, ["can connect to store:8080"]),
    (EdgeSettings("edge", "once"), Outcome.PASSED, ["once has ended with 0"]),
]


@pytest.fixture(scope="module")
def forbidden(stand: Stand) -> dict[str, CheckResult]:
    wanted = replace(DECLARED, expect=(EdgeSettings("store", "db", 8080),), forbid=tuple(one for one, *_ in FORBIDDEN))
    return stand.find(wanted, ended=frozenset({"once"}))


@pytest.mark.parametrize(("edge", "outcome", "said"), FORBIDDEN, ids=[f"{e.source}-{e.target}" for e, *_ in FORBIDDEN])
def test_forbidden_edges_are_closed_only_where_somebody_else_gets_through(
    forbidden: dict[str, CheckResult], edge: EdgeSettings, outcome: Outcome, said: list[str]
) -> None:
    title = f"edge-closed[{edge.source} -> {edge.target}{f':{edge.port}' if edge.port else ''}]"
    result = forbidden[title]
    assert result.outcome is outcome, result.message
    for part in said:
        assert part in result.message


def test_a_target_that_is_down_proves_nothing(stand: Stand) -> None:
    containers = stand.engine.client.containers
    paused, killed = (containers.get(by_service(stand.engine, stand.name)[name].id) for name in ("db", "green"))
    forbid = (EdgeSettings("edge", "db"), EdgeSettings("db", "green"), EdgeSettings("py", "green"))
    paused.pause()
    killed.kill()
    try:
        found = stand.find(replace(DECLARED, forbid=forbid))
    finally:
        paused.unpause()
        killed.start()
    assert {result.outcome for result in found.values()} == {Outcome.ERROR}
    assert "nobody is known to get through to db" in found["edge-closed[edge -> db]"].message
    for source in ("db", "py"):
        assert "green does not run" in found[f"edge-closed[{source} -> green]"].message
