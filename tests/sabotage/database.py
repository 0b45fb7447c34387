"""A real PostgreSQL that sets itself up on its first start, as the usual images do, and a migration with a password."""

from __future__ import annotations

from engine_setup.images import SERVICES

from .fault import FAILED_START, Change, Fault

COMPOSE = f"""
services:
  db:
    image: {SERVICES}
    user: postgres
    environment: {{PGDATA: /tmp/data, POSTGRES_PASSWORD: open-sesame}}
    configs: [{{source: setup, target: /setup.sql}}]
    # a server for the set-up alone, on its socket, then the real one
    command:
      - bash
      - -ec
      - |
        initdb --auth-local=trust --auth-host=scram-sha-256 --pwfile=<(echo $$POSTGRES_PASSWORD) --no-sync >/dev/null
        echo host all all all scram-sha-256 >>$$PGDATA/pg_hba.conf
        pg_ctl -s -w start -o "-k /tmp -c listen_addresses='' -c fsync=off"
        psql -h /tmp -q -v ON_ERROR_STOP=1 -f /setup.sql
        pg_ctl -s -w stop
        exec postgres -k /tmp -c listen_addresses='*' -c fsync=off
    healthcheck: {{test: [CMD, pg_isready, -h, 127.0.0.1], interval: 500ms, timeout: 5s, retries: 5, start_period: 60s}}
  schema:
    image: {SERVICES}
    environment: {{DATABASE_URL: "postgres://postgres:open-sesame@db:5432/postgres"}}
    command: [sh, -c, "psql $$DATABASE_URL -c 'create table items (name text)'"]
    depends_on: {{db: {{condition: service_healthy}}}}
configs:
  setup: {{content: "create role reader;"}}
"""
SETTINGS = """
timeout: 60s
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
DATABASE = {"compose.yaml": COMPOSE, "infragate.yaml": SETTINGS, "test_items.py": SUITE}


def _change(old: str, new: str) -> tuple[Change, ...]:
    return (Change("compose.yaml", old, new),)


DATABASE_FAULTS = (
    Fault(
        "database hears only itself",
        _change("listen_addresses='*'", "listen_addresses='127.0.0.1'"),
        "health",
        "schema",
        ("Connection refused",),
        sound=DATABASE,
        costly=True,
    ),
    Fault(
        "set-up script fails",
        _change("create role reader;", "create rule reader;"),
        "health",
        "db",
        ("syntax error",),
        also=FAILED_START,
        sound=DATABASE,
        costly=True,
    ),
    Fault(
        "wrong password in a URL",
        _change("postgres:open-sesame@", "postgres:open-barley@"),
        "health",
        "schema",
        ("password authentication failed",),
        sound=DATABASE,
    ),
    Fault(
        "healthcheck that the set-up server passes",
        _change("pg_isready, -h, 127.0.0.1", "pg_isready, -h, /tmp")
        + _change("create role reader;", "select pg_sleep(4);"),
        "health",
        "schema",
        ("Connection refused",),
        sound=DATABASE,
    ),
)
