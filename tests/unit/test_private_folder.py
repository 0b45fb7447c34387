"""The temporary folder of a run: whose it is stands in it, and only those of dead runs are removed."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import pytest

from pytest_infragate import identity, private_folder
from pytest_infragate.identity import Identity

DEAD = replace(identity.mine(), started="1")
ELSEWHERE = replace(identity.mine(), host="another")


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty folder that is the temporary directory."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def owned(owner: Identity, *others: str) -> Path:
    """Return a new folder that says it is of ``owner``, with further files in it."""
    folder = private_folder.make()
    (folder / "owner.json").write_text(owner.text(), encoding="utf-8")
    for name in others:
        (folder / name).touch()
    return folder


def test_a_dead_runs_folder_goes_with_all_that_is_in_it(temporary: Path) -> None:
    owned(DEAD, "handover.json", "journal.jsonl")
    private_folder.sweep()
    assert list(temporary.iterdir()) == []


def test_what_is_or_may_be_of_a_living_run_stays(temporary: Path) -> None:
    kept = {private_folder.make(), owned(ELSEWHERE)}
    private_folder.sweep()
    assert set(temporary.iterdir()) == kept


@pytest.mark.parametrize("text", ["", "{}", "\xff"])
def test_a_folder_that_does_not_say_whose_it_is_stays(temporary: Path, text: str) -> None:
    folder = private_folder.make()
    (folder / "owner.json").write_bytes(text.encode("latin-1"))
    (temporary / "infragate-empty").mkdir()
    private_folder.sweep()
    assert len(list(temporary.iterdir())) == 2


def test_other_names_and_links_stay(temporary: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("infragate-outside")
    (outside / "owner.json").write_text(DEAD.text(), encoding="utf-8")
    (temporary / "infragate-link").symlink_to(outside)
    other = temporary / "other"
    owned(DEAD).rename(other)
    private_folder.sweep()
    private_folder.clear(temporary / "infragate-link")
    private_folder.clear(other)
    assert {path.name for path in temporary.iterdir()} == {"infragate-link", "other"}
    assert (outside / "owner.json").exists()


def test_links_in_a_folder_are_not_followed(temporary: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside")
    (outside / "mine").touch()
    (owned(DEAD) / "link").symlink_to(outside)
    private_folder.sweep()
    assert list(temporary.iterdir()) == []
    assert (outside / "mine").exists()
