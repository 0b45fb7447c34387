"""Variables of the running stack in this process, for the suite and for as long as the stack stands."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager


@contextmanager
def lent(variables: Mapping[str, str]) -> Iterator[None]:
    """Set variables, and give them their former values at the end.

    All others stay as they are then: what a test, a plugin or a ``conftest.py`` has set is theirs to take back.
    """
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            _put(name, value)


def _put(name: str, value: str | None) -> None:
    if value is None:
        os.environ.pop(name, None)
    else:
        os.environ[name] = value
