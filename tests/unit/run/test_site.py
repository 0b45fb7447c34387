"""On which ports a service is expected to listen."""

from __future__ import annotations

from pytest_infragate.gates import edge_plan
from pytest_infragate.run.site import calls_of, declared_ports, needed_ports
from pytest_infragate.settings import ConnectivityPolicy, ConnectivitySettings, EdgeSettings, ProbeSettings

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
    needed = needed_ports(STACK, edge_plan.plan(STACK, ConnectivitySettings()))
    assert needed["cache"] == declared_ports(STACK.services["cache"]) | {(6380, "tcp")}


def test_who_calls_a_port_is_known_with_its_place() -> None:
    found = calls_of(STACK, edge_plan.plan(STACK, ConnectivitySettings()))
    (told,) = found.values()
    assert set(found) == {("cache", 6380, "tcp")}
    assert told.startswith("api calls 6380/tcp: environment CACHE_URL (compose.yaml:1")


def test_an_edge_over_udp_needs_no_listener_on_tcp_and_a_command_needs_none() -> None:
    udp, command = ProbeSettings("udp", 53, text="ping"), ProbeSettings("exec", argv=("dig",))
    declared = (EdgeSettings("api", "cache", 53, probe=udp), EdgeSettings("api", "cache", 7000, probe=command))
    edges = edge_plan.plan(STACK, ConnectivitySettings(policy=ConnectivityPolicy.DECLARED, expect=declared))
    assert set(calls_of(STACK, edges)) == {("cache", 53, "udp")}
    assert needed_ports(STACK, edges)["cache"] == declared_ports(STACK.services["cache"]) | {(53, "udp")}


def test_a_call_that_extra_hosts_lead_to_the_host_needs_no_listener_on_its_port() -> None:
    caller = {
        "network_mode": "host",
        "extra_hosts": ["cache=127.0.0.1"],
        "environment": {"CACHE_URL": "redis://cache:16379"},
    }
    stack = project({"caller": caller, "cache": {"expose": ["6379"]}})
    assert calls_of(stack, edge_plan.plan(stack, ConnectivitySettings())) == {}
