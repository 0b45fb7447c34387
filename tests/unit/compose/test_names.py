from __future__ import annotations

import pytest

from pytest_infragate.compose.names import directory, is_off_network, namespace_owner, network_keys

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


@pytest.mark.parametrize(
    ("caller", "name", "target"),
    [
        ("api", "store", "two"),
        ("web", "STORE", "one"),
        ("far", "store", "one"),
        ("far", "one", "one"),
        ("linked", "store", "three"),
        ("both", "store", "one"),
        ("api", "nobody", None),
    ],
)
def test_whom_a_name_leads_to_depends_on_the_caller(caller: str, name: str, target: str | None) -> None:
    services = {
        "one": {"networks": {"front": {"aliases": ["store"]}}},
        "two": {"networks": {"back": {"aliases": ["store"]}}},
        "three": {"networks": {"other": None}},
        "api": {"networks": {"back": None}},
        "web": {"networks": {"front": None}},
        "far": {"networks": {"other": None}},
        "both": {"networks": {"front": None, "back": None}},
        "linked": {"networks": {"other": None}, "links": ["three:store"]},
    }
    found = project(services)
    assert directory(found).target(found.services[caller], name) == target


def test_services_that_name_each_other_end() -> None:
    circle = project({"a": {"network_mode": "service:b"}, "b": {"network_mode": "service:a"}})
    assert namespace_owner(circle, "a") in ("a", "b")
