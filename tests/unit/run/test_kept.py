from __future__ import annotations

import datetime
import os
from pathlib import Path

import pytest

from pytest_infragate.compose.model import Mount, Resource
from pytest_infragate.results import Location
from pytest_infragate.run.kept import Kept, stale
from tests.unit.gates.builders import container, project, service

PLACE = Location("compose.yaml", 1)


def started(path: Path, *, seconds_later: float) -> datetime.datetime:
    """Return a moment so long after the last change of a file."""
    return datetime.datetime.fromtimestamp(path.stat().st_ctime + seconds_later, datetime.timezone.utc)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "folder" / "below" / "app.conf"
    made.parent.mkdir(parents=True)
    made.write_text("colour = blue\n", encoding="utf-8")
    # What a copy that keeps times does must not hide the change.
    os.utime(made, (0, 0))
    return made


@pytest.mark.parametrize("later, expected", [(5.0, []), (-5.0, ["db"])])
@pytest.mark.parametrize("how", ["file", "folder", "secret", "config"])
def test_who_was_started_before_a_file_changed(file: Path, how: str, later: float, expected: list[str]) -> None:
    source = file.parents[1] if how == "folder" else file
    mounts = (Mount("bind", "/x", str(source), read_only=True),) if how in ("file", "folder") else ()
    key = {"app": Resource("app", PLACE, file=str(file))}
    db = service(
        "db", mounts=mounts, secrets=("app",) if how == "secret" else (), configs=("app",) if how == "config" else ()
    )
    made = project(db, service("other"), secrets=key if how == "secret" else {}, configs=key if how == "config" else {})
    found = [container("db", started_at=started(file, seconds_later=later)), container("other")]
    assert list(stale(made, found, local=True)) == expected
    assert list(stale(made, found, local=False)) == []


@pytest.mark.parametrize(
    "mount",
    [
        Mount("bind", "/x", "FILE"),
        Mount("bind", "/x", "FILE/absent", read_only=True),
        Mount("volume", "/x", "data", read_only=True),
    ],
    ids=["writable", "absent", "volume"],
)
def test_what_says_nothing_of_a_change(file: Path, mount: Mount) -> None:
    source = str(mount.source).replace("FILE", str(file))
    db = service("db", mounts=(Mount(mount.kind, mount.target, source, mount.read_only),))
    found = [container("db", started_at=started(file, seconds_later=-5.0))]
    assert list(stale(project(db), found, local=True)) == []


def test_nothing_has_to_be_started_only_where_everything_stands() -> None:
    found = (container("db"),)
    assert Kept(found).stands
    assert not Kept().stands
    assert not Kept(found, pending=frozenset({"shop-web-1"})).stands
    assert not Kept(found, stale=("db",)).stands
    assert not Kept(found, unfit=("shop-db-1",)).stands


@pytest.mark.parametrize(
    "health, expected", [(None, True), ("healthy", True), ("starting", False), ("unhealthy", False)]
)
def test_whom_nobody_has_to_wait_for(health: str | None, expected: bool) -> None:
    assert Kept((container("db", health=health),)).is_well is expected
