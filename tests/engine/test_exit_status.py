"""What a suite does to pytest's exit status does not overrule the gate; static runs, which need Compose only."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SUITE = """\
import pytest


def test_leaves():
    pytest.exit("enough", returncode={status})


def test_is_lost():
    raise AssertionError
"""


GREEN = """\
def pytest_sessionfinish(session, exitstatus):
    session.exitstatus = 0
"""
STACK = "services: {api: {image: 'example.com/api:1'}}\n"


def gated(folder: Path, *words: str, **files: str) -> subprocess.CompletedProcess[str]:
    """Write the files and run the static gate beside them."""
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "--infragate-static", "--infragate-level=dev", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("status", [0, 5])
def test_a_run_that_was_left_early_is_not_complete(tmp_path: Path, status: int) -> None:
    done = gated(tmp_path, "test_suite.py", **{"compose.yaml": STACK, "test_suite.py": SUITE.format(status=status)})
    assert done.returncode == pytest.ExitCode.TESTS_FAILED, done.stdout
    assert "infragate: incomplete" in done.stdout


def test_a_suite_that_sets_the_exit_status_does_not_open_the_gate(tmp_path: Path) -> None:
    done = gated(tmp_path, **{"compose.yaml": "services: {api: {imag: x}}\n", "conftest.py": GREEN})
    assert done.returncode == pytest.ExitCode.TESTS_FAILED, done.stdout


def test_a_report_folder_that_cannot_be_used_is_a_mistake_in_the_command_line(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path)
    done = gated(tmp_path, "--infragate-report=link", **{"compose.yaml": STACK})
    assert done.returncode == pytest.ExitCode.USAGE_ERROR, done.stdout
    assert "is a symbolic link" in done.stderr
    assert "Traceback" not in done.stdout + done.stderr
