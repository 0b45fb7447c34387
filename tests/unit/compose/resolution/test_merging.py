"""Two files that speak of one service: which values stay, by key. What is expected is what Compose 2.40 makes of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from .files import model, resolved, service, told


@pytest.mark.parametrize(
    ("base", "over", "key", "expected"),
    [
        ("user: a", "user: b", "user", "b"),
        ("command: [a, b]", "command: [c]", "command", ["c"]),
        ("command: [a]", "command:", "command", None),
        ("entrypoint: /a", "entrypoint: [/b, c]", "entrypoint", ["/b", "c"]),
        ("environment: {A: 1, B: 2}", "environment: [B=3, C=]", "environment", {"A": "1", "B": "3", "C": ""}),
        ("labels: [a=1, b]", "labels: {b: 2}", "labels", {"a": "1", "b": "2"}),
        ("dns: 1.1.1.1", "dns: [2.2.2.2, 1.1.1.1]", "dns", ["1.1.1.1", "2.2.2.2"]),
        ("tmpfs: [/a]", "tmpfs: /b", "tmpfs", ["/a", "/b"]),
        ("expose: [1]", "expose: ['1', 2]", "expose", ["1", "2"]),
        ("cap_add: [A]", "cap_add: [B, A]", "cap_add", ["A", "B"]),
        ("extra_hosts: ['a:1.1.1.1']", "extra_hosts: {a: 2.2.2.2}", "extra_hosts", ["a=1.1.1.1", "a=2.2.2.2"]),
        (
            "ulimits: {nofile: 3}",
            "ulimits: {nofile: {soft: 1, hard: 2}}",
            "ulimits",
            {"nofile": {"soft": 1, "hard": 2}},
        ),
        (
            "logging: {driver: a, options: {x: 1}}",
            "logging: {driver: b, options: {y: 1}}",
            "logging",
            {"driver": "b", "options": {"y": "1"}},
        ),
        (
            "logging: {options: {x: 1}}",
            "logging: {driver: b, options: {y: 1}}",
            "logging",
            {"driver": "b", "options": {"x": "1", "y": "1"}},
        ),
        (
            "healthcheck: {test: [CMD, a], retries: 1}",
            "healthcheck: {test: x, interval: 90s}",
            "healthcheck",
            {"test": ["CMD-SHELL", "x"], "retries": 1, "interval": "1m30s"},
        ),
        (
            "devices: ['/a:/b']",
            "devices: ['/c:/b']",
            "devices",
            [{"source": "/c", "target": "/b", "permissions": "rwm"}],
        ),
        ("ports: !override ['1']", "ports: !reset []", "ports", None),
        ("environment: {A: 1, B: 2}", "environment: {A: !reset null}", "environment", {"B": "2"}),
        ("environment: {A: 1}", "environment: !override {C: 1}", "environment", {"C": "1"}),
        (
            "deploy: {replicas: 1, labels: [a=1]}",
            "deploy: {replicas: 2, labels: {b: 1}}",
            "deploy",
            {"replicas": 2, "labels": {"a": "1", "b": "1"}},
        ),
    ],
)
def test_each_key_is_merged_by_its_rule(tmp_path: Path, base: str, over: str, key: str, expected: Any) -> None:
    assert service(tmp_path, base, over).get(key) == expected


def test_ports_are_one_when_all_of_them_is_equal(tmp_path: Path) -> None:
    found = service(tmp_path, "ports: ['80:80', '81:81']", "ports: ['80:80', '127.0.0.1:80:80', '8081:81']")["ports"]
    assert [(port.get("host_ip"), port["published"], port["target"]) for port in found] == [
        (None, "80", 80),
        (None, "81", 81),
        ("127.0.0.1", "80", 80),
        (None, "8081", 81),
    ]


def test_of_two_mounts_on_one_target_the_later_stays(tmp_path: Path) -> None:
    found = service(tmp_path, "volumes: ['./one:/x', './two:/y']", "volumes: [{type: tmpfs, target: /x/}]")["volumes"]
    assert [(mount["type"], mount["target"]) for mount in found] == [("tmpfs", "/x"), ("bind", "/y")]


def test_short_and_long_forms_are_merged(tmp_path: Path) -> None:
    base = "services: {a: {image: x, build: ., depends_on: [b], networks: [n]}, b: {image: y}}\nnetworks: {n: {}}\n"
    over = "services: {a: {build: {target: t}, depends_on: {b: {condition: service_healthy}}, networks: {n: {aliases: [q]}}}}"
    found = model(tmp_path, base, over)["services"]["a"]
    assert found["build"] == {"context": str(tmp_path), "dockerfile": "Dockerfile", "target": "t"}
    assert found["depends_on"] == {"b": {"condition": "service_healthy", "required": True}}
    assert found["networks"] == {"n": {"aliases": ["q"]}}


def test_several_documents_of_one_file_are_merged(tmp_path: Path) -> None:
    found = model(tmp_path, "services: {a: {image: x, user: u}}\n---\nservices: {a: {image: y}}\n")
    assert found["services"]["a"]["image"] == "y"
    assert found["services"]["a"]["user"] == "u"


def test_a_reset_service_is_gone(tmp_path: Path) -> None:
    found = model(tmp_path, "services: {a: {image: x}, b: {image: y}}", "services: {b: !reset null}")
    assert set(found["services"]) == {"a"}


def test_kinds_that_cannot_be_merged_are_told_with_both_places(tmp_path: Path) -> None:
    found = resolved(tmp_path, "services: {a: {image: x, ports: ['1']}}", "services: {a: {ports: {b: 1}}}")
    assert told(found) == ["1.yaml:1:23 A mapping cannot be merged with the list at 0.yaml:1:33."]
