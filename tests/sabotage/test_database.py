"""A real PostgreSQL, asked in its own protocol, and a migration that needs it."""

from __future__ import annotations

import pytest

from engine_setup.images import SERVICES

from ..projects import UserProject
from .test_sabotage import demand

COMPOSE = f"""
services:
  db:
    image: {SERVICES}
    user: postgres
    environment: {{PGDATA: /tmp/data}}
    command:
      - bash
      - -c
      - >-
        initdb --auth=trust --no-sync >/dev/null && echo host all all all trust >>$$PGDATA/pg_hba.conf
        && exec postgres -k /tmp -c listen_addresses='*' -c fsync=off
    healthcheck: {{test: [CMD, pg_isready, -h, 127.0.0.1], interval: 500ms, timeout: 5s, retries: 20}}
  schema:
    image: {SERVICES}
    command: [psql, -h, db, -U, postgres, -c, "create table items (name text)"]
    depends_on: {{db: {{condition: service_healthy}}}}
"""
SETTINGS = """
services:
  db: {probe: "postgres://:5432"}
  schema: {kind: one-shot}
health: {stable_for: 1s}
performance: {window: 1s}
commands:
  - {name: schema-present, service: db, run: [psql, -h, /tmp, -c, "table items"], when: after-up}
"""
SUITE = """
def test_items_is_empty(infragate_stack):
    done = infragate_stack.exec("db", ["psql", "-h", "/tmp", "-tc", "select count(*) from items"])
    assert done.stdout.split() == ["0"]
"""


def test_a_database_with_its_schema_passes(project: UserProject) -> None:
    project.write(**{"compose.yaml": COMPOSE, "infragate.yaml": SETTINGS, "test_items.py": SUITE})
    ended = project.gate()
    assert ended.status == pytest.ExitCode.OK, ended.output
    assert project.report.verdict == "complete"


def test_a_database_that_only_hears_itself_does_not(project: UserProject) -> None:
    deaf = COMPOSE.replace("listen_addresses='*'", "listen_addresses='127.0.0.1'")
    project.write(**{"compose.yaml": deaf, "infragate.yaml": SETTINGS, "test_items.py": SUITE})
    ended = project.gate()
    assert ended.status == pytest.ExitCode.TESTS_FAILED, ended.output
    demand(project, ended.output, "health", "schema", ("Connection refused",))
