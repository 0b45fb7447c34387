"""What the checks of order, lifecycle, scaling and monitoring flag, and what they must leave alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pytest_infragate.checks.base import Material
from pytest_infragate.compose.resolve import Resolution

from ..stacks import project
from .looking import findings, found_in, subjects

HEALTHY, STARTED, ENDED = "service_healthy", "service_started", "service_completed_successfully"


def needing(condition: str, **service: Any) -> dict[str, Any]:
    return {"image": "ours:1.0", "depends_on": {"b": {"condition": condition, "required": True}}, **service}


@pytest.mark.parametrize(
    ("target", "perhaps", "never"),
    [
        ({"image": "ours:1.0"}, True, False),
        ({"image": "postgres:16"}, False, True),
        ({"image": "library/postgres:16"}, False, True),
        ({"image": "bitnami/postgresql:16"}, True, False),
        ({"image": "postgres:16", "build": {"context": "/project"}}, True, False),
        ({"image": "postgres:16", "healthcheck": {"interval": "3s"}}, False, True),
        ({"image": "ours:1.0", "healthcheck": {"interval": "3s"}}, False, False),
        ({"image": "ours:1.0", "healthcheck": {"disable": True}}, False, True),
        ({"image": "ours:1.0", "healthcheck": {"test": ["NONE"]}}, False, True),
        ({"image": "postgres:16", "healthcheck": {"test": ["CMD", "pg_isready"]}}, False, False),
        ({"image": "postgres:16", "scale": 0}, False, False),
    ],
)
def test_health_of_dependency(target: dict[str, Any], perhaps: bool, never: bool) -> None:
    services = {"a": needing(HEALTHY), "b": target}
    assert bool(subjects("IG501", services)) is perhaps
    assert bool(subjects("IG510", services)) is never


@pytest.mark.parametrize(
    ("target", "flagged"),
    [
        ({"image": "ours:1.0"}, False),
        ({"image": "ours:1.0", "healthcheck": {"test": ["CMD", "x"]}}, True),
        ({"image": "redis:7"}, True),
        ({"image": "redis:7", "command": ["redis-cli", "ping"]}, False),
    ],
)
def test_only_started(target: dict[str, Any], flagged: bool) -> None:
    assert bool(subjects("IG511", {"a": needing(STARTED), "b": target})) is flagged
    assert subjects("IG511", {"a": needing(HEALTHY), "b": target}) == []


@pytest.mark.parametrize(
    ("target", "flagged"),
    [
        ({"image": "ours:1.0", "restart": "unless-stopped"}, True),
        ({"image": "ours:1.0", "deploy": {"restart_policy": {"condition": "any"}}}, True),
        ({"image": "ours:1.0", "restart": "on-failure:3"}, False),
        ({"image": "postgres:16"}, True),
        ({"image": "postgres:16", "command": ["psql", "-f", "/seed.sql"]}, False),
    ],
)
def test_awaited_end(target: dict[str, Any], flagged: bool) -> None:
    assert bool(subjects("IG512", {"a": needing(ENDED), "b": target})) is flagged


def test_no_replicas() -> None:
    assert subjects("IG561", {"a": needing(STARTED), "b": {"image": "x:1", "scale": 0}}) == ["a"]
    assert subjects("IG561", {"a": needing(STARTED, scale=0), "b": {"image": "x:1", "scale": 0}}) == []


@pytest.mark.parametrize(
    ("deploy", "named"),
    [
        ({"placement": {"constraints": ["x"]}, "mode": "global"}, "deploy.placement, deploy.mode"),
        ({"placement": {}, "replicas": 2, "mode": "replicated"}, ""),
        ({"restart_policy": {"condition": "any"}, "resources": {"limits": {"cpus": "1"}}}, ""),
    ],
)
def test_keys_only_for_swarm(deploy: dict[str, Any], named: str) -> None:
    found = found_in("IG530", {"a": {"image": "x:1", "deploy": deploy}})
    assert [finding.message for finding in found] == (
        [f"Compose ignores {named}: only a Swarm reads that."] if named else []
    )


@pytest.mark.parametrize(
    ("restart", "condition", "flagged"),
    [
        ("unless-stopped", "any", False),
        ("always", "none", True),
        ("on-failure:3", "on-failure", False),
        ("no", "on-failure", True),
        (None, "any", False),
    ],
)
def test_restart_policies(restart: str | None, condition: str, flagged: bool) -> None:
    service = {"image": "x:1", "restart": restart, "deploy": {"restart_policy": {"condition": condition}}}
    assert bool(subjects("IG533", {"a": service})) is flagged


def test_external_secrets_count_where_they_are_used() -> None:
    sections = {"secrets": {"s": {"external": True}}, "configs": {"c": {"external": True}}}
    services = {"a": {"image": "x:1", "secrets": [{"source": "s"}]}, "b": {"image": "x:1"}}
    assert subjects("IG531", services, **sections) == ["a"]


@pytest.mark.parametrize(
    ("logging", "grows", "lost"),
    [
        ({}, True, False),
        ({"driver": "json-file", "options": {"max-file": "3"}}, True, False),
        ({"driver": "json-file", "options": {"max-size": "10m"}}, False, False),
        ({"driver": "journald"}, False, False),
        ({"driver": "none"}, False, True),
        ({"driver": "None"}, False, True),
    ],
)
def test_logs(logging: dict[str, Any], grows: bool, lost: bool) -> None:
    services = {"a": {"image": "x:1", "logging": logging}}
    assert (bool(subjects("IG540", services)), bool(subjects("IG541", services))) == (grows, lost)


@pytest.mark.parametrize(
    ("service", "flagged"),
    [
        ({"command": ["sh", "-c", "a && b"]}, True),
        ({"entrypoint": ["/bin/sh", "-c", "a; b"]}, True),
        ({"command": ["sh", "-c", "a && exec b"]}, False),
        ({"command": ["sh", "-c", "b"]}, False),
        ({"command": ["sh", "-c", "trap stop TERM; a; b"]}, False),
        ({"command": ["sh", "-c", "a && b"], "init": True}, False),
        ({"command": ["serve"]}, False),
    ],
)
def test_stop_signal(service: dict[str, Any], flagged: bool) -> None:
    assert bool(subjects("IG551", {"a": {"image": "x:1", "restart": "always", **service}})) is flagged


def test_killed_stores() -> None:
    services = {
        "a": {"image": "redis:7", "stop_signal": "SIGKILL"},
        "b": {"image": "redis:7", "stop_grace_period": "0s"},
        "c": {"image": "ours:1.0", "stop_grace_period": "0s"},
        "d": {"image": "redis:7", "stop_grace_period": "30s"},
    }
    assert subjects("IG552", services) == ["a", "b"]


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("api:8000", ""),
        ("localhost:9090", ""),
        ("node.example.com:9100", ""),
        ("appi:8000", "It scrapes 'appi', which no service is called."),
        ("localhost:8000", "It scrapes localhost:8000, which is its own container; 'api' listens there."),
    ],
)
def test_scrape_targets(target: str, message: str, tmp_path: Path) -> None:
    file = tmp_path / "prometheus.yml"
    file.write_text(f"scrape_configs:\n  - job_name: x\n    static_configs:\n      - targets: ['{target}']\n")
    mount = {"type": "bind", "source": str(file), "target": "/etc/prometheus/prometheus.yml"}
    services = {
        "api": {"image": "x:1", "expose": ["8000"]},
        "watch": {"image": "prom/prometheus:v2", "volumes": [mount]},
    }
    found = findings("IG550", Material(Resolution(replace(project(services), directory=str(tmp_path)))))
    assert [finding.message for finding in found] == ([message] if message else [])
    assert all(finding.location and finding.location.line == 4 for finding in found)


def test_a_prometheus_file_that_cannot_be_read_is_left_to_others(tmp_path: Path) -> None:
    file = tmp_path / "prometheus.yml"
    file.write_text("scrape_configs: [")
    mount = {"type": "bind", "source": str(file), "target": "/etc/prometheus/prometheus.yml"}
    services = {"watch": {"image": "x:1", "volumes": [mount]}}
    assert not findings("IG550", Material(Resolution(replace(project(services), directory=str(tmp_path)))))


def test_what_a_prober_is_told_to_look_at_is_no_scrape_target() -> None:
    rules = "relabel_configs: [{target_label: __address__, replacement: 'prober:9115'}]"
    text = f"scrape_configs: [{{job_name: x, static_configs: [{{targets: ['http://appi:8000']}}], {rules}}}]"
    watch = {"image": "prom/prometheus", "configs": [{"source": "c", "target": "/etc/prometheus/prometheus.yml"}]}
    services = {"watch": watch, "prober": {"image": "x:1"}}
    assert found_in("IG550", services, configs={"c": {"content": text}}) == ()
