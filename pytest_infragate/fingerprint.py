"""What makes a finding the same finding in another run, whatever line it has moved to."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable

from .results import Finding

_LENGTH = 32
_PLACE = re.compile(r"(\.(?:ya?ml|toml|json|env))(?::\d+){1,2}\b|\b(line|lines) \d+", re.IGNORECASE)


def fingerprints(findings: Iterable[Finding]) -> tuple[str, ...]:
    """Return one fingerprint for each finding, in their order; no two are equal.

    It is made of check, file, subject and message without the lines and columns in it. Findings that are equal in all of that are
    told apart by their order.
    """
    seen: Counter[str] = Counter()
    found = []
    for finding in findings:
        said = _said(finding)
        seen[said] += 1
        found.append(hashlib.sha256(f"{said}\0{seen[said]}".encode()).hexdigest()[:_LENGTH])
    return tuple(found)


def _said(finding: Finding) -> str:
    file = finding.location.file if finding.location else ""
    words = _PLACE.sub(lambda place: place[1] or place[2], finding.message)
    return "\0".join((finding.check, file, finding.subject, " ".join(words.split())))
