"""The collector is paused while modules are loaded, and afterwards is as it was."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from pytest_infragate.uncollected import uncollected


@pytest.fixture(params=[True, False])
def was_on(request: pytest.FixtureRequest) -> Iterator[bool]:
    before, wanted = gc.isenabled(), bool(request.param)
    (gc.enable if wanted else gc.disable)()
    yield wanted
    (gc.enable if before else gc.disable)()


def test_it_is_paused_and_then_as_it_was(was_on: bool) -> None:
    with uncollected():
        assert not gc.isenabled()
    assert gc.isenabled() is was_on


def test_an_import_that_fails_leaves_it_as_it_was(was_on: bool) -> None:
    with pytest.raises(ImportError), uncollected():
        raise ImportError("no such module")
    assert gc.isenabled() is was_on
