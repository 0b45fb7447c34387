"""A file that rolls: nothing lost up to its bounds, the beginning and the end kept beyond them."""

from __future__ import annotations

from pathlib import Path

from pytest_infragate.reports.folder import ReportFolder
from pytest_infragate.reports.rolling import BEFORE, HEAD, RollingFile

NAME = "evidence/db-1.log"
PART = 100
LINE = "line {:04d}"


def rolled(path: Path, count: int) -> dict[str, list[str]]:
    """Return the lines of each part after ``count`` lines of ten bytes were written."""
    file = RollingFile(ReportFolder(path), NAME, PART)
    for number in range(count):
        file.write(LINE.format(number))
    file.close()
    file.write("too late")
    return {ending: _lines(path / (NAME + ending)) for ending in (HEAD, BEFORE, "")}


def _lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


def test_a_short_log_is_one_file(tmp_path: Path) -> None:
    assert rolled(tmp_path, 5) == {HEAD: [], BEFORE: [], "": [LINE.format(number) for number in range(5)]}


def test_three_parts_hold_everything(tmp_path: Path) -> None:
    parts = rolled(tmp_path, 30)
    assert [line for part in parts.values() for line in part] == [LINE.format(number) for number in range(30)]
    assert all(parts.values())


def test_beyond_that_the_beginning_and_the_end_are_kept_and_what_was_dropped_is_counted(tmp_path: Path) -> None:
    parts = rolled(tmp_path, 100)
    assert parts[HEAD] == [LINE.format(number) for number in range(11)]
    assert parts[BEFORE][1:] == [LINE.format(number) for number in range(88, 99)]
    assert parts[""] == [f"[770 characters between {NAME}{HEAD} and {NAME}{BEFORE} were dropped]", LINE.format(99)]


def test_parts_of_an_earlier_run_and_links_are_replaced(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("kept")
    (tmp_path / "out" / "evidence").mkdir(parents=True)
    (tmp_path / "out" / NAME).symlink_to(victim)
    (tmp_path / "out" / (NAME + HEAD)).write_text("old")
    parts = rolled(tmp_path / "out", 1)
    assert parts == {HEAD: [], BEFORE: [], "": [LINE.format(0)]}
    assert victim.read_text() == "kept"
    assert (tmp_path / "out" / NAME).stat().st_mode & 0o777 == 0o600
