"""The mirror: copies of the files that take part, links to all else, and the project itself untouched."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pytest_infragate.compose.selection import Selection
from pytest_infragate.fixes.mirror import mirrored


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "top" / "project"
    folder.mkdir(parents=True)
    (folder / "compose.yaml").write_text("services: {}\n")
    (folder / "data").mkdir()
    (folder / ".env").write_text("A=1\n")
    (folder.parent / "shared.env").write_text("B=2\n")
    return folder


def test_paths_lead_to_the_same_things(project: Path) -> None:
    with mirrored([project / "compose.yaml"]) as mirror:
        copy = mirror.path(project)
        assert mirror.original(copy / "compose.yaml") == project / "compose.yaml"
        assert mirror.original(project) is None
        assert not (copy / "compose.yaml").is_symlink()
        assert (copy / ".env").resolve() == (project / ".env").resolve()
        assert Path(os.path.normpath(copy / "../shared.env")).read_text() == "B=2\n"
        root = mirror.root
    assert not root.exists()


def test_writing_in_it_leaves_the_project_and_removing_it_leaves_what_it_links_to(project: Path) -> None:
    with mirrored([project / "compose.yaml"]) as mirror:
        mirror.path(project / "compose.yaml").write_text("else\n")
    assert (project / "compose.yaml").read_text() == "services: {}\n"
    assert sorted(path.name for path in project.iterdir()) == [".env", "compose.yaml", "data"]


def test_files_in_several_folders(project: Path) -> None:
    (project / "data" / "more.yaml").write_text("services: {}\n")
    with mirrored([project / "compose.yaml", project / "data" / "more.yaml"]) as mirror:
        assert not mirror.path(project / "data").is_symlink()
        selection = mirror.selection(Selection(str(project), (str(project / "compose.yaml"),)))
        assert Path(selection.files[0]).read_text() == "services: {}\n"
        assert Path(selection.directory) == mirror.path(project)
