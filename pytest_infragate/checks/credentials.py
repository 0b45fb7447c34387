"""Checks of secrets that stand in Compose files (IG610 to IG614); none of them shows a value."""

from __future__ import annotations

from collections.abc import Iterator

from ..check_options import fits
from ..compose.credentials import defaults, is_credential_name, is_literal, option_values, url_passwords
from ..compose.node import Node
from ..results import Location, Severity
from . import written
from .base import Draft, Material, check_of_material

_VAULT = "Take it from the environment or an ignored .env (${NAME:?}), or hand it over as a Compose secret."
_COMMANDS = (("command",), ("entrypoint",), ("healthcheck", "test"))


@check_of_material("IG610", Severity.WARNING, dev=Severity.INFO, strict=Severity.ERROR)
def literal_secret(material: Material) -> Iterator[Draft]:
    """A password or key stands in the Compose file, so that everybody who reads the file has it.

    Flagged is a value under a name such as ``DB_PASSWORD``, and a password inside a URL. Names of files
    (``DB_PASSWORD_FILE``), variables and switches are not.

    Options: ``public_names``, variables that hold no secret whatever their names, with ``*`` for any text
    (``MAPS_API_KEY``); it holds for IG611 too.

    References: OWASP Docker rule 12; Compose documentation on secrets.

    Flagged::

        services:
          app:
            image: ours:1.0
            environment:
              ADMIN_PASSWORD: example-only

    Accepted::

        services:
          app:
            image: ours:1.0
            environment:
              ADMIN_PASSWORD: ${INFRAGATE_EXAMPLE_HOME:-}
              ADMIN_PASSWORD_FILE: /run/secrets/admin
              ALLOW_EMPTY_PASSWORD: "yes"
    """
    for found in written.assignments(material.resolution, "environment"):
        value = found.value or ""
        if _names_secret(found.name, material) and is_literal(value):
            yield Draft(found.service, f"The value of {found.name} stands in the file.", _VAULT, found.location)
        elif any(map(is_literal, url_passwords(value))):
            message = f"The URL in {found.name} holds a password."
            yield Draft(found.service, message, _VAULT, found.location)


@check_of_material("IG611", Severity.WARNING, dev=Severity.INFO, strict=Severity.ERROR)
def default_secret(material: Material) -> Iterator[Draft]:
    """A password or key has a default that stands in the file; where nobody sets it, everybody knows it.

    References: OWASP Docker rule 12; Compose documentation on interpolation.

    Flagged::

        services:
          app:
            image: ours:1.0
            environment:
              ADMIN_PASSWORD: ${INFRAGATE_EXAMPLE_PASSWORD:-example-only}

    Accepted::

        services:
          app:
            image: ours:1.0
            environment:
              GREETING: ${INFRAGATE_EXAMPLE_GREETING:-hello}
    """
    for found in written.assignments(material.resolution, "environment"):
        for name, _ in defaults(found.value or ""):
            if _names_secret(name, material) or (_names_secret(found.name, material) and _is_whole(found.value)):
                message = f"{found.name} has a default for {name} that stands in the file."
                remedy = f"Demand it instead: ${{{name}:?set a secret}}."
                yield Draft(found.service, message, remedy, found.location)


@check_of_material("IG612", Severity.WARNING, dev=Severity.INFO, strict=Severity.ERROR)
def literal_secret_in_command(material: Material) -> Iterator[Draft]:
    """A password stands in a command, an entrypoint, a healthcheck or a label.

    It is in the file, in ``docker inspect`` and in the list of processes.

    References: OWASP Docker rule 12.

    Flagged::

        services:
          cache:
            image: redis:7.4
            command: redis-server --requirepass example-only

    Accepted::

        services:
          cache:
            image: redis:7.4
            command: redis-server /run/secrets/redis.conf
    """
    for service, option, value, place in _in_commands(material):
        if is_literal(value):
            yield Draft(service, f"The secret after {option} stands in the file.", _VAULT, place)
    for found in written.assignments(material.resolution, "labels"):
        if is_credential_name(found.name) and is_literal(found.value or ""):
            yield Draft(
                found.service, f"The value of the label {found.name} stands in the file.", _VAULT, found.location
            )


@check_of_material("IG613", Severity.WARNING, dev=Severity.INFO, strict=Severity.ERROR)
def secret_in_build_argument(material: Material) -> Iterator[Draft]:
    """A secret is handed to a build as an argument, which stays readable in the history of the image.

    References: OWASP Docker rule 12; Docker documentation on build secrets.

    Flagged::

        services:
          app:
            build:
              context: .
              args:
                REGISTRY_TOKEN: ${INFRAGATE_EXAMPLE_TOKEN:-}

    Accepted::

        services:
          app:
            build:
              context: .
              secrets: [registry]
        secrets:
          registry:
            environment: HOME
    """
    for found in written.assignments(material.resolution, "build", "args"):
        if is_credential_name(found.name) and found.value != "":
            message = f"The build argument {found.name} is a secret, and stays in the history of the image."
            remedy = "Hand it over as a build secret: build.secrets here, RUN --mount=type=secret in the Dockerfile."
            yield Draft(found.service, message, remedy, found.location)


@check_of_material("IG614", Severity.INFO, strict=Severity.WARNING)
def secret_visible_in_command(material: Material) -> Iterator[Draft]:
    """A secret is put into a command by a variable: who may list processes or inspect the container reads it.

    References: OWASP Docker rule 12.

    Flagged::

        services:
          cache:
            image: redis:7.4
            command: redis-server --requirepass ${INFRAGATE_EXAMPLE_PASSWORD:-}

    Accepted::

        services:
          cache:
            image: redis:7.4
            command: redis-server /run/secrets/redis.conf
    """
    for service, option, value, place in _in_commands(material):
        if "$" in value and not value.startswith("$$"):
            message = f"Compose puts a secret into the command, after {option}."
            remedy = "Let the service read it from a file or from its environment."
            yield Draft(service, message, remedy, place)


def _in_commands(material: Material) -> Iterator[tuple[str, str, str, Location]]:
    """Yield service, option, value as written and place of each secret that a command names."""
    seen: set[Location] = set()
    for service, node in written.services(material.resolution):
        for path in _COMMANDS:
            below = node.get(*path)
            if below is not None and below.location not in seen:
                seen.add(below.location)
                for option, value in option_values(written.words(below)):
                    yield service, option, value, _place(below, value)


def _place(node: Node, value: str) -> Location:
    """Return where in a command a word stands."""
    return next((element.location for element in node.elements if value and value in element.text), node.location)


def _names_secret(name: str, material: Material) -> bool:
    return is_credential_name(name) and not fits(name, material.options.public_names)


def _is_whole(value: str | None) -> bool:
    """Whether a value is one reference and nothing around it."""
    return value is not None and value.startswith("${") and value.endswith("}")
