"""Runs after all other tests."""

from __future__ import annotations

import os

import pytest

from pytest_infragate.stack.engine import Engine

from . import leftovers
from .leftovers import Thing

pytestmark = pytest.mark.engine


@pytest.mark.skipif(
    "PYTEST_XDIST_WORKER" in os.environ, reason="other workers still run; the controller looks at its end"
)
def test_no_container_network_or_volume_of_this_run_is_left(engine: Engine, at_the_start: frozenset[Thing]) -> None:
    left = sorted(set(leftovers.things(engine)) - at_the_start)
    mine = leftovers.without_lost(engine, filter(leftovers.of_this_run, left))
    assert not mine, f"left behind: {leftovers.told(mine)}"
