"""Waiting for something that can be seen; a test that must be right never sleeps for a fixed time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import pytest

T = TypeVar("T")
_TICK_S = 0.05


def until(condition: Callable[[], T], timeout_s: float, what: str) -> T:
    """Return what ``condition`` gives as soon as it is true; fails the test when that takes longer than ``timeout_s``."""
    deadline = time.monotonic() + timeout_s
    while not (found := condition()):
        if time.monotonic() > deadline:
            pytest.fail(f"{timeout_s:g} s passed before {what}")
        time.sleep(_TICK_S)
    return found
