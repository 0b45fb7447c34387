"""What the installed Compose makes of several files has the places of the lines that won; needs no running engine."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pytest_infragate.compose.resolve import BY_COMPOSE

from ..unit.compose.winning import CASES, found


@pytest.mark.parametrize("case", CASES)
def test_compose_comes_to_the_same(case: str, tmp_path: Path) -> None:
    resolution = CASES[case].resolved(tmp_path, {"HOME": str(tmp_path), "PATH": os.environ["PATH"]})
    assert resolution.resolved_by == BY_COMPOSE
    assert {key: found(resolution, key) for key in CASES[case].expected} == CASES[case].expected
    assert not CASES[case].name or (resolution.project and resolution.project.name) == CASES[case].name
