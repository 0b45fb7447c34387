"""Top-level entries that mean nothing: the obsolete ``version``, and what no service uses."""

from __future__ import annotations

from collections.abc import Iterator

from ...compose.places import RESOURCE_SECTIONS
from ...results import WHOLE_STACK
from ..candidate import Candidate, CannotEditError, Refusal
from ..layout import remove_entry
from ..view import Found, View
from ..written import Document, Written
from .usage import used_names

VERSION, UNUSED = "IG103", "IG114"
_WORDS = {"networks": "network", "volumes": "volume", "secrets": "secret", "configs": "config"}
_IMPLICIT = "default"
"""The network that every service without networks is on."""


def obsolete_version(view: View) -> Found:
    """Remove ``version``, which Compose ignores with a warning."""
    for document, root in _roots(view.sources.documents):
        entry = root.entry("version")
        if entry is not None and not view.accepted(VERSION, WHOLE_STACK, document.location(entry[0].start)):
            yield _removal(VERSION, document, root, (entry[0],), "removes the obsolete `version`")


def unused_entries(view: View) -> Found:
    """Remove networks, volumes, secrets and configs that no service uses, of this or a neighbouring file."""
    chosen = [document for document in view.sources.merged if document.path in view.sources.chosen]
    for section in RESOURCE_SECTIONS:
        used = used_names(view, section)
        if used is None:
            continue
        for document, root in _roots(tuple(chosen)):
            yield from _unused(view, document, root, section, used)


def _unused(view: View, document: Document, root: Written, section: str, used: frozenset[str]) -> Found:
    entry = root.entry(section)
    if entry is None:
        return
    keys = [key for key, _ in entry[1].entries if not _is_used(section, key.text, used)]
    keys = [key for key in keys if key.text not in view.others()]
    keys = [key for key in keys if not view.accepted(UNUSED, WHOLE_STACK, document.location(key.start))]
    if not keys:
        return
    word = _WORDS[section]
    if len(keys) == len(entry[1].entries):
        names = ", ".join(f"'{key.text}'" for key in keys)
        what = f"{word} {names}" if len(keys) == 1 else f"{section} {names}"
        yield _removal(UNUSED, document, root, (entry[0], *keys), f"removes the unused {what}")
        return
    for key in keys:
        yield _removal(UNUSED, document, entry[1], (key,), f"removes the unused {word} '{key.text}'")


def _is_used(section: str, name: str, used: frozenset[str]) -> bool:
    return name in used or name == "<<" or name.startswith("x-") or (section == "networks" and name == _IMPLICIT)


def _removal(
    check: str, document: Document, mapping: Written, keys: tuple[Written, ...], description: str
) -> Candidate | Refusal:
    """Remove the entry of the first key; the last ones are what the check finds."""
    key = keys[0]
    covers = tuple(document.location(one.start) for one in keys[1:] or keys)
    try:
        edit = remove_entry(document, mapping, key)
    except CannotEditError as error:
        return Refusal(covers[0], description, str(error))
    value = next(value for one, value in mapping.entries if one is key)
    shared = key.shared or value.shared or mapping.shared
    return Candidate(check, covers[0], description, (edit,), covers=covers, shared=shared)


def _roots(documents: tuple[Document, ...]) -> Iterator[tuple[Document, Written]]:
    for document in documents:
        for root in document.roots:
            if root.entries:
                yield document, root
