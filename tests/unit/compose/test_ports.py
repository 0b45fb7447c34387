from __future__ import annotations

from typing import Any

import pytest

from pytest_infragate.compose.ports import family_ports, is_store, known_ports

from ..stacks import project


@pytest.mark.parametrize(
    ("image", "ports"),
    [
        ("postgres", (5432,)),
        ("postgres:16-alpine", (5432,)),
        ("registry.example:5000/bitnami/postgresql:16@sha256:00", (5432,)),
        ("confluentinc/cp-kafka:7", (9092,)),
        ("rabbitmq:3-management", (5672, 15672)),
        ("nginx", ()),
        ("mypostgres", ()),
    ],
)
def test_family(image: str, ports: tuple[int, ...]) -> None:
    assert family_ports(project({"x": {"image": image}}).services["x"]) == ports


@pytest.mark.parametrize(
    "change",
    [
        {"command": ["redis-server", "--port", "6380"]},
        {"command": ["redis-server", "/etc/redis.conf"]},
        {"environment": {"REDIS_PORT_NUMBER": "6380"}},
        {"volumes": [{"type": "bind", "source": "/r", "target": "/etc/redis.conf"}]},
    ],
)
def test_a_family_says_nothing_where_the_port_may_be_changed(change: dict[str, Any]) -> None:
    service = project({"x": {"image": "redis:7", **change}}).services["x"]
    assert family_ports(service) == ()
    assert is_store(service)


def test_known_ports_are_those_inside_the_network() -> None:
    published = [
        {"target": 80, "published": "8080", "protocol": "tcp"},
        {"target": 53, "published": "53", "protocol": "udp"},
    ]
    services = {"x": {"image": "redis", "expose": ["9000-9001", "70/udp"], "ports": published}}
    assert known_ports(project(services).services["x"]) == (80, 6379, 9000, 9001)
