from __future__ import annotations

import contextlib
import datetime
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest

from pytest_infragate.errors import EngineError
from pytest_infragate.stack.engine import Engine
from pytest_infragate.stack.state import ContainerState

from .conftest import Stacks
from .relay import Relay

STACK = """
services:
  talker:
    image: BASE
    command: ["bash", "-c", "echo to-out; echo to-err >&2; exec sleep 300"]
    init: true
    user: "65534"
    mem_limit: 64m
    cpus: 0.5
    pids_limit: 50
    environment: {WHO: talker}
    ports: ["127.0.0.1::9000"]
    volumes: ["data:/data", "/anonymous", "./:/here:ro"]
    healthcheck: {test: ["CMD", "true"], interval: 500ms, timeout: 2s}
  ended:
    image: BASE
    command: ["bash", "-c", "exit 3"]
volumes: {data: {}}
"""


@pytest.fixture(scope="module")
def project(module_stacks: Stacks) -> str:
    return module_stacks.up(STACK).project


@pytest.fixture(scope="module")
def talker(engine: Engine, project: str) -> ContainerState:
    return next(state for state in engine.containers(project) if state.service == "talker")


def test_the_engine_says_what_it_is(engine: Engine) -> None:
    assert engine.version[0].isdigit()
    assert abs((engine.now() - datetime.datetime.now(datetime.timezone.utc)).total_seconds()) < 3600


def test_containers_are_listed_with_what_inspect_says(engine: Engine, project: str, talker: ContainerState) -> None:
    assert [state.service for state in engine.containers(project)] == ["ended", "talker"]
    assert talker.running
    assert talker.user == "65534"
    assert (talker.memory_limit, talker.nano_cpus, talker.pids_limit) == (64 * 2**20, 500_000_000, 50)
    assert [(port.target, port.host_ip) for port in talker.ports] == [(9000, "127.0.0.1")]
    assert [writable for _, writable in talker.binds] == [False]
    assert talker.health_interval_s == 0.5
    assert list(talker.addresses) == [f"{project}_default"]
    assert len(engine.mounted_volumes(project)) == 2


def test_an_unknown_container_is_an_error_in_a_sentence(engine: Engine) -> None:
    with pytest.raises(EngineError, match="No such container"):
        engine.inspect("igt-no-such-container")


def test_exec_keeps_both_outputs_apart_and_gives_the_exit_code(engine: Engine, talker: ContainerState) -> None:
    done = engine.execute(
        talker.id, ["bash", "-c", "echo $WHO $EXTRA; id -u >&2; exit 7"], environment={"EXTRA": "x"}, timeout_s=20
    )
    assert (done.exit_code, done.stdout, done.stderr, done.timed_out) == (7, b"talker x\n", b"65534\n", False)
    assert engine.execute(talker.id, ["id", "-u"], user="0", timeout_s=20).stdout == b"0\n"


def test_exec_of_a_program_that_is_missing_names_it(engine: Engine, talker: ContainerState) -> None:
    done = engine.execute(talker.id, ["igt-missing"], timeout_s=20)
    assert done.exit_code in (126, 127)
    assert "igt-missing" in done.text


@pytest.mark.parametrize("line", ["echo begun; sleep 300", "echo begun; while :; do echo more; done"])
def test_exec_ends_at_its_deadline_whether_silent_or_chatty(engine: Engine, talker: ContainerState, line: str) -> None:
    done = engine.execute(talker.id, ["bash", "-c", line], timeout_s=1)
    assert done.timed_out
    assert done.stdout.startswith(b"begun\n")
    assert done.duration_s < 60


def test_execs_from_many_threads_keep_their_outputs(engine: Engine, talker: ContainerState) -> None:
    def echo(number: int) -> bytes:
        return engine.execute(talker.id, ["echo", str(number)], timeout_s=60).stdout

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(echo, range(24))) == [f"{number}\n".encode() for number in range(24)]


def test_exec_in_a_container_that_has_ended_is_an_error(engine: Engine, project: str) -> None:
    ended = next(state for state in engine.containers(project) if state.service == "ended")
    with pytest.raises(EngineError, match="not running"):
        engine.execute(ended.id, ["true"], timeout_s=20)


def test_logs_hold_both_outputs(engine: Engine, talker: ContainerState) -> None:
    assert sorted(engine.logs(talker.id).splitlines()) == ["to-err", "to-out"]
    assert len(engine.logs(talker.id, tail=1).splitlines()) == 1
    assert engine.logs(talker.id, since=engine.now()) == ""


def test_stats_are_one_sample(engine: Engine, talker: ContainerState) -> None:
    sample = engine.stats(talker.id)
    assert sample["memory_stats"]["limit"] == 64 * 2**20
    assert sample["pids_stats"]["current"] >= 1


def test_images_are_known_by_reference(engine: Engine, talker: ContainerState) -> None:
    assert engine.exists_image(talker.image)
    assert not engine.exists_image("igt-no-such-image:1")


def test_no_engine_is_told_with_address_and_who_chose_it() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{closed.getsockname()[1]}"
        with pytest.raises(EngineError) as caught:
            Engine.connect({"DOCKER_HOST": address})
    assert address in str(caught.value)
    assert "DOCKER_HOST" in str(caught.value)


def test_an_engine_that_vanishes_is_told(engine: Engine, relay: Relay) -> None:
    with contextlib.closing(Engine.connect({"DOCKER_HOST": relay.address})) as through:
        assert through.version == engine.version
        assert through.published_host == "127.0.0.1"
        relay.cut()
        with pytest.raises(EngineError, match="did not answer"):
            through.containers("igt-none")
