"""The documentation names everything that there is, leads nowhere wrong, and knows no particular machine."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pytest_infragate.explain import pages
from pytest_infragate.limits import METRICS
from pytest_infragate.options import OPTIONS, Option
from pytest_infragate.reading.schema import Key
from pytest_infragate.reading.tree import KEYS
from pytest_infragate.reports.folder import FORMATS
from pytest_infragate.stack.disruption import Disruption
from pytest_infragate.stack.running import RunningStack

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.glob("*.md"), *ROOT.glob("example_project/**/*.md")])
MEMBERS = sorted(name for kind in (RunningStack, Disruption) for name in vars(kind) if not name.startswith("_"))

_CODE = re.compile(r"^(`{3,}).*?^\1", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ +(.+)$", re.MULTILINE)
_MACHINE = re.compile(r"(?<![\w.])/(?:work|root|home|tmp|Users)/|\b(?:docker|ghcr|quay|gcr|k8s)\.io/")


def read(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def prose(page: Path) -> str:
    """Return a page without its code blocks."""
    return _CODE.sub("", page.read_text(encoding="utf-8"))


def anchors(page: Path) -> set[str]:
    """Return what the headings of a page are called in links."""
    words = (re.sub(r"[^\w\s-]", "", heading.lower()) for heading in _HEADING.findall(prose(page)))
    return {one.strip().replace(" ", "-") for one in words}


def test_the_page_of_checks_is_what_the_code_says() -> None:
    assert read("checks.md") == pages(), "docs/checks.md is outdated: CONTRIBUTING.md has the command that writes it"


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.flag)
def test_every_option_is_documented(option: Option) -> None:
    row = next((line for line in read("settings.md").splitlines() if re.match(rf"\| `{option.flag}[ `]", line)), "")
    assert (f"`{option.name}`" in row) is option.ini


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.name)
def test_every_key_of_the_settings_is_documented(key: Key) -> None:
    assert re.search(rf"^\| `{key.name}[.`\[]", read("settings.md"), re.MULTILINE)


@pytest.mark.parametrize("metric", METRICS)
def test_every_metric_is_documented(metric: str) -> None:
    assert f"`{metric}`" in read("settings.md")


@pytest.mark.parametrize("member", MEMBERS)
def test_every_member_of_the_fixture_is_documented(member: str) -> None:
    assert re.search(rf"`{member}[(`]", read("fixtures.md"))


@pytest.mark.parametrize("name", FORMATS)
def test_every_report_is_documented(name: str) -> None:
    assert f"\n## {name}\n" in read("reports.md")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    for link in _LINK.findall(prose(page)):
        if "://" in link:
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name) if name else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_no_page_knows_a_machine_or_a_registry(page: Path) -> None:
    assert _MACHINE.findall(page.read_text(encoding="utf-8")) == []
