from __future__ import annotations

from pytest_infragate.compose.names import is_off_network, namespace_owner, network_keys

from ..stacks import project

SERVICES = {
    "db": {"image": "x", "networks": {"back": None, "front": None}},
    "side": {"image": "x", "network_mode": "service:db"},
    "deeper": {"image": "x", "network_mode": "service:side"},
    "onhost": {"image": "x", "network_mode": "host"},
    "lost": {"image": "x", "network_mode": "service:gone"},
}


def test_a_shared_namespace_has_the_networks_of_its_owner() -> None:
    found = project(SERVICES)
    assert namespace_owner(found, "deeper") == "db"
    assert network_keys(found, "deeper") == {"back", "front"}
    assert not is_off_network(found, "deeper")


def test_the_hosts_network_and_a_lost_owner_have_no_names() -> None:
    found = project(SERVICES)
    assert is_off_network(found, "onhost")
    assert is_off_network(found, "lost")
    assert network_keys(found, "onhost") == frozenset()


def test_services_that_name_each_other_end() -> None:
    circle = project({"a": {"network_mode": "service:b"}, "b": {"network_mode": "service:a"}})
    assert namespace_owner(circle, "a") in ("a", "b")
