"""Edits of lines: what they refuse, and that nothing but the entry changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_infragate.fixes.candidate import CannotEditError, edited
from pytest_infragate.fixes.layout import append_entries, quoted, remove_entry

from .texts import below, document


def removed(folder: Path, text: str, name: str) -> str:
    found = document(folder, text)
    root = found.roots[0]
    entry = root.entry(name)
    assert entry is not None
    return edited(found.text, [remove_entry(found, root, entry[0])])


@pytest.mark.parametrize(
    ("text", "name", "after"),
    [
        ("a: 1\nb: 2\n", "a", "b: 2\n"),
        ("a: 1\nb: 2", "b", "a: 1\n"),
        ("a: 1\n\nb:\n  c: [\n  2]  # x\n\nd: 3\n", "b", "a: 1\n\nd: 3\n"),
        ("a: 1\n\nb:\n", "b", "a: 1\n"),
        ("a: 1\r\n\r\nb: 2\r\n\r\nc: 3\r\n", "b", "a: 1\r\n\r\nc: 3\r\n"),
        ("{a: 1, b: 2, c: 3}", "b", "{a: 1, c: 3}"),
        ("{a: 1, b: 2}", "b", "{a: 1}"),
        ("{a: 1}", "a", "{}"),
    ],
)
def test_an_entry_goes_with_its_lines(text: str, name: str, after: str, tmp_path: Path) -> None:
    assert removed(tmp_path, text, name) == after


@pytest.mark.parametrize("text", ["--- {}\n", "? a\n: 1\n", "&x a: 1\n"])
def test_an_entry_that_does_not_stand_alone_stays(text: str, tmp_path: Path) -> None:
    with pytest.raises((CannotEditError, AssertionError)):
        removed(tmp_path, text, "a")


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("a:\n  b: 1  # x\nc: 2\n", "a:\n  b: 1  # x\n  new:\n    k: v\nc: 2\n"),
        ("a:\n  - b: 1", "a:\n  - b: 1\n    new:\n      k: v"),
        ("a: {b: 1}\n", "a: {b: 1, new: {k: v}}\n"),
    ],
)
def test_an_entry_is_put_after_the_last(text: str, after: str, tmp_path: Path) -> None:
    found = document(tmp_path, text)
    mapping = below(found, "a")
    mapping = mapping.elements[0] if mapping.elements else mapping
    assert edited(found.text, [append_entries(found, mapping, (("new", (("k", "v"),)),))]) == after


@pytest.mark.parametrize("text", ["a: &x\n  b: 1\n", "a: {}\n", "a: !reset {b: 1}\n"])
def test_no_entry_is_put_where_it_is_not_certain(text: str, tmp_path: Path) -> None:
    found = document(tmp_path, text)
    with pytest.raises(CannotEditError):
        append_entries(found, below(found, "a"), (("new", "v"),))


def test_text_that_would_need_escapes_is_not_quoted() -> None:
    assert quoted("22:22", "'") == "'22:22'"
    for text in ('a"b', "a\\b", "it's"):
        with pytest.raises(CannotEditError):
            quoted(text)
