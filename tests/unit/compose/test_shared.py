"""A variable that several services are given does not make all of them callers."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_infragate.compose.references import infer_edges

from ..stacks import project

SHARED = {"DB_HOST": "db", "CACHE_URL": "redis://cache"}
STORES = {"db": {"image": "postgres:16"}, "cache": {"image": "redis:7"}}
STARTED = {"condition": "service_started", "required": True}


def edges(services: dict[str, dict[str, Any]], *env_file: str) -> list[str]:
    found = infer_edges(project({**STORES, **services}, env_file=env_file))
    return [str(edge) for edge in found if edge.evidence.value == "text"]


def test_an_env_file_that_stores_read_too_counts_for_those_who_wait_for_one_of_them() -> None:
    db = {**STORES["db"], "environment": SHARED}
    app = {"image": "own", "environment": SHARED, "depends_on": {"db": STARTED}}
    other = {"image": "theirs", "environment": SHARED}
    services = {"db": db, "app": app, "other": other}
    assert edges(services, "db", "app", "other") == ["app -> cache:6379", "app -> db:5432"]


def test_where_nobody_waits_all_but_the_stores_count() -> None:
    db = {**STORES["db"], "environment": SHARED}
    services = {"db": db, "app": {"image": "own", "environment": SHARED}}
    assert edges(services, "db", "app") == ["app -> cache:6379", "app -> db:5432"]


def test_an_env_file_of_callers_alone_counts_for_all_of_them() -> None:
    app = {"image": "own", "environment": SHARED, "depends_on": {"db": STARTED}}
    worker = {"image": "own", "environment": SHARED}
    assert edges({"app": app, "worker": worker}, "app", "worker") == [
        "app -> cache:6379",
        "app -> db:5432",
        "worker -> cache:6379",
        "worker -> db:5432",
    ]


@pytest.mark.parametrize("image", ["kibana:8", "grafana/grafana", "nginx"])
def test_tools_and_web_servers_do_not_read_variables_of_the_project(image: str) -> None:
    app = {"image": "own", "environment": SHARED}
    tool = {"image": image, "environment": SHARED, "depends_on": {"cache": STARTED}}
    found = edges({"app": app, "tool": tool}, "app", "tool")
    assert found == ["app -> cache:6379", "app -> db:5432", "tool -> cache:6379"]


def test_variables_of_its_own_count_for_a_tool() -> None:
    assert edges({"tool": {"image": "kibana:8", "environment": SHARED}}) == ["tool -> cache:6379", "tool -> db:5432"]
