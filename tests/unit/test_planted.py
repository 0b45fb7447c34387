"""Each planted fault is found where it is, and no sound project is, by infragate's own reading of the files."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_infragate.compose import cli
from pytest_infragate.errors import EngineError

from ..planted import CONTROLS, FAULTS
from ..planted.judging import assert_found, assert_sound, judge
from ..planted.project import Fault, Project

ENVIRON = {"PATH": "", "HOME": "/home/x"}


@pytest.fixture(autouse=True)
def without_compose(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_arguments: object) -> None:
        raise EngineError("not asked")

    monkeypatch.setattr(cli, "config", missing)
    monkeypatch.setattr(cli, "known_profiles", missing)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.id)
def test_fault_is_found(fault: Fault, tmp_path: Path) -> None:
    assert_found(fault, judge(fault, tmp_path, ENVIRON))


@pytest.mark.parametrize("project", CONTROLS, ids=lambda project: project.id)
def test_sound_project_passes(project: Project, tmp_path: Path) -> None:
    assert_sound(judge(project, tmp_path, ENVIRON))


def test_there_are_66_different_faults_and_70_numbers() -> None:
    ids = [project.id for project in (*FAULTS, *CONTROLS[:4])]
    assert sorted(ids) == [f"f{number:02}" for number in range(1, 71)]
    assert len({tuple(fault.files.items()) for fault in FAULTS}) == len(FAULTS) == 66
