"""Faults that are told before anything is started."""

from __future__ import annotations

from .fault import Fault, compose, service, settings

BEFORE_UP = (
    Fault("unknown key", compose("stop_signal: SIGINT", "stop_singal: SIGINT"), "configuration", "*", ("stop_singal",)),
    Fault(
        "unset variable",
        compose("redis://cache:6379/0", "redis://cache:6379/${CACHE_NUMBER}"),
        "configuration",
        "api",
        ("CACHE_NUMBER",),
    ),
    Fault(
        "settings that name no service",
        settings("migrate: {kind", "migrat: {kind"),
        "configuration",
        "migrat",
        ("'migrat'", "migrate"),
    ),
    Fault(
        "URL that names nobody",
        compose("http://api:8000", "http://apo:8000"),
        "configuration",
        "worker",
        ("apo", "api"),
    ),
    Fault("disjoint networks", compose("[front, back]", "[front]"), "configuration", "api", ("cache", "network")),
    Fault("env file missing", service("worker", "env_file: [worker.env]"), "configuration", "*", ("worker.env",)),
    Fault(
        "dependency cycle",
        service("cache", "depends_on: {worker: {condition: service_started}}"),
        "configuration",
        "*",
        ("cycle",),
    ),
    Fault(
        "dependency in a profile that is off",
        service("migrate", "profiles: [tools]"),
        "configuration",
        "*",
        ("migrate",),
    ),
    Fault(
        "two services publish one port",
        compose('["127.0.0.1::8000"]', '["127.0.0.1:18000:8000"]') + service("cache", 'ports: ["18000:6379"]'),
        "configuration",
        "cache",
        ("18000", "api"),
    ),
    Fault(
        "replicas share one port",
        compose('["127.0.0.1::8000"]', '["127.0.0.1:18000:8000"]') + service("api", "deploy: {replicas: 2}"),
        "configuration",
        "api",
        ("18000",),
    ),
    Fault(
        "mounted file missing",
        service("worker", 'volumes: ["./worker.conf:/etc/worker.conf:ro"]'),
        "configuration",
        "worker",
        ("worker.conf",),
    ),
    Fault(
        "secret file missing",
        service("worker", "secrets: [token]")
        + compose(
            "networks: {front: {}, back: {}}", "secrets: {token: {file: token.txt}}\nnetworks: {front: {}, back: {}}"
        ),
        "configuration",
        "worker",
        ("token.txt",),
    ),
    Fault(
        "more memory reserved than allowed",
        service("worker", "mem_reservation: 256m"),
        "configuration",
        "worker",
        ("256", "128"),
    ),
    Fault(
        "failing command", settings('run: "true"', 'run: "echo not by the rules; exit 3"'), "commands", "rules", ("3",)
    ),
    Fault(
        "command that does not end",
        settings('run: "true"', 'run: "sleep 60", timeout: 1s'),
        "commands",
        "rules",
        ("1 s",),
    ),
)
