"""Limits of services, alone and together."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_infragate.check_options import Budget
from pytest_infragate.checks.base import Material
from pytest_infragate.checks.machine import Machine, this_machine
from pytest_infragate.compose.resolve import Resolution

from ..stacks import project
from .looking import findings, subjects

GIBIBYTE = 1024**3
MACHINE = Machine(8 * GIBIBYTE, 4, "amd64")


def told(id_: str, services: dict[str, Any], machine: Machine = MACHINE, budget: Budget | None = None) -> list[str]:
    """Return the subjects that a check finds on a machine, under a budget."""
    looked_at = Material(Resolution(project(services)), machine=machine, budget=budget or Budget())
    return [finding.subject for finding in findings(id_, looked_at)]


@pytest.mark.parametrize(
    ("id_", "service", "flagged"),
    [
        ("IG710", {"mem_limit": "1g"}, False),
        ("IG710", {"deploy": {"resources": {"limits": {"memory": "1073741824"}}}}, False),
        ("IG710", {}, True),
        ("IG711", {"cpus": 1}, False),
        ("IG711", {"cpu_quota": "50000"}, False),
        ("IG711", {}, True),
        ("IG712", {"pids_limit": 100}, False),
        ("IG712", {"deploy": {"resources": {"limits": {"pids": 5}}}}, False),
        ("IG712", {"pids_limit": -1}, True),
        ("IG712", {"pids_limit": 0}, True),
        ("IG713", {"ulimits": {"nofile": {"soft": 2, "hard": 1}}}, True),
        ("IG713", {"ulimits": {"memlock": {"soft": -1, "hard": -1}}}, False),
        ("IG713", {"ulimits": {"memlock": {"soft": -1, "hard": 1}}}, True),
        ("IG713", {"ulimits": {"nproc": 65535}}, False),
        ("IG717", {"image": "elasticsearch:8.15.0", "mem_limit": "512m"}, True),
        ("IG717", {"image": "elasticsearch:8.15.0", "mem_limit": "2g"}, False),
        ("IG717", {"image": "elasticsearch:8.15.0"}, False),
        ("IG717", {"image": "registry.example/mssql/server:2022", "mem_limit": "1g"}, True),
        ("IG718", {"mem_limit": "1g", "environment": {"X": "-Xms1g -Xmx1024m"}}, True),
        ("IG718", {"mem_limit": "1g", "command": ["java", "-Xmx2G", "-jar", "x"]}, True),
        ("IG718", {"mem_limit": "1g", "environment": {"X": "-Xmx512m"}}, False),
        ("IG718", {"environment": {"X": "-Xmx512g"}}, False),
        ("IG720", {"mem_limit": "4m"}, True),
        ("IG720", {"mem_limit": "512"}, True),
        ("IG720", {"mem_limit": "6m"}, False),
        ("IG720", {"mem_limit": "2g", "memswap_limit": "1g"}, True),
        ("IG720", {"mem_limit": "2g", "memswap_limit": "-1"}, False),
    ],
    ids=str,
)
def test_limits(id_: str, service: dict[str, Any], flagged: bool) -> None:
    assert bool(subjects(id_, {"a": service})) is flagged


def test_a_variable_sets_the_heap() -> None:
    service = {"image": "elasticsearch:8", "mem_limit": "512m", "environment": {"ES_JAVA_OPTS": "-Xmx256m"}}
    assert subjects("IG717", {"a": service}) == []


@pytest.mark.parametrize(("cpus", "machine", "found"), [(5, MACHINE, ["a"]), (4, MACHINE, []), (5, Machine(), [])])
def test_more_processors_than_machine(cpus: int, machine: Machine, found: list[str]) -> None:
    assert told("IG714", {"a": {"cpus": cpus}}, machine) == found


@pytest.mark.parametrize(
    ("services", "found"),
    [
        ({"a": {"mem_limit": "9g"}}, ["a"]),
        ({"a": {"mem_limit": "5g"}, "b": {"mem_limit": "5g"}}, ["*"]),
        ({"a": {"mem_limit": "3g", "scale": 3}}, ["*"]),
        ({"a": {"mem_reservation": "5g"}, "b": {"mem_reservation": "5g"}}, ["*"]),
        ({"a": {"mem_limit": "4g"}, "b": {"mem_limit": "4g"}}, []),
        ({"a": {}}, []),
    ],
)
def test_more_memory_than_machine(services: dict[str, Any], found: list[str]) -> None:
    assert told("IG716", services) == found
    assert told("IG716", services, Machine()) == []


@pytest.mark.parametrize(
    ("services", "budget", "found"),
    [
        ({"a": {"mem_limit": "3g", "scale": 2}}, Budget(memory=5 * GIBIBYTE), ["*"]),
        ({"a": {"mem_limit": "2g", "scale": 2}}, Budget(memory=5 * GIBIBYTE), []),
        ({"a": {"mem_limit": "2g"}, "b": {}}, Budget(memory=5 * GIBIBYTE), ["b"]),
        ({"a": {"cpus": 2}, "b": {"cpus": 1.5}}, Budget(cpus=3), ["*"]),
        ({"a": {}}, Budget(), []),
    ],
)
def test_budget_exceeded(services: dict[str, Any], budget: Budget, found: list[str]) -> None:
    assert told("IG715", services, budget=budget) == found


def test_a_machine_elsewhere_is_not_known() -> None:
    assert this_machine({"DOCKER_HOST": "tcp://127.0.0.1:2375"}) == Machine()


@pytest.mark.parametrize(
    ("platform", "found"),
    [("linux/arm64", ["a"]), ("linux/amd64", []), ("linux/x86_64", []), ("linux", []), ("wasi/wasm", []), (None, [])],
)
def test_foreign_platform(platform: str | None, found: list[str]) -> None:
    assert told("IG212", {"a": {"platform": platform}}) == found
    assert told("IG212", {"a": {"platform": platform}}, Machine()) == []
