from __future__ import annotations

import os
import platform
from types import SimpleNamespace

import pytest

from pytest_infragate.stack.host_load import HostLoad


def noted(monkeypatch: pytest.MonkeyPatch, *, is_local: bool, kernel: str) -> dict[str, tuple[float, ...]]:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    load = HostLoad(SimpleNamespace(is_local=is_local, kernel=kernel))  # type: ignore[arg-type]
    for phase, average in (("idle", 1.0), ("suite", 4.0), ("idle", 3.0)):
        monkeypatch.setattr(os, "getloadavg", lambda average=average: (average, 0.0, 0.0))
        load.note(phase)
    return dict(load.readings())


def test_the_load_is_told_per_core_and_phase(monkeypatch: pytest.MonkeyPatch) -> None:
    found = noted(monkeypatch, is_local=True, kernel=platform.release())
    assert found == {"idle": (0.5, 1.5), "suite": (2.0,)}


@pytest.mark.parametrize(("is_local", "kernel"), [(False, platform.release()), (True, "6.6.0-desktop")])
def test_the_load_of_another_host_is_not_known(monkeypatch: pytest.MonkeyPatch, is_local: bool, kernel: str) -> None:
    assert noted(monkeypatch, is_local=is_local, kernel=kernel) == {}


def test_a_system_that_does_not_tell_its_load_leaves_it_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused() -> tuple[float, float, float]:
        raise OSError

    monkeypatch.setattr(os, "getloadavg", refused)
    load = HostLoad(SimpleNamespace(is_local=True, kernel=platform.release()))  # type: ignore[arg-type]
    load.note("idle")
    assert load.readings() == {}
