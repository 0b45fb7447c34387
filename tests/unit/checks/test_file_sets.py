"""Files together: candidates, ports that are added, resources that nobody uses."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pytest_infragate.checks.base import Material
from pytest_infragate.compose.discovery import BY_COMPOSE
from pytest_infragate.compose.resolve import Resolution
from pytest_infragate.compose.selection import Selection
from pytest_infragate.compose.source import parse_yaml

from ..stacks import project
from .looking import findings, material


@pytest.mark.parametrize(
    ("names", "chosen_by", "count"),
    [
        (("compose.yaml", "docker-compose.yml"), BY_COMPOSE, 1),
        (("compose.yaml", "docker-compose.yml"), "command line", 0),
        (("compose.yaml", "compose.override.yml", "docker-compose.override.yml"), BY_COMPOSE, 1),
        (("compose.yaml", "compose.override.yaml", "compose.prod.yaml"), BY_COMPOSE, 0),
    ],
)
def test_several_candidate_files(names: tuple[str, ...], chosen_by: str, count: int, tmp_path: Path) -> None:
    for name in names:
        (tmp_path / name).touch()
    selection = Selection(str(tmp_path), (), sources=(("files", chosen_by),))
    assert len(findings("IG110", Material(Resolution(None, selection=selection)))) == count


@pytest.mark.parametrize(
    ("base", "override", "count"),
    [
        ("['127.0.0.1:80:80']", "['80:80']", 1),
        ("['8080:80']", "[{target: 80, published: 9090}]", 1),
        ("['8080:80']", "['8080:80']", 0),
        ("['8080:80']", "['8443:443']", 0),
        ("['8080:80/udp']", "['9090:80']", 0),
        ("['8080:80']", "!override ['9090:80']", 0),
    ],
)
def test_override_adds_port(base: str, override: str, count: int) -> None:
    texts = [f"services:\n  a:\n    ports: {ports}\n" for ports in (base, override)]
    found = findings("IG113", material(*texts))
    assert [finding.location and finding.location.file for finding in found] == ["compose.override.yaml"] * count


def test_two_ports_in_one_file_are_meant() -> None:
    assert findings("IG113", material("services:\n  a:\n    ports: ['80:80', '81:80']\n")) == ()


USED = {
    "a": {
        "volumes": [{"type": "volume", "source": "data", "target": "/data"}],
        "networks": {"front": None},
        "secrets": [{"source": "key"}],
        "build": {"context": ".", "secrets": [{"source": "npm"}]},
    }
}
DECLARED = "volumes: {data: , old: }\nnetworks: {front: , default: }\nsecrets: {key: {file: k}, npm: {file: n}}\n"


def test_unused_resource() -> None:
    found = findings("IG114", material(DECLARED, resolved=project(USED)))
    assert [finding.message for finding in found] == ["The volume 'old' is declared, but no service uses it."]


def test_services_that_are_not_active_are_users() -> None:
    text = DECLARED + "services:\n  z: {profiles: [p], volumes: ['old:/x']}\n"
    assert findings("IG114", material(text, resolved=project(USED))) == ()


def test_what_a_service_gets_by_extends_is_used() -> None:
    looked_at = material(DECLARED, resolved=project(USED))
    parent = parse_yaml("volumes: ['old:/x']", "common.yaml")
    resolution = replace(looked_at.resolution, extended=(("z", parent),))
    assert findings("IG114", replace(looked_at, resolution=resolution)) == ()


@pytest.mark.parametrize(
    ("name", "flagged"), [("web@2", True), ("a", True), ("-web", True), ("web_2.0-x", False), (None, False)]
)
def test_container_name_refused(name: str | None, flagged: bool) -> None:
    looked_at = material(resolved=project({"a": {"container_name": name}}))
    assert bool(findings("IG115", looked_at)) is flagged


@pytest.mark.parametrize(
    ("texts", "count"),
    [(("services: {}",), 1), (("name: shop",), 0), (("services: {}", "name: shop"), 0), ((), 0)],
)
def test_project_name_left_to_folder(texts: tuple[str, ...], count: int) -> None:
    assert len(findings("IG116", material(*texts))) == count
