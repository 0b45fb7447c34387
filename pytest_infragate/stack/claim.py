"""What a run writes on the engine before it starts anything: whose the stack is, so that it can be removed after a kill.

Jobs in containers share an engine and neither files nor PIDs, so the record is a labelled volume: it needs no image, and
the stack's own objects stay what plain Compose would have made. The name is the lock: whoever makes it first has it.
"""

from __future__ import annotations

import contextlib
import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from docker.errors import NotFound

from .. import identity
from ..errors import Collision, OwnershipError
from ..identity import Identity, Life

if TYPE_CHECKING:
    from .engine import Engine

RUN_LABEL = "pytest-infragate.run"
"""Label of everything that a run makes beside the stack; its value is the Compose project."""
OWNER_LABEL = "pytest-infragate.owner"
"""Label of the same things; its value tells which process made it."""
CLAIM_LABEL = "pytest-infragate.claim"
"""Label of claims alone; its value is different for each."""
_REAPER_LABEL = "pytest-infragate.reaper"
_KEPT_LABEL = "pytest-infragate.kept"
_IMAGES_LABEL = "pytest-infragate.images"
_YES = "true"


@dataclass(frozen=True)
class Claim:
    """One run's claim on one Compose project.

    ``kept``: the stack was kept by an earlier run and is never removed. ``images`` are those that a build makes for
    this run alone. ``reaper`` removes the stack when the owner has died. ``owner`` is ``None`` where it cannot be read.
    """

    project: str
    owner: Identity | None
    reaper: Identity | None = None
    kept: bool = False
    images: tuple[str, ...] = ()
    token: str = field(default_factory=lambda: secrets.token_hex(8))

    @property
    def name(self) -> str:
        """The name of its volume."""
        return f"infragate-claim-{self.project}"

    def life(self) -> Life:
        """Return whether anybody lives who looks after the stack: the owner or its reaper."""
        if self.owner is None:
            return Life.UNKNOWN
        found = {identity.life(one) for one in (self.owner, self.reaper) if one is not None}
        return next((one for one in (Life.ALIVE, Life.UNKNOWN) if one in found), Life.DEAD)

    def labels(self) -> dict[str, str]:
        """Return the claim as the labels of its volume."""
        return {
            RUN_LABEL: self.project,
            CLAIM_LABEL: self.token,
            OWNER_LABEL: self.owner.text() if self.owner else "",
            _REAPER_LABEL: self.reaper.text() if self.reaper else "",
            _KEPT_LABEL: _YES if self.kept else "false",
            _IMAGES_LABEL: json.dumps(self.images),
        }

    @classmethod
    def read(cls, labels: Mapping[str, str]) -> Claim:
        """Return the claim that a volume's labels tell; one that cannot be read has no owner."""
        images = _names(labels.get(_IMAGES_LABEL, "[]"))
        return cls(
            project=labels.get(RUN_LABEL, ""),
            owner=None if images is None else Identity.read(labels.get(OWNER_LABEL, "")),
            reaper=Identity.read(labels.get(_REAPER_LABEL, "")),
            kept=labels.get(_KEPT_LABEL) == _YES,
            images=images or (),
            token=labels[CLAIM_LABEL],
        )


def make(engine: Engine, claim: Claim) -> None:
    """Put a claim on the engine. Raises ``OwnershipError`` when another run has one on the same project.

    The engine answers the making of a volume that exists with the one that exists.
    """
    with engine.asking(f"to claim project {claim.project}"):
        made = engine.client.api.create_volume(claim.name, labels=claim.labels())
    labels = made.get("Labels") or {}
    if labels.get(CLAIM_LABEL) != claim.token:
        raise OwnershipError([_taken(claim, Claim.read({CLAIM_LABEL: "", **labels}))])


def claims(engine: Engine) -> tuple[Claim, ...]:
    """Return every run's claims on this engine."""
    with engine.asking("for the claims of runs"):
        found = engine.client.api.volumes(filters={"label": [CLAIM_LABEL]}).get("Volumes") or ()
    return tuple(Claim.read(one["Labels"]) for one in found)


def stands(engine: Engine, claim: Claim) -> bool:
    """Return whether this very claim is on the engine, and not a later one on the same project."""
    with engine.asking(f"about the claim on project {claim.project}"):
        try:
            labels = engine.client.api.inspect_volume(claim.name).get("Labels") or {}
        except NotFound:
            return False
    return bool(labels.get(CLAIM_LABEL) == claim.token)


def release(engine: Engine, claim: Claim) -> None:
    """Remove a claim; one that is gone already is fine."""
    if stands(engine, claim):
        with engine.asking(f"to remove the claim on project {claim.project}"), contextlib.suppress(NotFound):
            engine.client.api.remove_volume(claim.name)


def told(claims_: Iterable[Claim]) -> str:
    """Return claims as a sentence lists them: project, and where its run is or was."""
    return ", ".join(f"{one.project} ({_where(one)})" for one in claims_)


def _where(claim: Claim) -> str:
    return f"process {claim.owner.pid} on {claim.owner.host}" if claim.owner else "owner not readable"


def _taken(wanted: Claim, found: Claim) -> Collision:
    return Collision(
        f"The project name {wanted.project} is in use by another run: {_where(found)}.",
        "Wait for its end, or take another name with --infragate-project. If that run is gone for good, "
        f"`docker volume rm {wanted.name}` frees the name; look first at what it left with "
        f"`docker compose -p {wanted.project} ps --all`.",
    )


def _names(text: str) -> tuple[str, ...] | None:
    """Return the strings of a JSON list, ``None`` for anything else."""
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return tuple(found) if isinstance(found, list) and all(isinstance(one, str) for one in found) else None
