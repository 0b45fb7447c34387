"""Real stacks that fail: each root cause is told once, with what it caused, on one screen."""

from __future__ import annotations

import json
import re

import pytest

from engine_setup.images import SERVICES

from ..projects import Ended, UserProject

ROWS, COLUMNS = 40, 80
CHECK = "{test: [CMD, test, -e, /], interval: 500ms, timeout: 5s}"
FIVE = f"""
services:
  db:
    image: {SERVICES}
    command: [sh, -c, "echo FATAL data directory has wrong ownership >&2; exit 1"]
    healthcheck: {CHECK}
  cache:
    image: {SERVICES}
    command: [sleep, "600"]
    init: true
    healthcheck: {{test: [CMD, redis-cli, ping], interval: 500ms, retries: 2, timeout: 5s}}
  model:
    image: {SERVICES}
    command: [python3, -c, "held = bytes([1]) * (200 << 20)"]
    mem_limit: 32m
    memswap_limit: 32m
    healthcheck: {CHECK}
  search:
    image: {SERVICES}
    command: [sleep, "600"]
    init: true
    healthcheck: {{test: [CMD, grpc_health_probe, -addr=:8000], interval: 500ms, retries: 3, timeout: 5s}}
  mailer:
    image: {SERVICES}
    command: [sh, -c, "echo KeyError SMTP_HOST is not set >&2; exit 3"]
    expose: ["25"]
  api:
    image: {SERVICES}
    command: [sleep, "600"]
    healthcheck: {CHECK}
    depends_on: {{db: {{condition: service_healthy}}, cache: {{condition: service_healthy}}}}
  worker:
    image: {SERVICES}
    command: [sleep, "600"]
    healthcheck: {CHECK}
    depends_on: {{api: {{condition: service_healthy}}}}
"""
CALLS = f"""
services:
  cache:
    image: {SERVICES}
    command: [sh, -c, "echo Bad directive in redis.conf >&2; exit 1"]
    expose: ["6379"]
  api:
    image: {SERVICES}
    environment: {{CACHE_URL: "redis://cache:6379/0"}}
    command: [sh, -c, "sleep 1; exec redis-cli -h cache ping"]
    expose: ["8000"]
"""
GOOD = f"""
services:
  api:
    image: {SERVICES}
    command: [python3, -m, http.server, "8000"]
    stop_signal: SIGKILL
    environment: {{TOKEN: first-secret-value, WORKERS: "2"}}
    ports: ["127.0.0.1::8000"]
    healthcheck: {{test: [CMD, curl, -fs, "http://127.0.0.1:8000/etc/hostname"], interval: 500ms, timeout: 5s, retries: 2}}
"""
SETTINGS = "timeout: 60s\nhealth: {stable_for: 0s}\nperformance: {window: 0s}\n"
SUITE = "def test_one():\n    pass\n"


def run(project: UserProject, compose: str, *arguments: str) -> Ended:
    project.write(**{"compose.yaml": compose, "infragate.yaml": SETTINGS, "test_suite.py": SUITE})
    return project.gate("-p", "no:xdist", *arguments, environ={"COLUMNS": str(COLUMNS)})


def rows(output: str) -> int:
    """Return how many rows the output takes on a terminal."""
    return sum(max(1, -(-len(line) // COLUMNS)) for line in output.rstrip("\n").split("\n"))


def test_five_failing_services_fit_on_one_screen_and_each_root_is_told_once(project: UserProject) -> None:
    ended = run(project, FIVE)
    assert ended.status == pytest.ExitCode.TESTS_FAILED
    assert rows(ended.output) <= ROWS, ended.output
    told = re.findall(r"^\d\. (\S+) ", ended.output, re.MULTILINE)
    assert sorted(told) == ["cache", "db", "mailer", "model", "search"], ended.output
    for word in ("wrong ownership", "Connection refused", "out of memory", "grpc_health_probe", "SMTP_HOST"):
        assert word in ended.output
    assert ended.output.count("because of it: api and worker were not started") == 1
    checks = {(one["id"], one["subject"]): one for one in project.report.data["checks"]}
    for service in ("api", "worker"):
        ready = checks["IG911", service]
        assert (ready["outcome"], ready["evidence"]["because"]) == (
            "not-run",
            checks["IG911", "api"]["evidence"]["because"],
        )
    assert len(project.report.data["plan"]) == len(told)


def test_who_crashed_because_what_it_calls_is_down_is_told_under_it(project: UserProject) -> None:
    ended = run(project, CALLS)
    assert re.findall(r"^\d\. (\S+) ", ended.output, re.MULTILINE) == ["cache"], ended.output
    line = re.search(r"probably because of it: api has ended with exit code 1 .*cache:6379", ended.output)
    assert line, ended.output


def test_what_changed_since_the_last_good_run_is_told_by_name(project: UserProject) -> None:
    good = run(project, GOOD)
    assert good.status == pytest.ExitCode.OK, good.output
    same = run(
        project, GOOD.replace("/etc/hostname", "/etc/absent").replace("first-secret-value", "other-secret-value")
    )
    assert same.status == pytest.ExitCode.TESTS_FAILED
    told = re.search(r"changed since the last good run \([^)]+\): environment: TOKEN; healthcheck", same.output)
    assert told, same.output
    kept = {path.name: path.read_text() for path in project.directory.glob(".pytest_cache/v/infragate/*")}
    last_good = next(text for name, text in kept.items() if name.startswith("last-good-"))
    assert json.loads(last_good)["services"]["api"]["environment"].keys() == {"TOKEN", "WORKERS"}
    assert "secret-value" not in "".join(kept.values()) + same.output


@pytest.mark.parametrize("arguments", [("-p", "no:cacheprovider"), ("--cache-clear",)])
def test_without_a_memory_nothing_is_said_of_changes(project: UserProject, arguments: tuple[str, ...]) -> None:
    ended = run(project, GOOD.replace("/etc/hostname", "/etc/absent"), *arguments)
    assert ended.status == pytest.ExitCode.TESTS_FAILED
    assert "1. api is unhealthy" in ended.output
    assert "last good run" not in ended.output
