"""The baseline: findings that were there when a project adopted the gate. Only new ones close it.

An entry counts the findings of one check on one subject in one file, so it holds wherever their lines move to. When there
are more than it accepts, nobody can tell which one is new, and all of them count.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

from .catalogue import NAMES
from .check_options import AcceptedFindings
from .results import CheckResult, Finding, Outcome, Severity

_Key = tuple[str, str, str]
"""File, subject and check."""
WAIVED_BY = "baseline"
_HEAD = """\
# Findings that were there when the gate was adopted: file, subject, check and how many. Only new ones fail.
# Written by `pytest --infragate-static --infragate-accept-findings`; remove what is mended.
"""


class Baseline:
    """Accepts what the entries name. With ``everything``, accepts all that is found, to be written as a new baseline."""

    def __init__(self, entries: Iterable[AcceptedFindings] = (), *, everything: bool = False) -> None:
        self._entries = {(entry.file, entry.subject, entry.check): entry for entry in entries}
        self._everything = everything
        self._found: Counter[_Key] = Counter()
        self._hidden = 0

    def apply(self, result: CheckResult) -> CheckResult:
        """Mark the findings of a static check that the baseline accepts; those of the run's own checks never are."""
        if result.check.id in NAMES:
            return result
        found = Counter(_key(finding) for finding in result.findings if _closes(finding))
        accepted = {key for key, number in found.items() if self._everything or number <= self._allowed(key)}
        self._found += found
        self._hidden += sum(found[key] for key in accepted)
        notes = tuple(self._exceeded(key, found[key]) for key in found if key not in accepted and self._allowed(key))
        findings = tuple(
            replace(one, waived=True, waived_by=WAIVED_BY) if _closes(one) and _key(one) in accepted else one
            for one in result.findings
        )
        return replace(result, findings=findings, notes=(*result.notes, *notes))

    def note(self, file: str) -> str:
        """Return the line that says how many findings are hidden; empty for none."""
        if not self._hidden:
            return ""
        return f"The baseline {file} hides {self._hidden} finding{'s' if self._hidden > 1 else ''} that would fail."

    def gone(self, results: Iterable[CheckResult]) -> Iterator[Finding]:
        """Yield a warning for each entry that accepts more than was found by a check that was evaluated."""
        open_checks = {result.check.id for result in results if result.outcome in (Outcome.ERROR, Outcome.NOT_RUN)}
        for key, entry in self._entries.items():
            if self._found[key] < entry.count and entry.check not in open_checks and not self._everything:
                yield _gone(entry, self._found[key])

    def text(self) -> str:
        """Return the text of a baseline that accepts all that was found."""
        tree: dict[str, dict[str, dict[str, int]]] = {}
        for (file, subject, check), number in sorted(self._found.items()):
            tree.setdefault(file, {}).setdefault(subject, {})[check] = number
        lines = [_HEAD.rstrip("\n")]
        for file, subjects in tree.items():
            lines.append(f"{json.dumps(file)}:")
            for subject, checks in subjects.items():
                lines.append(f"  {json.dumps(subject)}: {{{', '.join(f'{id_}: {n}' for id_, n in checks.items())}}}")
        return "\n".join(lines) + "\n"

    def _allowed(self, key: _Key) -> int:
        return self._entries[key].count if key in self._entries else 0

    def _exceeded(self, key: _Key, number: int) -> str:
        return f"the baseline accepts {self._allowed(key)} of the {number} findings of {key[2]} on {key[1]}; one is new"


def _closes(finding: Finding) -> bool:
    return finding.severity is Severity.ERROR and not finding.waived


def _key(finding: Finding) -> _Key:
    return (finding.location.file if finding.location else "", finding.subject, finding.check)


def _gone(entry: AcceptedFindings, found: int) -> Finding:
    message = f"the baseline accepts {entry.count} of {entry.check} on {entry.subject}, but {found or 'none'} occurs"
    remedy = "Lower or remove the entry, so that it cannot hide a new one."
    return Finding(entry.check, "stale-baseline", Severity.WARNING, entry.subject, message, remedy, entry.location)
