"""A user's project with one small service, and the line to the engine that can be cut."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pytest_infragate.stack.engine import Engine

from ..engine.relay import Relay, relayed
from ..projects import UserProject
from .stack import FILES


@pytest.fixture
def small(project: UserProject) -> UserProject:
    """Return a project whose gate opens."""
    project.write(**FILES)
    return project


@pytest.fixture
def relay(engine: Engine) -> Iterator[Relay]:
    """Give a relay in front of the engine."""
    with relayed(engine.address) as made:
        yield made
