"""What checks may say of files that Compose refuses: only what does not follow from the part that is broken."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from ..compose.model import Project, Service
from ..compose.resolve import Resolution
from ..results import Finding, Location, Severity
from .base import Check, Material

_ONE_VALUE = """
    IG201 IG202 IG338 IG340 IG343 IG401 IG402 IG412 IG413 IG414 IG415 IG416 IG417 IG418 IG421
    IG502 IG503 IG514 IG515 IG541 IG601 IG624 IG701 IG713 IG720
"""
OF_ONE_VALUE = frozenset(_ONE_VALUE.split())
"""Checks whose findings follow from the one value that they point at, whatever else the files say."""
_ABSENCE = """
    IG105 IG106 IG114 IG116 IG304 IG310 IG550 IG803 IG812 IG815 IG820
"""
OF_ABSENCE = frozenset(_ABSENCE.split())
"""Checks whose findings follow from something being nowhere in the files."""
_JOINS = "network_mode"


def findings_in_refused(check: Check, material: Material, severity: Severity) -> tuple[Finding, ...]:
    """Return what a check finds in files that cannot be used, without what follows from the broken part."""
    resolution = material.resolution
    if check.id in OF_ABSENCE and (check.needs_project or resolution.damage.everything):
        return ()
    if not check.needs_project:
        return check.findings(material, severity)
    project = resolution.partial
    if project is None:
        return ()
    found = check.findings(replace(material, resolution=replace(resolution, project=project)), severity)
    return tuple(finding for finding in found if _is_sound(finding, project, resolution))


def _is_sound(finding: Finding, project: Project, resolution: Resolution) -> bool:
    damage = resolution.damage
    service = project.services.get(finding.subject)
    keys = damage.services.get(finding.subject, frozenset())
    broken = (*damage.services, *damage.resources)
    if finding.location is None or any(_names(finding, name) for name in broken if name != finding.subject):
        return False
    if not (keys or damage.everything):
        return True
    return (
        service is not None
        and finding.check in OF_ONE_VALUE
        and _JOINS not in keys
        and not any(_names(finding, name) for name in project.services if name != finding.subject)
        and any(place == finding.location for place in _good_places(service, keys))
    )


def _good_places(service: Service, keys: frozenset[str]) -> Iterator[Location]:
    """Yield the places of everything below the keys of a service that have no problems."""
    return (place for path, place in service.places.items() if path[0] not in keys and place != service.location)


def _names(finding: Finding, name: str) -> bool:
    """Whether a finding speaks of a service or a resource."""
    return re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w.-])", finding.message) is not None
