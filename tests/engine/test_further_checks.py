"""The example of docs/extending.md as a user would have it, and what becomes of checks of others that are broken."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "extending.md").read_text()
CONFTEST, COMPOSE, TOLD = (
    re.search(rf"^```{kind}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)[1]  # type: ignore[index]
    for kind in ("python", "yaml", "text")
)
LABELLED = f"{COMPOSE}    labels: {{com.example.owner: core}}\n"


def gated(folder: Path, conftest: str, compose: str, *words: str) -> subprocess.CompletedProcess[str]:
    (folder / "conftest.py").write_text(conftest)
    (folder / "compose.yaml").write_text(compose)
    command = [sys.executable, "-m", "pytest", "--infragate-static", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_the_example_finds_what_the_page_says(tmp_path: Path) -> None:
    done = gated(tmp_path, CONFTEST, COMPOSE, "-v")
    assert done.returncode == pytest.ExitCode.TESTS_FAILED, done.stdout
    assert TOLD.strip().partition(" ")[2] in done.stdout
    assert "infragate/configuration::owner-label-missing FAILED" in done.stdout


def test_what_it_accepts_passes_and_is_not_answered_from_the_cache(tmp_path: Path) -> None:
    runs = [gated(tmp_path, CONFTEST, LABELLED) for _ in range(2)]
    assert [done.returncode for done in runs] == [0, 0], runs[0].stdout
    assert "from pytest's cache" not in runs[1].stdout


def test_it_has_a_page_and_obeys_level_comment_and_settings(tmp_path: Path) -> None:
    explained = gated(tmp_path, CONFTEST, COMPOSE, "--infragate-explain=acme001").stdout
    assert "nobody knows whom to call" in explained
    assert gated(tmp_path, CONFTEST, COMPOSE, "--infragate-level=dev").returncode == 0
    ignored = COMPOSE.replace("api:\n", "api:  # infragate: ignore[ACME001] on loan\n", 1)
    assert gated(tmp_path, CONFTEST, ignored).returncode == 0
    (tmp_path / "infragate.yaml").write_text("checks: {disable: [ACME001]}\n")
    assert gated(tmp_path, CONFTEST, COMPOSE).returncode == 0


def test_an_error_inside_a_check_closes_the_gate_without_a_traceback(tmp_path: Path) -> None:
    done = gated(tmp_path, CONFTEST.replace("service.labels.get", "service.lables.get"), LABELLED)
    assert done.returncode == pytest.ExitCode.TESTS_FAILED
    assert "could not be evaluated: AttributeError" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("conftest", "told"),
    [
        (CONFTEST.replace("ACME001", "IG201"), "another check has this id or name already"),
        (CONFTEST.replace("ACME001", "acme"), "expected capital letters with a number"),
        (CONFTEST.replace("return [owner_label_missing]", "return [1]"), "returned 1: expected functions decorated"),
        (CONFTEST.replace("return [owner_label_missing]", "return [missing]"), "could not be evaluated: NameError"),
        (CONFTEST.replace("return [owner_label_missing]", "return [owner_label_missing] * 2"), "already"),
    ],
)
def test_a_hook_that_returns_something_else_is_a_mistake_of_its_author(
    tmp_path: Path, conftest: str, told: str
) -> None:
    done = gated(tmp_path, conftest, LABELLED)
    assert done.returncode == pytest.ExitCode.USAGE_ERROR, done.stdout
    assert told in done.stderr
    assert "Traceback" not in done.stdout + done.stderr
