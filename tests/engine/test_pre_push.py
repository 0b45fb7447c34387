"""The hooks of docs/pre-push.md do what the page says: a push of a broken stack is refused, that of a good one is not."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "pre-push.md").read_text()
GOOD = "services: {api: {image: 'example.com/api:1'}}\n"
BROKEN = "services: {api: {image: 'example.com/api:1', mem_limit: 64m, mem_reservation: 128m}}\n"


def git(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run git with an identity of its own, with the pytest of these tests first on PATH."""
    own = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, "PYTHONPATH": str(ROOT)}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    identity = ("-c", "user.name=igt", "-c", "user.email=igt@example.com")
    command = ["git", *identity, *words]
    environ = {**os.environ, **own, "PATH": path}
    return subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=False)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone of an empty repository beside it, with the hook of the page."""
    git(tmp_path, "init", "--bare", "--initial-branch=main", "remote")
    git(tmp_path, "init", "--initial-branch=main", "clone")
    folder = tmp_path / "clone"
    git(folder, "remote", "add", "origin", str(tmp_path / "remote"))
    match = re.search(r"^```sh\n(#!.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    assert match is not None
    hook = folder / ".git" / "hooks" / "pre-push"
    hook.write_text(match[1])
    hook.chmod(0o755)
    (folder / "pytest.ini").write_text("[pytest]\n")
    return folder


def push(folder: Path, compose: str) -> subprocess.CompletedProcess[str]:
    (folder / "compose.yaml").write_text(compose)
    git(folder, "add", "pytest.ini", "compose.yaml")
    git(folder, "commit", "--message=change")
    return git(folder, "push", "origin", "main")


def pushed(folder: Path) -> str:
    return git(folder, "ls-remote", "origin", "main").stdout


def test_a_broken_stack_is_not_pushed_and_a_good_one_is(clone: Path) -> None:
    refused = push(clone, BROKEN)
    told = refused.stdout + refused.stderr
    assert refused.returncode != 0
    assert "IG701" in told
    assert pushed(clone) == ""
    accepted = push(clone, GOOD)
    assert accepted.returncode == 0, accepted.stdout + accepted.stderr
    assert pushed(clone) != ""


def test_the_second_push_of_the_same_stack_is_answered_from_the_cache(clone: Path) -> None:
    push(clone, GOOD)
    git(clone, "commit", "--allow-empty", "--message=nothing")
    again = git(clone, "push", "origin", "main")
    assert again.returncode == 0
    assert "Answered from pytest's cache" in again.stdout + again.stderr


def test_the_hook_for_pre_commit_runs_no_test_by_a_file_name() -> None:
    hooks: list[dict[str, Any]] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    (hook,) = hooks
    assert hook["entry"] == "pytest --infragate-static"
    assert (hook["pass_filenames"], hook["always_run"], hook["stages"]) == (False, True, ["pre-push"])
