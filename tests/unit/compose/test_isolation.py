from __future__ import annotations

from typing import Any

import pytest

from pytest_infragate.compose import cli
from pytest_infragate.compose.isolation import fixed_addresses, joined_by, on_host_network, override
from tests.unit.stacks import project

WEB = {"image": "web:1"}


def port(target: int, published: str | None = None, **further: str) -> dict[str, Any]:
    return {"target": target, "protocol": "tcp", **({"published": published} if published else {}), **further}


@pytest.mark.parametrize(
    "service, lines",
    [
        (
            {"container_name": "shop-web"},
            ["    container_name: !reset null", '    networks: {"default": {"aliases": ["shop-web"]}}'],
        ),
        (
            {"container_name": "shop-web", "networks": {"back": None, "front": {"aliases": ["www"]}}},
            [
                "    container_name: !reset null",
                '    networks: {"back": {"aliases": ["shop-web"]}, "front": {"aliases": ["shop-web"]}}',
            ],
        ),
        ({"container_name": "shop-web", "network_mode": "host"}, ["    container_name: !reset null"]),
        (
            {"ports": [port(80, "8080"), port(81)]},
            [
                "    ports: !override",
                '      - {"target": 80, "protocol": "tcp"}',
                '      - {"target": 81, "protocol": "tcp"}',
            ],
        ),
        (
            {"ports": [port(80, "8080", host_ip="127.0.0.1"), port(53, "53", protocol="udp", host_ip="::1")]},
            [
                "    ports: !override",
                '      - {"target": 80, "protocol": "tcp", "host_ip": "127.0.0.1"}',
                '      - {"target": 53, "protocol": "udp", "host_ip": "::1"}',
            ],
        ),
        ({"ports": [port(80, "8000-8010")]}, ["    ports: !override", '      - {"target": 80, "protocol": "tcp"}']),
        (
            {"ports": [port(80, "8080"), port(80, "9090")]},
            ["    ports: !override", '      - {"target": 80, "protocol": "tcp"}'],
        ),
    ],
    ids=["name", "name on networks", "name on the host", "port", "addresses", "range", "twice"],
)
def test_what_is_taken_out_of_a_service(service: dict[str, Any], lines: list[str]) -> None:
    assert override(project({"web": {**WEB, **service}})).splitlines() == ["services:", '  "web":', *lines]


@pytest.mark.parametrize(
    "services, sections",
    [
        ({"web": WEB}, {}),
        ({"web": {**WEB, "ports": [port(80), port(81, "0")]}}, {}),
        ({"web": WEB}, {"volumes": {"data": {"name": "shared", "external": True}}}),
        ({"web": WEB}, {"volumes": {"data": {"name": "igt_data"}}}),
        ({"web": WEB}, {"networks": {"back": {"external": True, "ipam": {"config": [{"subnet": "10.1.0.0/24"}]}}}}),
        ({"web": WEB}, {"networks": {"lan": {"driver": "macvlan", "ipam": {"config": [{"subnet": "10.1.0.0/24"}]}}}}),
        ({"web": WEB}, {"networks": {"six": {"ipam": {"config": [{"subnet": "fd00:1::/64"}]}}}}),
        (
            {"web": {**WEB, "networks": {"back": {"ipv4_address": "10.1.0.5"}}}},
            {"networks": {"back": {"ipam": {"config": [{"subnet": "10.1.0.0/24"}]}}}},
        ),
        ({"web": {**WEB, "container_name": "w"}, "side": {**WEB, "network_mode": "container:w"}}, {}),
    ],
    ids=["plain", "any port", "external", "own name", "external net", "macvlan", "IPv6", "addresses", "joined"],
)
def test_what_is_left_alone(services: dict[str, Any], sections: dict[str, Any]) -> None:
    assert override(project(services, **sections)) == "services: {}\n"


def test_what_is_taken_out_of_networks_and_volumes() -> None:
    text = override(
        project(
            {"web": WEB},
            networks={"back": {"name": "shop", "ipam": {"config": [{"subnet": "10.1.0.0/24"}]}}},
            volumes={"data": {"name": "shop-data"}},
        )
    )
    assert text == (
        'networks:\n  "back":\n    name: !reset null\n    ipam: !reset null\nvolumes:\n  "data":\n    name: !reset null\n'
    )


def test_who_cannot_be_isolated_is_known() -> None:
    made = project(
        {
            "web": {**WEB, "container_name": "w"},
            "side": {**WEB, "network_mode": "container:w"},
            "agent": {**WEB, "network_mode": "host"},
            "fixed": {**WEB, "networks": {"back": {"ipv6_address": "fd00::5"}}},
        },
        networks={"back": None, "front": None},
    )
    assert joined_by(made, made.services["web"]) == "side"
    assert joined_by(made, made.services["side"]) == ""
    assert [service.name for service in on_host_network(made)] == ["agent"]
    assert fixed_addresses(made, made.networks["back"])
    assert not fixed_addresses(made, made.networks["front"])


@pytest.mark.parametrize(
    "version, expected",
    [("2.40.3", (2, 40, 3)), ("2.24.4-desktop.1", (2, 24, 4)), ("2.9", (2, 9)), ("5.0.0", (5, 0, 0))],
)
def test_the_numbers_of_a_version(version: str, expected: tuple[int, ...]) -> None:
    assert cli.numbers(version) == expected
