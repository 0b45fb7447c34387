"""One small service, with a gate that opens and one that closes after the last test."""

from __future__ import annotations

from engine_setup.images import SERVICES

COMPOSE = f"""
services:
  api:
    image: {SERVICES}
    command: [python3, -m, http.server, "8000"]
    stop_signal: SIGINT
    ports: ["127.0.0.1::8000"]
    healthcheck: {{test: [CMD, curl, -fs, "http://127.0.0.1:8000/"], interval: 300ms, timeout: 5s, retries: 20}}
"""
OPEN = """
timeout: 60s
health: {stable_for: 0s}
performance: {window: 0s}
"""
CLOSED = f"""{OPEN}
commands:
  - {{name: late, run: "exit 3", when: after-tests}}
"""
SUITE = """
def test_one():
    pass


def test_two(infragate_stack):
    assert infragate_stack.exec("api", ["true"]).exit_code == 0
"""

FILES = {"compose.yaml": COMPOSE, "infragate.yaml": OPEN, "test_suite.py": SUITE}
