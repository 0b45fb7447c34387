from __future__ import annotations

import pytest

from pytest_infragate.compose.model import Port
from pytest_infragate.stack.host_ports import collide
from pytest_infragate.stack.state import PublishedPort

ANY = "0.0.0.0"  # noqa: S104  (compared, not bound)


@pytest.mark.parametrize(
    "wanted, held, protocol, expected",
    [
        (None, ANY, "tcp", True),
        (None, "::", "tcp", True),
        (None, "127.0.0.1", "tcp", True),
        ("127.0.0.1", ANY, "tcp", True),
        ("127.0.0.1", "127.0.0.1", "tcp", True),
        ("127.0.0.1", "127.0.0.2", "tcp", False),
        ("127.0.0.1", "::", "tcp", False),
        (ANY, "::1", "tcp", False),
        ("::1", "::", "tcp", True),
        ("::1", ANY, "tcp", False),
        (None, ANY, "udp", False),
    ],
)
def test_who_cannot_have_the_same_port(wanted: str | None, held: str, protocol: str, expected: bool) -> None:
    port = Port(80, "8080", wanted)
    assert collide(port, PublishedPort(80, protocol, held, 8080)) is expected
    assert not collide(port, PublishedPort(80, protocol, held, 8081))
