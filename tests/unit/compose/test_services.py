"""Every form that ``docker compose config`` prints becomes one typed service."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_infragate.compose.model import Dependency, Mount, NetworkUse, Service

from ..stacks import project


def service(**value: Any) -> Service:
    return project({"x": value}).services["x"]


def test_what_is_absent_has_the_models_defaults() -> None:
    found = service(image="x", command=None, entrypoint=None)
    assert (found.command, found.environment, found.healthcheck, found.build) == ((), {}, None, None)
    assert (found.replicas, found.restart, found.memory_limit, found.privileged) == (1, None, None, False)


def test_doubled_dollars_are_single_again() -> None:
    found = service(command=["echo", "$$HOME"], environment={"A": "pa$$$$word"}, healthcheck={"test": ["CMD", "$$X"]})
    assert found.command == ("echo", "$HOME")
    assert found.environment == {"A": "pa$$word"}
    assert found.healthcheck is not None
    assert found.healthcheck.test == ("CMD", "$X")


def test_variables_without_a_value_are_left_out() -> None:
    assert service(environment={"A": None, "B": "", "C": "1"}).environment == {"B": "", "C": "1"}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"mem_limit": "1048576"}, (1048576, None)),
        ({"deploy": {"resources": {"limits": {"memory": "2048"}, "reservations": {"memory": "1024"}}}}, (2048, 1024)),
        ({"mem_limit": "0", "mem_reservation": "5"}, (None, 5)),
    ],
)
def test_memory(value: dict[str, Any], expected: tuple[int | None, int | None]) -> None:
    found = service(**value)
    assert (found.memory_limit, found.memory_reservation) == expected


@pytest.mark.parametrize(
    ("value", "cpus", "pids"),
    [
        ({"cpus": 1.5, "pids_limit": 9}, 1.5, 9),
        ({"deploy": {"resources": {"limits": {"cpus": 0.5, "pids": 5}}}}, 0.5, 5),
        ({"cpus": "0.25", "pids_limit": -1}, 0.25, -1),
    ],
)
def test_cpus_and_pids(value: dict[str, Any], cpus: float, pids: int) -> None:
    assert (service(**value).cpus, service(**value).pids_limit) == (cpus, pids)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"restart": "on-failure:3"}, "on-failure:3"),
        ({"deploy": {"restart_policy": {"condition": "none"}}}, "no"),
        ({"deploy": {"restart_policy": {"condition": "any"}}}, "always"),
        ({"deploy": {"restart_policy": {"condition": "on-failure", "max_attempts": 3}}}, "on-failure:3"),
        ({"restart": "no", "deploy": {"restart_policy": {"condition": "any"}}}, "no"),
    ],
)
def test_restart(value: dict[str, Any], expected: str) -> None:
    assert service(**value).restart == expected


@pytest.mark.parametrize(
    ("value", "expected"), [({"scale": 3}, 3), ({"deploy": {"replicas": 2}}, 2), ({"scale": 0}, 0), ({}, 1)]
)
def test_replicas(value: dict[str, Any], expected: int) -> None:
    assert service(**value).replicas == expected


def test_ports() -> None:
    found = service(
        ports=[
            {"target": 80, "published": "8080", "host_ip": "127.0.0.1", "protocol": "tcp"},
            {"target": 53, "protocol": "udp"},
            {"target": 90, "published": "9000-9009", "protocol": "tcp"},
        ]
    ).ports
    assert [(port.target, port.published, port.host_ip, port.protocol) for port in found] == [
        (80, "8080", "127.0.0.1", "tcp"),
        (53, None, None, "udp"),
        (90, "9000-9009", None, "tcp"),
    ]


@pytest.mark.parametrize(
    ("value", "disabled"),
    [({"disable": True}, True), ({"test": ["NONE"]}, True), ({"test": ["CMD-SHELL", "NONE"]}, False), ({}, False)],
)
def test_disabled_healthcheck(value: dict[str, Any], disabled: bool) -> None:
    found = service(healthcheck=value).healthcheck
    assert found is not None
    assert found.disabled is disabled


def test_times_of_a_healthcheck_are_seconds() -> None:
    written = {"test": ["CMD", "x"], "interval": "1m30s", "timeout": "500ms", "retries": 3, "start_period": "1h0m0s"}
    found = service(healthcheck=written).healthcheck
    assert found is not None
    assert (found.interval_s, found.timeout_s, found.retries, found.start_period_s) == (90, 0.5, 3, 3600)


def test_mounts() -> None:
    found = service(
        volumes=[
            {"type": "bind", "source": "/a", "target": "/b", "read_only": True, "bind": {"create_host_path": True}},
            {"type": "bind", "source": "/c", "target": "/d", "bind": {}},
            {"type": "volume", "source": "data", "target": "/e", "volume": {}},
            {"type": "volume", "target": "/anonymous"},
        ],
        tmpfs=["/run:size=5m"],
    ).mounts
    assert [(m.kind, m.source, m.target, m.read_only, m.create_host_path) for m in found] == [
        ("bind", "/a", "/b", True, True),
        ("bind", "/c", "/d", False, False),
        ("volume", "data", "/e", False, True),
        ("volume", None, "/anonymous", False, True),
        ("tmpfs", None, "/run", False, True),
    ]
    assert isinstance(found[0], Mount)


def test_networks_dependencies_and_build() -> None:
    found = service(
        networks={"back": {"aliases": ["a"], "ipv4_address": "10.0.0.2"}, "front": None},
        depends_on={"db": {"condition": "service_healthy", "required": False}},
        build={"context": "/src", "dockerfile_inline": "FROM scratch"},
        secrets=[{"source": "s", "target": "/run/secrets/s"}],
    )
    assert found.networks == (NetworkUse("back", ("a",), "10.0.0.2"), NetworkUse("front"))
    assert [(d.service, d.condition, d.required) for d in found.depends_on] == [("db", "service_healthy", False)]
    assert isinstance(found.depends_on[0], Dependency)
    assert found.build is not None
    assert (found.build.context, found.build.dockerfile, found.build.inline) == ("/src", None, True)
    assert found.secrets == ("s",)


def test_names_that_compose_makes_are_no_fixed_names() -> None:
    found = project(
        {},
        networks={"default": {"name": "igt_default"}, "shared": {"name": "shared", "external": True}},
        volumes={"data": {"name": "igt_data"}, "fixed": {"name": "our-data"}},
    )
    assert {key: (item.name, item.external) for key, item in {**found.networks, **found.volumes}.items()} == {
        "default": (None, False),
        "shared": ("shared", True),
        "data": (None, False),
        "fixed": ("our-data", False),
    }
