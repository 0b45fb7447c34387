"""A test that ends the run asks for an exit status; the gate's own answer is not taken over by it."""

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


@pytest.mark.parametrize("status", [0, 5])
def test_a_run_that_was_left_early_is_not_complete(tmp_path: Path, status: int) -> None:
    (tmp_path / "compose.yaml").write_text("services: {api: {image: 'example.com/api:1'}}\n", encoding="utf-8")
    (tmp_path / "test_suite.py").write_text(SUITE.format(status=status), encoding="utf-8")
    words = ("--infragate-static", "--infragate-level=dev", "test_suite.py")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *words], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == pytest.ExitCode.TESTS_FAILED, done.stdout
    assert "infragate: incomplete" in done.stdout
