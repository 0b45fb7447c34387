"""Planted faults of healthchecks and of what services wait for."""

from __future__ import annotations

from pytest_infragate.settings import Level

from .project import compose, fault, service

WAITING = """
services:
  api:
    <<: *sound
    image: ours/api:1.0
    depends_on:
      {0}
  {1}
"""
CACHE = 'cache: {<<: *sound, image: "redis:7.4-alpine", tmpfs: [/data]}'
JOB = '{{<<: *sound, image: "ours/job:1.0", restart: {0}}}'


def waiting(dependency: str, target: str, *, without: tuple[str, ...] = ()) -> str:
    """Return a service that waits for another one."""
    return compose(WAITING.format(dependency, target), without=without)


def with_test(test: str, more: str = "interval: 10s, timeout: 3s", ref: str = "ours/app:1.0") -> str:
    """Return a service with this healthcheck."""
    return service(f"expose: [8000]\nhealthcheck: {{test: {test}, {more}}}", ref=ref, without=("healthcheck",))


FAULTS = (
    fault(
        10,
        "waiting for the health of a service without a healthcheck",
        waiting("cache: {condition: service_healthy}", CACHE, without=("healthcheck",)),
        "IG510",
        "api",
        "service_healthy",
    ),
    fault(
        11,
        "waiting for the mere start of a database",
        waiting("cache: {condition: service_started}", CACHE),
        "IG511",
        "api",
        "service_started",
        Level.STRICT,
    ),
    fault(
        12,
        "waiting for the end of what is started again",
        waiting(
            "job: {condition: service_completed_successfully}", f"job: {JOB.format('always')}", without=("healthcheck",)
        ),
        "IG512",
        "api",
        "service_completed",
    ),
    fault(
        26,
        "a timeout above the interval",
        with_test("[CMD, /ours, check]", "interval: 5s, timeout: 20s"),
        "IG520",
        "app",
        "20s",
        None,
    ),
    fault(
        27,
        "a program that the image does not contain",
        with_test('[CMD, curl, -f, "http://localhost:8000/"]', ref="python:3.12-alpine"),
        "IG513",
        "app",
        "curl",
        Level.STRICT,
    ),
    fault(
        28,
        "a port on which the service does not listen",
        with_test('[CMD, wget, -q, --spider, "http://localhost:9000/"]'),
        "IG518",
        "app",
        ":9000",
        None,
    ),
    fault(29, "a healthcheck that cannot fail", with_test('"/ours check || true"'), "IG502", "app", "|| true"),
    fault(
        30,
        "no healthcheck",
        service("expose: [8000]", without=("healthcheck",)),
        "IG524",
        "app",
        "  app:",
        None,
    ),
    fault(
        31,
        "a healthcheck that is switched off",
        service("expose: [8000]\nhealthcheck: {disable: true}"),
        "IG524",
        "app",
        "disable",
        None,
    ),
    fault(
        32, "a shell's words without a shell", with_test('[CMD, /ours, check, "||", exit, "1"]'), "IG514", "app", '"||"'
    ),
    fault(
        69,
        "a slow image without time to start",
        with_test("[CMD, /ours, check]", "interval: 5s, timeout: 3s, retries: 3", "sonarqube:10.6-community"),
        "IG522",
        "app",
        "healthcheck: {test",
        Level.STRICT,
    ),
)
