"""Checks of images and builds (IG2xx)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from .. import sightings
from ..compose.model import Build, Project
from ..results import Severity
from .base import Draft, check

_MOVING_TAGS = frozenset(
    {"latest", "stable", "edge", "nightly", "main", "master", "dev", "develop", "canary", "rolling"}
)
_REMOTE_CONTEXT = re.compile(r"^[a-z+]+://|^git@|\.git(?:#|$)|^github\.com/")


@check("IG201", Severity.WARNING, dev=Severity.INFO, strict=Severity.ERROR)
def floating_image_tag(project: Project) -> Iterator[Draft]:
    """An image without a fixed version may be another one tomorrow.

    Flagged is an image without a tag, or with one that is made to move (``latest``, ``stable``, ``main`` …), unless a
    digest fixes it. The ``image`` of a service with ``build`` only names the result, so it is not looked at.

    Flagged::

        services:
          cache:
            image: redis

    Accepted::

        services:
          cache:
            image: redis:7.4
          built:
            image: ours
            build: .
          pinned:
            image: redis:latest@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
    """
    for service in project.services.values():
        if service.image is None or service.build is not None or "@" in service.image:
            continue
        tag = service.image.rpartition("/")[2].partition(":")[2]
        if tag and tag not in _MOVING_TAGS:
            continue
        found = f"has the moving tag {tag!r}" if tag else "has no tag, which means 'latest'"
        remedy = "Name the version that was tested, for example with `docker image inspect` on the one that runs."
        yield Draft(service.name, f"The image {service.image!r} {found}.", remedy, service.place("image"))


@check("IG202", Severity.ERROR)
def build_file_missing(project: Project) -> Iterator[Draft]:
    """The folder or the Dockerfile of a build does not exist.

    Contexts that are addresses, and Dockerfiles written into the Compose file, are not looked at.

    Flagged::

        services:
          web:
            build: ./no-such-folder

    Accepted::

        services:
          web:
            build:
              context: .
              dockerfile_inline: FROM scratch
          other:
            build: https://example.com/other.git
    """
    for service in project.services.values():
        missing = None if service.build is None else _missing_of(service.build)
        if missing is not None and service.build is not None:
            place = service.build.location or service.place("build")
            yield Draft(service.name, f"{missing} does not exist.", "Correct the path, or add what is missing.", place)


def _missing_of(build: Build) -> str | None:
    """Return in words which part of a build does not exist."""
    if _REMOTE_CONTEXT.search(build.context):
        return None
    context = Path(build.context)
    if not sightings.is_dir(context):
        return f"The build context {str(context)!r}"
    dockerfile = context / (build.dockerfile or "Dockerfile")
    return None if build.inline or sightings.is_file(dockerfile) else f"The Dockerfile {str(dockerfile)!r}"
