"""A second static run on an unchanged project is answered from pytest's cache, and says the same."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

GOOD = "services: {api: {image: 'example.com/api:${TAG:-1}'}}\n"
BROKEN = """\
services:
  api:
    image: example.com/api:1
    mem_limit: 64m
    mem_reservation: 128m
"""
CACHED = "Answered from pytest's cache"
OF_THE_RUN = ("started", "duration_s", "answered_from_cache")


def gated(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "--infragate-static", "--infragate-report=report", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def report(folder: Path) -> dict[str, Any]:
    written: dict[str, Any] = json.loads((folder / "report" / "verdict.json").read_text())
    return written


@pytest.mark.parametrize(("compose", "status"), [(GOOD, 0), (BROKEN, 1)])
def test_the_same_verdict_from_the_cache(tmp_path: Path, compose: str, status: int) -> None:
    (tmp_path / "compose.yaml").write_text(compose)
    first, before = gated(tmp_path), report(tmp_path)
    second, after = gated(tmp_path), report(tmp_path)
    assert (first.returncode, second.returncode) == (status, status), second.stdout
    assert CACHED not in first.stdout
    assert CACHED in second.stdout
    assert "answered_from_cache" not in before
    assert re.match(r"\d{4}-", after["answered_from_cache"])
    assert all(after[key] == before[key] for key in before if key not in OF_THE_RUN)


@pytest.mark.parametrize("name", ["compose.yaml", "compose.override.yaml", ".env", "infragate.yaml", "api.env"])
def test_a_fault_that_comes_with_a_file_is_found(tmp_path: Path, name: str) -> None:
    attached = GOOD.replace("}}", ", env_file: {path: api.env, required: false}}}")
    (tmp_path / "compose.yaml").write_text(
        attached.replace("env_file: {path", "env_file: [{path").replace("}}}", "}]}}")
    )
    assert gated(tmp_path).returncode == 0
    assert CACHED in gated(tmp_path).stdout
    faults = {
        "compose.yaml": BROKEN,
        "compose.override.yaml": BROKEN,
        ".env": "not a variable\n",
        "infragate.yaml": "services: {gone: {restarts: 1}}\n",
        "api.env": "not a variable\n",
    }
    (tmp_path / name).write_text(faults[name])
    done = gated(tmp_path)
    assert done.returncode == 1, done.stdout
    assert CACHED not in done.stdout


def test_another_level_is_another_question(tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text("services: {api: {image: example.com/api}}\n")
    assert gated(tmp_path, "--infragate-level=dev").returncode == 0
    assert gated(tmp_path, "--infragate-level=strict").returncode == 1
    assert CACHED in gated(tmp_path, "--infragate-level=dev").stdout


@pytest.mark.parametrize("words", [("-p", "no:cacheprovider"), ("--cache-clear",), ("--collect-only",)])
def test_without_the_cache_nothing_is_answered_from_it(tmp_path: Path, words: tuple[str, ...]) -> None:
    (tmp_path / "compose.yaml").write_text(GOOD)
    gated(tmp_path)
    assert CACHED not in gated(tmp_path, *words).stdout


def test_what_compose_refuses_is_looked_at_again(tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text("services: {api: {imag: x}}\n")
    assert [gated(tmp_path).returncode for _ in range(2)] == [1, 1]
    assert CACHED not in gated(tmp_path).stdout
