"""What stands in the way of the sabotaged stack from outside."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator

import pytest

from engine_setup.images import SERVICES
from pytest_infragate.stack.engine import Engine

from .. import leftovers


@pytest.fixture
def foreign_port(engine: Engine) -> Iterator[int]:
    """Publish a port on loopback from a container of somebody else, which must survive."""
    name = leftovers.project_name()
    port = _free_port()
    with contextlib.ExitStack() as stack:
        network = engine.client.networks.create(name)
        stack.callback(network.remove)
        container = engine.client.containers.create(
            SERVICES, ["sleep", "3600"], name=name, network=name, ports={"8000/tcp": ("127.0.0.1", port)}
        )
        stack.callback(container.remove, force=True)
        container.start()
        yield port
        container.reload()
        assert container.status == "running", "the foreign container was touched"


@pytest.fixture
def foreign_network(engine: Engine) -> Iterator[str]:
    """Make a network of somebody else, which must survive."""
    network = engine.client.networks.create(leftovers.project_name())
    try:
        yield str(network.name)
        network.reload()
    finally:
        network.remove()


@pytest.fixture
def free_port() -> str:
    """Return a port of the host on which nobody listens."""
    return str(_free_port())


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])
