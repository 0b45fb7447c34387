"""What keeps a service from having more containers, and what does not."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_infragate.checks import BY_ID
from pytest_infragate.checks.base import Material
from pytest_infragate.compose.resolve import Resolution
from pytest_infragate.results import Finding, Severity
from pytest_infragate.scaling_settings import ScalingSettings

from ..stacks import project

PORT = {"target": 80, "published": "8080", "protocol": "tcp"}
RANGE = {**PORT, "published": "8080-8082"}
DATA = {
    "image": "postgres:16",
    "volumes": [{"type": "volume", "source": "data", "target": "/var/lib/postgresql/data"}],
}


def found(services: dict[str, Any], *, isolate: bool = False, **replicas: int) -> list[Finding]:
    scaling = {name.replace("_", "*"): ScalingSettings(count) for name, count in replicas.items()}
    material = Material(Resolution(project(services)), scaling=scaling, isolate=isolate)
    return list(BY_ID["IG504"].findings(material, Severity.ERROR))


@pytest.mark.parametrize(
    ("service", "said"),
    [
        ({"container_name": "web"}, "3 containers cannot all be called 'web'."),
        ({"ports": [PORT]}, "3 replicas share the host port 8080."),
        ({"ports": [{**PORT, "published": "8080-8081"}]}, "3 replicas share the host port 8080-8081."),
        (
            {"networks": {"back": {"ipv4_address": "10.5.0.5"}}},
            "3 containers cannot all have the address 10.5.0.5 in the network 'back'.",
        ),
        (
            {"mac_address": "02:42:ac:11:00:03"},
            "3 containers cannot all have the MAC address 02:42:ac:11:00:03: what is sent to one may reach another.",
        ),
        (
            {"networks": {"back": {"mac_address": "02:42:ac:11:00:03"}}},
            "3 containers cannot all have the MAC address 02:42:ac:11:00:03: what is sent to one may reach another.",
        ),
        ({"scale": 3}, "scaling wants 3 containers of api, and the file declares 3 already."),
    ],
)
def test_what_exists_once_is_told_with_its_place(service: dict[str, Any], said: str) -> None:
    (finding,) = found({"api": service}, api=3)
    assert finding.message == said
    assert finding.remedy
    assert "declares" in said or (finding.location is not None and finding.location.line == 1)


@pytest.mark.parametrize(
    "service",
    [
        {},
        {"ports": [RANGE]},
        {"ports": [{"target": 80, "published": None}]},
        {"hostname": "web"},
        {"networks": {"back": {"aliases": ["web"]}}},
        {"volumes": [{"type": "volume", "source": "data", "target": "/data"}]},
    ],
)
def test_what_several_containers_can_share_is_none(service: dict[str, Any]) -> None:
    assert found({"api": service}, api=3) == []


def test_what_an_isolated_stack_gives_up_is_none() -> None:
    services = {"api": {"container_name": "web", "ports": [PORT]}}
    assert len(found(services, api=3)) == 2
    assert found(services, isolate=True, api=3) == []


def test_a_port_of_the_range_that_another_service_has() -> None:
    services = {"api": {"ports": [RANGE]}, "other": {"ports": [{**PORT, "published": "8081"}]}}
    assert found(services, api=2) == []
    assert [one.subject for one in found(services, api=3)] == ["api"]


def test_servers_that_would_share_one_data_folder() -> None:
    (finding,) = found({"db": DATA}, db=2)
    assert "data" in finding.message


def test_a_conflict_that_is_there_without_scaling_is_not_told_again() -> None:
    services = {"api": {"ports": [PORT], "scale": 2}}
    assert [one.message for one in found(services, api=3)] == ["3 replicas share the host port 8080."]
    assert found({"api": {}, "other": {"ports": [PORT], "scale": 2}}, api=3) == []


def test_a_pattern_leaves_out_what_it_cannot_be_after() -> None:
    waits = {"migrate": {"condition": "service_completed_successfully"}}
    services = {
        "migrate": {"container_name": "m"},
        "api": {"container_name": "a", "depends_on": waits},
        "many": {"scale": 4},
    }
    assert [one.subject for one in found(services, _=3)] == ["api"]
