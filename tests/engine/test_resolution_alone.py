"""Our own resolution and that of the installed Compose come to the same, rule by rule; needs no running engine."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from pytest_infragate.compose import cli
from pytest_infragate.compose.resolution.alone import resolve_alone
from pytest_infragate.compose.selection import Selection
from pytest_infragate.compose.trees import load_trees

FILES = {
    "base.yaml": "services:\n  base:\n    image: base:1\n    volumes: ['./data:/data']\n    environment: {A: base, B: base}\n",
    "sub/base.yaml": "services:\n  base: {image: 'sub:1', build: ./ctx, env_file: one.env, volumes: ['./data:/data']}\n",
    "sub/one.env": "ONE=1\nexport TWO=\"a\\nb\" # c\nTHREE='$SET'\nFOUR=${SET}${UNSET:-x}\nHOME\nFIVE: 5\n",
    "one.env": 'ONE=1\nSET=file\nH=a#b\nML="l1\nl2\\t\\"q\\" $SET \\$N"\n',
    "sub/.env": "TAG=16\nSET=not this\n",
    "sub/in.yaml": "services: {db: {image: 'db:${TAG}', volumes: ['./d:/d'], environment: [TAG, SET]}}\nvolumes: {v: }\n",
    "s.txt": "x",
}
CASES: dict[str, tuple[str, ...]] = {
    "interpolation": (
        "services: {a: {image: 'x:${TAG:-1}', command: ['$SET', '${SET:+y}', '${U:-a${SET}b}', '${E-d}', '$$', 'c $5']}}",
    ),
    "environment": (
        "services: {a: {image: x, env_file: [one.env, {path: no.env, required: false}], environment: [SET, NOBODY, A=b=c]}}",
    ),
    "scalars": (
        "services: {a: {image: x, environment: {A: 1, B: 1.10, C: true, D: , E: 1e3, F: 0755}, labels: {a: 1, b: true}}}",
    ),
    "ports": (
        ("services: {a: {image: x, expose: [1, '2-3'], ports: ['80', 3000, '8080:81/udp', '127.0.0.1:9000-9001:90-91', "
        "'[::1]:5:6', '1-3:5', {target: 99, published: 999}]}}"),
    ),
    "mounts": (
        ("services: {a: {image: x, tmpfs: /t, volumes: ['data:/d:ro', './x:/x/', '/anon', '~/h:/h:z', {type: tmpfs, target: /m, "
        "tmpfs: {size: 10m}}, {type: bind, source: ., target: /q}], devices: ['/a:/b', '/c']}}\nvolumes: {data: {labels: [a]}}"),
    ),
    "commands": (
        "services: {a: {image: x, entrypoint: /e.sh a, command: \"echo 'b c' \\\"d e\\\" f\\\\ g; h\"}, b: {image: x, command: ''}}",
    ),
    "resources": (
        ("services: {a: {image: x, mem_limit: 1.5g, cpus: '0.5', shm_size: 64M, stop_grace_period: 90s, ulimits: {nofile: 5}, "
        "pids_limit: 5, deploy: {replicas: 2, resources: {limits: {cpus: 0.5, pids: 5, memory: 1.5g}, reservations: {memory: 1g, devices: [{capabilities: [gpu], count: all}]}}, "
        "restart_policy: {condition: on-failure, delay: 5s}}, healthcheck: {test: x, interval: 1.5h, timeout: 100ms}}}"),
    ),
    "dependencies": (
        ("services: {a: {image: x, network_mode: 'service:b', volumes_from: [c], links: ['c:d']}, "
        "b: {image: x, depends_on: [c]}, c: {image: x, networks: {n: {aliases: [q]}, default: }}}\n"
        "networks: {n: {internal: true, ipam: {config: [{subnet: 10.9.0.0/24}]}}, unused: }"),
    ),
    "secrets": (
        ("services: {a: {image: x, secrets: [s, {source: s, target: t, mode: 0400}], configs: [c]}}\n"
        "secrets: {s: {file: s.txt}}\nconfigs: {c: {content: 'hi $$x'}}"),
    ),
    "build": (
        ("services: {a: {build: sub}, b: {build: {context: sub, dockerfile: D, args: [A=1, HOME, NOBODY], labels: [l], "
        "additional_contexts: [r=./sub], secrets: [s], shm_size: 1g}}, c: {build: 'https://example.org/x.git'}}\n"
        "secrets: {s: {environment: HOME}}"),
    ),
    "extends": (
        ("services: {a: {extends: {file: base.yaml, service: base}, environment: [B=own]}, "
        "b: {extends: {file: sub/base.yaml, service: base}}, c: {extends: b, labels: {x: y}}}"),
    ),
    "include": ("include: [sub/in.yaml]\nservices: {a: {image: 'x:${TAG:-none}', depends_on: [db]}}", "services: {db: {user: own}}"),
    "merge": (
        ("services: {a: {image: x, ports: ['80:80'], environment: [A=1], dns: 1.1.1.1, command: [a], depends_on: [b], "
        "logging: {driver: x, options: {a: '1'}}, extra_hosts: ['a:1.1.1.1'], cap_add: [X]}, b: {image: x}}"),
        ("services: {a: {ports: ['80:80', '81:81'], environment: {A: 2, B: }, dns: [2.2.2.2], command: [b], "
        "depends_on: {b: {condition: service_healthy}}, logging: {driver: y}, extra_hosts: {a: 2.2.2.2}, cap_add: [X, Y]}}"),
    ),
    "tags": (
        "services: {a: {image: x, ports: ['1'], environment: {A: 1, B: 2}, labels: [a=1], build: .}, b: {image: x}}",
        "services: {a: {ports: !override ['2'], environment: {A: !reset null}, labels: !reset [], build: !reset null}, b: !reset null}",
    ),
    "anchors": ("x-c: &c {environment: {A: 1}, restart: always}\nservices: {a: {<<: *c, image: x}, b: {<<: *c, image: y}}",),
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


def said(value: Any) -> Any:
    """Return a value without what says nothing."""
    if isinstance(value, dict):
        below = {key: said(one) for key, one in value.items()}
        return {key: one for key, one in below.items() if one not in (None, False, [], {})}
    return [said(one) for one in value] if isinstance(value, list) else value


@pytest.mark.parametrize("case", CASES)
def test_both_come_to_the_same(folder: Path, case: str) -> None:
    files = []
    for number, text in enumerate(CASES[case]):
        (folder / f"{number}.yaml").write_text(text, encoding="utf-8")
        files.append(str(folder / f"{number}.yaml"))
    environ = {"PATH": os.environ["PATH"], "HOME": str(folder), "SET": "shell"}
    selection = Selection(str(folder), tuple(files), project="igt")
    compose = cli.config(selection, environ)
    assert compose.error == ""
    own = resolve_alone(selection, environ, str(folder), load_trees(selection.files, str(folder)))
    assert own.problems == ()
    assert said(own.model) == said({key: value for key, value in (compose.model or {}).items() if key[:2] != "x-"})
