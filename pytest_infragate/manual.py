"""The manual: one page for every check, static or live, whoever wants to show it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from . import checks
from .catalogue import NAMES
from .live_pages import LIVE_PAGES
from .results import Condition, Severity
from .settings import Level

TOPICS = MappingProxyType(
    {
        "IG1": "Files",
        "IG2": "Images",
        "IG3": "Networks",
        "IG4": "Privileges",
        "IG5": "Reliability",
        "IG6": "Mounts and secrets",
        "IG7": "Resources",
        "IG8": "Environment",
        "IG9": "The running stack",
    }
)
"""Each topic by the beginning of the ids of its checks."""
FURTHER = "Further checks"
"""The topic of checks that do not come with this package."""
_SYNTAX = "::"


@dataclass(frozen=True)
class Page:
    """What is known of one check; ``severities`` is empty for a live one, which passes or closes the gate."""

    id: str
    name: str
    condition: Condition
    text: str
    severities: Mapping[Level, Severity]

    @property
    def summary(self) -> str:
        """The first line: what a static check finds, or what a live one proves."""
        return self.text.partition("\n")[0]

    @property
    def topic(self) -> str:
        """What it is about, in a word or two."""
        return TOPICS.get(self.id[:3], FURTHER)

    @property
    def anchor(self) -> str:
        """What its heading in ``docs/checks.md`` is called in links."""
        return anchor(f"{self.id} {self.name}")

    @property
    def markdown(self) -> str:
        """The text in Markdown."""
        return self.text.replace(_SYNTAX, ":")


def anchor(heading: str) -> str:
    """Return what a heading of a Markdown page is called in links."""
    return re.sub(r"[^\w\s-]", "", heading.lower()).replace(" ", "-")


def pages() -> tuple[Page, ...]:
    """Return every page in the order of the ids."""
    static = [
        Page(check.id, check.name, check.planned.condition, check.documentation, check.severities)
        for check in checks.every()
    ]
    live = [Page(one.id, one.name, one.condition, LIVE_PAGES[one.id], MappingProxyType({})) for one in NAMES.values()]
    return tuple(sorted((*static, *live), key=lambda page: page.id))


def find(wanted: str) -> Page | None:
    """Return the page of a check by id or name, whatever its case; ``None`` when there is none of that name."""
    folded = wanted.strip().casefold()
    return next((page for page in pages() if folded in (page.id.casefold(), page.name)), None)


def by_topic() -> dict[str, list[Page]]:
    """Return the pages of each topic, topics and pages in the order of the ids."""
    found: dict[str, list[Page]] = {}
    for page in pages():
        found.setdefault(page.topic, []).append(page)
    return found
