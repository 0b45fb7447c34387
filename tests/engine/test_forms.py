"""Our own tables of the keys and their forms accept and refuse what the installed Compose does; needs no running engine."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pytest_infragate.compose import cli
from pytest_infragate.compose.resolution.alone import resolve_alone
from pytest_infragate.compose.selection import Selection
from pytest_infragate.compose.trees import load_trees

SERVICE = (
    "user: 5",
    "cpu_percent: '150'",
    "cpu_percent: 5",
    "cpu_count: -1",
    "cpu_shares: 1.5",
    "cpu_period: true",
    "cpu_quota: 50ms",
    "pids_limit: 1.5",
    "expose: [true]",
    "expose: [1.5]",
    "group_add: [1.5]",
    "extra_hosts: {a: 1}",
    "extra_hosts: {a: [b, c], d: e}",
    "logging: {options: {a: null, b: 1}}",
    "logging: {options: {a: true}}",
    "storage_opt: [a]",
    "models: {m: {endpoint_var: 5}}",
    "models: [5]",
    "devices: [{source: /a}]",
    "gpus: [{kind: any, count: 1}]",
    "develop: null",
    "develop: {watch: [{action: sync+exec, path: x, exec: {user: u}}]}",
    "develop: {watch: [{action: rebuild, path: ''}]}",
    "healthcheck: {test: x, retries: 2.7}",
    "blkio_config: {weight: -1}",
    "blkio_config: {x-own: 1}",
    "blkio_config: {device_read_bps: [{path: /x, rate: 1.5}]}",
    "blkio_config: {device_read_bps: [{path: /x, rate: 1k}]}",
    "deploy: {replicas: -1}",
    "deploy: {resources: {limits: {memory: 5}}}",
    "deploy: {resources: {reservations: {generic_resources: [{discrete_resource_spec: {kind: a, value: true}}]}}}",
    "build: {context: ., provenance: 5}",
    "build: {context: ., shm_size: 1.5}",
    "build: {context: ., additional_contexts: [[a]]}",
    "mem_reservation: 1.5",
    "networks: [5]",
    "networks: {default: {priority: '5'}}",
    "depends_on: [5]",
    "ports: [{target: 80, published: true}]",
    "ports: [{target: 80, host_ip: nowhere}]",
    "volumes: [{type: tmpfs, target: /t, tmpfs: {size: -1}}]",
    "volumes: [{type: tmpfs, target: /t, tmpfs: {mode: 1.5}}]",
    "extends: 5",
)
WHOLE = (
    "networks: null",
    "volumes: null",
    "configs: null",
    "version: 3",
    "name: 5",
    "models: {m: {context_size: 5}}",
    "models: {m: {model: x, context_size: '5'}}",
    "models: {m: {model: x, runtime_flags: [a]}}",
    "networks: {n: {ipam: {options: {a: 1}}}}",
    "networks: {n: {driver_opts: {a: true}}}",
    "networks: {n: {external: true, driver: bridge}}",
    "volumes: {v: {external: true, driver: local}}",
    "secrets: {s: {external: true, file: ./0.yaml}}",
    "configs: {c: {external: {name: a, other: b}}}",
)
TEXTS = (
    *(f"services: {{a: {{image: x, {body}}}}}\nmodels: {{m: {{model: x}}}}\n" for body in SERVICE),
    *(f"services: {{a: {{image: x}}}}\n{body}\n" for body in WHOLE),
)


@pytest.mark.parametrize("text", TEXTS, ids=(*SERVICE, *WHOLE))
def test_both_accept_or_refuse(tmp_path: Path, text: str) -> None:
    file = tmp_path / "0.yaml"
    file.write_text(text, encoding="utf-8")
    environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    selection = Selection(str(tmp_path), (str(file),), project="igt")
    compose = cli.config(selection, environ)
    own = resolve_alone(selection, environ, str(tmp_path), load_trees(selection.files, str(tmp_path)))
    assert bool(own.problems) == (compose.model is None), (compose.error, own.problems)
