"""Paths in reports are relative to the top of the repository, wherever pytest runs in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_infragate.reports.paths import Paths, paths_of

BELOW = Paths(Path("/repo/services/shop"), Path("/repo"))


@pytest.mark.parametrize(
    ("file", "relative", "uri"),
    [
        ("compose.yaml", "services/shop/compose.yaml", "services/shop/compose.yaml"),
        ("/repo/base.yaml", "base.yaml", "base.yaml"),
        ("../base.yaml", "services/base.yaml", "services/base.yaml"),
        ("/other/compose.yaml", "/other/compose.yaml", "file:///other/compose.yaml"),
        ("a b#ü.yaml", "services/shop/a b#ü.yaml", "services/shop/a%20b%23%C3%BC.yaml"),
    ],
)
def test_files_below_the_top_are_relative_to_it(file: str, relative: str, uri: str) -> None:
    assert BELOW.relative(file) == relative
    assert BELOW.uri(file) == uri


@pytest.mark.parametrize("as_file", [True, False])
def test_the_top_is_what_git_knows_worktrees_too(tmp_path: Path, as_file: bool) -> None:
    inner = tmp_path / "services" / "shop"
    inner.mkdir(parents=True)
    mark = tmp_path / ".git"
    mark.write_text("gitdir: elsewhere") if as_file else mark.mkdir()
    assert paths_of(inner) == Paths(inner, tmp_path)


def test_without_git_the_folder_of_the_run_is_the_top(tmp_path: Path) -> None:
    found = paths_of(tmp_path)
    assert found.root == tmp_path
    assert found.top in (tmp_path, *tmp_path.parents)
    assert Paths(tmp_path, tmp_path).relative("compose.yaml") == "compose.yaml"
