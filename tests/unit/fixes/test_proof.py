"""What is compared in a proof: changes that were meant are taken in, any other one is found."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_infragate.fixes.candidate import Change, KeyPath
from pytest_infragate.fixes.proof import changed, first_difference, snapshot

from ..stacks import project

MODEL: dict[str, Any] = {"services": {"a": {"ports": [{"target": 80}], "restart": "no"}}}


def test_a_change_is_made_where_its_value_is_found() -> None:
    path: KeyPath = ("services", "a", "ports", 0)
    after = changed(MODEL, [Change(path, {"target": 80}, {"target": 80, "host_ip": "::1"})])
    assert after["services"]["a"]["ports"] == [{"target": 80, "host_ip": "::1"}]
    assert MODEL["services"]["a"]["ports"] == [{"target": 80}]


@pytest.mark.parametrize(
    "path", [("services", "b", "restart"), ("services", "a", "ports", 5), ("services", "a", "restart", "x")]
)
def test_a_change_of_what_is_not_there_changes_nothing(path: KeyPath) -> None:
    assert changed(MODEL, [Change(path, "always", "no")]) == MODEL


def test_a_key_that_was_absent_is_added() -> None:
    after = changed(MODEL, [Change(("services", "a", "init"), None, True)])
    assert after["services"]["a"]["init"] is True


@pytest.mark.parametrize(
    ("other", "path"),
    [
        (MODEL, None),
        ({"services": {}}, ("services", "a")),
        ({"services": {"a": {**MODEL["services"]["a"], "x": None}}}, ("services", "a", "x")),
        ({"services": {"a": {"ports": [{"target": 81}], "restart": "no"}}}, ("services", "a", "ports", 0, "target")),
        ({"services": {"a": {"ports": [], "restart": "no"}}}, ("services", "a", "ports")),
    ],
)
def test_the_first_difference_is_named(other: dict[str, Any], path: KeyPath | None) -> None:
    assert first_difference(MODEL, other) == path


def test_the_snapshot_holds_all_that_was_resolved() -> None:
    found = snapshot(project({"a": {"image": "x"}}, volumes={"v": {"driver": "local"}}))
    assert found["services"]["a"]["image"] == "x"
    assert found["volumes"] == {"v": {"driver": "local"}}
