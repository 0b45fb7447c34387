"""Edges are inferred where one service calls another, and nowhere else."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_infragate.compose.references import infer_edges
from pytest_infragate.compose.unresolved import edit_distance, unresolved_hosts

from ..stacks import project

DB = {"image": "postgres:16"}
CACHE = {"image": "redis:7"}


def edges(api: dict[str, Any], **others: dict[str, Any]) -> list[str]:
    """Return the edges of a project of ``api``, ``db``, ``cache`` and others."""
    return [str(edge) for edge in infer_edges(project({"api": api, "db": DB, "cache": CACHE, **others}))]


def needing(condition: str, **more: Any) -> dict[str, Any]:
    return {"depends_on": {"db": {"condition": condition, "required": True}}, **more}


@pytest.mark.parametrize(
    ("api", "expected"),
    [
        ({"environment": {"DATABASE_URL": "postgresql://u:p@db/app"}}, ["api -> db:5432"]),
        ({"environment": {"DB_HOST": "db"}}, ["api -> db:5432"]),
        ({"environment": {"DB_HOST": "DB", "DB_PORT": "5433"}}, ["api -> db:5433"]),
        ({"command": ["app", "--dsn", "host=db port=5432"]}, ["api -> db:5432"]),
        ({"entrypoint": ["./wait", "cache:6379"]}, ["api -> cache:6379"]),
        ({"healthcheck": {"test": ["CMD-SHELL", "redis-cli -h cache ping"]}}, ["api -> cache:6379"]),
        ({"environment": {"A_URL": "redis://cache", "B_URL": "redis://cache:6379/1"}}, ["api -> cache:6379"]),
        (needing("service_started"), ["api -> db"]),
        (needing("service_healthy"), ["api -> db"]),
        (needing("service_healthy", environment={"DB_HOST": "db"}), ["api -> db:5432"]),
        (needing("service_completed_successfully"), []),
        ({"environment": {"SELF_URL": "http://api:8000", "LOCAL": "http://localhost:5432"}}, []),
        ({"environment": {"POSTGRES_DB": "db", "DB_TYPE": "db", "CACHE_NAME": "cache"}}, []),
        ({"environment": {"DB_URL": "postgresql://database.example.com/x"}}, []),
        ({"healthcheck": {"test": ["CMD", "curl", "http://api:80"]}}, []),
        ({"image": "x"}, []),
    ],
)
def test_edges(api: dict[str, Any], expected: list[str]) -> None:
    assert edges(api) == expected


def test_an_edge_knows_who_states_it_and_where() -> None:
    edge = infer_edges(project({"api": {"environment": {"DB_HOST": "db"}}, "db": DB}))[0]
    assert edge.why == "environment DB_HOST"
    assert (edge.location.file, edge.location.line, edge.location.column) == ("compose.yaml", 1, 100)


def test_aliases_container_names_hostnames_and_links_lead_to_the_service() -> None:
    urls = {f"URL_{name.upper()}": f"http://{name}:80" for name in ("alias", "fixed", "named")}
    web = {"networks": {"default": {"aliases": ["alias"]}}, "container_name": "fixed", "hostname": "named"}
    assert edges({"environment": urls}, web=web) == ["api -> web:80"]
    assert edges({"environment": {"U": "http://database:80"}, "links": ["db:database"]}) == ["api -> db:80"]


def test_a_service_name_wins_over_another_ones_alias() -> None:
    other = {"networks": {"default": {"aliases": ["db"]}}}
    assert edges({"environment": {"U": "tcp://db:1"}}, other=other) == ["api -> db:1"]


def test_a_port_that_may_have_been_changed_is_not_guessed() -> None:
    moved = {"image": "postgres:16", "command": ["postgres", "-p", "5433"]}
    found = infer_edges(project({"api": {"environment": {"DB_HOST": "db"}}, "db": moved}))
    assert [str(edge) for edge in found] == ["api -> db"]


def test_order_without_a_common_network_is_no_need() -> None:
    networks: dict[str, Any] = {"front": {}, "back": {}}
    db = {**DB, "networks": {"back": None}}
    for condition, expected in (("service_started", []), ("service_healthy", ["api -> db"])):
        api = needing(condition, networks={"front": None})
        assert [str(edge) for edge in infer_edges(project({"api": api, "db": db}, networks=networks))] == expected


def test_services_that_share_a_network_namespace_do_not_depend_by_network() -> None:
    side = {"network_mode": "service:db", "depends_on": {"db": {"condition": "service_started"}}}
    assert edges({"image": "x"}, side=side) == []


def test_who_shares_a_namespace_is_reached_as_its_owner() -> None:
    side = {"image": "x", "network_mode": "service:db"}
    assert edges({"image": "x", "depends_on": {"side": {"condition": "service_started"}}}, side=side) == ["api -> db"]


def test_a_udp_port_is_not_connected_to() -> None:
    statsd: dict[str, Any] = {"image": "x", "expose": ["8125/udp"], "ports": [{"target": 514, "protocol": "udp"}]}
    for environment in (
        {"STATSD_HOST": "statsd", "STATSD_PORT": "8125"},
        {"SYSLOG": "statsd:514"},
        {"LOG_URL": "udp://statsd:9999"},
    ):
        assert edges({"environment": environment}, statsd=statsd) == ["api -> statsd"]
    both = {**statsd, "expose": ["8125/udp", "8125"]}
    assert edges({"environment": {"S": "statsd:8125"}}, statsd=both) == ["api -> statsd:8125"]


def test_a_service_on_the_hosts_network_depends_in_order_only() -> None:
    assert edges(needing("service_healthy", network_mode="host")) == []


def test_variables_that_a_store_only_shares_are_no_need() -> None:
    services = {
        "api": {"environment": {"DB_HOST": "db"}},
        "cache": {**CACHE, "environment": {"DB_HOST": "db"}},
        "db": DB,
    }
    shared = project(services, env_file=["api", "cache"])
    assert [str(edge) for edge in infer_edges(shared)] == ["api -> db:5432"]
    written = project(services)
    assert [str(edge) for edge in infer_edges(written)] == ["api -> db:5432", "cache -> db:5432"]


def test_the_hosts_side_of_a_port_in_a_shared_file_is_not_taken_for_the_services_own() -> None:
    db = {"image": "postgres:16", "ports": [{"target": 5432, "published": "15432", "protocol": "tcp"}]}
    services = {"api": {"environment": {"DB_HOST": "db", "DB_PORT": "15432"}}, "db": db}
    assert [str(edge) for edge in infer_edges(project(services, env_file=["api"]))] == ["api -> db:5432"]
    assert [str(edge) for edge in infer_edges(project(services))] == ["api -> db:15432"]


@pytest.mark.parametrize(
    ("value", "nearest"),
    [
        ("redis://cahce:6379", "cache"),
        ("redis://cach:6379", "cache"),
        ("redis://dbb", "db"),
        ("redis://elsewhere:6379", None),
    ],
)
def test_unresolved_hosts(value: str, nearest: str | None) -> None:
    found = unresolved_hosts(project({"api": {"environment": {"X_URL": value}}, "db": DB, "cache": CACHE}))
    assert [(item.source, item.nearest) for item in found] == [("api", nearest)]


@pytest.mark.parametrize(
    "api",
    [
        {"environment": {"X_URL": "redis://cahce.example.com"}},
        {"environment": {"X_URL": "redis://localhost"}},
        {"environment": {"X_URL": "redis://cahce"}, "extra_hosts": ["cahce=10.0.0.1"]},
        {"environment": {"X_URL": "redis://cahce"}, "network_mode": "host"},
        {"environment": {"X_URL": "redis://cahce"}, "networks": {"shared": None}},
        {"environment": {"X_NAME": "cahce"}},
        {"command": ["ls", "-h", "cahce"]},
    ],
)
def test_hosts_that_may_lead_elsewhere_are_left_out(api: dict[str, Any]) -> None:
    shared = {"shared": {"name": "shared", "external": True}}
    assert unresolved_hosts(project({"api": api, "cache": CACHE}, networks=shared)) == ()


@pytest.mark.parametrize(
    ("one", "other", "distance"), [("", "ab", 2), ("db", "db", 0), ("cahce", "cache", 2), ("kitten", "sitting", 3)]
)
def test_edit_distance(one: str, other: str, distance: int) -> None:
    assert edit_distance(one, other) == distance
    assert edit_distance(other, one) == distance


def started(*names: str) -> dict[str, Any]:
    return {name: {"condition": "service_started", "required": True} for name in names}


@pytest.mark.parametrize(
    ("api", "others", "expected"),
    [
        ({"image": "postgres", "depends_on": started("cache")}, {}, []),
        ({"image": "kafka", "depends_on": started("zoo")}, {"zoo": {"image": "zookeeper"}}, ["api -> zoo"]),
        ({"image": "redis", "depends_on": started("zoo")}, {"zoo": {"image": "zookeeper"}}, []),
        ({"image": "redis:7", "depends_on": started("cache")}, {}, ["api -> cache"]),
        ({"image": "own", "depends_on": started("db-init")}, {"db-init": {"image": "x"}}, []),
        (
            {"image": "own", "depends_on": started("db-init")},
            {"db-init": {"image": "x", "expose": ["80"]}},
            ["api -> db-init"],
        ),
        ({"image": "own", "depends_on": started("initial")}, {"initial": {"image": "x"}}, ["api -> initial"]),
    ],
)
def test_an_order_of_start_that_is_no_need(
    api: dict[str, Any], others: dict[str, dict[str, Any]], expected: list[str]
) -> None:
    assert edges(api, **others) == expected


BUILT = {"build": {"context": "."}}
CALLS = {"environment": {"CACHE_URL": "redis://cache"}}


@pytest.mark.parametrize(
    ("api", "web", "waits"),
    [
        ({"image": "own"}, {"image": "own"}, False),
        ({"image": "own"}, {"image": "own:2"}, True),
        (BUILT, BUILT, False),
        (BUILT, {"build": {"context": "w"}}, True),
        ({"image": "own", "command": ["nginx"]}, {"image": "own"}, True),
    ],
)
def test_an_application_and_its_worker_wait_for_each_other(
    api: dict[str, Any], web: dict[str, Any], waits: bool
) -> None:
    needing_web = {**api, **CALLS, "depends_on": started("web")}
    assert ("api -> web" in edges(needing_web, web={**web, **CALLS})) is waits
    assert "api -> web" in edges(needing_web, web=web), "nothing but the image is the same"


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"WEB_HOST": "web", "WEB_GRPC_PORT": "4317", "WEB_PORT_HTTP": "4318"}, ["api -> web:4317", "api -> web:4318"]),
        ({"WEB_HOST": "web", "WEB_PORT": "4317", "WEB_PORT_HTTP": "4318"}, ["api -> web:4317", "api -> web:4318"]),
        ({"WEB_HOST": "web", "WEB_PORT": "4317", "WEB_CONSOLE_PORT": "4318"}, ["api -> web:4317"]),
        ({"WEB_HOST": "web", "WEB_UI_PORT": "4318"}, ["api -> web:4318"]),
        ({"WEB_HOST": "web", "WEB_EXPORTER_PORT": "9187"}, ["api -> web"]),
        ({"WEB_HOST": "web", "WEB_B_HOST": "db", "WEB_B_PORT": "4318"}, ["api -> db:4318", "api -> web"]),
        ({"BARE_HOST": "bare", "BARE_UI_PORT": "81"}, ["api -> bare:81"]),
        ({"BARE_HOST": "bare", "BARE_UI_PORT": "81", "BARE_API_PORT": "82"}, ["api -> bare"]),
        ({"WEB_URL": "http://web"}, ["api -> web"]),
        ({"WEB_URL": "http://web/"}, ["api -> web"]),
        ({"WEB_URL": "http://web/items"}, ["api -> web:80"]),
        ({"BARE_URL": "http://bare"}, ["api -> bare:80"]),
        ({"IMAGE_PROXY_HOST": "bare", "WEB_IMAGE": "web:4317", "IMAGE_NAME": "web:4317"}, ["api -> bare"]),
        ({"WEB_URL": "http://10.5.0.7:4317"}, ["api -> web:4317"]),
    ],
)
def test_ports_beside_a_host(environment: dict[str, str], expected: list[str]) -> None:
    network = {"default": {"ipv4_address": "10.5.0.7"}}
    web = {"image": "x", "expose": ["4317", "4318"], "networks": network}
    assert edges({"image": "y", "environment": environment}, web=web, bare={"image": "z"}) == expected
