"""Explains that the engine has no address range left for another network: which Compose projects hold how many."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from ..process import Completed
from ..stack.inspection import PROJECT_LABEL
from ..stack.neighbours import Network, networks
from . import refusals, remedies

if TYPE_CHECKING:
    from ..stack.engine import Engine

_SHOWN = 8
"""More projects are counted, not named."""


def explain(engine: Engine, done: Completed) -> str:
    """Return who has the address ranges when a start failed for want of one; empty for any other end of a start."""
    if done.ok or not remedies.pools_exhausted(refusals.error_of(done)):
        return ""
    with engine.asking("for its running containers"):
        running = engine.client.api.containers()
    return told(networks(engine), {(one.get("Labels") or {}).get(PROJECT_LABEL, "") for one in running})


def told(found: Sequence[Network], alive: Collection[str]) -> str:
    """Return the sentence; projects of which nothing runs (not in ``alive``) come first, then those with most networks."""
    held = [network for network in found if network.subnets]
    counts = Counter(network.project for network in held)
    unowned = counts.pop("", 0)
    order = sorted(counts, key=lambda name: (name in alive, -counts[name], name))
    words = [f"{name} {counts[name]}{'' if name in alive else ' (nothing of it runs)'}" for name in order[:_SHOWN]]
    rest = order[_SHOWN:]
    if rest:
        words.append(f"{len(rest)} more projects {sum(counts[name] for name in rest)}")
    if unowned:
        words.append(f"no Compose project {unowned}")
    return (
        "Each network gets an address range of its own from the engine's pools, and none is left: "
        f"{len(held)} networks have one ({', '.join(words)})."
    )
