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


def pages() -> str:
    """Return the text of ``docs/checks.md``: every check on one page, in Markdown."""
    ordered = sorted(checks.CHECKS, key=lambda check: check.id)
    table = [
        _row(check.id, check.name, *(severity.value for severity in check.severities.values())) for check in ordered
    ]
    live = [_row(one.id, one.name, one.condition.value, _summary(one)) for one in NAMES.values()]
    documented = [f"### {check.id} {check.name}\n\n{check.documentation.replace('::', ':')}" for check in ordered]
    return "\n".join([_HEAD, *table, _LIVE_HEAD, *live, _DOCUMENTED_HEAD, "\n\n".join(documented), ""])


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def unknown(wanted: str) -> str:
    """Return the sentence for a check that does not exist."""
    names = [name for check in checks.CHECKS for name in (check.id, check.name)]
    names += [name for live in NAMES.values() for name in (live.id, live.name)]
    return (
        f"--infragate-explain: there is no check {wanted!r}{did_you_mean(wanted, names)} (--infragate-list lists them)"
    )


def _summary(live: PlannedCheck) -> str:
    return LIVE_SUMMARIES[live.id]


_HEAD = """\
# Checks

Generated from the code; CONTRIBUTING.md has the command. `pytest --infragate-explain IG201` prints one page.

## Static checks

All belong to the condition `configuration`. Each is one check of the whole stack (subject `*`); it fails when it has a finding of
severity `error`. The columns are the severities at the three levels; `checks.severity` in the settings overrides them.

| id | name | dev | default | strict |
|---|---|---|---|---|"""
_LIVE_HEAD = """
## Live checks

They have no level: each passes or closes the gate. IG107 needs no engine and is part of a static run too.

| id | name | condition | proven when |
|---|---|---|---|"""
_DOCUMENTED_HEAD = """
## The static checks one by one
"""

LIVE_SUMMARIES = {
    "IG107": "No waiver has passed its last day.",
    "IG901": "The Docker engine and Compose answer.",
    "IG902": "Build, pull and `docker compose up` succeed.",
    "IG903": "Every container of a service was created and started.",
    "IG904": "Nothing of the stack is left behind (kept: it still stands; attached: it is untouched).",
    "IG911": "A service is healthy before the first test; a one-shot service has ended with 0.",
    "IG912": "A service was healthy from then on until after the last test: no exit, restart, OOM kill or flap.",
    "IG913": "The engine's event stream has no gap.",
    "IG914": "A service wrote no log line that is certainly fatal or that `logs.forbid` names; suspicious ones are warnings.",
    "IG921": "A caller reaches what it needs, seen from inside the caller.",
    "IG922": "A forbidden edge cannot be used.",
    "IG923": "Something listens behind a published port, and the host reaches it.",
    "IG931": "A metric of a service stays within its limit, with enough samples.",
    "IG932": "A service can be scaled as `scaling` wants it. Not evaluated by this version, so it closes the gate.",
    "IG941": "A validation command of the project exits as declared.",
}
"""What each live check proves, in one sentence."""
