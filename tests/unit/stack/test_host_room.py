from __future__ import annotations

import platform
from dataclasses import dataclass
from pathlib import Path

import pytest

from pytest_infragate.stack import host_room
from pytest_infragate.stack.host_room import HostRoom, available_memory, number_of

MEMINFO = "MemTotal:        1000 kB\nMemFree:          100 kB\nMemAvailable:     400 kB\n"


@dataclass
class Engine:
    """What an engine says of its machine."""

    is_local: bool = True
    kernel: str = platform.release()
    memory: int = 1000 * 1024
    root: str = "/"


@pytest.fixture(autouse=True)
def meminfo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "meminfo").write_text(MEMINFO)
    monkeypatch.setattr(host_room, "_MEMORY", tmp_path / "meminfo")


def test_what_programs_can_still_get_is_available() -> None:
    assert available_memory(MEMINFO) == 400 * 1024
    assert number_of("MemTotal", MEMINFO) == 1000 * 1024
    assert available_memory("") is None


def test_the_room_of_this_machine_is_read() -> None:
    room = HostRoom(Engine())  # type: ignore[arg-type]
    room.mark("suite")
    room._look()
    ((phase, memory, disk),) = room.readings
    assert (phase, memory, dict(room.missing)) == ("suite", 400 * 1024, {})
    assert disk is not None
    assert disk > 0


@pytest.mark.parametrize(
    ("engine", "missing"),
    [
        (Engine(is_local=False), {"memory": "another machine", "disk": "another machine"}),
        (Engine(kernel="6.6.1-linuxkit"), {"memory": "a machine of its own", "disk": "a machine of its own"}),
        (Engine(memory=999), {"memory": "a machine of its own", "disk": "a machine of its own"}),
        (Engine(root="/no/such/folder"), {"disk": "cannot be seen from here"}),
        (Engine(root=""), {"disk": "it tells none"}),
    ],
)
def test_what_cannot_be_read_says_why(engine: Engine, missing: dict[str, str]) -> None:
    room = HostRoom(engine)  # type: ignore[arg-type]
    room._look()
    assert room.missing.keys() == missing.keys()
    assert all(words in room.missing[what] for what, words in missing.items())
    assert (room.readings[0][1] is None, room.readings[0][2] is None) == ("memory" in missing, "disk" in missing)
