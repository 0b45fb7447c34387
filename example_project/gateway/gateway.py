"""The HTTP gateway: ``POST /mcp`` (JSON-RPC, bearer token), ``GET /items``, ``/healthz`` and ``/readyz``.

``/healthz`` says that this process answers; ``/readyz`` that queue, cache and database answer it.
"""

from __future__ import annotations

import hmac
import json
import logging
import os
import signal
import sys
import threading
from collections.abc import Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import psycopg2
import redis
from jsonrpc import Tool, answer
from store import Store

PORT = 8000
MAX_BODY_BYTES = 1_000_000

log = logging.getLogger("gateway")


class Gateway(ThreadingHTTPServer):
    """The server with what its requests share."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, store: Store, token: str) -> None:
        super().__init__(("0.0.0.0", PORT), Request)
        self.store = store
        self.token = token
        self.tools: Mapping[str, Tool] = {
            tool.name: tool
            for tool in (
                Tool("add_item", "Count the words of a text.", {"name": "a name", "text": "the text"}, store.add),
                Tool("get_item", "Return a counted text.", {"job_id": "what add_item returned"}, store.get),
            )
        }


class Request(BaseHTTPRequestHandler):
    """One request; what the stores cannot do at the moment is answered with 503."""

    server: Gateway
    server_version = "gateway"
    timeout = 15

    def do_GET(self) -> None:
        """Serve the three read-only paths."""
        if self.path == "/healthz":
            self._send(HTTPStatus.OK, {"status": "ok"})
        elif self.path == "/readyz":
            self._guarded(self._ready)
        elif self.path == "/items":
            self._guarded(lambda: self._send(HTTPStatus.OK, {"items": self.server.store.newest()}))
        else:
            self._send(HTTPStatus.NOT_FOUND, {"error": "no such path"})

    def do_POST(self) -> None:
        """Serve the JSON-RPC path."""
        body = self.rfile.read(min(int(self.headers.get("Content-Length", 0)), MAX_BODY_BYTES))
        if self.path != "/mcp":
            self._send(HTTPStatus.NOT_FOUND, {"error": "no such path"})
        elif not self._authorised():
            self._send(HTTPStatus.UNAUTHORIZED, {"error": "a bearer token is needed"})
        else:
            self._guarded(lambda: self._call(body))

    def log_message(self, format: str, *args: Any) -> None:
        """Keep the log to what somebody would look for: requests are the edge's to log."""
        log.debug(format, *args)

    def _ready(self) -> None:
        self.server.store.check()
        self._send(HTTPStatus.OK, {"status": "ready"})

    def _call(self, body: bytes) -> None:
        try:
            request = json.loads(body)
        except ValueError:
            self._send(HTTPStatus.BAD_REQUEST, {"error": "the body is no JSON"})
            return
        reply = answer(request, self.server.tools)
        self._send(HTTPStatus.ACCEPTED if reply is None else HTTPStatus.OK, reply or {})

    def _authorised(self) -> bool:
        given = self.headers.get("Authorization", "").encode()
        return hmac.compare_digest(given, f"Bearer {self.server.token}".encode())

    def _guarded(self, serve: Any) -> None:
        try:
            serve()
        except (redis.RedisError, psycopg2.Error) as error:
            log.warning("store not available: %s", str(error).strip())
            self._send(HTTPStatus.SERVICE_UNAVAILABLE, {"error": "a store is not available"})

    def _send(self, status: HTTPStatus, document: object) -> None:
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def main() -> int:
    """Serve until SIGTERM."""
    logging.basicConfig(level=os.environ["LOG_LEVEL"], stream=sys.stdout, format="%(levelname)s %(message)s")
    token = Path(os.environ["GATEWAY_TOKEN_FILE"]).read_text(encoding="utf-8").strip()
    gateway = Gateway(Store(), token)
    for number in (signal.SIGTERM, signal.SIGINT):
        # shutdown() waits for the loop that this very thread runs, so another thread has to call it.
        signal.signal(number, lambda *_: threading.Thread(target=gateway.shutdown).start())
    log.info("listening on port %d", PORT)
    gateway.serve_forever(poll_interval=0.2)
    gateway.server_close()
    log.info("stopped")
    return 0


if __name__ == "__main__":
    sys.exit(main())
