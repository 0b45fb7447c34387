"""Loading without Python's garbage collector, which would look through all that is loaded again and again."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator


@contextlib.contextmanager
def uncollected() -> Iterator[None]:
    """Pause the collector of this process; where somebody else has switched it off, it stays off.

    For the loading of modules alone: they stay until the end of the run, so that there is nothing to be found, and what
    looking for it takes is a tenth of the time until a stack is started.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
