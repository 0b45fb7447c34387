"""Checks of variables that are set in vain: shadowed, set twice, empty or used by nothing (IG81x).

Messages name variables and who wins, never values.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

from .. import sightings
from ..compose.env_files import Assignment, EnvFile, template_of
from ..compose.model import Service
from ..compose.source import SourceError, read_text
from ..compose.uses import Use
from ..compose.variables import Variables
from ..results import WHOLE_STACK, Severity
from .base import Draft, Material, check_of_material
from .naming import OF_TOOLS, named

_NAME = re.compile(r"\$\{?([A-Za-z_]\w*)", re.ASCII)
_PASSED_NAME = re.compile(r"^\s*-?\s*([A-Za-z_]\w*):?\s*$", re.MULTILINE | re.ASCII)
_COMPOSE_FILE = re.compile(r"compose.*\.ya?ml$", re.IGNORECASE)
_MAY_BE_EMPTY = frozenset({"ports", "published"})
_SECRET_NAME = re.compile(r"PASS(?:WORD|WD)?$|SECRET|TOKEN|_KEY$|CREDENTIAL", re.IGNORECASE)


@check_of_material("IG810", Severity.WARNING, dev=Severity.INFO)
def shell_wins_over_env_file(material: Material) -> Iterator[Draft]:
    """A variable has one value in the shell and another in ``.env``: the shell's is used.

    That is how Compose works, and often a surprise: a variable that was exported once outlives every change of the file,
    and another machine gets another stack. Only variables that the Compose files use count.

    References: Compose documentation, "Environment variables precedence".

    Flagged::

        services:
          app:
            image: ours:1.0
            environment: {WHERE: "${HOME}"}
        # file: .env
        HOME=/nowhere

    Accepted::

        services:
          app:
            image: ours:1.0
            environment: {WHERE: "${APP_HOME}"}
        # file: .env
        APP_HOME=/nowhere
    """
    variables = material.resolution.variables
    for file in variables.files:
        for name, assignment in file.last.items():
            said = variables.shell.get(name)
            if said is None or name not in variables.by_name or not _differs(assignment, said):
                continue
            message = f"{name} has another value in the shell than in {file.name}: the shell's wins."
            remedy = f"Unset {name} in the shell, or remove it from {file.name}."
            yield Draft(WHOLE_STACK, message, remedy, assignment.location)


@check_of_material("IG811", Severity.INFO, strict=Severity.WARNING)
def environment_wins_over_env_file(material: Material) -> Iterator[Draft]:
    """A service gets a variable from its env file with one value and from ``environment`` with another: the latter is used.

    Often that is meant: one file for the program on the host and in the container. But who changes the env file changes
    nothing.

    References: Compose documentation, "Environment variables precedence".

    Flagged::

        services:
          app:
            image: ours:1.0
            env_file: [app.env]
            environment: {LEVEL: info}
        # file: app.env
        LEVEL=debug

    Accepted::

        services:
          app:
            image: ours:1.0
            env_file: [app.env]
            environment: {COLOUR: blue}
        # file: app.env
        LEVEL=debug
    """
    resolution = material.resolution
    if resolution.project is None:
        return
    for service in resolution.project.services.values():
        for file in resolution.variables.given.get(service.name, ()):
            for name, assignment in file.last.items():
                if _is_written(service, name) and _differs(assignment, service.environment.get(name, "")):
                    message = f"{name} has another value in environment than in {file.name}: environment wins."
                    remedy = f"Remove {name} from one of them."
                    yield Draft(service.name, message, remedy, service.place("environment", name))


@check_of_material("IG812", Severity.WARNING, dev=Severity.INFO)
def env_value_reaches_no_service(material: Material) -> Iterator[Draft]:
    """``.env`` sets a variable that a service's ``environment`` gives another value, and nothing else uses it.

    Compose does not hand ``.env`` to containers: it only replaces ``${NAME}`` in the Compose files by what the file says.
    So the value in ``.env`` has no effect, though it looks as if it had. ``${NAME}`` in ``environment``, or the name
    without a value, would pass it on.

    References: Compose documentation, "Interpolation"; "Environment variables precedence".

    Flagged::

        services:
          app:
            image: ours:1.0
            environment: {LEVEL: info}
        # file: .env
        LEVEL=debug

    Accepted::

        services:
          app:
            image: ours:1.0
            environment: {LEVEL: "${LEVEL}"}
        # file: .env
        LEVEL=debug
    """
    resolution = material.resolution
    variables = resolution.variables
    if resolution.project is None:
        return
    given = {file.path for files in variables.given.values() for file in files}
    for file in variables.files:
        for name, assignment in file.last.items():
            if file.path in given or name in variables.by_name:
                continue
            services = [one for one in resolution.project.services.values() if name in one.environment]
            if services and all(
                _is_written(one, name) and _differs(assignment, one.environment[name]) for one in services
            ):
                message = f"{name} in {assignment.location} does not reach the service: environment has its own value."
                remedy = f"Write {name}: ${{{name}}} in environment, or remove it from {file.name}."
                yield Draft(services[0].name, message, remedy, services[0].place("environment", name))


@check_of_material("IG813", Severity.WARNING)
def env_file_sets_name_twice(material: Material) -> Iterator[Draft]:
    """An env file sets a name twice with different values: the last one is used.

    With the lines ``LEVEL=debug`` and ``LEVEL=info`` in ``.env``, this check warns.

    Flagged::

        services:
          app:
            image: ours:1.0
            environment: {LEVEL: "${LEVEL}"}
        # file: .env
        LEVEL=debug
        LEVEL=info

    Accepted::

        services:
          app:
            image: ours:1.0
            environment: {LEVEL: "${LEVEL}"}
        # file: .env
        LEVEL=info
    """
    for file in _all_files(material.resolution.variables):
        for one in file.assignments:
            last = file.last[one.name]
            if one is not last and one.text != last.text:
                message = (
                    f"{one.name} is set here and, with another value, in line {last.location.line}: the last wins."
                )
                yield Draft(WHOLE_STACK, message, "Remove one of the lines.", one.location)


@check_of_material("IG814", Severity.WARNING, dev=Severity.INFO)
def variable_left_empty(material: Material) -> Iterator[Draft]:
    """``.env`` sets a variable to nothing where the Compose files need a value: a secret, or what the template fills in.

    Compose warns of variables that are not set; of empty ones it does not. Uses with a default (``${NAME:-default}``)
    are fine, and so is an empty host port, for which the engine chooses one.

    Flagged::

        services:
          app:
            image: ours:1.0
            environment: {DB_PASSWORD: "${DB_PASSWORD}"}
        # file: .env
        DB_PASSWORD=

    Accepted::

        services:
          app:
            image: ours:1.0
            environment: {DB_PASSWORD: "${DB_PASSWORD}"}
        # file: .env
        DB_PASSWORD=example-only
    """
    variables = material.resolution.variables
    for file in variables.files:
        template = template_of(file.path, variables.base)
        for name, assignment in file.last.items():
            uses = [use for use in variables.by_name.get(name, ()) if _misses_its_value(use)]
            filled_in = template is not None and name in template.last and bool(template.last[name].text)
            if assignment.text or not uses or variables.shell.get(name) or not (filled_in or _SECRET_NAME.search(name)):
                continue
            message = (
                f"{name} is empty in {assignment.location}: Compose puts an empty text in its place, without a word."
            )
            remedy = f"Give {name} a value, or a default where it is used: ${{{name}:-value}}."
            yield Draft(uses[0].service or WHOLE_STACK, message, remedy, uses[0].location)


@check_of_material("IG815", Severity.INFO, strict=Severity.WARNING)
def env_variable_unused(material: Material) -> Iterator[Draft]:
    """``.env`` sets variables that no Compose file of the folder uses and no service gets.

    Other programs may read the file, so this is a hint. ``COMPOSE_…`` and ``DOCKER_…``, names that other lines of the file
    use, and files that ``env_file`` gives to services are left alone.

    Flagged::

        services:
          app:
            image: ours:1.0
        # file: .env
        OLD_TAG=1.2

    Accepted::

        services:
          app:
            image: ours:${APP_TAG}
        # file: .env
        APP_TAG=1.2
    """
    variables = material.resolution.variables
    given = {file.path for files in variables.given.values() for file in files}
    files = [file for file in variables.files if file.path not in given]
    known = _names_in_folder(variables) if files else frozenset[str]()
    for file in files:
        own = {name for one in file.assignments if not one.literal for name in _NAME.findall(one.text)}
        unused = [name for name in file.last if name not in known | own and not name.startswith(OF_TOOLS)]
        if unused:
            message = f"{file.name} sets {named(unused)}, which no Compose file of this folder uses."
            yield Draft(WHOLE_STACK, message, "Remove what nobody needs.", file.last[unused[0]].location)


def _misses_its_value(use: Use) -> bool:
    return use.operator == "" and not use.nested and use.key not in _MAY_BE_EMPTY


def _is_written(service: Service, name: str) -> bool:
    """Whether the Compose file itself writes a variable, as opposed to an env file."""
    place = service.places.get(("environment", name))
    return place is not None and place != service.places.get(("env_file",))


def _differs(assignment: Assignment, value: str) -> bool:
    return assignment.is_plain and assignment.text != value


def _all_files(variables: Variables) -> Iterable[EnvFile]:
    return {file.path: file for file in chain(variables.files, *variables.given.values())}.values()


def _names_in_folder(variables: Variables) -> frozenset[str]:
    """Return every name that the files here, or any other Compose file of the folder, may use."""
    found = {use.name for use in variables.uses}
    folder = variables.default.parent
    for name in sightings.names_in(folder):
        text = _text(folder / name) if _COMPOSE_FILE.search(name) else ""
        found.update(_NAME.findall(text), _PASSED_NAME.findall(text))
    return frozenset(found)


def _text(path: Path) -> str:
    try:
        return read_text(path)
    except SourceError:
        return ""
