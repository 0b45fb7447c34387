"""Lets one check look at files as written, at a resolved project, or at both."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pytest_infragate.checks import BY_ID
from pytest_infragate.checks.base import Material
from pytest_infragate.compose.model import Project
from pytest_infragate.compose.resolve import Resolution
from pytest_infragate.compose.source import parse_yaml
from pytest_infragate.compose.trees import Tree
from pytest_infragate.results import Finding, Severity

from ..stacks import project


def material(*texts: str, resolved: Project | None = None) -> Material:
    """Return what a check looks at: the files as written, in their order, and what Compose made of them."""
    names = ("compose.yaml", "compose.override.yaml")
    trees = tuple(
        Tree(Path("/project", name), parse_yaml(text, name)) for name, text in zip(names, texts, strict=False)
    )
    return Material(Resolution(resolved, trees=trees))


def findings(id_: str, looked_at: Material) -> tuple[Finding, ...]:
    """Return what a check finds."""
    return BY_ID[id_].findings(looked_at, Severity.ERROR)


def subjects(id_: str, services: Mapping[str, Any], **sections: Any) -> list[str]:
    """Return the services that a check finds in a resolved project."""
    return [finding.subject for finding in findings(id_, Material(Resolution(project(services, **sections))))]


def found_in(id_: str, services: Mapping[str, Any], **sections: Any) -> tuple[Finding, ...]:
    """Return what a check finds in services as Compose prints them."""
    return findings(id_, Material(Resolution(project(services, **sections))))


def probed(*test: str, **service: Any) -> dict[str, Any]:
    """Return a service with a healthcheck."""
    return {"image": "ours:1.0", "healthcheck": {"test": list(test)}, **service}
