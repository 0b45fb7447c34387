"""Checks of healthchecks, order and names (IG5xx)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..compose.model import Healthcheck, Project, Service
from ..results import Severity
from .base import Draft, check

_ALWAYS_TRUE = re.compile(r"(?:\|\||;)\s*(?:true|:|exit\s+0|/bin/true)\s*;?\s*$|^\s*(?:true|:|exit\s+0|/bin/true)\s*$")
_CAN_FAIL = re.compile(r"\bexit\s+[1-9$]|\bfalse\b|\bset\s+-\w*e")
_ONLY_ECHO = re.compile(r"^\s*echo\b[^|;&$`<>]*$")
_SHELLS = re.compile(r"(?:^|/)(?:ba|da|a|z|k)?sh$")


@check("IG501", Severity.WARNING, strict=Severity.ERROR)
def dependency_health_without_healthcheck(project: Project) -> Iterator[Draft]:
    """A service waits for the health of another one whose file gives no healthcheck.

    Its image may have one; if it has not, ``docker compose up`` fails, but only then. Where the file switches the
    healthcheck off, it certainly fails.

    Flagged::

        services:
          api:
            image: ours:1.0
            depends_on:
              db: {condition: service_healthy}
          db:
            image: postgres:16

    Accepted::

        services:
          api:
            image: ours:1.0
            depends_on:
              db: {condition: service_healthy}
          db:
            image: postgres:16
            healthcheck:
              test: [CMD, pg_isready, -h, localhost]
    """
    for service in project.services.values():
        for needed in service.depends_on:
            target = project.services.get(needed.service)
            if needed.condition != "service_healthy" or target is None or _has_test(target):
                continue
            off = target.healthcheck is not None and target.healthcheck.disabled
            why = "switches its healthcheck off" if off else "has none in the file"
            message = f"It waits until {target.name!r} is healthy, but {target.name!r} {why}."
            remedy = f"Give {target.name!r} a healthcheck, or wait for service_started."
            yield Draft(service.name, message, remedy, needed.location or service.place("depends_on"))


@check("IG502", Severity.ERROR, dev=Severity.WARNING)
def healthcheck_cannot_fail(project: Project) -> Iterator[Draft]:
    """A healthcheck that ends with success whatever happens says nothing.

    Flagged is a test that ends in ``|| true``, ``; exit 0`` and the like, or that is only ``true`` or ``echo``.
    ``|| exit 1`` is fine.

    Flagged::

        services:
          web:
            image: nginx:1.27
            healthcheck:
              test: curl -f http://localhost/ || true

    Accepted::

        services:
          web:
            image: nginx:1.27
            healthcheck:
              test: curl -f http://localhost/ || exit 1
    """
    for service in project.services.values():
        check = service.healthcheck
        if check is not None and not check.disabled and _cannot_fail(check):
            message = "The healthcheck ends with success whatever happens, so the service is always healthy."
            remedy = "Let the test's own exit code through: remove what turns every failure into success."
            yield Draft(service.name, message, remedy, check.location or service.place("healthcheck"))


@check("IG503", Severity.WARNING, dev=Severity.INFO)
def fixed_container_name(project: Project) -> Iterator[Draft]:
    """A fixed ``container_name`` exists once per engine: a second stack of the same files cannot start beside it.

    A gate that runs under a project name of its own meets the developer's own stack there.

    Flagged::

        services:
          db:
            image: postgres:16
            container_name: our-db

    Accepted::

        services:
          db:
            image: postgres:16
            hostname: our-db
    """
    for service in project.services.values():
        if service.container_name is not None:
            message = f"The container is always called {service.container_name!r}, so only one such stack can run."
            remedy = "Remove container_name; inside the networks the service's own name or an alias serves."
            yield Draft(service.name, message, remedy, service.place("container_name"))


def _has_test(service: Service) -> bool:
    """Whether the file gives a test, or leaves the image's own one alone while it changes its times."""
    check = service.healthcheck
    return check is not None and not check.disabled


def _cannot_fail(check: Healthcheck) -> bool:
    kind, *words = check.test or ("",)
    if kind == "CMD" and len(words) > 2 and _SHELLS.search(words[0]) and words[1].endswith("c"):
        words = words[2:]
    elif kind == "CMD":
        return words[:1] in (["true"], ["/bin/true"], ["echo"])
    script = " ".join(words)
    return not _CAN_FAIL.search(script) and bool(_ALWAYS_TRUE.search(script) or _ONLY_ECHO.search(script))
