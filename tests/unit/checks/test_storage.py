"""Where data lives: what is lost, shared or refused, and what is fine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from .looking import subjects

PG = "/var/lib/postgresql/data"


def volume(source: str | None, target: str, **more: Any) -> dict[str, Any]:
    return {"type": "volume", "target": target, **({"source": source} if source else {}), **more}


def db(image: str = "postgres:16", source: str | None = "data", target: str = PG, **more: Any) -> dict[str, Any]:
    return {"image": image, "volumes": [volume(source, target)], **more}


@pytest.mark.parametrize(
    ("other", "shared"),
    [
        (db(), ["b"]),
        (db("registry.example:5000/library/postgres:15"), ["b"]),
        (db("pgvector/pgvector:pg16"), ["b"]),
        (db(source="other"), []),
        (db(command=["pg_dump", "-h", "a"]), []),
        (db(entrypoint=["/backup.sh"]), []),
        (db("busybox:1"), []),
        (db(target="/backup"), []),
        ({"image": "postgres:16", "volumes": [volume("data", PG, read_only=True)]}, []),
        ({"image": "postgres:16", "volumes": [volume("data", PG, volume={"subpath": "two"})]}, []),
        (db(command=["-c", "fsync=off"]), ["b"]),
    ],
)
def test_databases_share_volume(other: dict[str, Any], shared: list[str]) -> None:
    assert subjects("IG617", {"a": db(), "b": other}) == shared


def test_replicas_of_a_database_share_its_volume() -> None:
    assert subjects("IG617", {"a": db(scale=2)}) == ["a"]


def test_folders_below_the_data_may_be_shared() -> None:
    scripts = db("clickhouse/clickhouse-server:24", "scripts", "/var/lib/clickhouse/user_scripts")
    assert subjects("IG617", {"a": scripts, "b": scripts}) == []


def test_volume_shared() -> None:
    one, reader = {"volumes": [volume("files", "/f")]}, {"volumes": [volume("files", "/f", read_only=True)]}
    assert subjects("IG618", {"a": one, "b": one}) == ["b"]
    assert subjects("IG618", {"a": one, "b": reader}) == []


def test_folder_of_the_host_shared(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for source, found in ((tmp_path, ["b"]), (tmp_path / "file", []), (tmp_path / "engine.sock", [])):
        one = {"volumes": [{"type": "bind", "source": str(source), "target": "/f"}]}
        assert subjects("IG618", {"a": one, "b": one}) == found


@pytest.mark.parametrize(
    ("service", "flagged"),
    [
        ({"image": "mysql:8"}, True),
        ({"image": "mysql:8", "volumes": [volume(None, "/var/lib/mysql")]}, True),
        (db("mysql:8", target="/var/lib/mysql"), False),
        ({"image": "mysql:8", "tmpfs": ["/var/lib/mysql"]}, False),
        ({"image": "mysql:8", "build": {"context": "."}}, False),
        ({"image": "mysql:8", "command": ["mysqldump"]}, False),
        ({"image": "postgres:16", "environment": {"PGDATA": "/dev/shm"}}, False),  # noqa: S108
        ({"image": "redis:7"}, False),
        ({"image": "ours/mysql:8"}, False),
    ],
)
def test_data_without_volume(service: dict[str, Any], flagged: bool) -> None:
    assert bool(subjects("IG620", {"a": service})) is flagged


@pytest.mark.parametrize(
    ("volumes", "flagged"),
    [
        ([volume(None, "/data")], True),
        ([volume("x", "/data")], False),
        ([{"type": "bind", "source": "/s", "target": "/app"}, volume(None, "/app/node_modules")], False),
        ([{"type": "bind", "source": "/s", "target": "/app"}, volume(None, "/application")], True),
    ],
)
def test_anonymous_volume(volumes: list[dict[str, Any]], flagged: bool) -> None:
    assert bool(subjects("IG621", {"a": {"volumes": volumes}})) is flagged


@pytest.mark.parametrize(
    ("service", "beside", "refused"),
    [
        (db("postgres:16", target="/var/lib/postgresql"), True, False),
        (db("postgres:16"), False, False),
        (db("postgres:18-alpine"), False, True),
        (db("postgres:18", target="/var/lib/postgresql"), False, False),
        (db("postgres:18", target="/var/lib/postgresql/18/docker"), False, False),
        (db("postgres:18", environment={"PGDATA": PG}), False, False),
        (db("pgvector/pgvector:0.8.1-pg18"), False, True),
        (db("timescale/timescaledb:2.17.2-pg17"), False, False),
        (db("postgres:latest"), False, False),
        (db("postgres", target="/var/lib/postgresql"), False, False),
        (db("postgres:18", command=["psql"]), False, False),
        (db("mongo:7", target="/data"), True, False),
        (db("mongo:7", target="/data/db"), False, False),
    ],
)
def test_place_of_the_data(service: dict[str, Any], beside: bool, refused: bool) -> None:
    found = bool(subjects("IG622", {"a": service})), bool(subjects("IG623", {"a": service}))
    assert found == (beside, refused)


def test_configuration_mounted_writable(tmp_path: Path) -> None:
    (tmp_path / "file.conf").touch()
    mount = {"type": "bind", "source": str(tmp_path / "file.conf"), "target": "/x.conf"}
    assert subjects("IG619", {"a": {"volumes": [mount]}}) == ["a"]
    assert subjects("IG619", {"a": {"volumes": [{**mount, "read_only": True}]}}) == []
    assert subjects("IG619", {"a": {"volumes": [{**mount, "source": str(tmp_path)}]}}) == []


@pytest.mark.parametrize(
    ("name", "filled", "target", "flagged"),
    [
        ("nginx.conf", False, "/etc/nginx/nginx.conf", True),
        ("nginx.conf", True, "/etc/nginx/nginx.conf", False),
        ("conf.d", False, "/etc/nginx/conf.d", False),
        ("data", False, "/data", False),
    ],
)
def test_folder_mounted_for_file(name: str, filled: bool, target: str, flagged: bool, tmp_path: Path) -> None:
    (tmp_path / name).mkdir()
    if filled:
        (tmp_path / name / "x").touch()
    mount = {"type": "bind", "source": str(tmp_path / name), "target": target}
    assert bool(subjects("IG624", {"a": {"volumes": [mount]}})) is flagged


@pytest.mark.parametrize(
    ("service", "flagged"),
    [
        ({"environment": {"PW_FILE": "/run/secrets/pw"}}, True),
        ({"environment": {"PW_FILE": "/run/secrets/pw"}, "secrets": [{"source": "pw"}]}, False),
        ({"environment": {"PW_FILE": "/var/run/secrets/pw"}, "secrets": [{"source": "pw"}]}, False),
        ({"environment": {"PW_FILE": "/run/secrets/x"}, "secrets": [{"source": "pw", "target": "x"}]}, False),
        ({"environment": {"PW_FILE": "/run/secrets/pw"}, "secrets": [{"source": "pw", "target": "/etc/pw"}]}, True),
        ({"environment": {"PW_FILE": "/run/secrets/pw"}, "volumes": [volume("s", "/run/secrets")]}, False),
        ({"environment": {"LOG_FILE": "/var/log/x"}}, False),
        ({"environment": {"PATHS": "/run/secrets/pw"}}, False),
    ],
)
def test_secret_path_without_secret(service: dict[str, Any], flagged: bool) -> None:
    assert bool(subjects("IG615", {"a": service})) is flagged
