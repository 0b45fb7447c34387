"""Checks of Dockerfiles, left to the programs that are made for them (IG22x)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from .. import sightings
from ..compose.model import Project, Service
from ..compose.trees import shown
from ..linters import hadolint
from ..linters.remark import Dockerfile, LinterError, Remark
from ..results import Location, Severity
from ..suggest import listed
from .base import Draft, Material, check_of_material
from .images import is_remote

_NAMED = 5


@check_of_material("IG221", Severity.WARNING, dev=Severity.INFO, strict=Severity.ERROR)
def dockerfile_flagged(material: Material) -> Iterator[Draft]:
    """The linter of Dockerfiles has an error or a warning for the Dockerfile of a service with ``build``.

    Asked is hadolint where it is installed, called in pytest's root directory, with its own ``.hadolint.yaml`` and comments
    (``# hadolint ignore=DL3006``). Without it, a full run asks ``docker build --check`` (buildx 0.15 or newer), which obeys
    ``# check=skip=…``; a static run does not, because that needs an engine. Each remark has the rule's own name and page. A
    Dockerfile that several services build is told once. A linter that crashes, hangs or cannot read its configuration makes
    this check an ``error``. Dockerfiles written into the Compose file are not looked at.

    References: hadolint documentation; Docker documentation, "Build checks".
    """
    yield from (_draft(remark, service, material) for remark, service in _remarks(material) if remark.heavy)


@check_of_material("IG223", Severity.INFO)
def dockerfile_remarked(material: Material) -> Iterator[Draft]:
    """The linter of Dockerfiles has a piece of advice: what hadolint calls ``info`` or ``style``.

    All else is as in IG221.

    References: hadolint documentation.
    """
    yield from (_draft(remark, service, material) for remark, service in _remarks(material) if not remark.heavy)


@check_of_material("IG222", Severity.INFO, strict=Severity.WARNING)
def dockerfile_not_checked(material: Material) -> Iterator[Draft]:
    """No linter is there that could look at the Dockerfiles of the services with ``build``, so nothing is known of them.

    It fails nothing, unless ``checks.severity`` says ``IG222: error``: then every machine needs hadolint.

    Flagged::

        services:
          web:
            build: .

    Accepted::

        services:
          web:
            image: ours:1.0
    """
    project = material.resolution.project
    builds = {} if project is None else _builds(project)
    if not builds or material.linting.tool:
        return
    services = listed([service.name for service in builds.values()][:_NAMED], "and")
    more = f" and {len(builds) - _NAMED} more" if len(builds) > _NAMED else ""
    first = next(iter(builds.values()))
    message = f"Nothing has checked the Dockerfile{'s' if len(builds) > 1 else ''} of {services}{more}: {material.linting.lacking}."
    yield Draft(first.name, message, "Install hadolint.", first.place("build"))


def _remarks(material: Material) -> Iterator[tuple[Remark, Service]]:
    """Yield what the linter says, with the first service that builds the file."""
    project = material.resolution.project
    builds = {} if project is None else _builds(project)
    services = {file.path: service for file, service in builds.items()}
    for remark in material.linting.remarks(tuple(builds)):
        if remark.path not in services:
            raise LinterError(f"{remark.tool} speaks of {remark.path}, which it was not asked about.")
        yield remark, services[remark.path]


def _builds(project: Project) -> dict[Dockerfile, Service]:
    """Return the Dockerfiles that exist, each with the first service that builds it; IG202 tells those that do not."""
    found: dict[str, tuple[Dockerfile, Service]] = {}
    for service in project.services.values():
        file = _dockerfile(service)
        if file is not None:
            found.setdefault(file.path, (file, service))
    return dict(found.values())


def _dockerfile(service: Service) -> Dockerfile | None:
    build = service.build
    if build is None or build.inline or is_remote(build.context):
        return None
    path = os.path.normpath(Path(build.context, build.dockerfile or "Dockerfile"))
    return Dockerfile(path, build.context) if sightings.is_file(path) else None


def _draft(remark: Remark, service: Service, material: Material) -> Draft:
    place = Location(shown(Path(remark.path), material.linting.root), remark.line, remark.column)
    message = f"{remark.tool} {remark.rule} ({remark.level}): {remark.text}"
    return Draft(service.name, message, _remedy(remark), place)


def _remedy(remark: Remark) -> str:
    if not remark.page:
        return "Correct the line."
    of_hadolint = remark.tool == hadolint.PROGRAM
    accepting = f"hadolint ignore={remark.rule}, above it" if of_hadolint else f"check=skip={remark.rule}, at the top"
    return f"See {remark.page} (to accept it: # {accepting})."
