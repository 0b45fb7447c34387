"""Checks of images and builds (IG2xx)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from .. import sightings
from ..check_options import CheckOptions, fits
from ..compose.model import Build, Project, Service
from ..compose.stores import tag
from ..compose.values import inner, objects, pairs, text
from ..results import Severity
from ..suggest import listed
from .base import Draft, Material, check, check_of_material, check_with_options
from .machine import ARCHITECTURES

_REMOTE_CONTEXT = re.compile(r"^[a-z+]+://|^git@|\.git(?:#|$)|^github\.com/")


@check_with_options("IG201", Severity.WARNING, dev=Severity.INFO, strict=Severity.ERROR)
def floating_image_tag(project: Project, options: CheckOptions) -> Iterator[Draft]:
    """An image without a fixed version may be another one tomorrow.

    Flagged is an image without a tag, or with one that is made to move (``latest``, ``stable``, ``main`` …), unless a
    digest fixes it. The ``image`` of a service with ``build`` only names the result, so it is not looked at.

    Options: ``moving_tags``, a list in place of ``latest``, ``stable``, ``edge``, ``nightly``, ``main``, ``master``, ``dev``,
    ``develop``, ``canary`` and ``rolling``; ``floating_images``, images that need no fixed version (``ours/*``).

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
        if not _floats(service.image, options.moving_tags) or fits(service.image, options.floating_images):
            continue
        found = (
            f"has the moving tag {tag(service.image)!r}" if tag(service.image) else "has no tag, which means 'latest'"
        )
        remedy = "Name the version that was tested, for example with `docker image inspect` on the one that runs."
        yield Draft(service.name, f"The image {service.image!r} {found}.", remedy, service.place("image"))


@check("IG202", Severity.ERROR)
def build_file_missing(project: Project) -> Iterator[Draft]:
    """The folder, the Dockerfile, a further context or a secret's file of a build does not exist.

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
        if service.build is not None:
            for missing in _missing_of(service, service.build, project):
                place = service.build.location or service.place("build")
                yield Draft(
                    service.name, f"{missing} does not exist.", "Correct the path, or add what is missing.", place
                )


@check_with_options("IG210", Severity.INFO, strict=Severity.WARNING)
def image_without_digest(project: Project, options: CheckOptions) -> Iterator[Draft]:
    """An image is named by its tag alone, and whoever owns the repository can put another image behind it.

    Images without a fixed tag are IG201. What is built here is not looked at.

    References: CIS Docker 5.28; OWASP Docker rule 13.

    Flagged::

        services:
          cache:
            image: redis:7.4

    Accepted::

        services:
          cache:
            image: redis:7.4@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
          built:
            build: .
    """
    for service in project.services.values():
        if service.image is None or service.build is not None or "@" in service.image:
            continue
        if not _floats(service.image, options.moving_tags):
            message = f"The image {service.image!r} is fixed by no digest."
            remedy = "Add the digest of the image that was tested: NAME:TAG@sha256:…"
            yield Draft(service.name, message, remedy, service.place("image"))


@check_of_material("IG212", Severity.WARNING, dev=Severity.INFO)
def foreign_platform(material: Material) -> Iterator[Draft]:
    """A service asks for another kind of machine than this one; it runs slowly in emulation, or not at all.

    References: Compose documentation on platform.

    Flagged::

        services:
          app:
            image: ours:1.0
            platform: linux/s390x

    Accepted::

        services:
          app:
            image: ours:1.0
    """
    here = material.machine.architecture
    for service in () if material.resolution.project is None else material.resolution.project.services.values():
        wanted = _architecture(text(service.resolved, "platform") or "")
        if wanted and here and wanted != here:
            message = f"The platform {wanted} is asked for, but this machine is {here}."
            remedy = "Remove platform, or choose by a variable: platform: ${PLATFORM:-linux/amd64}."
            yield Draft(service.name, message, remedy, service.place("platform"))


@check_with_options("IG224", Severity.ERROR, dev=Severity.WARNING)
def image_not_allowed(project: Project, options: CheckOptions) -> Iterator[Draft]:
    """An image is none of those that the project allows.

    Nothing is flagged until the settings name some. Names are compared as the Compose file writes them, without a digest.
    What is built here is not looked at.

    Options: ``allowed_images``, the images that may be used, with ``*`` for any text (``postgres:*``, ``registry.example/*``).

    References: OWASP Docker rule 13.

    Flagged::

        services:
          cache:
            image: redis:7.4
        # file: infragate.yaml
        checks: {options: {IG224: {allowed_images: ["ours/*"]}}}

    Accepted::

        services:
          cache:
            image: ours/redis:7.4
        # file: infragate.yaml
        checks: {options: {IG224: {allowed_images: ["ours/*"]}}}
    """
    for service in project.services.values():
        if service.image is None or service.build is not None or not options.allowed_images:
            continue
        name = service.image.partition("@")[0]
        if not fits(name, options.allowed_images):
            message = f"The image {name!r} is none of the allowed ones: {listed(options.allowed_images)}."
            remedy = "Take an allowed one, or add it to checks.options.IG224.allowed_images."
            yield Draft(service.name, message, remedy, service.place("image"))


@check("IG220", Severity.INFO)
def build_under_pullable_name(project: Project) -> Iterator[Draft]:
    """A service has ``build`` and ``image``: Compose first tries to pull the image, and builds only where that fails.

    Where a registry has an image of that name, it runs instead of what was built. ``pull_policy: build`` rules that out.

    References: Compose documentation on build and pull_policy.

    Flagged::

        services:
          app:
            image: ours:1.0
            build: .

    Accepted::

        services:
          app:
            image: ours:1.0
            build: .
            pull_policy: build
    """
    for service in project.services.values():
        if service.build is not None and service.image and text(service.resolved, "pull_policy") is None:
            message = f"What is built is called {service.image!r}; a pull takes that name from a registry."
            yield Draft(
                service.name, message, "Add pull_policy: build, or leave the name away.", service.place("image")
            )


def is_remote(context: str) -> bool:
    """Return whether a build context is an address, not a folder of this machine."""
    return bool(_REMOTE_CONTEXT.search(context))


def _floats(image: str, moving: frozenset[str]) -> bool:
    """Whether an image has no tag or one that is made to move."""
    found = tag(image)
    return not found or found in moving


def _architecture(platform: str) -> str:
    """``linux/arm64/v8`` -> ``arm64``, in the names that Docker uses; other systems than Linux are not looked at."""
    system, _, wanted = platform.partition("/")
    if system != "linux":
        return ""
    return ARCHITECTURES.get(wanted.partition("/")[0], wanted.partition("/")[0])


def _missing_of(service: Service, build: Build, project: Project) -> Iterator[str]:
    """Yield in words which parts of a build do not exist."""
    missing = _missing_file(build)
    if missing is not None:
        yield missing
    section = inner(service.resolved, "build")
    for name, context in pairs(section, "additional_contexts").items():
        if ":" not in context and not sightings.exists(Path(build.context, context)):
            yield f"The further build context {name!r} ({context})"
    for secret in objects(section, "secrets"):
        known = project.secrets.get(text(secret, "source") or "")
        if known is not None and known.file and not sightings.exists(known.file):
            yield f"{known.file}, the file of the build secret {known.key!r},"


def _missing_file(build: Build) -> str | None:
    """Return in words whether context or Dockerfile do not exist."""
    if is_remote(build.context):
        return None
    context = Path(build.context)
    if not sightings.is_dir(context):
        return f"The build context {str(context)!r}"
    dockerfile = context / (build.dockerfile or "Dockerfile")
    return None if build.inline or sightings.is_file(dockerfile) else f"The Dockerfile {str(dockerfile)!r}"
