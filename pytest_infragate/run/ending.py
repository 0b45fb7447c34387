"""Takes a stack down and verifies that nothing of it is left."""

from __future__ import annotations

import time

from ..errors import EngineError
from ..gates import lifecycle
from ..results import CheckResult
from ..stack.ownership import Before, objects_of
from ..stack.removal import attached, built_images, leftovers, lost_networks, own_volumes, remove_leftovers
from .site import Site

DOWN_S = 60.0
"""How long Compose may take; containers get two seconds each to end, side by side."""
REFUSED_S = 5.0
"""How long what Compose has left is tried again: a busy engine may still be freeing a network of removed containers."""
_PAUSE_S = 0.25


def take_down(site: Site, before: Before) -> CheckResult:
    """Remove what this run created, and return whether anything is left.

    Volumes and networks that an earlier run has kept stay, also where nothing of its containers is there any more.
    Raises ``EngineError`` when what is left cannot be seen; Compose has been asked to remove the stack even then.
    """
    engine, project = site.engine, site.stack.project
    volumes, images = _volumes(site, before), built_images(site.project)
    kept = {*(f"volume {name}" for name in before.volumes), *(f"network {name}" for name in before.networks)}

    def left_by_us() -> list[str]:
        return [thing for thing in leftovers(engine, project, volumes, images) if thing not in kept]

    done = site.stack.down(DOWN_S, volumes=kept.isdisjoint(objects_of(engine, project)))
    deadline = time.monotonic() + REFUSED_S
    users: dict[str, tuple[str, ...]] = {}
    while (left := left_by_us()) and not users and time.monotonic() < deadline:
        remove_leftovers(engine, project, before, volumes, images)
        users = attached(engine, project)
        time.sleep(_PAUSE_S)
    lost = lost_networks(engine, project) if left and not users else ()
    if lost and set(left) == {f"network {name}" for name in lost}:
        return lifecycle.lost_result(lost)
    return lifecycle.removed_result(done, left, attached=users if left else {})


def _volumes(site: Site, before: Before) -> frozenset[str]:
    """Return the volumes that only this run's containers mount; an engine that does not answer must not stop the rest."""
    try:
        return own_volumes(site.engine, site.stack.project, before)
    except EngineError:
        return frozenset()
