"""What the checks of healthchecks flag, and what they must leave alone."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_infragate.checks import BY_ID
from pytest_infragate.checks.base import Material
from pytest_infragate.compose.resolve import Resolution
from pytest_infragate.results import Severity

from ..stacks import project
from .looking import found_in, probed, subjects


@pytest.mark.parametrize(
    ("script", "flagged"),
    [
        ("curl -f http://localhost/ || echo down", True),
        ("curl -f http://localhost/; echo $?", True),
        ("{ curl -f http://localhost/ || true; }", True),
        ("until curl -f http://localhost/; do sleep 1; done; echo up", False),
        ("curl -f http://localhost/ || (echo down; exit 1)", False),
        ("curl -f http://localhost/ || kill 1", False),
    ],
)
def test_cannot_fail(script: str, flagged: bool) -> None:
    assert bool(subjects("IG502", {"a": probed("CMD-SHELL", script)})) is flagged


@pytest.mark.parametrize(
    ("test", "flagged"),
    [
        (("CMD", "curl", "-f", "http://localhost/", "||", "exit", "1"), True),
        (("CMD", "redis-cli ping"), True),
        (("CMD", "redis-cli", "ping"), False),
        (("CMD", "sh", "-c", "redis-cli ping || exit 1"), False),
        (("CMD", "curl", "-H", "a: b || c", "http://localhost/"), False),
        (("CMD-SHELL", "redis-cli ping || exit 1"), False),
    ],
)
def test_shell_syntax_in_exec_form(test: tuple[str, ...], flagged: bool) -> None:
    assert bool(subjects("IG514", {"a": probed(*test)})) is flagged


def test_arguments_after_shell_form() -> None:
    assert subjects("IG515", {"a": probed("CMD-SHELL", "pg_isready", "-U", "x")}) == ["a"]
    assert subjects("IG515", {"a": probed("CMD-SHELL", "pg_isready -U x")}) == []


def test_variable_in_exec_form_names_the_variable_alone() -> None:
    [finding] = found_in("IG516", {"a": probed("CMD", "mysqladmin", "ping", "-p$$MYSQL_PASSWORD")})
    assert "the variable MYSQL_PASSWORD " in finding.message
    assert subjects("IG516", {"a": probed("CMD", "sh", "-c", "ping -p$$MYSQL_PASSWORD")}) == []


@pytest.mark.parametrize(
    ("image", "test", "flagged"),
    [
        ("postgres:16-alpine", "curl -f http://localhost/", True),
        ("library/redis:7", "wget -q http://localhost/", True),
        ("redis:7-alpine", "wget -q http://localhost/", False),
        ("nginx:1.27-alpine", "curl -f http://localhost/", False),
        ("python:3.12", "curl -f http://localhost/", False),
        ("python:3.12-slim", "curl -f http://localhost/", True),
        ("ours/postgres:16-alpine", "curl -f http://localhost/", False),
        ("registry.example/distroless/static", "exit 0", True),
        ("registry.example/distroless/static:debug", "exit 0", False),
        ("unknown:1", "curl -f http://localhost/", False),
    ],
)
def test_program_missing(image: str, test: str, flagged: bool) -> None:
    assert bool(subjects("IG513", {"a": probed("CMD-SHELL", test, image=image)})) is flagged


def test_a_built_image_or_one_whose_command_installs_the_program_may_have_it() -> None:
    installing = {"image": "alpine:3.20", "command": ["sh", "-c", "apk add curl && serve"]}
    built = {"image": "alpine:3.20", "build": {"context": "/project"}}
    for service in (installing, built):
        assert subjects("IG513", {"a": probed("CMD", "curl", "-f", "http://localhost/", **service)}) == []


@pytest.mark.parametrize(
    ("script", "flagged"),
    [
        ("curl -f http://b:80/", True),
        ("nc -z b 80 || exit 1", True),
        ("curl -f http://a:80/", False),
        ("curl -f http://localhost/ && curl -f http://b/", False),
        ("ready --quiet && nc -z b 80", False),
        ("curl -f https://example.com/", False),
    ],
)
def test_asks_another_service(script: str, flagged: bool) -> None:
    services = {"a": probed("CMD-SHELL", script), "b": {"image": "x:1"}}
    assert subjects("IG517", services) == (["a"] if flagged else [])


def test_an_alias_that_two_services_share_may_lead_to_oneself() -> None:
    shared = {"networks": {"n": {"aliases": ["both"]}}}
    services = {"a": {"image": "x:1", **shared}, "b": probed("CMD", "curl", "http://both/", **shared)}
    assert subjects("IG517", services, networks={"n": {}}) == []


def test_a_service_in_the_same_network_namespace_is_no_other_one() -> None:
    services = {"a": probed("CMD", "curl", "http://b/", network_mode="service:b"), "b": {"image": "x:1"}}
    assert subjects("IG517", services) == []


@pytest.mark.parametrize(
    ("service", "unknown", "host_side"),
    [
        ({"ports": [{"target": 80, "published": "8080"}]}, False, True),
        ({"expose": ["80"]}, True, False),
        ({"expose": ["80"], "environment": {"PORT": "8080"}}, False, False),
        ({"expose": ["80"], "command": ["--admin=:8080"]}, False, False),
        ({"expose": ["8080"]}, False, False),
        ({"ports": [{"target": 22, "published": "2222"}]}, False, False),
        ({"expose": ["22", "80"]}, True, False),
        ({}, False, False),
    ],
)
def test_port_of_healthcheck(service: dict[str, Any], unknown: bool, host_side: bool) -> None:
    services = {"a": probed("CMD", "curl", "-f", "http://localhost:8080/", **service)}
    assert bool(subjects("IG518", services)) is unknown
    assert bool(subjects("IG519", services)) is host_side


@pytest.mark.parametrize(
    ("image", "test", "flagged"),
    [
        ("postgres:16", "pg_isready -U app", True),
        ("postgis/postgis:16", "pg_isready", True),
        ("postgres:16", "pg_isready -Uapp -h localhost", False),
        ("postgres:16", "pg_isready --host=127.0.0.1", False),
        ("ours/api:1", "pg_isready", False),
        ("mysql:8", "mysqladmin ping", True),
        ("mysql:8", "mysqladmin ping -h localhost", True),
        ("mysql:8", "mysqladmin ping -h 127.0.0.1", False),
        ("mariadb:11", "mariadb-admin ping --protocol=tcp", False),
        ("mariadb:11", "healthcheck.sh --connect", False),
    ],
)
def test_passes_during_setup(image: str, test: str, flagged: bool) -> None:
    assert bool(subjects("IG523", {"a": probed("CMD-SHELL", test, image=image)})) is flagged


@pytest.mark.parametrize(
    ("times", "gate_s", "flagged"),
    [
        ({}, 180.0, False),
        ({}, 60.0, True),
        ({"interval": "10s", "retries": 30}, 180.0, True),
        ({"interval": "10s", "retries": 30}, 600.0, False),
        ({"interval": "5s", "start_period": "200s"}, 180.0, True),
    ],
)
def test_healthcheck_outlasts_gate(times: dict[str, Any], gate_s: float, flagged: bool) -> None:
    found = project({"a": {"image": "x:1", "healthcheck": {"test": ["CMD", "x"], **times}}})
    material = Material(Resolution(found), timeout_s=gate_s)
    assert bool(BY_ID["IG521"].findings(material, Severity.WARNING)) is flagged


def test_slow_images() -> None:
    quick = {"healthcheck": {"test": ["CMD", "x"], "interval": "5s"}}
    services = {
        "a": {"image": "elastic/elasticsearch:8", **quick},
        "b": {"image": "mcr.example/mssql/server:2022", **quick},
        "c": {"image": "ours/server:1", **quick},
        "d": {"image": "redis:7", **quick},
    }
    assert subjects("IG522", services) == ["a", "b"]


def test_healthcheck_missing_leaves_what_ends_alone() -> None:
    services = {
        "api": {
            "image": "x:1",
            "depends_on": {"setup": {"condition": "service_completed_successfully"}},
            "expose": ["1"],
        },
        "setup": {"image": "x:1", "restart": "always"},
        "tool": {"image": "x:1"},
    }
    assert subjects("IG524", services) == ["api"]


@pytest.mark.parametrize(
    ("test", "flagged"),
    [
        ("curl http://localhost/", True),
        ("curl -fsS http://localhost/", False),
        ("curl --fail http://localhost/", False),
        ("curl -s http://localhost/ | grep ok", False),
    ],
)
def test_ignores_status(test: str, flagged: bool) -> None:
    assert bool(subjects("IG526", {"a": probed("CMD-SHELL", test)})) is flagged
