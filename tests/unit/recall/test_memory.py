"""The record of the last good run: kept by stack, compared by name, with nothing of a value in it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from pytest_infragate.compose.model import Mount, Service
from pytest_infragate.compose.resolve import Resolution
from pytest_infragate.compose.selection import Selection
from pytest_infragate.preparation import Preparation
from pytest_infragate.recall.memory import LastGood
from pytest_infragate.recall.recollection import Forgetful
from pytest_infragate.results import Json, Location
from pytest_infragate.settings import Settings
from tests.unit.gates.builders import container, project

VERSIONS = {"Docker Engine": "20.10.24"}


class Notebook:
    """Remembers what it is told."""

    def __init__(self) -> None:
        self.kept: dict[str, Json] = {}

    def load(self, key: str) -> object:
        return self.kept.get(key)

    def save(self, key: str, value: Json) -> None:
        self.kept[key] = value


@pytest.fixture
def notebook() -> Notebook:
    return Notebook()


def prepared(folder: Path, image: str = "redis:7.2", profiles: tuple[str, ...] = (), *mounts: Mount) -> Preparation:
    file = str(folder / "compose.yaml")
    selection = Selection(str(folder), (file,), profiles, project="shop")
    made = project(Service("db", Location("compose.yaml", 2), mounts=mounts), directory=str(folder))
    written: dict[str, Json] = {"db": {"image": image, "environment": {"PASSWORD": "s3cret-value"}}}
    return Preparation(selection, Resolution(made, written=written))


def last_good(memory: Notebook, made: Preparation, settings: Settings | None = None) -> LastGood:
    return LastGood(memory, settings or Settings(root=made.selection.directory), made, VERSIONS)


def test_what_changed_is_told_with_the_time_of_the_good_run(notebook: Notebook, tmp_path: Path) -> None:
    last_good(notebook, prepared(tmp_path)).keep([container("db", image_id="sha256:1")])
    told = last_good(notebook, prepared(tmp_path, "redis:7.4")).changes("db", [container("db", image_id="sha256:2")])
    before, _, after = told.partition("): ")
    assert before.startswith("changed since the last good run (20")
    assert after == "image redis:7.2 → redis:7.4"
    assert "s3cret" not in json.dumps(notebook.kept)


def test_without_a_good_run_nothing_is_told(notebook: Notebook, tmp_path: Path) -> None:
    assert last_good(notebook, prepared(tmp_path)).changes("db", []) == ""
    memory = Forgetful()
    memory.save("x", 1)
    assert memory.load("x") is None


def test_a_damaged_record_counts_as_none(notebook: Notebook, tmp_path: Path) -> None:
    last_good(notebook, prepared(tmp_path)).keep([])
    notebook.kept = dict.fromkeys(notebook.kept, "damaged")
    assert last_good(notebook, prepared(tmp_path)).changes("db", []) == ""


def test_two_stacks_do_not_mix(notebook: Notebook, tmp_path: Path) -> None:
    last_good(notebook, prepared(tmp_path)).keep([])
    assert last_good(notebook, prepared(tmp_path, profiles=("debug",))).changes("db", []) == ""
    assert last_good(notebook, prepared(tmp_path / "other")).changes("db", []) == ""
    assert last_good(notebook, prepared(tmp_path)).changes("db", []).startswith("nothing in its configuration")


def test_the_content_of_mounted_files_counts(notebook: Notebook, tmp_path: Path) -> None:
    conf = tmp_path / "db.conf"
    conf.write_text("a")
    made = prepared(tmp_path, "redis:7.2", (), Mount("bind", "/etc/db.conf", str(conf)), Mount("bind", "/x", "/x"))
    last_good(notebook, made).keep([])
    conf.write_text("b")
    assert last_good(notebook, made).changes("db", []).endswith(": the content of db.conf")


def test_changed_settings_are_named_where_the_service_itself_is_the_same(notebook: Notebook, tmp_path: Path) -> None:
    made = prepared(tmp_path)
    file = tmp_path / "infragate.yaml"
    file.write_text("timeout: 60s")
    settings = Settings(root=str(tmp_path), file=str(file))
    last_good(notebook, made, settings).keep([])
    file.write_text("timeout: 1s")
    assert last_good(notebook, made, settings).changes("db", []).endswith("; infragate.yaml did")


def test_other_versions_are_told(notebook: Notebook, tmp_path: Path) -> None:
    made = prepared(tmp_path)
    last_good(notebook, made).keep([])
    newer = LastGood(notebook, replace(Settings(root=str(tmp_path))), made, {"Docker Engine": "28.5.2"})
    assert newer.changes("db", []).endswith("): Docker Engine 20.10.24 → 28.5.2")
