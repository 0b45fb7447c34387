"""The manual as text: for ``--infragate-list``, ``--infragate-explain`` and ``docs/checks.md``."""

from __future__ import annotations

from . import manual
from .manual import Page, by_topic, find
from .settings import Level
from .suggest import did_you_mean

_LEVELS = tuple(level.value for level in Level)
_LIVE = "-"
"""Stands where a live check has no severity."""


def listing() -> str:
    """Return one line for every check, by topic: id, name, severity at each level and what it is about."""
    width = max(len(page.name) for page in manual.pages())
    lines = [f"{'':7}{'':{width}}  {_cells(_LEVELS)}  the three levels; {_LIVE}: each passes or closes the gate"]
    for topic, own in by_topic().items():
        lines += [
            "",
            topic,
            *(f"{page.id:<7}{page.name:<{width}}  {_severities(page)}  {page.summary}" for page in own),
        ]
    return "\n".join(lines)


def page(wanted: str) -> str | None:
    """Return the documentation page of a check, by id or name; ``None`` when there is none of that name."""
    found = find(wanted)
    return None if found is None else f"{found.id} {found.name}\n\n{_head(found)}\n\n{found.text}\n"


def unknown(wanted: str) -> str:
    """Return the sentence for a check that does not exist."""
    names = [name for one in manual.pages() for name in (one.id, one.name)]
    return (
        f"--infragate-explain: there is no check {wanted!r}{did_you_mean(wanted, names)} (--infragate-list lists them)"
    )


def pages() -> str:
    """Return the text of ``docs/checks.md``: every check, by topic."""
    topics = by_topic()
    contents = [f"- [{topic}](#{manual.anchor(topic)})" for topic in topics]
    return "\n".join([_HEAD, *contents, *map(_topic, topics, topics.values())])


def _cells(words: tuple[str, ...]) -> str:
    return " ".join(f"{word:<7}" for word in words)


def _severities(page: Page) -> str:
    return _cells(tuple(severity.value for severity in page.severities.values()) or (_LIVE,) * len(_LEVELS))


def _head(page: Page) -> str:
    levels = ", ".join(f"{level.value} {severity.value}" for level, severity in page.severities.items())
    return f"Topic: {page.topic}; condition: {page.condition.value}\nSeverity by level: {levels or 'none, it passes or closes the gate'}"


def _topic(topic: str, own: list[Page]) -> str:
    """Return the chapter of a topic: its table, then its pages."""
    rows = [_row(f"[{page.id}](#{page.anchor})", page.name, *_columns(page), page.summary) for page in own]
    table = "\n".join([_row("id", "name", *_LEVELS, "says"), f"|{'---|' * (3 + len(_LEVELS))}", *rows])
    documented = "\n".join(f"\n### {_title(page)}\n\n{page.markdown}" for page in own)
    return f"\n## {topic}\n\n{table}\n{documented}\n"


def _title(page: Page) -> str:
    return f"{page.id} {page.name}"


def _columns(page: Page) -> tuple[str, ...]:
    return tuple(severity.value for severity in page.severities.values()) or ("",) * len(_LEVELS)


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


_HEAD = """\
# Checks

Generated from the code; CONTRIBUTING.md has the command. `pytest --infragate-list` prints these tables,
`pytest --infragate-explain IG201` or `pytest --infragate-explain floating-image-tag` one page.

A **static check** belongs to the condition `configuration` and is one check of the whole stack (subject `*`); it fails when it has a
finding of severity `error`. The tables have the severity at each level (`--infragate-level`); `checks.severity` in the settings overrides it. A
**live check** has no level: it passes or closes the gate.
"""
