"""Planted faults of single services: limits, secrets, rights, data, and keys without effect."""

from __future__ import annotations

from pytest_infragate.settings import Level

from .files import BUILT, SETTINGS
from .project import COMPOSE, Fault, compose, fault, service

SHARED = """
services:
  one:
    <<: *sound
    image: mysql:8.4
    volumes: ["data:/var/lib/mysql"]
  two:
    <<: *sound
    image: mysql:8.4
    volumes: ["data:/var/lib/mysql/"]
volumes: {data: {}}
"""
THREE = "services:\n" + "".join(f'  {name}: {{<<: *sound, image: "ours/{name}:1.0"}}\n' for name in ("a", "b", "c"))
POSTGRES = "postgres:17.2"

FAULTS = (
    Fault(
        "f24",
        "more memory for all services than there is",
        {COMPOSE: compose(THREE), SETTINGS: "checks: {budget: {memory: 512m}}\n"},
        check="IG715",
        subject="*",
        at="",
    ),
    fault(25, "a reservation above the limit", service("mem_reservation: 512m"), "IG701", "app", "512m"),
    fault(
        33, "no restart policy", service("expose: [8000]", without=("restart",)), "IG543", "app", "  app:", Level.STRICT
    ),
    fault(34, "no limit of memory", service("", without=("mem_limit",)), "IG710", "app", "  app:", Level.STRICT),
    fault(
        35,
        "a log that grows without bound",
        service("logging: {driver: json-file}", without=("logging",)),
        "IG540",
        "app",
        "json-file",
        Level.STRICT,
    ),
    fault(
        36,
        "a password in the file",
        service("environment: {DB_PASSWORD: example-only}"),
        "IG610",
        "app",
        "example-only",
        Level.STRICT,
    ),
    fault(
        37,
        "a password with a default in the file",
        service("environment: {DB_PASSWORD: '${PLANTED_PASSWORD:-example-only}'}"),
        "IG611",
        "app",
        "example-only",
        Level.STRICT,
    ),
    fault(
        38,
        "a password in a command",
        service("command: [serve, --password, example-only]"),
        "IG612",
        "app",
        "example-only",
        Level.STRICT,
    ),
    Fault(
        "f39",
        "a secret as an argument of a build",
        {
            COMPOSE: compose(BUILT.format("{context: ., args: {NPM_TOKEN: example-only}}")),
            "Dockerfile": "FROM scratch\n",
        },
        check="IG613",
        subject="app",
        at="NPM_TOKEN",
        closes=Level.STRICT,
    ),
    fault(
        52,
        "a network that is expected to exist",
        service("networks: [company]") + "networks: {company: {external: true}}\n",
        "IG117",
        "company",
        "external",
        None,
    ),
    fault(
        54,
        "a database without a volume",
        service("command: [-c, fsync=on]", "db", POSTGRES),
        "IG620",
        "db",
        "  db:",
        None,
    ),
    fault(
        55,
        "PostgreSQL 18 with a mount where older ones kept their data",
        service('volumes: ["data:/var/lib/postgresql/data"]', "db", "postgres:18.1") + "volumes: {data: {}}\n",
        "IG623",
        "db",
        "/var/lib",
    ),
    fault(
        56,
        "a key that only a Swarm reads",
        service("deploy: {placement: {constraints: [node.role == worker]}}"),
        "IG530",
        "app",
        "placement",
        Level.STRICT,
    ),
    fault(
        57,
        "two restart policies that disagree",
        service("deploy: {restart_policy: {condition: none}}"),
        "IG533",
        "app",
        "restart_policy",
        Level.STRICT,
    ),
    Fault(
        "f58",
        "configuration of the project that the container may change",
        {COMPOSE: service("volumes: ['./app.conf:/etc/app/app.conf']"), "app.conf": "a = 1\n"},
        check="IG619",
        subject="app",
        at="app.conf",
        closes=Level.STRICT,
    ),
    fault(59, "two databases in one folder", compose(SHARED), "IG617", "two", "/var/lib/mysql/"),
    fault(62, "an image without a version", service("", ref="ours/app:latest"), "IG201", "app", "latest", Level.STRICT),
    fault(
        67,
        "the engine's socket in a container",
        service("volumes: ['/var/run/docker.sock:/var/run/docker.sock']"),
        "IG402",
        "app",
        "docker.sock",
        Level.STRICT,
    ),
    fault(70, "an image for another kind of machine", service("platform: linux/s390x"), "IG212", "app", "s390x", None),
)
