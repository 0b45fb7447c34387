"""All files are written, or none of them is touched."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pytest_infragate.fixes.planner import FileEdit
from pytest_infragate.fixes.writing import WriteError, write

from .texts import file_edit


def edits(folder: Path) -> list[FileEdit]:
    return [file_edit(folder / name, f"{name} before\n", f"{name} after\n") for name in ("a", "b", "c")]


def states(folder: Path) -> list[str]:
    """Return what every file says; nothing else may lie there."""
    return [path.read_text().split()[-1] for path in sorted(folder.iterdir())]


def test_all_are_written_with_their_modes(tmp_path: Path) -> None:
    files = edits(tmp_path)
    files[1].path.chmod(0o640)
    write(files)
    assert states(tmp_path) == ["after"] * 3
    assert [file.path.stat().st_mode & 0o777 for file in files][1] == 0o640


def test_a_file_that_has_changed_meanwhile_keeps_all_as_they_are(tmp_path: Path) -> None:
    files = edits(tmp_path)
    files[2].path.write_text("mine\n")
    with pytest.raises(WriteError, match="c has changed on disk since it was read"):
        write(files)
    assert states(tmp_path) == ["before", "before", "mine"]


def test_a_file_that_is_gone_keeps_all_as_they_are(tmp_path: Path) -> None:
    files = edits(tmp_path)
    files[0].path.unlink()
    with pytest.raises(WriteError, match="a cannot be read any more"):
        write(files)
    assert states(tmp_path) == ["before", "before"]


def test_a_read_only_file_keeps_all_as_they_are(tmp_path: Path) -> None:
    files = edits(tmp_path)
    files[1].path.chmod(0o444)
    with pytest.raises(WriteError, match="b is read-only"):
        write(files)
    assert states(tmp_path) == ["before"] * 3


@pytest.mark.parametrize("failing", [0, 1, 2])
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_what_interrupts_the_writing_leaves_all_as_they_were(
    failing: int, error: BaseException, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = edits(tmp_path)
    real = Path.replace
    calls = iter(range(100))

    def replace(self: Path, target: Path) -> Path:
        if next(calls) == failing:
            raise error
        return real(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    with pytest.raises((WriteError, KeyboardInterrupt)) as raised:
        write(files)
    assert states(tmp_path) == ["before"] * 3
    if isinstance(error, OSError):
        assert str(raised.value) == f"{'abc'[failing]} cannot be written: No space left on device. Nothing was written."


def test_a_full_disk_while_preparing_leaves_all_as_they_were(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fsync(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    files = edits(tmp_path)
    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(WriteError, match="No space left on device"):
        write(files)
    assert states(tmp_path) == ["before"] * 3
