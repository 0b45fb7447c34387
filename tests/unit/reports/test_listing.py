"""Findings grouped by file, in the order of its lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pytest_infragate.reports import listing
from pytest_infragate.results import Location

from .builders import ERROR, INFO, PLACELESS, WAIVED, WARNING


def quote(place: Location | None, width: int) -> Sequence[str]:
    return (f"<{place} in {width}>",) if place else ()


def test_each_file_is_a_group_and_what_has_no_file_comes_first() -> None:
    early = replace(WAIVED, location=Location("compose.yaml", 2), waived_by="comment: ours")
    assert list(listing.lines([ERROR, WARNING, early, PLACELESS], quote, 80)) == [
        ("error: ACME7 No label.", "red"),
        ("   → Change it.", ""),
        ("compose.yaml", "bold"),
        ("waived: IG301 api: Port 80: twice. (compose.yaml:2) [comment: ours]", "yellow"),
        ("   <compose.yaml:2 in 77>", ""),
        ("   → Change it.", ""),
        ("error: IG301 web: Port 80: twice. (compose.yaml:12:5)", "red"),
        ("   <compose.yaml:12:5 in 77>", ""),
        ("   → Change it.", ""),
        ("a b.yaml", "bold"),
        ("warning: IG201 web: No tag. (a b.yaml:3)", "yellow"),
        ("   <a b.yaml:3 in 77>", ""),
        ("   → Change it.", ""),
    ]


def test_what_is_for_information_has_no_colour() -> None:
    assert listing.head(INFO) == ("info: IG201 web: Said. (/elsewhere/x.yaml:1:1)", "")


def test_a_subject_is_told_where_the_message_does_not_name_it() -> None:
    assert replace(ERROR, subject="api", message="The capital is lost.").statement == "api: The capital is lost."
    assert replace(ERROR, subject="api", message="'api' is lost.").statement == "'api' is lost."
    assert replace(ERROR, subject="api", message="api-v2 is lost.").statement == "api: api-v2 is lost."
    assert replace(ERROR, subject="*", message="All is lost.").statement == "All is lost."
