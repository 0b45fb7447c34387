"""Several runs at once on one engine: what they cannot share is taken out for the run, or refused before anything starts."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine_setup.images import SERVICES
from pytest_infragate.stack.engine import Engine

from ..projects import UserProject, user_project
from .stack import FILES, OPEN

FIXED = f"""
services:
  api:
    image: {SERVICES}
    container_name: NAME-api
    command: [python3, -m, http.server, "8000"]
    stop_signal: SIGINT
    ports: ["127.0.0.1:PORT:8000"]
    networks: [front]
    volumes: ["data:/data"]
    healthcheck: {{test: [CMD, curl, -fs, "http://127.0.0.1:8000/"], interval: 300ms, timeout: 5s, retries: 9}}
  client:
    image: {SERVICES}
    init: true
    command: [sleep, "300"]
    networks: [front]
    environment: {{API_URL: "http://NAME-api:8000/"}}
    healthcheck: {{test: [CMD, curl, -fs, "http://NAME-api:8000/"], interval: 300ms, timeout: 5s, retries: 9}}
networks:
  front: {{name: NAME-front, ipam: {{config: [{{subnet: 10.251.91.0/24}}]}}}}
volumes:
  data: {{name: NAME-data}}
"""
SETTINGS = f"{OPEN}checks: {{disable: [IG517]}}\n"
"""The health of the client is that it reaches the other one by a fixed name."""
ISOLATED = f"compose: {{isolate: true}}\n{SETTINGS}"
MEETS = """
import os
import subprocess
import time
import urllib.request
from pathlib import Path

PORT = int(os.environ.get("FIXED_PORT", "0"))


def asked(*words):
    done = subprocess.run(["docker", "compose", *words], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_it_is_a_stack_of_its_own(infragate_stack):
    endpoint = infragate_stack.endpoint("api", 8000)
    assert endpoint.port != PORT
    assert urllib.request.urlopen(endpoint.url, timeout=20).status == 200
    assert asked("port", "api", "8000").strip() == str(endpoint)
    assert infragate_stack.project in asked("ps", "--format", "{{.Name}}")
    assert infragate_stack.exec("client", ["curl", "-fs", os.environ["API"]]).exit_code == 0


def test_the_other_run_is_up_as_well():
    meeting = Path(os.environ["MEETING"])
    (meeting / os.environ["COMPOSE_PROJECT_NAME"]).touch()
    deadline = time.monotonic() + 90
    while len(list(meeting.iterdir())) < 2:
        assert time.monotonic() < deadline, "the other run never came"
        time.sleep(0.05)
"""


@pytest.fixture
def port() -> Iterator[int]:
    """Return a port of loopback on which nobody else will listen while the test runs: it is bound, not listened on."""
    with socket.socket() as bound:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


@pytest.fixture
def fixed(project: UserProject, port: int) -> UserProject:
    """Return a project in which everything is fixed that can be."""
    compose = FIXED.replace("NAME", project.name).replace("PORT", str(port))
    project.write(**{"compose.yaml": compose, "infragate.yaml": ISOLATED, "test_suite.py": MEETS})
    return project


def meeting(project: UserProject, port: int, place: Path) -> dict[str, str]:
    place.mkdir(exist_ok=True)
    return {"FIXED_PORT": str(port), "API": f"http://{project.name}-api:8000/", "MEETING": str(place)}


def test_two_runs_of_one_checkout_with_fixed_names_and_ports(fixed: UserProject, port: int, tmp_path: Path) -> None:
    around = meeting(fixed, port, tmp_path / "meeting")
    before = {path.name for path in fixed.directory.iterdir()}
    runs = [fixed.begin("--infragate", "-p", "no:cacheprovider", *more, environ=around) for more in ((), ("-n2",))]
    for ended in [run.end() for run in runs]:
        assert ended.status == pytest.ExitCode.OK, ended.output
        assert "infragate: complete" in ended.output
    assert fixed.created() == ("api", "api", "client", "client")
    assert {path.name for path in fixed.directory.iterdir()} - before <= {"__pycache__"}


def test_places_are_those_of_the_users_files(fixed: UserProject) -> None:
    compose = (fixed.directory / "compose.yaml").read_text(encoding="utf-8")
    fixed.write(**{"compose.yaml": compose.replace("http.server", "no.such.module")})
    ended = fixed.gate()
    assert ended.status == pytest.ExitCode.TESTS_FAILED, ended.output
    closing = [one for one in fixed.report.data["findings"] if one["severity"] == "error"]
    assert closing, ended.output
    assert {one["file"] for one in closing} == {"compose.yaml"}, closing


def test_without_the_gate_the_stack_is_isolated_as_well(fixed: UserProject, port: int, tmp_path: Path) -> None:
    place = tmp_path / "meeting"
    around = meeting(fixed, port, place)
    (place / "somebody").touch()
    ended = fixed.run("-p", "no:cacheprovider", environ=around)
    assert ended.status == pytest.ExitCode.OK, ended.output


def test_a_compose_that_is_too_old_is_told(fixed: UserProject, tmp_path: Path) -> None:
    program = tmp_path / "docker"
    program.write_text('#!/bin/sh\ncase "$*" in *version*) echo 2.24.3;; *) PATH=${PATH#*:} exec docker "$@";; esac\n')
    program.chmod(0o755)
    ended = fixed.gate(environ={"PATH": f"{tmp_path}:/usr/local/bin:/usr/bin:/bin"})
    assert ended.status == pytest.ExitCode.TESTS_FAILED, ended.output
    assert "compose.isolate needs Docker Compose 2.24.4 or newer" in ended.output
    assert "installed is 2.24.3" in ended.output
    assert fixed.created() == ()


@pytest.mark.parametrize("option", ["--infragate-keep", "--infragate-attach"])
def test_what_is_not_this_runs_alone_cannot_be_isolated(fixed: UserProject, option: str) -> None:
    ended = fixed.run("--infragate", option)
    assert ended.status == pytest.ExitCode.USAGE_ERROR, ended.output
    assert f"infragate.yaml:1:20: compose.isolate contradicts {option}: " in ended.output


def test_a_collision_is_refused_before_anything_starts(fixed: UserProject, port: int) -> None:
    fixed.write(**{"infragate.yaml": SETTINGS})
    with socket.create_server(("127.0.0.1", 0)) as server:
        taken = server.getsockname()[1]
        compose = (fixed.directory / "compose.yaml").read_text(encoding="utf-8")
        fixed.write(**{"compose.yaml": compose.replace(str(port), str(taken))})
        ended = fixed.gate()
    assert ended.status == pytest.ExitCode.TESTS_FAILED, ended.output
    told = " ".join(one.message for one in fixed.report.about("lifecycle", "api"))
    assert f"127.0.0.1:{taken}/tcp, on which another program of this machine listens" in told
    assert "compose.yaml:8:" in ended.output
    assert "isolate: true" in ended.output
    assert fixed.created() == ()


def test_what_is_fixed_and_free_is_fine(fixed: UserProject) -> None:
    fixed.write(**{"infragate.yaml": SETTINGS, "test_suite.py": "def test_one():\n    pass\n"})
    ended = fixed.gate()
    assert ended.status == pytest.ExitCode.OK, ended.output


def test_two_checkouts_at_once_need_nothing(project: UserProject, engine: Engine, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    with user_project(elsewhere, engine) as other:
        runs = []
        for one in (project, other):
            one.write(**{**FILES, "test_suite.py": MEETS.replace("def test_it_is", "def no_test_it_is")})
            runs.append(one.begin_gate("-n4", environ=meeting(project, 1, tmp_path / "meeting")))
        for run in runs:
            ended = run.end()
            assert ended.status == pytest.ExitCode.OK, ended.output
        assert (project.created(), other.created()) == (("api",), ("api",))
