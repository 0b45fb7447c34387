"""What changed since the last good run is told by name, never by value."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from pytest_infragate.diagnosis import lastgood
from pytest_infragate.diagnosis.lastgood import Snapshot
from pytest_infragate.results import Json

API: dict[str, Json] = {
    "image": "shop/api:1",
    "environment": {"DB_HOST": "db", "TOKEN": "hunter2-hunter2", "RUN": "igt-one"},
    "healthcheck": {"test": ["CMD", "true"]},
    "ports": None,
}
BEFORE = Snapshot("igt-one", {"api": API}, {"api": "sha256:1"}, files={"compose.yaml": "a"}, versions={"Compose": "2"})
RECORD = lastgood.make(BEFORE, "2026-11-20 14:02", "salt")
NOTHING = "nothing in its configuration or image changed since the last good run (2026-11-20 14:02)"


def now(api: dict[str, Json] | None = None, **changes: Any) -> Snapshot:
    return replace(BEFORE, services={"api": {**API, **(api or {})}}, **changes)


def environment(**changes: str | None) -> dict[str, Json]:
    old = API["environment"]
    assert isinstance(old, dict)
    return {"environment": {name: value for name, value in {**old, **changes}.items() if value is not None}}


@pytest.mark.parametrize(
    ("here", "expected"),
    [
        (now(), ()),
        (now({"image": "shop/api:2"}, images={"api": "sha256:2"}), ("image shop/api:1 → shop/api:2",)),
        (now(images={"api": "sha256:2"}), ("image shop/api:1 has other content (the same name, another id)",)),
        (now(images={}), ()),
        (now({"image": None}), ("image shop/api:1 → built here",)),
        (now(environment(DB_HOST="other")), ("environment: DB_HOST",)),
        (now(environment(DB_HOST=None, NEW="1")), ("environment: DB_HOST (gone), NEW (new)",)),
        (now({"healthcheck": {"test": ["CMD", "false"]}}), ("healthcheck",)),
        (now({"healthcheck": None, "mem_limit": "32m"}), ("healthcheck (gone)", "mem_limit (new)")),
        (now(mounted={"api": {"api.conf": "x"}}), ("the content of api.conf (new)",)),
        (now(versions={"Compose": "3", "Docker Engine": "9"}), ("Compose 2 → 3",)),
        # the project's name differs from run to run
        (now(environment(RUN="igt-two"), project="igt-two"), ()),
        (now(dict.fromkeys("abcdefgh", "x")), (*(f"{name} (new)" for name in "abcdef"), "and 2 more")),
    ],
)
def test_what_changed(here: Snapshot, expected: tuple[str, ...]) -> None:
    assert lastgood.changes(RECORD, here, "api") == expected


def test_a_new_service_is_new() -> None:
    assert lastgood.changes(RECORD, replace(BEFORE, services={"web": {}}), "web") == ("the service is new",)


@pytest.mark.parametrize(
    ("here", "expected"),
    [
        (now(), NOTHING),
        (now(files={"compose.yaml": "b", "x.env": ""}), f"{NOTHING}; compose.yaml, x.env did"),
        (
            now({"image": "shop/api:2", "command": ["x"]}, files={"compose.yaml": "b"}),
            "changed since the last good run (2026-11-20 14:02): image shop/api:1 → shop/api:2; command (new)",
        ),
    ],
)
def test_it_is_told_in_one_line(here: Snapshot, expected: str) -> None:
    assert lastgood.told(RECORD, here, "api") == expected


def test_a_record_survives_json() -> None:
    assert lastgood.read(json.loads(json.dumps(RECORD.to_json()))) == RECORD


def test_a_record_holds_no_value() -> None:
    text = json.dumps(RECORD.to_json())
    assert "DB_HOST" in text
    assert "hunter2" not in text
    assert '"db"' not in text


def test_a_hash_is_too_short_to_give_a_secret_away_and_salted() -> None:
    assert {len(value) for value in RECORD.services["api"].environment.values()} == {4}
    assert lastgood.make(BEFORE, "", "other salt").services["api"].environment != RECORD.services["api"].environment


@pytest.mark.parametrize("path", [(), ("format",), ("time",), ("salt",), ("files",), ("versions",), ("services",)])
@pytest.mark.parametrize("damage", [None, 3, "x", [], {"api": 3}])
def test_a_damaged_record_is_no_record(path: tuple[str, ...], damage: object) -> None:
    value: Any = RECORD.to_json()
    if path:
        value[path[0]] = damage
    assert lastgood.read(value if path else damage) is None or (path, damage) in [(("time",), "x"), (("salt",), "x")]


@pytest.mark.parametrize("key", ["image", "image_id", "keys", "environment"])
def test_a_damaged_service_is_no_record(key: str) -> None:
    value: Any = RECORD.to_json()
    value["services"]["api"][key] = [1]
    assert lastgood.read(value) is None
