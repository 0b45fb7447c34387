"""Whom a Prometheus asks: scrape targets, Alertmanagers and remote storage. Source: Prometheus documentation, Configuration."""

from __future__ import annotations

from collections.abc import Iterator

from ..node import Node
from .calls import SCRAPED, Call, Written, address
from .documents import roots

_REMOTE = ("remote_write", "remote_read")


def prometheus(written: Written) -> Iterator[Call]:
    """Yield everybody that Prometheus connects to by a name in this file."""
    yield from scraped(written)
    for root in roots(written):
        for manager in _elements(root.get("alerting", "alertmanagers")):
            for target in _targets(manager):
                yield from _call(written, target, "prometheus alertmanager")
        for section in _REMOTE:
            for remote in _elements(root.get(section)):
                yield from _call(written, remote.get("url"), f"prometheus {section}")


def scraped(written: Written) -> Iterator[Call]:
    """Yield the targets of ``static_configs``; where a rule replaces their address, as for a prober, only the replacement."""
    for root in roots(written):
        for job in _elements(root.get("scrape_configs")):
            replaced = tuple(_replacements(job))
            for target in replaced or _targets(job):
                yield from _call(written, target, SCRAPED)


def _targets(job: Node) -> Iterator[Node]:
    for group in _elements(job.get("static_configs")):
        yield from _elements(group.get("targets"))


def _replacements(job: Node) -> Iterator[Node]:
    """Yield what a rule without a pattern puts in place of every address."""
    for rule in _elements(job.get("relabel_configs")):
        label, replacement = rule.get("target_label"), rule.get("replacement")
        if (
            label is not None
            and label.text == "__address__"
            and replacement is not None
            and "$" not in replacement.text
        ):
            yield replacement


def _call(written: Written, node: Node | None, key: str) -> Iterator[Call]:
    found = address(node.text) if node is not None else None
    if node is not None and found:
        yield Call(found, key, written.at(node))


def _elements(node: Node | None) -> tuple[Node, ...]:
    return node.elements if node is not None else ()
