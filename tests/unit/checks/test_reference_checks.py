"""The checks of what services call each other: what each must not flag, and what it must beside its example."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_infragate.checks import BY_ID
from pytest_infragate.checks.base import Material
from pytest_infragate.compose import unresolved
from pytest_infragate.compose.model import Project
from pytest_infragate.compose.resolve import Resolution
from pytest_infragate.compose.unresolved import edit_distance
from pytest_infragate.results import Finding, Severity

from ..stacks import project

CACHE = {"image": "redis:7"}


def findings(id_: str, found: Project) -> tuple[Finding, ...]:
    return BY_ID[id_].findings(Material(Resolution(found)), Severity.WARNING)


def subjects(id_: str, services: dict[str, Any], **sections: Any) -> list[str]:
    return [finding.subject for finding in findings(id_, project(services, **sections))]


@pytest.mark.parametrize(
    ("api", "misspelt", "unknown"),
    [
        ({"environment": {"CACHE_HOST": "cahce"}}, True, False),
        ({"environment": {"CACHE_HOST": "cahce:6379"}}, True, False),
        ({"environment": {"CACHE": "cahce:6379"}}, True, False),
        ({"environment": {"CACHE": "cahce:1"}}, False, False),
        ({"environment": {"CACHE_HOST": "elsewhere:6379"}}, False, True),
        ({"environment": {"MAIL_URL": "smtp://postbox"}}, False, True),
        ({"command": ["wait-for", "cahce:6379"]}, True, False),
        ({"command": ["serve", "--peer=http://postbox:25"]}, False, True),
        ({"command": ["run", "ours:7"]}, False, False),
        ({"labels": {"proxy.url": "http://cahce:80"}}, True, False),
        ({"labels": {"proxy.url": "http://postbox:80"}}, False, True),
        ({"labels": {"homepage.href": "http://nas:80"}}, False, False),
        ({"labels": {"proxy.url": "http://cache:80"}}, False, False),
        ({"environment": {"SEED_NODES": "cache2"}}, False, True),
        ({"environment": {"SEED_NODES": "3", "SERVER_URL": "none", "A_HOST": "changeme"}}, False, False),
        ({"environment": {"DB_HOST": "db.example.com"}}, False, False),
        ({"environment": {"DB_PASSWORD": "cahce:6379"}}, False, False),
    ],
)
def test_hosts_without_a_service(api: dict[str, Any], misspelt: bool, unknown: bool) -> None:
    services = {"api": api, "cache": CACHE}
    assert bool(subjects("IG304", services)) is misspelt
    assert bool(subjects("IG310", services)) is unknown


def test_an_unknown_host_in_a_shared_env_file_is_told_once() -> None:
    shared = {"environment": {"MAIL_URL": "smtp://postbox"}}
    both = {"api": shared, "job": shared}
    assert len(findings("IG310", project(both, env_file=["api", "job"]))) == 1
    assert len(findings("IG310", project(both))) == 2


@pytest.mark.parametrize(
    ("environment", "flagged"),
    [
        ({"B_URL": "http://the_back:80"}, True),
        ({"B_URL": "http://the-back:80"}, False),
        ({"B_HOST": "the_back"}, False),
        ({"B_URL": f"http://{'b' * 64}:80"}, True),
    ],
)
def test_names_that_are_no_host_names(environment: dict[str, str], flagged: bool) -> None:
    back = {"networks": {"default": {"aliases": ["the-back", "b" * 64]}}}
    assert bool(subjects("IG311", {"api": {"environment": environment}, "the_back": back})) is flagged


def test_a_service_may_name_itself_as_it_likes() -> None:
    assert subjects("IG311", {"the_api": {"environment": {"OWN_URL": "http://the_api:80"}}}) == []


@pytest.mark.parametrize(
    ("target", "flagged"),
    [
        ({"expose": ["8000"]}, True),
        ({"image": "ours"}, False),
        ({"expose": ["9000"]}, False),
        ({"expose": ["8000"], "healthcheck": {"test": ["CMD", "curl", "http://localhost:9000"]}}, False),
        ({"expose": ["8000"], "environment": {"PORT": "9000"}}, False),
        ({"expose": ["8000"], "ports": [{"target": 8000, "published": "9000"}]}, False),
        ({"image": "rabbitmq:4", "expose": ["5672"]}, False),
    ],
)
def test_undeclared_ports(target: dict[str, Any], flagged: bool) -> None:
    services = {"web": {"environment": {"API_URL": "http://api:9000"}}, "api": target}
    assert bool(subjects("IG312", services)) is flagged


def test_a_url_without_a_port_says_nothing_of_ports() -> None:
    assert subjects("IG312", {"web": {"environment": {"U": "https://api"}}, "api": {"expose": ["8000"]}}) == []


def needing(*names: str, **more: Any) -> dict[str, Any]:
    return {"depends_on": {name: {"condition": "service_started", "required": True} for name in names}, **more}


URL = {"environment": {"CACHE_URL": "redis://cache"}}


@pytest.mark.parametrize(
    ("services", "flagged"),
    [
        ({"api": URL, "cache": CACHE}, ["api"]),
        ({"api": needing("cache", **URL), "cache": CACHE}, []),
        ({"api": needing("mid", **URL), "mid": needing("cache"), "cache": CACHE}, []),
        ({"api": {**URL, "links": ["cache"]}, "cache": CACHE}, []),
        ({"api": URL, "cache": needing("api")}, []),
        ({"api": URL, "cache": needing("mid"), "mid": needing("api")}, []),
    ],
)
def test_needs_without_an_order(services: dict[str, Any], flagged: list[str]) -> None:
    assert subjects("IG313", services) == flagged


def test_needs_out_of_env_files_set_no_order() -> None:
    assert findings("IG313", project({"api": URL, "cache": CACHE}, env_file=["api"])) == ()


def test_a_link_is_named_with_what_replaces_its_alias() -> None:
    [finding] = findings("IG314", project({"api": {"links": ["cache:store"]}, "cache": CACHE}))
    assert "give cache the network alias 'store'" in finding.remedy


@pytest.mark.parametrize(
    ("web", "api", "warned", "failed"),
    [
        ({"ports": [{"target": 80}]}, {"expose": ["8000"]}, True, False),
        ({}, {"expose": ["8000"]}, False, True),
        ({"ports": [{"target": 80}]}, {"ports": [{"target": 8000, "published": "8000"}]}, False, False),
    ],
)
def test_a_web_address_of_this_host(web: dict[str, Any], api: dict[str, Any], warned: bool, failed: bool) -> None:
    services = {"web": {"environment": {"API_URL": "http://localhost:8000"}, **web}, "api": api}
    assert (bool(subjects("IG315", services)), bool(subjects("IG306", services))) == (warned, failed)


def test_a_service_that_speaks_of_cors_serves_browsers() -> None:
    web = {"environment": {"API_URL": "http://localhost:8000", "CORS_ORIGINS": "x"}}
    assert subjects("IG306", {"web": web, "api": {"expose": ["8000"]}}) == []


def test_many_unknown_hosts_are_not_compared_with_every_service(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[str] = []

    def noted(one: str, other: str) -> int:
        compared.append(other)
        return edit_distance(one, other)

    monkeypatch.setattr(unresolved, "edit_distance", noted)
    urls = {f"s{n:06}x": {"environment": {"U": f"http://other{n:06}:1"}} for n in range(300)}
    assert len(findings("IG310", project(urls))) == 300
    assert len(compared) < 10 * 300
