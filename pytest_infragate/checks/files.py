"""Checks of the files as a whole (IG1xx), most of them Compose's own words."""

from __future__ import annotations

from collections.abc import Iterator

from ..compose.model import Project
from ..compose.uses import Use
from ..results import WHOLE_STACK, Location, Severity
from ..suggest import did_you_mean, listed
from .base import Draft, Material, check, check_of_material


@check_of_material("IG102", Severity.ERROR)
def unset_variable(material: Material) -> Iterator[Draft]:
    """A variable without a value is used, so that Compose puts nothing in its place.

    Compose only warns and goes on with an empty text: an image without a tag, a password that is empty, a mount of
    the root folder. A default (``${TAG:-1.27}``) says what is meant; ``${TAG:?}`` makes Compose refuse the file. What only
    services of inactive profiles use is left alone; a dollar sign that was meant as one is IG801.

    Flagged::

        services:
          web:
            image: nginx:1.27
            environment:
              GREETING: ${INFRAGATE_EXAMPLE_UNSET}

    Accepted::

        services:
          web:
            image: nginx:1.27
            environment:
              GREETING: ${INFRAGATE_EXAMPLE_UNSET:-hello}
    """
    variables, project = material.resolution.variables, material.resolution.project
    effect = ": Compose puts an empty text in its place" if project else ""
    for variable in material.resolution.unset:
        if variable.name in variables.accidental or _is_inactive(variables.by_name.get(variable.name, ()), project):
            continue
        yield Draft(
            _service_at(project, variable.location),
            f"The variable {variable.name} is not set{effect}.",
            f"Set {variable.name} in the environment or in .env, or give it a default: ${{{variable.name}:-value}}. "
            f"If a dollar sign is meant, write $${variable.name}.",
            variable.location,
        )


@check_of_material("IG103", Severity.WARNING, strict=Severity.ERROR)
def compose_warning(material: Material) -> Iterator[Draft]:
    """Docker Compose warns about the files.

    Unset variables are a check of their own (IG102); here is every other warning, for example about keys that are
    obsolete and have no effect.

    Flagged::

        version: "3.8"
        services:
          web:
            image: nginx:1.27

    Accepted::

        services:
          web:
            image: nginx:1.27
    """
    for warning in material.resolution.warnings:
        remedy = "Change the file so that `docker compose config` has nothing to warn about."
        yield Draft(WHOLE_STACK, f"Compose warns: {warning.text}.", remedy, warning.location)


@check_of_material("IG104", Severity.ERROR)
def policy_matches_nothing(material: Material) -> Iterator[Draft]:
    """The settings speak of something that the stack does not have.

    A rule for a service that was renamed or removed proves nothing any more, and nobody would notice. So settings
    must name services that exist: in ``services``, ``connectivity``, ``performance``, ``commands`` and ``scaling``.

    Flagged::

        services:
          api:
            image: ours:1.0
        # file: infragate.yaml
        services: {apii: {restarts: 1}}

    Accepted::

        services:
          api:
            image: ours:1.0
        # file: infragate.yaml
        services: {api: {restarts: 1}}
    """
    for gap in material.unmatched:
        remedy = "Correct the name in the settings, or remove the entry."
        yield Draft(gap.subject, f"{gap.message}.", remedy, gap.location)


@check_of_material("IG108", Severity.ERROR)
def environment_unusable(material: Material) -> Iterator[Draft]:
    """One of the environments that the settings name cannot be used.

    ``environments: {production: {files: [compose.yaml, compose.prod.yaml]}}`` promises that these files work together.
    Compose must accept each of them, with a value for every variable.

    Flagged::

        services:
          app:
            image: ours:1.0
        # file: compose.prod.yaml
        services:
          app:
            image: ours:${INFRAGATE_EXAMPLE_TAG}
        # file: infragate.yaml
        environments: {production: {files: [compose.yaml, compose.prod.yaml]}}

    Accepted::

        services:
          app:
            image: ours:1.0
        # file: compose.prod.yaml
        services:
          app:
            image: ours:1.1
        # file: infragate.yaml
        environments: {production: {files: [compose.yaml, compose.prod.yaml]}}
    """
    for name, resolution in material.environments:
        if resolution.project is None:
            error = " ".join(resolution.error.split())
            remedy = "`docker compose config` must accept the files of every environment."
            yield Draft(name, f"Environment {name} cannot be used: {error}", remedy, resolution.location)
        for variable in resolution.unset:
            message = f"In environment {name} the variable {variable.name} is not set."
            yield Draft(name, message, f"Set {variable.name} in an env file of {name}.", variable.location)


@check("IG105", Severity.ERROR)
def project_without_services(project: Project) -> Iterator[Draft]:
    """No service would be started: the files have none, or every one belongs to a profile that is not active.

    Flagged::

        services: {}

    Accepted::

        services:
          web:
            image: nginx:1.27
    """
    if project.services:
        return
    if project.inactive_services:
        message = f"No service is active: {listed(project.inactive_services, 'and')} belong to profiles that are not."
        remedy = f"Activate one of the profiles with --infragate-profile: {listed(project.known_profiles)}."
    else:
        message, remedy = "The Compose files have no service.", "Add the services that the tests need."
    yield Draft(WHOLE_STACK, message, remedy, project.location)


@check("IG106", Severity.ERROR)
def profile_names_no_service(project: Project) -> Iterator[Draft]:
    """A profile is activated that no service belongs to, so that it activates nothing.

    Flagged::

        # docker compose --profile debgu
        services:
          web:
            image: nginx:1.27
          shell:
            image: busybox:1.36
            profiles: [debug]

    Accepted::

        # docker compose --profile debug
        services:
          web:
            image: nginx:1.27
          shell:
            image: busybox:1.36
            profiles: [debug]
    """
    for profile in project.profiles:
        if profile not in (*project.known_profiles, "*"):
            known = (
                f"the files know {listed(project.known_profiles, 'and')}" if project.known_profiles else "there is none"
            )
            message = f"No service has the profile {profile!r}: {known}{did_you_mean(profile, project.known_profiles)}"
            yield Draft(WHOLE_STACK, message, "Correct the profile's name where it is chosen.", project.location)


def _is_inactive(uses: tuple[Use, ...], project: Project | None) -> bool:
    """Whether all uses of a variable are in services that the active profiles leave out."""
    return project is not None and bool(uses) and all(use.service in project.inactive_services for use in uses)


def _service_at(project: Project | None, place: Location | None) -> str:
    """Return the service in whose keys a line stands, else the whole stack."""
    if project is not None and place is not None:
        for service in project.services.values():
            if any((known.file, known.line) == (place.file, place.line) for known in service.places.values()):
                return service.name
    return WHOLE_STACK
