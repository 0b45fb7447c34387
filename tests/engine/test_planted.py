"""Each planted fault is found where it is, and no sound project is, with the installed Compose; needs no running engine."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ..planted import CONTROLS, FAULTS
from ..planted.judging import assert_found, assert_sound, judge
from ..planted.project import Fault, Project

ENVIRON = {name: value for name, value in os.environ.items() if not name.startswith("COMPOSE_")}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.id)
def test_fault_is_found(fault: Fault, tmp_path: Path) -> None:
    assert_found(fault, judge(fault, tmp_path, ENVIRON))


@pytest.mark.parametrize("project", CONTROLS, ids=lambda project: project.id)
def test_sound_project_passes(project: Project, tmp_path: Path) -> None:
    assert_sound(judge(project, tmp_path, ENVIRON))
