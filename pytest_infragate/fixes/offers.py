"""Proven fixes as the reports tell them: by the check and line of the finding that they put right."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from ..results import Fix, Location, Replacement
from .candidate import Candidate, Edit
from .written import Document

Mark = tuple[str, str, int]
"""Check, file and line of a finding."""
Offers = Mapping[Mark, tuple[Fix, ...]]


def mark(check: str, place: Location) -> Mark:
    """Return by what the fixes of a finding are known."""
    return (check, place.file, place.line or 0)


def offers(candidates: Iterable[Candidate], documents: Iterable[Document]) -> Offers:
    """Return the fixes that the candidates mean, whose edits are those of the documents as they are."""
    by_path = {document.path: document for document in documents}
    found: dict[Mark, tuple[Fix, ...]] = {}
    for candidate in candidates:
        replacements = tuple(_replacement(edit, by_path) for edit in candidate.edits)
        fix = Fix(candidate.description, replacements, candidate.behaviour)
        for known in dict.fromkeys(mark(candidate.check, place) for place in candidate.covers):
            found[known] = (*found.get(known, ()), fix)
    return found


def _replacement(edit: Edit, documents: Mapping[Path, Document]) -> Replacement:
    document = documents[edit.path]
    return Replacement(document.location(edit.start), document.location(edit.end), edit.text)
