"""The documentation of the checks, for ``--infragate-list`` and ``--infragate-explain``."""

from __future__ import annotations

from . import checks
from .catalogue import NAMES
from .results import PlannedCheck
from .suggest import did_you_mean


def listing() -> str:
    """Return one line for every check: id, condition, name and, for a static one, what it finds."""
    lines = [f"{check.id}  configuration  {check.name:<40} {check.summary}" for check in checks.CHECKS]
    lines += [f"{live.id}  {live.condition.value:<13}  {live.name:<40} {_summary(live)}" for live in NAMES.values()]
    return "\n".join(sorted(lines))


def page(wanted: str) -> str | None:
    """Return the documentation page of a check, by id or name; ``None`` when there is none of that name."""
    static = checks.explain(wanted)
    if static is not None:
        return static
    for live in NAMES.values():
        if wanted.strip().lower() in (live.id.lower(), live.name):
            return f"{live.id} {live.name}\n\nCondition: {live.condition.value}\n\n{_summary(live)}\n"
    return None


def unknown(wanted: str) -> str:
    """Return the sentence for a check that does not exist."""
    names = [name for check in checks.CHECKS for name in (check.id, check.name)]
    names += [name for live in NAMES.values() for name in (live.id, live.name)]
    return (
        f"--infragate-explain: there is no check {wanted!r}{did_you_mean(wanted, names)} (--infragate-list lists them)"
    )


def _summary(live: PlannedCheck) -> str:
    return LIVE_SUMMARIES[live.id]


LIVE_SUMMARIES = {
    "IG107": "No waiver has passed its last day.",
    "IG901": "The Docker engine and Compose answer.",
    "IG902": "Build, pull and `docker compose up` succeed.",
    "IG903": "Every container of a service was created and started.",
    "IG904": "Nothing of the stack is left behind (kept: it still stands; attached: it is untouched).",
    "IG911": "A service is healthy before the first test; a one-shot service has ended with 0.",
    "IG912": "A service was healthy from then on until after the last test: no exit, restart, OOM kill or flap.",
    "IG913": "The engine's event stream has no gap.",
    "IG921": "A caller reaches what it needs, seen from inside the caller.",
    "IG922": "A forbidden edge cannot be used.",
    "IG923": "Something listens behind a published port, and the host reaches it.",
    "IG931": "A metric of a service stays within its limit, with enough samples.",
    "IG941": "A validation command of the project exits as declared.",
}
"""What each live check proves, in one sentence."""
