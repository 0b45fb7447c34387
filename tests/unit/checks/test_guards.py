"""What each check must not flag, and what it must flag beside its documented example."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pytest_infragate.checks import BY_ID
from pytest_infragate.checks.base import Material
from pytest_infragate.compose.model import Project
from pytest_infragate.compose.resolve import Resolution
from pytest_infragate.results import Finding, Severity

from ..stacks import project

EVERYWHERE = "0.0.0.0"  # noqa: S104  (written in a file, bound by nobody)


def findings(id_: str, found: Project) -> tuple[Finding, ...]:
    return BY_ID[id_].findings(Material(Resolution(found)), Severity.ERROR)


def subjects(id_: str, services: dict[str, Any], **sections: Any) -> list[str]:
    return [finding.subject for finding in findings(id_, project(services, **sections))]


def port(published: str | None, host_ip: str | None = None, protocol: str = "tcp", target: int = 80) -> dict[str, Any]:
    return {"target": target, "published": published, "host_ip": host_ip, "protocol": protocol}


@pytest.mark.parametrize(
    ("image", "flagged"),
    [
        ("redis", True),
        ("redis:latest", True),
        ("registry.example:5000/team/redis", True),
        ("registry.example:5000/team/redis:7", False),
        ("redis:7-alpine", False),
        ("redis@sha256:00", False),
    ],
)
def test_floating_image_tag(image: str, flagged: bool) -> None:
    assert bool(subjects("IG201", {"a": {"image": image}})) is flagged


@pytest.mark.parametrize(
    ("one", "other", "conflict"),
    [
        (port("80"), port("80"), True),
        (port("80"), port("80", "127.0.0.1"), True),
        (port("80", EVERYWHERE), port("80", "127.0.0.1"), True),
        (port("80", "127.0.0.1"), port("80", "127.0.0.2"), False),
        (port("80", EVERYWHERE), port("80", "::1"), False),
        (port("80", "::"), port("80", "::1"), True),
        (port("80"), port("80", protocol="udp"), False),
        (port("80"), port("81"), False),
        (port(None), port(None), False),
        (port("0"), port("0"), False),
        (port("8000-8010"), port("8000-8010"), False),
    ],
)
def test_host_port_conflict(one: dict[str, Any], other: dict[str, Any], conflict: bool) -> None:
    assert subjects("IG301", {"a": {"ports": [one]}, "b": {"ports": [other]}}) == (["b"] if conflict else [])


def test_a_service_can_conflict_with_itself() -> None:
    assert subjects("IG301", {"a": {"ports": [port("80", target=80), port("80", target=81)]}}) == ["a"]


@pytest.mark.parametrize(
    ("published", "replicas", "flagged"),
    [
        ("80", 2, True),
        ("80-81", 2, False),
        ("80-81", 3, True),
        (None, 5, False),
        ("80", 1, False),
        ("0", 2, False),
        ("127.0.0.1:80", 2, True),
    ],
)
def test_replicas_share_host_port(published: str | None, replicas: int, flagged: bool) -> None:
    assert bool(subjects("IG302", {"a": {"ports": [port(published)], "scale": replicas}})) is flagged


def test_services_share_no_network_leaves_order_alone() -> None:
    networks: dict[str, Any] = {"one": {}, "two": {}}
    db = {"networks": {"two": None}}
    started = {"networks": {"one": None}, "depends_on": {"db": {"condition": "service_started"}}}
    healthy = {"networks": {"one": None}, "depends_on": {"db": {"condition": "service_healthy"}}}
    assert subjects("IG303", {"api": started, "db": db}, networks=networks) == []
    assert subjects("IG303", {"api": healthy, "db": db}, networks=networks) == ["api"]


@pytest.mark.parametrize(
    ("api", "flagged"),
    [
        ({}, True),
        ({"networks": {"front": None, "back": None}}, False),
        ({"extra_hosts": ["vault=10.0.0.7"]}, False),
        ({"links": ["db:vault"]}, False),
        ({"networks": {"other": {"aliases": ["vault"]}, "front": None}}, False),
        ({"environment": {"URL": "tcp://db:1"}}, False),
        ({"environment": {"URL": "tcp://box:1"}}, False),
    ],
)
def test_an_alias_holds_on_its_own_network_alone(api: dict[str, Any], flagged: bool) -> None:
    services = {
        "api": {"networks": {"front": None}, "environment": {"URL": "tcp://vault:1"}, **api},
        "db": {"hostname": "box", "networks": {"front": None, "back": {"aliases": ["vault", "box"]}}},
    }
    assert bool(subjects("IG303", services, networks={"front": {}, "back": {}, "other": {}})) is flagged


def test_one_name_may_be_that_of_a_service_on_each_network() -> None:
    services = {
        "one": {"networks": {"front": {"aliases": ["store"]}}},
        "two": {"networks": {"back": {"aliases": ["Store"]}}},
        "api": {"networks": {"back": None}, "environment": {"URL": "tcp://store:1"}},
        "far": {"networks": {"other": None}, "environment": {"URL": "tcp://store:1"}},
        "own": {"networks": {"other": None}, "environment": {"URL": "tcp://two:1"}, "extra_hosts": ["two=10.0.0.7"]},
    }
    assert subjects("IG303", services, networks={"front": {}, "back": {}, "other": {}}) == ["far"]


def test_services_in_one_network_namespace_share_its_networks() -> None:
    services = {
        "api": {"networks": {"one": None}, "environment": {"URL": "tcp://db:1"}},
        "db": {"networks": {"one": None}},
        "side": {"network_mode": "service:api", "environment": {"URL": "tcp://db:1"}},
    }
    assert subjects("IG303", services, networks={"one": {}}) == []


@pytest.mark.parametrize(
    ("extra_hosts", "flagged"), [([], True), (["db=127.0.0.1"], False), (["other=10.0.0.7"], True)]
)
def test_a_port_of_the_host_is_right_where_extra_hosts_lead_there(extra_hosts: list[str], flagged: bool) -> None:
    api = {"network_mode": "host", "extra_hosts": extra_hosts, "environment": {"DB_URL": "tcp://db:15432"}}
    db = {"image": "ours", "ports": [port("15432", target=5432)]}
    assert bool(subjects("IG305", {"api": api, "db": db})) is flagged
    assert bool(subjects("IG312", {"api": api, "db": {"image": "ours", "expose": ["1"]}})) is flagged


@pytest.mark.parametrize(
    ("url", "db", "flagged"),
    [
        ("tcp://db:15432", {"image": "ours", "ports": [port("15432", target=5432)]}, True),
        ("tcp://db:5433", {"image": "postgres:16"}, True),
        ("tcp://db:5433", {"image": "postgres:16", "command": ["-p", "5433"]}, False),
        ("tcp://db:9999", {"image": "ours", "ports": [port("80")]}, False),
        ("tcp://db:8000", {"image": "ours", "ports": [port("8000", target=80)], "expose": ["8000"]}, False),
        ("tcp://db:5432", {"image": "postgres:16", "ports": [port("15432", target=5432)]}, False),
    ],
)
def test_wrong_port(url: str, db: dict[str, Any], flagged: bool) -> None:
    assert bool(subjects("IG305", {"api": {"environment": {"DB_URL": url}}, "db": db})) is flagged


@pytest.mark.parametrize(
    ("api", "db", "flagged"),
    [
        ({"environment": {"DB_HOST": "localhost", "DB_PORT": "5432"}}, {"image": "postgres:16"}, True),
        ({"environment": {"URL": "redis://127.0.0.1"}}, {"image": "redis:7"}, True),
        ({"environment": {"URL": "http://localhost:8000"}}, {"ports": [port("8000", target=8000)]}, False),
        ({"environment": {"URL": "http://localhost:8000"}}, {"expose": ["8000"]}, True),
        ({"environment": {"PUBLIC_URL": "http://localhost:8000"}}, {"expose": ["8000"]}, False),
        ({"environment": {"URL": "tcp://localhost:8000"}, "expose": ["8000"]}, {"expose": ["8000"]}, False),
        ({"environment": {"URL": "tcp://localhost:5432"}, "network_mode": "host"}, {"image": "postgres:16"}, False),
        (
            {"environment": {"URL": "tcp://localhost:5432"}, "network_mode": "service:db"},
            {"image": "postgres:16"},
            False,
        ),
        ({"environment": {"URL": "tcp://localhost:1"}}, {"image": "postgres:16"}, False),
    ],
)
def test_localhost(api: dict[str, Any], db: dict[str, Any], flagged: bool) -> None:
    assert bool(subjects("IG306", {"api": api, "db": db})) is flagged


@pytest.mark.parametrize(
    ("source", "flagged"),
    [
        ("/var/run/docker.sock", True),
        ("/run/user/1000/podman/podman.sock", True),
        ("/var/run", True),
        ("/var/run/app", False),
    ],
)
def test_engine_socket(source: str, flagged: bool) -> None:
    mount = {"type": "bind", "source": source, "target": "/x", "bind": {"create_host_path": True}}
    assert bool(subjects("IG402", {"a": {"volumes": [mount]}})) is flagged


@pytest.mark.parametrize(
    ("healthcheck", "flagged"),
    [(None, True), ({"disable": True}, False), ({"test": ["NONE"]}, False), ({"interval": "3s"}, False)],
)
def test_dependency_health(healthcheck: dict[str, Any] | None, flagged: bool) -> None:
    db = {"image": "x"} if healthcheck is None else {"image": "x", "healthcheck": healthcheck}
    api = {"depends_on": {"db": {"condition": "service_healthy"}}}
    assert bool(subjects("IG501", {"api": api, "db": db})) is flagged


@pytest.mark.parametrize(
    ("test", "flagged"),
    [
        (["CMD-SHELL", "curl -f x || true"], True),
        (["CMD-SHELL", "curl -f x; exit 0"], True),
        (["CMD-SHELL", "curl -f x || :"], True),
        (["CMD-SHELL", "echo fine"], True),
        (["CMD-SHELL", "exit 0"], True),
        (["CMD", "true"], True),
        (["CMD", "sh", "-c", "curl x || exit 0"], True),
        (["CMD-SHELL", "curl -f x || exit 1"], False),
        (["CMD-SHELL", "test -f /ready && exit 0 || exit 1"], False),
        (["CMD-SHELL", "echo > /dev/tcp/localhost/80"], False),
        (["CMD-SHELL", "status | grep -q 'not running' && exit 1 || exit 0"], False),
        (["CMD-SHELL", "curl x || exit 1; exit 0"], False),
        (["CMD-SHELL", "echo ruok | nc localhost 2181"], False),
        (["CMD", "bash", "-c", "echo > /dev/tcp/localhost/80"], False),
        (["CMD", "pg_isready"], False),
        (["NONE"], False),
        ([], False),
    ],
)
def test_healthcheck_cannot_fail(test: list[str], flagged: bool) -> None:
    assert bool(subjects("IG502", {"a": {"healthcheck": {"test": test}}})) is flagged


@pytest.mark.parametrize(
    ("source", "target", "creates", "flagged"),
    [
        ("gone.conf", "/etc/x.conf", True, True),
        ("gone", "/data", True, False),
        ("gone", "/data", False, True),
        ("conf.d", "/etc/conf.d", True, False),
        ("gone.sock", "/run/x.sock", True, False),
        ("there.conf", "/etc/x.conf", True, False),
    ],
)
def test_bind_source(source: str, target: str, creates: bool, flagged: bool, tmp_path: Path) -> None:
    (tmp_path / "there.conf").touch()
    bind = {"create_host_path": True} if creates else {}
    mount = {"type": "bind", "source": str(tmp_path / source), "target": target, "bind": bind}
    assert bool(subjects("IG601", {"a": {"volumes": [mount]}})) is flagged


@pytest.mark.parametrize(
    ("source", "flagged"),
    [("/project/gone", True), ("/elsewhere/gone", False), ("/project/gone.sock", False)],
)
def test_what_is_read_only_in_the_project_must_be_there(source: str, flagged: bool) -> None:
    mount = {"type": "bind", "source": source, "target": "/x", "read_only": True, "bind": {"create_host_path": True}}
    assert bool(subjects("IG601", {"a": {"volumes": [mount]}})) is flagged
    assert subjects("IG601", {"a": {"volumes": [{**mount, "read_only": False}]}}) == []


def test_only_used_secrets_must_exist(tmp_path: Path) -> None:
    secrets = {
        "used": {"file": str(tmp_path / "gone")},
        "unused": {"file": str(tmp_path / "gone")},
        "env": {"environment": "X"},
    }
    services = {"a": {"secrets": [{"source": "used"}, {"source": "env"}]}, "b": {"image": "x"}}
    assert subjects("IG602", services, secrets=secrets) == ["a"]


def test_messages_show_no_password() -> None:
    url = "postgresql://user:hunter2@db:15432/app"
    db = {"image": "postgres:16", "ports": [port("15432", target=5432)], "networks": {"back": None}}
    api = {"environment": {"DATABASE_URL": url, "CACHE_URL": "redis://:hunter2@dbb"}, "networks": {"front": None}}
    found = project({"api": api, "db": db}, networks={"front": {}, "back": {}})
    told = [finding for check in BY_ID for finding in findings(check, found)]
    assert {finding.check for finding in told} >= {"IG303", "IG304", "IG305"}
    assert not [finding for finding in told if "hunter2" in finding.message + finding.remedy]
