"""Edits of one text: made together, and traced back to the text before them."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_infragate.fixes.candidate import Edit, Origins, Taken, edited

FILE = Path("compose.yaml")
TEXT = "abcdefghij"
EDITS = (Edit(FILE, 1, 3, ""), Edit(FILE, 5, 5, "XYZ"), Edit(FILE, 8, 9, "__"))


def test_edits_are_made_in_any_order() -> None:
    assert edited(TEXT, EDITS) == edited(TEXT, EDITS[::-1]) == "adeXYZfgh__j"


@pytest.mark.parametrize("letter", "adefghj")
def test_the_origin_of_what_stays_is_where_it_stood(letter: str) -> None:
    assert Origins(EDITS).of(edited(TEXT, EDITS).index(letter)) == TEXT.index(letter)


def test_the_origin_of_what_is_new_is_where_it_was_put() -> None:
    after = edited(TEXT, EDITS)
    assert [Origins(EDITS).of(after.index(letter)) for letter in "XYZ_"] == [5, 5, 5, 8]


@pytest.mark.parametrize(
    ("start", "end", "meets"), [(0, 1, False), (0, 2, True), (1, 1, True), (2, 2, True), (3, 4, False), (3, 3, False)]
)
def test_edits_meet_where_both_cannot_be_made(start: int, end: int, meets: bool) -> None:
    assert EDITS[0].meets(Edit(FILE, start, end, "")) is meets
    taken = Taken()
    taken.add(EDITS)
    assert taken.meets(Edit(FILE, start, end, "")) is any(edit.meets(Edit(FILE, start, end, "")) for edit in EDITS)
    assert not taken.meets(Edit(Path("other.yaml"), start, end, ""))
