"""The prober and its like in Python, run here: what every test of the asking shares."""

from __future__ import annotations

import os
import platform
import select
import subprocess
import sys
from collections.abc import Iterator

import pytest

from pytest_infragate.stack import tools
from pytest_infragate.stack.channel import Channel
from pytest_infragate.stack.prober import binary
from pytest_infragate.stack.relay import Relay

PROBER = binary(platform.machine()) if sys.platform == "linux" else None
NO_PROBER = "the prober is built for Linux on amd64 and arm64"
RELAYS = {"prober": (str(PROBER),), "python": tools.carrying()}


class Pipes:
    """The pipes of a program here, as the engine's connection to one in a container."""

    def __init__(self, program: subprocess.Popen[bytes]) -> None:
        assert program.stdin is not None
        assert program.stdout is not None
        self.program, self.input, self.output = program, program.stdin, program.stdout

    def sendall(self, data: bytes, /) -> None:
        self.input.write(data)

    def receive(self, timeout_s: float) -> bytes | None:
        if not select.select([self.output], [], [], timeout_s)[0]:
            return None
        data = os.read(self.output.fileno(), 65536)
        return bytes([1, 0, 0, 0]) + len(data).to_bytes(4, "big") + data if data else b""

    def close(self) -> None:
        self.input.close()


@pytest.fixture(params=RELAYS)
def program(request: pytest.FixtureRequest) -> Iterator[subprocess.Popen[bytes]]:
    if request.param == "prober" and PROBER is None:
        pytest.skip(NO_PROBER)
    with subprocess.Popen(RELAYS[request.param], bufsize=0, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as started:
        yield started
        started.kill()


@pytest.fixture
def relay(program: subprocess.Popen[bytes]) -> Relay:
    return Relay(Channel(Pipes(program), b""))
