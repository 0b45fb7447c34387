"""Reads why ``docker compose up`` did not start a service, out of the engine's state and Compose's messages; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from .. import words
from ..compose.model import Project, Service
from ..process import Completed
from ..stack.state import ContainerState
from .symptoms import clean

_PROGRESS = re.compile(
    r"^(?:Creat|Start|Stopp?|Remov|Recreat|Restart|Wait|Runn|Pull|Build|Kill|Paus)(?:ing|ed)?$|^(?:Running|Healthy|Exited|Built|Error|Warning|Waiting)$"
)
_OF_CONTAINER = re.compile(r"^\s*Container (?P<name>\S+)\s+(?P<text>.+?)\s*$")
_STEP = re.compile(r"^\s*(?:Container|Network|Volume|Image|Service)?\s*\S+\s+\S+\s*$")


def error_of(done: Completed) -> str:
    """Return Compose's own error: its last words that are no progress."""
    return clean(_last_words(done))


def blamed(done: Completed, containers: Sequence[ContainerState]) -> tuple[str, ...]:
    """Return the services, of those with these containers, that Compose's own error is about."""
    said = _last_words(done)
    named = {one.service for one in containers if one.name in said or f'service "{one.service}"' in said}
    return tuple(sorted(named))


def _last_words(done: Completed) -> str:
    lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
    telling = [line for line in lines if not _STEP.match(line) and not _OF_CONTAINER.match(line)]
    complaints = [line for line in lines if (found := _OF_CONTAINER.match(line)) and not _PROGRESS.match(found["text"])]
    return (telling or complaints or [_wordless(done)])[-1]


def _wordless(done: Completed) -> str:
    """Return how Compose ended without an error of its own, as one that was killed does."""
    if done.exit_code < 0:
        return f"it was ended by {words.signal_name(str(-done.exit_code))} and said nothing of an error"
    return f"it ended with {words.exit_code(done.exit_code)} and said nothing of an error"


def of_service(project: Project, service: Service, containers: Sequence[ContainerState], done: Completed) -> str:
    """Return why a service's container could not be created or started, empty when nothing says so."""
    errors = [clean(state.error) for state in containers if state.error and state.started_at is None]
    return next(iter(errors), "") or next(_complaints(project, service, done), "")


def _complaints(project: Project, service: Service, done: Completed) -> Iterator[str]:
    """Yield the lines of Compose that are about this service and are no progress."""
    name = re.escape(service.container_name or "") or rf"{re.escape(project.name)}[-_]{re.escape(service.name)}[-_]\d+"
    for line in done.stderr.splitlines():
        match = _OF_CONTAINER.match(line)
        if match and re.fullmatch(name, match["name"]) and not _PROGRESS.match(match["text"]):
            yield clean(match["text"])
        elif (service.image and not done.ok and f"image: {service.image}" in line) or re.match(
            rf'^(?:service|Service) "?{re.escape(service.name)}"?\b', line.strip()
        ):
            yield clean(line.strip())
