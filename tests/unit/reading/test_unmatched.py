from __future__ import annotations

from pathlib import Path

import pytest

from pytest_infragate.compose.model import NetworkUse, Project, Service
from pytest_infragate.reading import RawOptions, read_settings, unmatched
from pytest_infragate.results import Location

PLACE = Location("compose.yaml", 1, 1)
API = Service("api", PLACE, networks=(NetworkUse("default", ("backend",)),), container_name="shop-api")
DB = Service("db", PLACE, hostname="database", links=("api:gateway",), extra_hosts=("gate=10.0.0.1", "old:10.0.0.2"))
PROJECT = Project(
    "shop", "/shop", ("compose.yaml",), {"api": API, "db": DB}, {}, {}, {}, {}, inactive_services=("tool",)
)

NONE = "the stack has no such service: it has api and db"


def told(root: Path, text: str) -> list[str]:
    (root / "infragate.yaml").write_text(text, encoding="utf-8")
    settings = read_settings(root, RawOptions(), known_checks=())
    return [f"{found.location}: {found.message}" for found in unmatched(settings, PROJECT)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("services: {ap: {restarts: 1}}", f"1:16: services names 'ap', but {NONE}; did you mean 'api'?"),
        ("services: {tool: {restarts: 1}}", "1:18: services names 'tool', but no active profile includes this service: activate one of its profiles (--infragate-profile)"),
        ("performance: {limits: {zzz: ['pids: max < 5']}}", f"1:30: performance.limits names 'zzz', but {NONE}"),
        ("performance: {metrics: {zzz: 'http://:80/'}}", f"1:30: performance.metrics names 'zzz', but {NONE}"),
        ("performance: {limits: {'zz*': ['pids: max < 5']}}", f"1:32: performance.limits names 'zz*', but {NONE}"),
        ("performance: {probes: {zzz: 'http://:80/'}}", f"1:29: performance.probes names 'zzz', but {NONE}"),
        ("scaling: {zzz: {replicas: 2}}", f"1:16: scaling names 'zzz', but {NONE}"),
        ("scaling: {api: {replicas: 2, via: 'edg:80'}}", f"1:35: scaling.api.via names 'edg', but {NONE}"),
        ("commands: [{name: a, run: b, service: dbb}]", f"1:12: the command 'a' names 'dbb', but {NONE}; did you mean 'db'?"),
        ("connectivity: {expect: ['web -> db:1']}", f"1:25: connectivity.expect (web -> db:1) names 'web', but {NONE}"),
        ("connectivity: {forbid: ['api -> dbx']}", f"1:25: connectivity.forbid (api -> dbx) names 'dbx', but {NONE}; did you mean 'db'?"),
        ("connectivity: {forbid: ['web-* -> db']}", f"1:25: connectivity.forbid (web-* -> db) names 'web-*', but {NONE}"),
        ("connectivity: {expect: ['api -> d*x:1']}", f"1:25: connectivity.expect (api -> d*x:1) names 'd*x', but {NONE}"),
        ("connectivity: {ignore: ['backend -> db']}", f"1:25: connectivity.ignore (backend -> db) names 'backend', but {NONE}"),
    ],
)  # fmt: skip
def test_a_policy_that_matches_nothing_is_told(tmp_path: Path, text: str, message: str) -> None:
    assert told(tmp_path, text) == [f"infragate.yaml:{message}"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        'services: {"*": {restarts: 1}, api: {restarts: 2}}',
        "performance: {limits: {'*': ['pids: max < 5'], db: ['pids: max < 5'], 'd*': ['pids: max < 5']}}",
        "connectivity: {expect: ['* -> db:5432', 'api -> *']}",
        "connectivity: {expect: ['db -> backend:1', 'db -> shop-api:1', 'api -> database:1', 'db -> gateway:1']}",
        "connectivity: {expect: ['db -> gate:1', 'db -> old:1']}",
        "connectivity: {ignore: ['api -> mail.example.com:25']}",
        "connectivity: {ignore: ['api -> tool']}",
        "connectivity: {expect: ['a* -> d*:5432'], ignore: ['api -> *.example.com']}",
        "commands: [{name: a, run: b}, {name: c, run: d, service: db}]",
    ],
)
def test_a_policy_that_matches_is_not_told(tmp_path: Path, text: str) -> None:
    assert told(tmp_path, text) == []


def test_both_ends_of_an_edge_are_looked_at(tmp_path: Path) -> None:
    assert len(told(tmp_path, "connectivity: {expect: ['x -> y:1']}")) == 2
