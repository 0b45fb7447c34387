"""Where the gateway keeps things: items in PostgreSQL, jobs and cached items in Redis."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg2
import redis
from psycopg2.extras import RealDictCursor

QUEUE = "jobs"
LISTED = 100
COLUMNS = "SELECT job_id::text, name, words, created_at::text FROM items "
ONE = COLUMNS + "WHERE job_id::text = %s"
NEWEST = COLUMNS + "ORDER BY created_at DESC LIMIT %s"


class Store:
    """The gateway's view of queue, cache and database; one instance serves all threads."""

    def __init__(self) -> None:
        self._redis = redis.Redis.from_url(
            os.environ["CACHE_URL"], decode_responses=True, socket_timeout=5, socket_connect_timeout=3
        )
        self._password = Path(os.environ["DATABASE_PASSWORD_FILE"]).read_text(encoding="utf-8").strip()
        self._ttl = int(os.environ["CACHE_TTL_SECONDS"])

    def add(self, name: str, text: str) -> dict[str, Any]:
        """Queue a job for the worker and return its id."""
        job_id = str(uuid.uuid4())
        self._redis.rpush(QUEUE, json.dumps({"id": job_id, "name": name, "text": text}))
        return {"job_id": job_id}

    def get(self, job_id: str) -> dict[str, Any]:
        """Return one item, from the cache where it is there; ``item`` is ``None`` while the worker has not written it."""
        key = f"item:{job_id}"
        kept = self._redis.get(key)
        if kept is not None:
            return {"item": json.loads(kept), "cached": True}
        rows = self._items(ONE, (job_id,))
        if not rows:
            return {"item": None, "cached": False}
        self._redis.setex(key, self._ttl, json.dumps(rows[0]))
        return {"item": rows[0], "cached": False}

    def newest(self) -> list[dict[str, Any]]:
        """Return the newest items, newest first."""
        return self._items(NEWEST, (LISTED,))

    def check(self) -> None:
        """Reach both stores; raises what their clients raise."""
        self._redis.ping()
        with self._cursor() as cursor:
            cursor.execute("SELECT 1")

    def _items(self, query: str, values: tuple[object, ...]) -> list[dict[str, Any]]:
        with self._cursor() as cursor:
            cursor.execute(query, values)
            return [dict(row) for row in cursor.fetchall()]

    @contextmanager
    def _cursor(self) -> Iterator[Any]:
        connection = psycopg2.connect(
            host=os.environ["DATABASE_HOST"],
            port=os.environ["DATABASE_PORT"],
            dbname=os.environ["DATABASE_NAME"],
            user=os.environ["DATABASE_USER"],
            password=self._password,
            connect_timeout=3,
            cursor_factory=RealDictCursor,
        )
        try:
            with connection, connection.cursor() as cursor:
                yield cursor
        finally:
            connection.close()
