"""Takes jobs from the queue in Redis and writes one row for each to PostgreSQL, at least once and never twice.

A job waits in ``jobs``, is moved to ``jobs:taken`` while it is worked on, and leaves that list when its row is
committed. What a killed worker left there is put back at the next start.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

import psycopg2
import redis

QUEUE = "jobs"
TAKEN = "jobs:taken"
HEARTBEAT = Path("/tmp/worker.heartbeat")
WAIT_SECONDS = 1
RECONNECT_SECONDS = 1.0

log = logging.getLogger("worker")


def main() -> int:
    """Work until SIGTERM; an outage of queue or database is waited out."""
    logging.basicConfig(level=os.environ["LOG_LEVEL"], stream=sys.stdout, format="%(levelname)s %(message)s")
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    log.info("started")
    while not stop.is_set():
        try:
            work(stop)
        except (redis.RedisError, psycopg2.Error) as error:
            log.warning("connection lost, trying again: %s", str(error).strip())
            stop.wait(RECONNECT_SECONDS)
    log.info("stopped")
    return 0


def work(stop: threading.Event) -> None:
    """Connect to both and process jobs until told to stop; raises when a connection is lost."""
    queue = redis.Redis.from_url(os.environ["CACHE_URL"], decode_responses=True, socket_timeout=10)
    database = connect()
    try:
        put_back(queue)
        while not stop.is_set():
            pulse(database)
            job = queue.blmove(QUEUE, TAKEN, WAIT_SECONDS, "LEFT", "RIGHT")
            if job is not None:
                process(queue, database, job)
    finally:
        database.close()
        queue.close()


def connect() -> Any:
    """Connect to the database as the environment says."""
    password = Path(os.environ["DATABASE_PASSWORD_FILE"]).read_text(encoding="utf-8").strip()
    return psycopg2.connect(os.environ["DATABASE_URL"], password=password, connect_timeout=5)


def put_back(queue: redis.Redis) -> None:
    """Queue the jobs again that were taken and never finished."""
    while queue.lmove(TAKEN, QUEUE, "RIGHT", "LEFT") is not None:
        log.info("put an unfinished job back")


def pulse(database: Any) -> None:
    """Show the healthcheck that queue and database were both reached just now."""
    with database, database.cursor() as cursor:
        cursor.execute("SELECT 1")
    HEARTBEAT.touch()


def process(queue: redis.Redis, database: Any, raw: str) -> None:
    """Write the row of one job; a job that makes no sense is dropped with a line in the log."""
    try:
        job = json.loads(raw)
        row = (job["id"], job["name"], len(job["text"].split()))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        log.warning("dropped a job that makes no sense: %r", error)
    else:
        with database, database.cursor() as cursor:
            cursor.execute(
                "INSERT INTO items (job_id, name, words) VALUES (%s, %s, %s) ON CONFLICT (job_id) DO NOTHING", row
            )
        log.info("wrote item %s", row[0])
    queue.lrem(TAKEN, 1, raw)


if __name__ == "__main__":
    sys.exit(main())
