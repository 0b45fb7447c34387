"""Takes a stack down and verifies that nothing of it is left."""

from __future__ import annotations

import time

from .errors import EngineError
from .gates import lifecycle
from .results import CheckResult
from .site import Site
from .stack.ownership import Before
from .stack.removal import attached, built_images, leftovers, own_volumes, remove_leftovers

DOWN_S = 60.0
"""How long Compose may take; containers get two seconds each to end, side by side."""
REFUSED_S = 5.0
"""How long what Compose has left is tried again: a busy engine may still be freeing a network of removed containers."""
_PAUSE_S = 0.25


def take_down(site: Site, before: Before) -> CheckResult:
    """Remove what this run created, and return whether anything is left.

    Raises ``EngineError`` when what is left cannot be seen; Compose has been asked to remove the stack even then.
    """
    volumes, images = _volumes(site, before), built_images(site.project)
    done = site.stack.down(DOWN_S)
    engine, project = site.engine, site.stack.project
    deadline = time.monotonic() + REFUSED_S
    users: dict[str, tuple[str, ...]] = {}
    while (left := leftovers(engine, project, volumes, images)) and not users and time.monotonic() < deadline:
        remove_leftovers(engine, project, before, volumes, images)
        users = attached(engine, project)
        time.sleep(_PAUSE_S)
    return lifecycle.removed_result(done, left, attached=users if left else {})


def _volumes(site: Site, before: Before) -> frozenset[str]:
    """Return the volumes that only this run's containers mount; an engine that does not answer must not stop the rest."""
    try:
        return own_volumes(site.containers(), before)
    except EngineError:
        return frozenset()
