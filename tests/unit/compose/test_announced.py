"""Edges from proxies and monitors that look for their services."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_infragate.compose.references import infer_edges

from ..stacks import project

PORT = {"traefik.http.services.web.loadbalancer.server.port": "8000"}
ROUTER = {"traefik.http.routers.web.rule": "Host(`x.example`)"}
DOCKER = ["--providers.docker=true"]
HIDDEN = [*DOCKER, "--providers.docker.exposedByDefault=false"]


def edges(services: dict[str, dict[str, Any]], **sections: Any) -> list[str]:
    return [str(edge) for edge in infer_edges(project(services, **sections))]


@pytest.mark.parametrize(
    ("command", "labels", "expected"),
    [
        (DOCKER, PORT, ["proxy -> web:8000"]),
        (["--providers.docker"], PORT, ["proxy -> web:8000"]),
        (DOCKER, ROUTER, ["proxy -> web:9000"]),
        (DOCKER, {**PORT, "traefik.enable": "false"}, []),
        (DOCKER, {"other": "1"}, []),
        (HIDDEN, PORT, []),
        (HIDDEN, {**PORT, "traefik.enable": "true"}, ["proxy -> web:8000"]),
        (["--providers.docker=false"], PORT, []),
        ([], PORT, []),
        (DOCKER, {"traefik.http.services.web.loadbalancer.server.port": "many"}, ["proxy -> web:9000"]),
    ],
)
def test_traefik(command: list[str], labels: dict[str, str], expected: list[str]) -> None:
    web = {"image": "own", "labels": labels, "expose": ["9000"]}
    assert edges({"proxy": {"image": "traefik:v3", "command": command}, "web": web}) == expected


def test_traefik_by_variables() -> None:
    environment = {"TRAEFIK_PROVIDERS_DOCKER": "true", "TRAEFIK_PROVIDERS_DOCKER_EXPOSEDBYDEFAULT": "false"}
    web = {"image": "own", "labels": {**PORT, "traefik.enable": "true"}}
    found = edges({"proxy": {"image": "traefik", "environment": environment}, "web": web, "b": {"image": "b"}})
    assert found == ["proxy -> web:8000"]


def test_who_waits_for_a_proxy_that_looks_for_it_does_not_call_it() -> None:
    started = {"proxy": {"condition": "service_started", "required": True}}
    web = {"image": "own", "labels": PORT, "depends_on": started}
    assert edges({"proxy": {"image": "traefik", "command": DOCKER}, "web": web}) == ["proxy -> web:8000"]


def test_a_proxy_calls_only_over_a_common_network() -> None:
    proxy = {"image": "traefik", "command": DOCKER, "networks": {"front": None}}
    web = {"image": "own", "labels": PORT, "networks": {"back": None}}
    assert edges({"proxy": proxy, "web": web}, networks={"front": {}, "back": {}}) == []
    assert edges({"proxy": {**proxy, "network_mode": "host", "networks": {}}, "web": web}, networks={"back": {}}) == []


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"VIRTUAL_HOST": "x.example", "VIRTUAL_PORT": "8000"}, ["proxy -> web:8000"]),
        ({"VIRTUAL_HOST": "x.example"}, ["proxy -> web:9000"]),
        ({"VIRTUAL_PORT": "8000"}, []),
    ],
)
def test_nginx_proxy(environment: dict[str, str], expected: list[str]) -> None:
    web = {"image": "own", "environment": environment, "expose": ["9000"]}
    socket = {"type": "bind", "source": "/var/run/docker.sock", "target": "/tmp/docker.sock"}  # noqa: S108
    for proxy in ({"image": "nginxproxy/nginx-proxy"}, {"build": {"context": "p"}, "volumes": [socket]}):
        assert edges({"proxy": proxy, "web": web}) == expected


def test_prometheus() -> None:
    labels = {"prometheus.io/scrape": "true", "prometheus.io/port": "9458"}
    services: dict[str, dict[str, Any]] = {
        "watch": {"image": "prom/prometheus"},
        "web": {"image": "own", "labels": labels},
        "b": {"image": "b"},
    }
    assert edges(services) == ["watch -> web:9458"]
    assert edges({**services, "watch": {"image": "own2"}}) == []


def test_what_announces_itself_need_not_be_waited_for() -> None:
    services = {"proxy": {"image": "traefik", "command": DOCKER}, "web": {"image": "own", "labels": PORT}}
    (edge,) = infer_edges(project(services))
    assert edge.evidence.value == "announced"
    assert edge.why == "label traefik.http.services.web.loadbalancer.server.port"
