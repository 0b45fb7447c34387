"""The platform over HTTP, as a client reaches it."""

from __future__ import annotations

from typing import Any

from conftest import Platform


def test_gateway_answers_through_the_edge(platform: Platform) -> None:
    assert platform.get("/healthz").document == {"status": "ok"}


def test_stores_answer_the_gateway(platform: Platform) -> None:
    assert platform.get("/readyz").document == {"status": "ready"}


def test_tools_are_listed(platform: Platform) -> None:
    tools = platform.rpc("tools/list").document["result"]["tools"]
    assert {tool["name"] for tool in tools} == {"add_item", "get_item"}


def test_nobody_calls_without_the_token(platform: Platform) -> None:
    assert platform.rpc("tools/list", token="").status == 401


def test_only_the_edge_is_published(infragate_stack: Any) -> None:
    assert set(infragate_stack.services) == {"edge", "gateway", "worker", "db", "cache", "migrate"}
    assert infragate_stack.endpoint("edge", 8080).host in {"127.0.0.1", "localhost"}
