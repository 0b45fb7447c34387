"""What the suite shares: the platform as its clients see it, through the edge."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest

DEADLINE_S = 30.0
PAUSE_S = 0.1
TOKEN = Path(__file__).parent.parent / "secrets" / "gateway_token.dev"

Value = TypeVar("Value")


@dataclass(frozen=True)
class Answer:
    """What the edge answered; ``document`` is the JSON of the body."""

    status: int
    document: Any


@dataclass(frozen=True)
class Platform:
    """The platform behind one URL."""

    url: str

    def get(self, path: str) -> Answer:
        """Ask for a path."""
        return self._ask(urllib.request.Request(f"{self.url}{path}"))

    def rpc(self, method: str, params: dict[str, Any] | None = None, token: str | None = None) -> Answer:
        """Send one JSON-RPC request, with the development token where no other is given."""
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params or {}}
        bearer = TOKEN.read_text(encoding="utf-8").strip() if token is None else token
        headers = {"Authorization": f"Bearer {bearer}", "Content-Type": "application/json"}
        return self._ask(urllib.request.Request(f"{self.url}/mcp", json.dumps(body).encode(), headers))

    def call(self, tool: str, **arguments: str) -> Any:
        """Call a tool and return its structured content."""
        answer = self.rpc("tools/call", {"name": tool, "arguments": arguments})
        assert answer.status == 200, answer
        assert "result" in answer.document, answer
        return answer.document["result"]["structuredContent"]

    def _ask(self, request: urllib.request.Request) -> Answer:
        try:
            with urllib.request.urlopen(request, timeout=DEADLINE_S) as response:
                return Answer(response.status, json.load(response))
        except urllib.error.HTTPError as refusal:
            with refusal:
                return Answer(refusal.code, json.load(refusal))


@pytest.fixture
def platform(infragate_stack: Any) -> Platform:
    """Return the platform behind the published port of its edge."""
    return Platform(infragate_stack.endpoint("edge", 8080).url)


@pytest.fixture
def eventually() -> Callable[[str, Callable[[], Value | None]], Value]:
    """Ask again until the answer is true, and return it; fail with what was awaited when the deadline has passed."""

    def wait(awaited: str, ask: Callable[[], Value | None]) -> Value:
        deadline = time.monotonic() + DEADLINE_S
        while True:
            value = ask()
            if value:
                return value
            if time.monotonic() > deadline:
                pytest.fail(f"{awaited}: not within {DEADLINE_S:.0f} s; the last answer was {value!r}")
            time.sleep(PAUSE_S)

    return wait
