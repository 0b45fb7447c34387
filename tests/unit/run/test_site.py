"""On which ports a service is expected to listen."""

from __future__ import annotations

from pytest_infragate.gates import connectivity
from pytest_infragate.run.site import declared_ports, needed_ports
from pytest_infragate.settings import ConnectivitySettings

from ..stacks import project

STACK = project(
    {
        "api": {"environment": {"CACHE_URL": "redis://cache:6380"}},
        "cache": {"expose": ["6379", "5353/udp"], "ports": [{"target": 80, "published": "0", "protocol": "tcp"}]},
    }
)


def test_a_service_answers_for_the_ports_that_it_names_itself() -> None:
    assert declared_ports(STACK.services["cache"]) == {(80, "tcp"), (6379, "tcp"), (5353, "udp")}
    assert declared_ports(STACK.services["api"]) == frozenset()


def test_a_service_is_also_needed_on_the_ports_that_others_name() -> None:
    needed = needed_ports(STACK, connectivity.plan(STACK, ConnectivitySettings()))
    assert needed["cache"] == declared_ports(STACK.services["cache"]) | {(6380, "tcp")}
