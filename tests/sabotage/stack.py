"""The stack that is sabotaged: a cache, a one-shot migration, an API and a worker, each proven in its own way."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Protocol, TypeVar

from engine_setup.images import SERVICES

_EVERYTHING = os.environ.get("IGT_SABOTAGE") == "all"
"""Whether the costly faults and controls are tried too, as the bench does."""


class _Case(Protocol):
    @property
    def costly(self) -> bool: ...


_AnyCase = TypeVar("_AnyCase", bound=_Case)

COMPOSE = f"""
services:
  cache:
    image: {SERVICES}
    command: [redis-server, --save, "", --bind, 0.0.0.0, --protected-mode, "no"]
    networks: [back]
    healthcheck: {{test: [CMD, redis-cli, ping], interval: 500ms, timeout: 20s, retries: 2}}

  migrate:
    image: {SERVICES}
    command: [redis-cli, -h, cache, set, schema, "1"]
    networks: [back]
    depends_on: {{cache: {{condition: service_healthy}}}}

  api:
    image: {SERVICES}
    command: [sh, -c, "touch /tmp/ready && exec python3 -m http.server 8000 --bind 0.0.0.0"]
    stop_signal: SIGINT
    environment: {{CACHE_URL: "redis://cache:6379/0"}}
    networks: [front, back]
    ports: ["127.0.0.1::8000"]
    healthcheck: {{test: [CMD, curl, -fs, "http://127.0.0.1:8000/tmp/ready"], interval: 500ms, timeout: 20s, retries: 2}}
    depends_on: {{migrate: {{condition: service_completed_successfully}}}}

  # without a healthcheck, as half of all services are
  worker:
    image: {SERVICES}
    command: [redis-cli, -h, cache, -r, "-1", -i, "0.2", incr, ticks]
    stop_signal: SIGKILL
    environment: {{API_URL: "http://api:8000"}}
    networks: [back]
    mem_limit: 128m
    cpus: 0.5
    depends_on: {{api: {{condition: service_healthy}}}}

networks: {{front: {{}}, back: {{}}}}
"""

SETTINGS = """
timeout: 60s
services:
  migrate: {kind: one-shot}
health: {stable_for: 1s}
connectivity:
  expect: ["worker -> api:8000/tmp/ready"]
performance:
  window: 3s
  limits:
    worker: ["memory.ratio: max < 0.7", "cpu.throttled: med < 0.25"]
commands:
  - {name: rules, run: "true", when: before-up}
  - {name: schema-present, service: cache, run: [sh, -c, "redis-cli get schema | grep -qx 1"], when: after-up}
"""

SUITE = """
import subprocess
import time
from urllib.request import urlopen


def until(true):
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def docker(*arguments):
    subprocess.run(["docker", *arguments], check=True, capture_output=True, timeout=60)


def test_the_api_answers(infragate_stack):
    with urlopen(f"{infragate_stack.endpoint('api', 8000).url}/tmp/ready") as answer:
        assert answer.status == 200


def test_the_worker_works(infragate_stack):
    def ticks():
        return int(infragate_stack.exec("cache", ["redis-cli", "get", "ticks"]).stdout)

    before = ticks()
    until(lambda: ticks() > before)
"""
"""Runs in the user's world: it knows the fixtures and nothing of these tests."""

FILES = {"compose.yaml": COMPOSE, "infragate.yaml": SETTINGS, "test_suite.py": SUITE}


def tried(cases: Iterable[_AnyCase]) -> list[_AnyCase]:
    """Return the cases that this run tries."""
    return [case for case in cases if _EVERYTHING or not case.costly]
