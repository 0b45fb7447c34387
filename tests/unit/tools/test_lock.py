from __future__ import annotations

import threading
from pathlib import Path

import pytest

from engine_setup.lock import only_one
from engine_setup.telling import MissingError


def test_the_second_waits_until_the_first_is_done(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    order: list[str] = []

    def second() -> None:
        with only_one(tmp_path, wait_seconds=30):
            order.append("second")

    waiting = threading.Thread(target=second)
    with only_one(tmp_path):
        waiting.start()
        waiting.join(timeout=0.5)
        order.append("first")
    waiting.join(timeout=30)
    assert order == ["first", "second"]
    assert "waiting for another invocation" in capsys.readouterr().out


def test_the_wait_is_bounded(tmp_path: Path) -> None:
    with only_one(tmp_path), pytest.raises(MissingError, match="Another invocation has held"):
        only_one(tmp_path, wait_seconds=0).__enter__()


def test_a_state_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(MissingError, match="cannot be written") as refusal:
        only_one(tmp_path / "file" / "below").__enter__()
    assert "INFRAGATE_STATE_DIR" in refusal.value.remedy
