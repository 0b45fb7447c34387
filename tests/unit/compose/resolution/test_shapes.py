"""Every way to write a value is brought to the one that ``docker compose config`` prints."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from .files import model, resolved, service, told


def port(
    target: int, published: str | None = None, host_ip: str | None = None, protocol: str = "tcp"
) -> dict[str, Any]:
    found = {"mode": "ingress", "target": target, "protocol": protocol}
    return found | ({"published": published} if published else {}) | ({"host_ip": host_ip} if host_ip else {})


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("'80'", [port(80)]),
        ("3000", [port(3000)]),
        ("'8080:81'", [port(81, "8080")]),
        ("'8080:80/TCP'", [port(80, "8080")]),
        ("'80/udp'", [port(80, protocol="udp")]),
        ("'127.0.0.1::80'", [port(80, host_ip="127.0.0.1")]),
        ("'[::1]:5:6'", [port(6, "5", "::1")]),
        ("'1-2:5-6'", [port(5, "1"), port(6, "2")]),
        ("'1-3:5'", [port(5, "1-3")]),
        ("'5-6'", [port(5), port(6)]),
        ("{target: 99, published: 999, host_ip: 1.2.3.4}", [port(99, "999", "1.2.3.4")]),
    ],
)
def test_ports(tmp_path: Path, written: str, expected: list[dict[str, Any]]) -> None:
    assert service(tmp_path, f"ports: [{written}]")["ports"] == expected


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("'a:b'", "its container port is 'b', expected a number or a range"),
        ("'70000'", "its container port is 70000, expected up to 65535, the lower one first"),
        ("'x:80:80'", "'x' is no IP address"),
        ("'1-3:5-6'", "3 host ports cannot stand for 2 container ports"),
        ("'80/icmp'", "its protocol is 'icmp', expected tcp, udp or sctp"),
    ],
)
def test_ports_that_are_not_well_formed(tmp_path: Path, written: str, why: str) -> None:
    found = resolved(tmp_path, f"services:\n  web:\n    image: a:1\n    ports: [{written}]\n")
    assert told(found) == [f"0.yaml:4:13 Service web: the port {written} is not well-formed: {why}."]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("data:/d", {"type": "volume", "source": "data", "target": "/d", "volume": {}}),
        (
            "data:/d:ro,nocopy",
            {"type": "volume", "source": "data", "target": "/d", "read_only": True, "volume": {"nocopy": True}},
        ),
        ("/anonymous", {"type": "volume", "target": "/anonymous", "volume": {}}),
        ("./x:/x/", {"type": "bind", "source": "FOLDER/x", "target": "/x", "bind": {"create_host_path": True}}),
        ("~/h:/h", {"type": "bind", "source": "/home/somebody/h", "target": "/h", "bind": {"create_host_path": True}}),
        (
            "/etc/:/e:z",
            {"type": "bind", "source": "/etc/", "target": "/e", "bind": {"create_host_path": True, "selinux": "z"}},
        ),
        (
            "{type: tmpfs, target: /t, tmpfs: {size: 10m, mode: 0755}}",
            {"type": "tmpfs", "target": "/t", "tmpfs": {"size": "10485760", "mode": 493}},
        ),
        ("{type: bind, source: ., target: /q}", {"type": "bind", "source": "FOLDER", "target": "/q"}),
    ],
)
def test_mounts(tmp_path: Path, written: str, expected: dict[str, Any]) -> None:
    text = f"services: {{web: {{image: a:1, volumes: [{written if written[0] == '{' else repr(written)}]}}}}\nvolumes: {{data: }}"
    (found,) = model(tmp_path, text)["services"]["web"]["volumes"]
    assert found == {
        key: str(tmp_path / value[7:]) if str(value).startswith("FOLDER") else value for key, value in expected.items()
    }


@pytest.mark.parametrize(
    ("body", "key", "expected"),
    [
        ("command: echo \"hi there\" 'a $$b' c\\ d", "command", ["echo", "hi there", "a $$b", "c d"]),
        ("command: a; b", "command", ["a"]),
        ("command: ''", "command", []),
        ("environment: {A: 1, B: 1.10, C: true, D: 1e3, E: 0755}", "environment", {"A": "1", "B": "1.1", "C": "true", "D": "1000", "E": "493"}),
        ("environment: [SET, NOBODY]", "environment", {"SET": "shell", "NOBODY": None}),
        ("healthcheck: {test: curl x, interval: 1.5h, timeout: 100ms, retries: '3'}", "healthcheck", {"test": ["CMD-SHELL", "curl x"], "interval": "1h30m0s", "timeout": "100ms", "retries": 3}),
        ("mem_limit: 1.5g", "mem_limit", "1610612736"),
        ("memswap_limit: -1", "memswap_limit", "-1"),
        ("stop_grace_period: 90000s", "stop_grace_period", "25h0m0s"),
        ("privileged: 'yes'", "privileged", True),
        ("cpus: '0.5'", "cpus", 0.5),
        ("gpus: all", "gpus", [{"count": -1}]),
        ("deploy: {resources: {limits: {cpus: '0.50', memory: 50M}}}", "deploy", {"resources": {"limits": {"cpus": 0.5, "memory": "52428800"}}}),
        ("build: {args: [A=1, SET, NOBODY]}", "build", {"context": "FOLDER", "dockerfile": "Dockerfile", "args": {"A": "1", "SET": "shell"}}),
        ("build: 'https://example.org/x.git'", "build", {"context": "https://example.org/x.git", "dockerfile": "Dockerfile"}),
        ("logging: {options: {max-file: 3}}", "logging", {"options": {"max-file": "3"}}),
        ("env_file: []", "env_file", None),
        ("x-own: 1", "x-own", None),
    ],
)  # fmt: skip
def test_values(tmp_path: Path, body: str, key: str, expected: Any) -> None:
    found = service(tmp_path, body).get(key)
    assert found == (
        expected | {"context": expected["context"].replace("FOLDER", str(tmp_path))} if key == "build" else expected
    )


def test_what_follows_without_being_written(tmp_path: Path) -> None:
    found = model(
        tmp_path,
        "services:\n  a: {image: x, network_mode: 'service:b', links: ['c:alias']}\n  b: {image: x}\n  c: {image: x}\n"
        "volumes: {unused: }\nnetworks: {unused: }\n",
    )
    started = {"condition": "service_started", "required": True, "restart": True}
    assert found["services"]["a"]["depends_on"] == {"b": started, "c": started}
    assert "networks" not in found["services"]["a"]
    assert found["services"]["b"]["networks"] == {"default": None}
    assert found["networks"] == {"default": {"name": "own_default", "ipam": {}}}
    assert "volumes" not in found


def test_resources_have_their_names_on_the_engine(tmp_path: Path) -> None:
    found = model(
        tmp_path,
        "services: {a: {image: x, volumes: ['own:/d', 'ext:/e', 'fix:/f'], secrets: [s]}}\n"
        "volumes: {own: , ext: {external: true}, fix: {external: true, name: g}}\nsecrets: {s: {file: ./s}}\n",
    )
    assert {key: value["name"] for key, value in found["volumes"].items()} == {
        "own": "own_own",
        "ext": "ext",
        "fix": "g",
    }
    assert found["secrets"] == {"s": {"name": "own_s", "file": str(tmp_path / "s")}}
    assert found["services"]["a"]["secrets"] == [{"source": "s", "target": "/run/secrets/s"}]


MANY = """\
services:
  web:
    imagee: nginx
    ports: 80
    restart: no
    user: 1000
    healthcheck: {interval: 5, tset: [CMD, x]}
    depends_on: {db: {condition: service_helthy}}
  db: [x]
volums: {}
"""


def test_every_value_of_another_form_is_told_at_once(tmp_path: Path) -> None:
    assert told(resolved(tmp_path, MANY)) == [
        "0.yaml:3:5 Service web: the key 'imagee' is not known to the Compose specification; did you mean 'image'?",
        "0.yaml:4:12 Service web: `ports` must be a list, but this is 80.",
        "0.yaml:6:11 Service web: `user` must be a text, but this is 1000 without quotes.",
        "0.yaml:7:29 Service web: `interval` must be a duration with its unit, such as 10s, but this is 5.",
        "0.yaml:7:32 Service web: the key 'tset' is not known to the Compose specification; did you mean 'test'?",
        (
            "0.yaml:8:34 Service web: `condition` must be service_started, service_healthy or "
            "service_completed_successfully, but this is 'service_helthy'; did you mean 'service_healthy'?"
        ),
        "0.yaml:9:7 Service db: `db` must be a mapping, but this is a list.",
        "0.yaml:10:1 The key 'volums' is not known to the Compose specification; did you mean 'volumes'?",
    ]
