"""Checks of whether Compose accepts the files at all, and who has said so (IG101, IG120)."""

from __future__ import annotations

from collections.abc import Iterator

from ..compose.messages import Complaint
from ..compose.resolve import Resolution
from ..results import WHOLE_STACK, Location, Severity
from ..suggest import listed
from .base import Draft, Material, check_of_material


@check_of_material("IG101", Severity.ERROR)
def compose_configuration_invalid(material: Material) -> Iterator[Draft]:
    """Docker Compose refuses the files.

    The installed Compose is asked what the files mean, so that what it accepts and refuses here is exactly what it
    would accept and refuse when the stack is started. Its own error is shown first. It tells only one, so infragate
    reads the files as well and tells everything else that it finds wrong, each with its place: unknown keys, values of
    the wrong form, references to nothing, missing files, required variables without a value, circles.

    Without Docker Compose (see IG120) infragate's own reading decides.

    Flagged::

        services:
          web:
            imagee: nginx:1.27

    Accepted::

        services:
          web:
            image: nginx:1.27
    """
    resolution = material.resolution
    if resolution.project is None:
        yield from _refused(resolution)


def _refused(resolution: Resolution) -> Iterator[Draft]:
    """Tell Compose's own error, then everything else that is wrong, line by line."""
    unset = [one.name for one in resolution.unset if one.name not in resolution.variables.accidental]
    hint = f" These variables have no value, which may be the cause: {listed(unset, 'and')}." if unset else ""
    # An error without a place, such as that there is no file at all, says itself what to do.
    remedy = f"`docker compose config` must accept the files.{hint}" if resolution.location or hint else ""
    error = " ".join(resolution.error.split())
    told = _on_line(resolution.problems, resolution.location)
    if told is not None and told.text not in error:
        error = f"{error} ({told.text})"
    yield Draft(WHOLE_STACK, f"The Compose configuration cannot be used: {error}", remedy, resolution.location)
    for problem in resolution.problems:
        if problem is not told:
            yield Draft(WHOLE_STACK, problem.text, "Correct it as the Compose specification says.", problem.location)


def _on_line(problems: tuple[Complaint, ...], place: Location | None) -> Complaint | None:
    """Return the first problem on the line of a place."""
    line = None if place is None else (place.file, place.line)
    return next((one for one in problems if one.location and (one.location.file, one.location.line) == line), None)


@check_of_material("IG120", Severity.WARNING, dev=Severity.INFO)
def compose_not_asked(material: Material) -> Iterator[Draft]:
    """Docker Compose could not be asked what the files mean, and infragate has read them itself.

    It merges, interpolates and validates them by the rules of the Compose specification, and the other checks look at
    what comes of it. What only Compose can say stays unproven: whether the version that will start the stack accepts
    every key and value. Files that are included or extended from a network make the configuration unusable here.
    """
    reason = " ".join(material.resolution.not_asked.split())
    if reason:
        yield Draft(
            WHOLE_STACK,
            f"Docker Compose was not asked whether it accepts the files, they were read without it: {reason}",
            "Install the Compose plugin of the docker CLI where the files have to be proven valid for Compose itself.",
        )
