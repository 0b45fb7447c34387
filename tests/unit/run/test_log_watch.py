"""The files that logs are written to as they come."""

from __future__ import annotations

from pathlib import Path

from pytest_infragate.masking import Masker
from pytest_infragate.reports.folder import ReportFolder
from pytest_infragate.run.log_watch import LogFiles
from pytest_infragate.stack.event import NANOSECONDS
from pytest_infragate.stack.log_stream import LONGEST_LINE, LogLine
from tests.unit.states import running

FIRST, SECOND = running("db", id="first" * 5), running("db", id="second" * 5)
STAMP = "1970-01-01T00:00:01.000000000Z"


def line(text: str, *, continued: bool = False) -> LogLine:
    return LogLine(1, NANOSECONDS, text, len(text), continued)


def files(path: Path, *secrets: str) -> LogFiles:
    return LogFiles(ReportFolder(path), Masker(secrets))


def written(path: Path) -> list[str]:
    return (path / "evidence" / "db-1.log").read_text().splitlines()


def test_each_line_has_its_time_and_neither_secrets_nor_control_characters(tmp_path: Path) -> None:
    made = files(tmp_path, "hunter2")
    for text in ("password\thunter2", "\x1b[31mred\x1b[0m \x07\x9b", "é"):
        made.write(FIRST, line(text))
    made.write(FIRST, line("", continued=True))
    made.close()
    made.write(FIRST, line("too late"))
    assert written(tmp_path) == [f"{STAMP} password\t***", f"{STAMP} red \\x07\\x9b", f"{STAMP} é"]


def test_a_secret_that_the_cut_of_a_long_line_splits_is_left_out(tmp_path: Path) -> None:
    made = files(tmp_path, "hunter2secret")
    made.write(FIRST, line("x" * (LONGEST_LINE - 5) + "hunte"))
    made.close()
    (text,) = written(tmp_path)
    assert "h" not in text
    assert len(text) > LONGEST_LINE - 20


def test_a_recreated_container_goes_on_in_the_same_file(tmp_path: Path) -> None:
    made = files(tmp_path)
    made.write(FIRST, line("old"))
    made.write(SECOND, line("new"))
    made.begin(FIRST)
    made.begin(SECOND, "not again")
    made.close()
    assert written(tmp_path) == [f"{STAMP} old", "[from here on container secondsecond]", f"{STAMP} new"]


def test_a_silent_container_has_an_empty_file_and_an_unreadable_one_says_so_once(tmp_path: Path) -> None:
    made = files(tmp_path / "silent")
    made.begin(FIRST)
    made.close()
    assert written(tmp_path / "silent") == []
    made = files(tmp_path / "mute")
    made.begin(FIRST, "no driver")
    made.begin(FIRST, "no driver")
    made.close()
    assert written(tmp_path / "mute") == ["not available: no driver"]


def test_a_file_that_cannot_be_written_is_told_and_stops_nothing(tmp_path: Path) -> None:
    made = files(tmp_path)
    (tmp_path / "evidence").write_text("in the way")
    made.write(FIRST, line("lost"))
    made.write(FIRST, line("lost too"))
    assert "the log of db could not be written" in made.trouble


def test_without_a_folder_nothing_is_written(tmp_path: Path) -> None:
    made = LogFiles(None, Masker())
    made.write(FIRST, line("gone"))
    made.close()
    assert list(tmp_path.iterdir()) == []
