"""Checks of what becomes of a service's output (IG5xx)."""

from __future__ import annotations

from collections.abc import Iterator

from ..compose.model import Project
from ..compose.values import inner, text
from ..results import Severity
from .base import Draft, check

_UNBOUNDED = (None, "json-file")


@check("IG540", Severity.INFO, strict=Severity.ERROR)
def log_grows_without_bound(project: Project) -> Iterator[Draft]:
    """A service's log on the host has no greatest size, so that it fills the disk in the end.

    That is so with the driver ``json-file``, which is the engine's default, without ``max-size``. The engine's own
    configuration may give one; the file does not show that.

    References: Docker documentation, JSON File logging driver; OWASP Docker rule 7.

    Flagged::

        services:
          web:
            image: ours:1.0

    Accepted::

        services:
          web:
            image: ours:1.0
            logging:
              driver: json-file
              options: {max-size: 10m, max-file: "3"}
          other:
            image: ours:1.0
            logging: {driver: local}
    """
    for service in project.services.values():
        driver = text(inner(service.resolved, "logging"), "driver")
        if driver in _UNBOUNDED and "max-size" not in inner(service.resolved, "logging", "options"):
            message = f"The log of the driver {driver or 'json-file (the default)'} has no max-size."
            remedy = "Give logging the options max-size and max-file, or the driver local."
            yield Draft(service.name, message, remedy, service.place("logging"))


@check("IG541", Severity.WARNING, dev=Severity.INFO, strict=Severity.ERROR)
def log_thrown_away(project: Project) -> Iterator[Draft]:
    """A service's output is thrown away by the driver ``none``: nobody learns why it failed, nor does the gate.

    References: Docker documentation, configure logging drivers.

    Flagged::

        services:
          web:
            image: ours:1.0
            logging: {driver: none}

    Accepted::

        services:
          web:
            image: ours:1.0
            logging: {driver: local}
    """
    for service in project.services.values():
        if (text(inner(service.resolved, "logging"), "driver") or "").lower() == "none":
            remedy = "Use the driver local, or json-file with max-size."
            message = "What the service writes is thrown away: the logging driver is none."
            yield Draft(service.name, message, remedy, service.place("logging", "driver"))
