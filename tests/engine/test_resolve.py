"""What the installed Compose says becomes a project with places; its errors and warnings keep theirs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pytest_infragate.compose.references import infer_edges
from pytest_infragate.compose.resolve import Resolution, resolve
from pytest_infragate.compose.selection import Selection

STACK = """\
services:
  api:
    extends: {file: base.yaml, service: base}
    env_file: api.env
    environment:
      DATABASE_URL: postgresql://app:${PASSWORD:-pa$$word}@db/app
    depends_on:
      db: {condition: service_healthy}
    ports: ["127.0.0.1:8000-8001:80-81"]
    deploy: {resources: {limits: {memory: 64m}}}
    volumes: ["data:/data", "./base.yaml:/base.yaml:ro"]
  db:
    image: postgres:16
    healthcheck: {test: [CMD, pg_isready], interval: 1m30s}
  shell:
    image: busybox:1.36
    profiles: [debug]
volumes:
  data:
  fixed: {name: our-data}
"""
BASE = "services:\n  base:\n    image: ours:1.0\n    environment: {CACHE_HOST: cache}\n"
OVERRIDE = "services:\n  db:\n    image: postgres:17\n    volumes: ['fixed:/x']\n"


def resolved(folder: Path, *names: str, profiles: tuple[str, ...] = (), **files: str) -> Resolution:
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    (folder / "api.env").write_text("REDIS_URL=redis://cache\n", encoding="utf-8")
    chosen = tuple(str(folder / f"{name}.yaml") for name in names)
    return resolve(Selection(str(folder), chosen, profiles=profiles, project="igt-resolve"))


def test_a_project_of_several_files(tmp_path: Path) -> None:
    found = resolved(tmp_path, "compose", "override", compose=STACK, base=BASE, override=OVERRIDE)
    project = found.project
    assert project is not None, found.error
    api, db = project.services["api"], project.services["db"]
    assert api.environment == {
        "CACHE_HOST": "cache",
        "DATABASE_URL": "postgresql://app:pa$word@db/app",
        "REDIS_URL": "redis://cache",
    }
    assert {key: str(api.place("environment", key)) for key in api.environment} == {
        "CACHE_HOST": "base.yaml:4:19",
        "DATABASE_URL": "compose.yaml:6:7",
        "REDIS_URL": "compose.yaml:4:5",
    }
    assert [(port.target, port.published, str(port.location)) for port in api.ports] == [
        (80, "8000", "compose.yaml:9:13"),
        (81, "8001", "compose.yaml:9:13"),
    ]
    assert (db.image, str(db.place("image"))) == ("postgres:17", "override.yaml:3:5")
    assert api.memory_limit == 64 * 1024 * 1024
    assert db.healthcheck is not None
    assert db.healthcheck.interval_s == 90
    assert {key: item.name for key, item in project.volumes.items()} == {"data": None, "fixed": "our-data"}
    assert project.networks["default"].name is None
    assert (project.name, project.known_profiles, project.inactive_services) == ("igt-resolve", ("debug",), ("shell",))
    assert [str(edge) for edge in infer_edges(project)] == ["api -> db:5432"]


def test_an_active_profile_leaves_nothing_out(tmp_path: Path) -> None:
    project = resolved(tmp_path, "compose", profiles=("debug",), compose=STACK, base=BASE).project
    assert project is not None
    assert set(project.services) == {"api", "db", "shell"}
    assert project.inactive_services == ()


@pytest.mark.parametrize(
    ("text", "words", "place"),
    [
        ("services:\n  a:\n    imagee: x\n", "'imagee' not allowed", "compose.yaml:3:5"),
        ("services:\n  a:\n    image: x\n    depends_on: [b]\n", '"b"', "compose.yaml:4:18"),
        ("services:\n  a:\n    image: x\n    ports: ['80:70000']\n", "70000", "compose.yaml:4:13"),
        ("services:\n  a:\n    image: ${IGT_GONE:?say it}\n", "say it", "compose.yaml:3:5"),
        ("services:\n  a: {image: x\n", "not valid YAML", "compose.yaml:3:1"),
        ("services:\n  a: {image: x}\n  a: {image: y}\n", "already given at compose.yaml:2:3", "compose.yaml:3:3"),
        ("", "empty compose file", "compose.yaml"),
    ],
)
def test_refusals_have_a_place(text: str, words: str, place: str, tmp_path: Path) -> None:
    found = resolved(tmp_path, "compose", compose=text)
    assert found.project is None
    assert words in found.error
    assert str(tmp_path) not in found.error
    assert str(found.location) == place


def test_no_service_is_a_project_without_services(tmp_path: Path) -> None:
    found = resolved(tmp_path, "compose", compose="services: {}\n")
    assert found.project is not None
    assert dict(found.project.services) == {}


def test_warnings_and_unset_variables_have_places(tmp_path: Path) -> None:
    found = resolved(tmp_path, "compose", compose='version: "3"\nservices:\n  a:\n    image: x:${IGT_GONE}1\n')
    assert [(item.name, str(item.location)) for item in found.unset] == [("IGT_GONE", "compose.yaml:4:14")]
    assert [str(item.location) for item in found.warnings] == ["compose.yaml:1:1"]
    assert "obsolete" in found.warnings[0].text


def test_an_alias_bomb_is_refused_before_compose_reads_it(tmp_path: Path) -> None:
    lines = ["x-a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"x-a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    found = resolved(tmp_path, "compose", compose="\n".join([*lines, "services: {a: {image: x}}", ""]))
    assert found.project is None
    assert "Aliases expand" in found.error


def test_values_come_from_the_environment_that_is_given(tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text("services:\n  a:\n    image: x:${IGT_TAG}\n", encoding="utf-8")
    selection = Selection(str(tmp_path), (str(tmp_path / "compose.yaml"),))
    project = resolve(selection, {**os.environ, "IGT_TAG": "7"}).project
    assert project is not None
    assert project.services["a"].image == "x:7"
