"""The way of a job: queue, worker, row, cache. Each test looks where the item has to be, not only at what HTTP says."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from conftest import Platform

Eventually = Callable[[str, Callable[[], Any]], Any]

pytestmark = pytest.mark.infragate_requires("db", "cache", "worker")


def written(stack: Any, job_id: str) -> str:
    """Return the number of words in the row of a job, empty while there is none."""
    query = ["--no-align", "--tuples-only", "--field-separator", " ", "--command", "SELECT job_id, words FROM items"]
    result = stack.exec("db", ["psql", *query])
    assert result.exit_code == 0, result.stderr
    rows: dict[str, str] = dict(line.split() for line in result.stdout.splitlines())
    return rows.get(job_id, "")


def test_worker_writes_a_row(platform: Platform, infragate_stack: Any, eventually: Eventually) -> None:
    job_id = platform.call("add_item", name="greeting", text="hello tool servers")["job_id"]

    assert eventually("a row of the job", lambda: written(infragate_stack, job_id)) == "3"
    assert job_id in {item["job_id"] for item in platform.get("/items").document["items"]}
    eventually("the worker's log names the job", lambda: job_id in infragate_stack.logs("worker"))


def test_second_answer_comes_from_the_cache(platform: Platform, infragate_stack: Any, eventually: Eventually) -> None:
    job_id = platform.call("add_item", name="cached", text="one two")["job_id"]

    first = eventually("the item", lambda: found(platform, job_id))
    kept = infragate_stack.exec("cache", ["redis-cli", "--raw", "GET", f"item:{job_id}"])

    assert not first["cached"]
    assert json.loads(kept.stdout) == first["item"]
    assert platform.call("get_item", job_id=job_id) == {"item": first["item"], "cached": True}


def test_job_waits_for_a_worker_that_is_away(platform: Platform, infragate_stack: Any, eventually: Eventually) -> None:
    infragate_stack.pause("worker")
    job_id = platform.call("add_item", name="patient", text="a b c d")["job_id"]
    assert platform.call("get_item", job_id=job_id)["item"] is None

    infragate_stack.unpause("worker")

    assert eventually("a row of the job", lambda: written(infragate_stack, job_id)) == "4"


def found(platform: Platform, job_id: str) -> Any:
    """Return the gateway's answer once it has the item, else ``None``."""
    answer = platform.call("get_item", job_id=job_id)
    return answer if answer["item"] else None
