"""Every check has a page, and it is found by whatever it is called."""

from __future__ import annotations

import itertools

import pytest

from pytest_infragate import explain, manual
from pytest_infragate.catalogue import NAMES
from pytest_infragate.checks import CHECKS
from pytest_infragate.live_pages import LIVE_PAGES
from pytest_infragate.settings import Level


def test_every_check_has_one_page_and_every_live_page_its_check() -> None:
    assert [page.id for page in manual.pages()] == sorted([*(check.id for check in CHECKS), *NAMES])
    assert set(LIVE_PAGES) == set(NAMES)


@pytest.mark.parametrize("id", LIVE_PAGES)
def test_a_live_page_says_more_than_its_summary(id: str) -> None:  # noqa: A002
    first, empty, *rest = LIVE_PAGES[id].splitlines()
    assert first.endswith(".")
    assert empty == ""
    assert rest


@pytest.mark.parametrize("wanted", ["IG301", "ig301", "host-port-conflict", " Host-Port-Conflict "])
def test_a_static_check_is_explained_by_id_or_name(wanted: str) -> None:
    page = explain.page(wanted)
    assert page is not None
    assert page.startswith("IG301 host-port-conflict\n\nTopic: Networks; condition: configuration\n")
    assert "Severity by level: dev error, default error, strict error\n" in page
    assert "Flagged::" in page


def test_a_live_check_is_explained_too() -> None:
    page = explain.page("edge-closed")
    assert page is not None
    assert "condition: connectivity\nSeverity by level: none, it passes or closes the gate\n" in page
    assert "within 1.5 s" in page


@pytest.mark.parametrize(
    ("wanted", "meant"),
    [("host-port-conflit", "host-port-conflict"), ("edge-close", "edge-closed")],
)
def test_a_typo_is_answered_with_the_nearest_name(wanted: str, meant: str) -> None:
    assert explain.page(wanted) is None
    assert f"there is no check {wanted!r}; did you mean {meant!r}?" in explain.unknown(wanted)


def test_the_list_has_every_check_under_its_topic_with_its_severities() -> None:
    lines = explain.listing().splitlines()
    listed = {line.split()[0]: line.split() for line in lines if line.startswith("IG")}
    for check in CHECKS:
        assert listed[check.id][1:5] == [check.name, *(check.severities[level].value for level in Level)]
    for id_, live in NAMES.items():
        assert listed[id_][1:5] == [live.name, "-", "-", "-"]
    chapters = [line for before, line in itertools.pairwise(lines) if not before]
    assert chapters == list(manual.by_topic())
    assert lines.index("Images") < next(number for number, line in enumerate(lines) if line.startswith("IG201"))


def test_the_page_of_all_checks_leads_from_topic_to_table_to_check() -> None:
    page = explain.pages()
    for topic in manual.by_topic():
        assert f"- [{topic}](#{topic.lower().replace(' ', '-')})\n" in page
        assert f"\n## {topic}\n" in page
    for one in manual.pages():
        assert f"| [{one.id}](#{one.id.lower()}-{one.name}) | {one.name} |" in page
        assert f"\n### {one.id} {one.name}\n\n{one.summary}\n" in page.replace(one.markdown, one.text)


def test_a_check_of_somebody_else_has_a_topic() -> None:
    live = manual.pages()[-1]
    assert live.topic == "The running stack"
    assert manual.Page("ACME1", "x-y", live.condition, "Says.", {}).topic == manual.FURTHER
