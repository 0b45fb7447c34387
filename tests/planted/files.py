"""Planted faults of the files themselves: what Compose refuses, what is not there, and variables."""

from __future__ import annotations

from pytest_infragate.settings import Level

from .project import COMPOSE, Fault, compose, fault, service

SETTINGS = "infragate.yaml"
PRODUCTION = "compose.prod.yaml"
BUILT = "services:\n  app:\n    <<: *sound\n    build: {0}\n"
CYCLE = """
services:
  api: {<<: *sound, image: "ours/api:1.0", depends_on: [worker]}
  worker: {<<: *sound, image: "ours/worker:1.0", depends_on: [api]}
"""
TWINS = """
services:
  api: {<<: *sound, image: "ours/api:1.0", container_name: planted-api}
  worker:
    <<: *sound
    image: ours/worker:1.0
    container_name: planted-api
"""

FAULTS = (
    fault(
        13,
        "a variable that nobody sets",
        service("command: [serve, --name, '${PLANTED_NAME}']"),
        "IG102",
        "app",
        "PLANTED_NAME",
    ),
    Fault(
        "f14",
        "a variable that the template of .env does not name",
        {
            COMPOSE: service("command: [serve, --name, '${PLANTED_NAME}']"),
            ".env": "PLANTED_NAME=blue\nPLANTED_SIZE=3\n",
            ".env.example": "PLANTED_SIZE=\n",
        },
        check="IG804",
        subject="app",
        at="PLANTED_NAME",
    ),
    fault(15, "an env file that does not exist", service("env_file: [app.env]"), "IG101", "*", "app.env"),
    fault(16, "one container name for two services", compose(TWINS), "IG101", "*", "    container_name"),
    fault(
        17,
        "a container name for three replicas",
        service("container_name: planted-app\ndeploy: {replicas: 3}"),
        "IG101",
        "*",
        "container_name",
    ),
    fault(
        20,
        "a volume that nobody uses",
        service("") + "volumes: {left-over: {}}\n",
        "IG114",
        "*",
        "left-over",
        Level.STRICT,
    ),
    fault(
        21,
        "a mounted file that does not exist",
        service("volumes: ['./app.conf:/etc/app.conf:ro']"),
        "IG601",
        "app",
        "app.conf",
    ),
    fault(
        22,
        "a Dockerfile that does not exist",
        compose(BUILT.format("{context: ., dockerfile: Dockerfile.app}")),
        "IG202",
        "app",
        "Dockerfile.app",
    ),
    fault(
        23,
        "the file of a secret that does not exist",
        service("secrets: [token]") + "secrets: {token: {file: ./token.txt}}\n",
        "IG602",
        "app",
        "token.txt",
    ),
    fault(40, "a key that is written twice", service("command: [serve]\ncommand: [run]"), "IG101", "*", "[run]"),
    fault(43, "a dollar sign in a password", service("environment: {GREETING: 'pa$word'}"), "IG801", "app", "GREETING"),
    Fault(
        "f44",
        "a variable with another value in environment than in the env file",
        {COMPOSE: service("env_file: [app.env]\nenvironment: {CACHE_SIZE: '20'}"), "app.env": "CACHE_SIZE=10\n"},
        check="IG811",
        subject="app",
        at="CACHE_SIZE",
        closes=None,
    ),
    fault(48, "a network that nobody declares", service("networks: [front]"), "IG101", "*", "front"),
    fault(49, "services that wait for each other", compose(CYCLE), "IG101", "*", "depends_on: [worker]"),
    fault(60, "an unknown key", service("port: ['8080:80']"), "IG101", "*", "port:"),
    fault(61, "a value of the wrong form", service("ports: 8080:80"), "IG101", "*", "8080:80"),
    fault(65, "a tab that indents", service("command:\n\t- serve"), "IG101", "*", "\t"),
    fault(66, "the obsolete version", 'version: "3.8"\n' + service(""), "IG103", "*", "version", Level.STRICT),
    Fault(
        "f68",
        "a debug switch in the file for production",
        {
            PRODUCTION: service("environment: {DEBUG: 'true'}"),
            SETTINGS: f"compose: {{files: [{PRODUCTION}]}}\n",
        },
        (PRODUCTION,),
        check="IG821",
        subject="app",
        at="DEBUG",
        closes=Level.STRICT,
        file=PRODUCTION,
    ),
)
