"""What crosses from the owner of a stack to the processes that run tests, and back."""

from __future__ import annotations

from pathlib import Path

from pytest_infragate.run import handover
from pytest_infragate.run.handover import Handover
from pytest_infragate.stack.interruptions import Journal


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    told = Handover("p", ("api", "db"), ("migrate",), {"COMPOSE_FILE": "compose.yaml"}, "journal")
    told.write(tmp_path / "handover.json")
    assert Handover.read(tmp_path / "handover.json") == told


def test_nothing_written_is_nothing_read(tmp_path: Path) -> None:
    assert Handover.read(tmp_path / "handover.json") is None


def test_the_folder_is_private_and_goes_with_what_we_wrote() -> None:
    path = handover.new_path()
    assert path.parent.stat().st_mode & 0o077 == 0
    Handover().write(path)
    Journal(handover.journal_path(path)).begin("db", "stop")
    path.with_suffix(handover.WANTED_SUFFIX).touch()
    handover.remove(path)
    assert not path.parent.exists()


def test_a_folder_with_other_files_in_it_stays(tmp_path: Path) -> None:
    (tmp_path / "mine").touch()
    Handover().write(tmp_path / "handover.json")
    handover.remove(tmp_path / "handover.json")
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_an_interruption_lasts_until_its_end_is_written(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.jsonl")
    assert journal.read() == ()
    key = journal.begin("db", "pause")
    assert key is not None
    [meant] = journal.read()
    assert (meant.service, meant.action, meant.end) == ("db", "pause", None)
    journal.end(key)
    [meant] = Journal(tmp_path / "journal.jsonl").read()
    assert meant.end is not None
    assert meant.begin <= meant.end


def test_two_processes_take_turns_with_one_service(tmp_path: Path) -> None:
    mine, theirs = Journal(tmp_path / "journal.jsonl"), Journal(tmp_path / "journal.jsonl")
    key = mine.begin("db", "pause")
    assert key is not None
    assert theirs.begin("db", "stop") is None
    assert theirs.begin("cache", "stop") is not None
    assert mine.begin("db", "stop", own=[key]) is not None
    assert len(mine.read()) == 3
