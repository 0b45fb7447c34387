"""Removes what runs left on the engine whose processes are proven dead; nothing of anybody else is touched."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from docker.errors import APIError

from .. import identity
from ..identity import Identity, Life
from ..suggest import listed
from .claim import OWNER_LABEL, RUN_LABEL, Claim, claims, release, stands
from .inspection import PROJECT_LABEL
from .removal import lost_networks

if TYPE_CHECKING:
    from .engine import Engine

SWEEP_S = 20.0
"""How long the sweep before a start may take."""
_EACH_S = 5.0
"""How long it tries to remove what one dead run left; most of a second is the rule."""
_STUBBORN = 3
"""How often it looks at what the engine refuses to remove; the next start tries again."""
_REAPER_S = 30.0
"""How long a start waits for the reaper of a dead run that had the same project name."""
_PAUSE_S = 0.25
_AT_ONCE = 8


@dataclass(frozen=True)
class Thing:
    """One object of a dead run, and how it is removed."""

    kind: str
    name: str
    remove: Callable[[], Any]
    owner: Identity | None = None

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


@dataclass
class Cleared:
    """What was found of one dead run, and whether all of it is gone."""

    claim: Claim
    found: set[str] = field(default_factory=set)
    done: bool = False
    lost: tuple[str, ...] = ()
    """Networks that the engine does not let go of, although nothing uses them."""

    def __str__(self) -> str:
        """Say how much it was: ``shop (2 containers, 1 network)``."""
        kinds = Counter(thing.partition(" ")[0] for thing in sorted(self.found))
        counted = ", ".join(f"{count} {kind}{'' if count == 1 else 's'}" for kind, count in kinds.items())
        rest = "" if self.done else ", of which some remain"
        held = f"; the engine itself holds on to {listed(self.lost, 'and')}" if self.lost else ""
        return f"{self.claim.project} ({counted or 'only its claim'}{rest}{held})"


@dataclass(frozen=True)
class Swept:
    """What a sweep did: dead runs whose stacks were removed, and claims of runs that cannot be seen from here."""

    cleared: tuple[Cleared, ...] = ()
    elsewhere: tuple[Claim, ...] = ()


def sweep(engine: Engine, project: str) -> Swept:
    """Remove what dead runs left. Where the reaper of one that was called ``project`` is still at it, wait for it.

    Raises ``EngineError`` when the engine does not answer.
    """
    judged = [(claim, claim.life()) for claim in _when_free(engine, project)]
    until = time.monotonic() + SWEEP_S
    cleared = [
        clear(engine, claim, until=min(until, time.monotonic() + _EACH_S), stubborn=_STUBBORN)
        for claim, life in judged
        if life is Life.DEAD
    ]
    for things in (_labelled, _labelled_images):
        _remove([thing for thing in things(engine, OWNER_LABEL) if _is_dead(thing.owner)])
    return Swept(
        tuple(one for one in cleared if one.found or not one.claim.kept),
        tuple(claim for claim, life in judged if life is Life.UNKNOWN),
    )


def clear(engine: Engine, claim: Claim, *, until: float, calm: int = 1, stubborn: float = math.inf) -> Cleared:
    """Remove what a dead run left until ``calm`` looks in a row found nothing, then its claim.

    Ends at ``until`` (monotonic), or when so many looks in a row as ``stubborn`` says have found the very same, with the
    claim in place, so that the next sweep goes on; also when the claim is gone or
    a later run has the project's name, whose objects are not touched. Raises ``EngineError``.
    """
    cleared, quiet, same, before = Cleared(claim), 0, 0, set[str]()
    while quiet < calm and same < stubborn and time.monotonic() < until and stands(engine, claim):
        found = _remove_once(engine, claim)
        same, before = same + 1 if found == before else 1, found
        cleared.found |= found
        quiet = 0 if found else quiet + 1
        if quiet < calm:
            time.sleep(_PAUSE_S)
    if quiet < calm and before and before == {f"network {name}" for name in lost_networks(engine, claim.project)}:
        # Every later sweep would try in vain as well, and a start wait for it.
        cleared.lost = tuple(sorted(name.removeprefix("network ") for name in before))
    cleared.done = quiet >= calm or bool(cleared.lost)
    if cleared.done:
        release(engine, claim)
    return cleared


def remove_helpers(engine: Engine, owner: Identity) -> None:
    """Remove the helper containers that a dead process made, and the image of its prober. Raises ``EngineError``."""
    for things in (_labelled, _labelled_images):
        _remove([thing for thing in things(engine, OWNER_LABEL) if thing.owner == owner])


def _when_free(engine: Engine, project: str) -> tuple[Claim, ...]:
    """Return all claims as soon as no reaper of a dead run is about to free the name that this run needs."""
    until = time.monotonic() + _REAPER_S
    found = claims(engine)
    while any(_being_reaped(claim) for claim in found if claim.project == project) and time.monotonic() < until:
        time.sleep(_PAUSE_S)
        found = claims(engine)
    return found


def _being_reaped(claim: Claim) -> bool:
    return _is_dead(claim.owner) and claim.life() is Life.ALIVE


def _is_dead(owner: Identity | None) -> bool:
    return owner is not None and identity.life(owner) is Life.DEAD


def _remove_once(engine: Engine, claim: Claim) -> set[str]:
    """Remove everything of a dead run that is there now, and return it as words.

    Before each kind the claim is looked at again: volumes and images are known by names, which a later run may use.
    """
    found: set[str] = set()
    ours = (_helpers, _helper_images)
    for things in ours if claim.kept else (*ours, _containers, _networks, _volumes, _images):
        if stands(engine, claim):
            there = things(engine, claim)
            _remove(there)
            found.update(map(str, there))
    return found


def _remove(things: list[Thing]) -> None:
    """Remove things side by side: what vanishes meanwhile is fine, and what is refused is found again by the next look."""
    if things:
        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="infragate-sweep") as pool:
            list(pool.map(_attempt, things))


def _attempt(thing: Thing) -> None:
    try:
        thing.remove()
    except APIError:
        return


def _helpers(engine: Engine, claim: Claim) -> list[Thing]:
    """Return the helpers of dead runs beside the stack; another run may be attached to a kept one."""
    return [thing for thing in _labelled(engine, f"{RUN_LABEL}={claim.project}") if _is_dead(thing.owner)]


def _helper_images(engine: Engine, claim: Claim) -> list[Thing]:
    """Return the images of the probers of dead runs."""
    return [thing for thing in _labelled_images(engine, f"{RUN_LABEL}={claim.project}") if _is_dead(thing.owner)]


def _containers(engine: Engine, claim: Claim) -> list[Thing]:
    return _labelled(engine, f"{PROJECT_LABEL}={claim.project}")


def _labelled(engine: Engine, label: str) -> list[Thing]:
    """Return the containers with a label; they are removed with their anonymous volumes."""
    api = engine.client.api
    with engine.asking(f"for containers with the label {label}"):
        listed = api.containers(all=True, filters={"label": [label]})
    return [
        Thing(
            "container",
            str(one["Names"][0]).lstrip("/") if one.get("Names") else str(one["Id"])[:12],
            partial(api.remove_container, str(one["Id"]), v=True, force=True),
            Identity.read((one.get("Labels") or {}).get(OWNER_LABEL, "")),
        )
        for one in listed
    ]


def _labelled_images(engine: Engine, label: str) -> list[Thing]:
    """Return the images with a label; only those of the prober have one of ours."""
    api = engine.client.api
    with engine.asking(f"for images with the label {label}"):
        listed = api.images(filters={"label": [label]})
    return [
        Thing(
            "image",
            str((one.get("RepoTags") or [one["Id"]])[0]),
            partial(api.remove_image, str(one["Id"])),
            Identity.read((one.get("Labels") or {}).get(OWNER_LABEL, "")),
        )
        for one in listed
    ]


def _networks(engine: Engine, claim: Claim) -> list[Thing]:
    api = engine.client.api
    with engine.asking(f"for the networks of project {claim.project}"):
        listed = api.networks(filters={"label": [f"{PROJECT_LABEL}={claim.project}"]})
    return [Thing("network", str(one["Name"]), partial(api.remove_network, str(one["Id"]))) for one in listed]


def _volumes(engine: Engine, claim: Claim) -> list[Thing]:
    api = engine.client.api
    with engine.asking(f"for the volumes of project {claim.project}"):
        listed = api.volumes(filters={"label": [f"{PROJECT_LABEL}={claim.project}"]}).get("Volumes") or ()
    return [Thing("volume", str(one["Name"]), partial(api.remove_volume, str(one["Name"]))) for one in listed]


def _images(engine: Engine, claim: Claim) -> list[Thing]:
    remove = engine.client.api.remove_image
    there = (name for name in claim.images if engine.exists_image(name))
    return [Thing("image", name, partial(remove, name, noprune=True)) for name in there]
