"""How long is measured on: until what is to be compared has its samples, and no longer."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import pytest

from pytest_infragate.gates.measures import Measurements
from pytest_infragate.run import windows
from pytest_infragate.run.comparing import Comparing
from pytest_infragate.run.measuring import Measuring
from pytest_infragate.run.site import Site
from pytest_infragate.run.windows import Windows
from pytest_infragate.settings import Settings


class Lacking(Comparing):
    """Lacks samples at the first looks."""

    metrics = frozenset({"memory.bytes"})

    def __init__(self, looks: int) -> None:
        super().__init__()
        self.left = looks

    def lacks_samples(self, _measurements: Measurements) -> bool:
        self.left -= 1
        return self.left >= 0


@pytest.mark.parametrize("looks", [0, 1, 3])
def test_recorded_metrics_are_measured_until_they_have_their_samples(
    looks: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    monkeypatch.setattr(windows, "sleep", slept.append)
    site = cast("Site", SimpleNamespace(containers=tuple))
    measuring = cast("Measuring", SimpleNamespace(measured=lambda _states: Measurements()))
    Windows(site, Settings(root="."), (), Lacking(looks)).wait_for_samples(measuring)
    assert len(slept) == looks
