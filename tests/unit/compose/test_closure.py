"""The order of services over any number of steps."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_infragate.compose.closure import Order

from ..stacks import project


def after(*names: str) -> dict[str, Any]:
    return {"depends_on": {name: {"condition": "service_started"} for name in names}}


@pytest.mark.parametrize(
    ("services", "waits"),
    [
        ({"a": after("b"), "b": {}}, True),
        ({"a": {}, "b": {}}, False),
        ({"a": {}, "b": after("a")}, False),
        ({"a": after("x", "y"), "x": after("b"), "y": after("x"), "b": {}}, True),
        ({"a": after("y"), "x": after("b"), "y": after("x", "z"), "z": {}, "b": {}}, True),
        ({"a": {"links": ["x:y"]}, "x": {"network_mode": "service:b"}, "b": {}}, True),
        ({"a": after("gone"), "b": {}}, False),
        ({"a": after("a", "b"), "b": after("a")}, True),
    ],
)
def test_order(services: dict[str, Any], waits: bool) -> None:
    order = Order(project(services))
    assert [order.waits("a", "b") for _ in range(2)] == [waits, waits]


def test_every_order_of_asking_gives_the_same() -> None:
    services = {f"s{n}": after(*(f"s{m}" for m in range(n) if (n * m) % 3 == 1)) for n in range(12)}
    found = project(services)
    pairs = [(one, other) for one in services for other in services]
    fresh = {pair: Order(found).waits(*pair) for pair in pairs}
    shared = Order(found)
    assert {pair: shared.waits(*pair) for pair in reversed(pairs)} == fresh


def test_a_long_chain_is_no_deep_recursion() -> None:
    services = {f"s{n}": after(f"s{n - 1}") if n else {} for n in range(3000)}
    assert Order(project(services)).waits("s2999", "s0")
