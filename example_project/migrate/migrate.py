"""Brings the schema up to date: every migration once, in the order of their names, each in its own transaction."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import psycopg2

MIGRATIONS = Path(__file__).parent / "migrations"
LOCK_KEY = 7_202_611


def main() -> int:
    """Apply what is missing; an error ends the process with a traceback and exit code 1."""
    connection = connect()
    try:
        lock(connection)
        done = applied(connection)
        for path in sorted(MIGRATIONS.glob("*.sql")):
            if path.name not in done:
                apply(connection, path)
    finally:
        connection.close()
    print("migrate: the schema is up to date", flush=True)
    return 0


def connect() -> Any:
    """Connect as the environment says."""
    return psycopg2.connect(
        host=os.environ["DATABASE_HOST"],
        port=os.environ["DATABASE_PORT"],
        dbname=os.environ["DATABASE_NAME"],
        user=os.environ["DATABASE_USER"],
        password=Path(os.environ["DATABASE_PASSWORD_FILE"]).read_text(encoding="utf-8").strip(),
        connect_timeout=5,
        options="-c client_min_messages=warning",
    )


def lock(connection: Any) -> None:
    """Wait for a migration that runs beside this one; the lock ends with the connection."""
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", (LOCK_KEY,))
        cursor.execute("CREATE TABLE IF NOT EXISTS schema_migrations (name text PRIMARY KEY)")


def applied(connection: Any) -> set[str]:
    """Return the names of the migrations that this database has."""
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT name FROM schema_migrations")
        return {name for (name,) in cursor.fetchall()}


def apply(connection: Any, path: Path) -> None:
    """Run one migration and note it, both or neither."""
    with connection, connection.cursor() as cursor:
        cursor.execute(path.read_text(encoding="utf-8"))
        cursor.execute("INSERT INTO schema_migrations (name) VALUES (%s)", (path.name,))
    print(f"migrate: {path.name}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
