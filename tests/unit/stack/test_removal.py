"""What the engine cannot be brought to do on purpose: losing count of what is connected to a network."""

from __future__ import annotations

import contextlib
from types import SimpleNamespace
from typing import Any, cast

import pytest
from docker.errors import APIError

from pytest_infragate.gates import lifecycle
from pytest_infragate.results import Outcome, Severity
from pytest_infragate.stack.engine import Engine
from pytest_infragate.stack.removal import lost_networks

STUCK = "error while removing network: network shop_default id ba47 has active endpoints"


def engine(containers: dict[str, Any], refusal: str) -> Engine:
    """Return a stand-in for an engine with one network, which answers its removal with a refusal, if there is one."""

    def remove_network(_name: str) -> None:
        if refusal:
            raise APIError(refusal)

    api = SimpleNamespace(
        networks=lambda **_filters: [{"Id": "ba47", "Name": "shop_default"}],
        inspect_network=lambda _name: {"Containers": containers},
        remove_network=remove_network,
    )
    return cast("Engine", SimpleNamespace(client=SimpleNamespace(api=api), asking=contextlib.nullcontext))


@pytest.mark.parametrize(
    "containers, refusal, lost",
    [
        ({}, STUCK, ("shop_default",)),
        ({}, "", ()),
        ({}, "server error", ()),
        ({"1e": {"Name": "other"}}, STUCK, ()),
    ],
    ids=["lost", "removed", "another refusal", "in use"],
)
def test_only_a_network_that_nobody_uses_and_the_engine_holds_is_lost(
    containers: dict[str, Any], refusal: str, lost: tuple[str, ...]
) -> None:
    assert lost_networks(engine(containers, refusal), "shop") == lost


def test_what_the_engine_has_lost_is_told_and_does_not_count_against_the_stack() -> None:
    result = lifecycle.lost_result(["shop_default"])
    assert result.outcome is Outcome.PASSED
    assert [finding.severity for finding in result.findings] == [Severity.WARNING]
    assert "network shop_default" in result.message
    assert "docker network prune" in result.findings[0].remedy
