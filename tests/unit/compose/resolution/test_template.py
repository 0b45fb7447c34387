from __future__ import annotations

import pytest

from pytest_infragate.compose.resolution.template import TemplateError, substitute

KNOWN = {"SET": "value", "EMPTY": ""}


@pytest.mark.parametrize(
    ("written", "meant", "missing"),
    [
        ("plain", "plain", ()),
        ("$SET-${SET}", "value-value", ()),
        ("$$SET $${SET}", "$SET ${SET}", ()),
        ("$UNSET|${UNSET}", "|", ("UNSET", "UNSET")),
        ("$SET_X", "", ("SET_X",)),
        ("cost $5 $( $", "cost $5 $( $", ()),
        ("${UNSET:-d} ${EMPTY:-d} ${SET:-d}", "d d value", ()),
        ("${UNSET-d} ${EMPTY-d} ${SET-d}", "d  value", ()),
        ("${UNSET:+r}|${EMPTY:+r}|${SET:+r}", "||r", ()),
        ("${UNSET+r}|${EMPTY+r}|${SET+r}", "|r|r", ()),
        ("${UNSET:-a${EMPTY:-${SET}}b}", "avalueb", ()),
        ("${UNSET:-$OTHER}", "", ("OTHER",)),
        ("${SET:-$OTHER}", "value", ()),
        ("${SET:?why}${EMPTY?why}", "value", ()),
        ("${UNSET:-}", "", ()),
        ("${UNSET-}", "", ()),
        (r"${UNSET:-^\d{4}$}", r"^\d{4}$", ()),
        ('{"a": "${UNSET:-{}}"}', '{"a": "{}"}', ()),
    ],
)
def test_references_are_replaced(written: str, meant: str, missing: tuple[str, ...]) -> None:
    heard: list[str] = []
    assert substitute(written, KNOWN.get, heard.append) == meant
    assert tuple(heard) == missing


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("${UNSET:?set it to $SET}", "the variable UNSET is required and has no value: set it to value"),
        ("${EMPTY:?}", "the variable EMPTY is required and has no value"),
        ("${UNSET?}", "the variable UNSET is required and has no value"),
        ("${}", "a reference '${…}' in it names no variable (write $$ where a dollar sign is meant)"),
        ("${1}", "a reference '${…}' in it names no variable (write $$ where a dollar sign is meant)"),
        ("${a b}", "'${a…}' has no operator that is known (write $$ where a dollar sign is meant)"),
        ("${SET!x}", "'${SET…}' has no operator that is known (write $$ where a dollar sign is meant)"),
        ("x${SET", "a reference '${…' in it has no closing brace"),
    ],
)
def test_what_is_no_reference_is_refused(written: str, why: str) -> None:
    with pytest.raises(TemplateError) as caught:
        substitute(written, KNOWN.get, lambda _name: None)
    assert str(caught.value) == why
