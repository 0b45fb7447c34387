"""Checks of where variables get their values from: env files and their templates (IG80x).

Messages name variables, never values.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..compose.env_files import EnvFile, template_of
from ..compose.model import Project
from ..compose.uses import PASSED
from ..compose.variables import AbsentFile, Variables
from ..results import WHOLE_STACK, Severity
from .base import Draft, Material, check_of_material
from .naming import OF_TOOLS, named


@check_of_material("IG801", Severity.ERROR)
def dollar_sign_not_doubled(material: Material) -> Iterator[Draft]:
    """A dollar sign in the middle of a word makes Compose drop the rest of the word.

    Compose reads what follows ``$`` as the name of a variable. Where that has no value and the dollar sign stands inside
    a word that is no name (``pa$word``, a hash of a password), a dollar sign was meant, and must be written ``$$``; in
    an env file single quotes do it too. The message does not show the word, which may be a secret.

    References: Compose documentation, "Interpolation".

    Flagged::

        services:
          db:
            image: postgres:16
            environment:
              POSTGRES_PASSWORD: pa$infragateword

    Accepted::

        services:
          db:
            image: postgres:16
            environment:
              POSTGRES_PASSWORD: pa$$infragateword
    """
    accidental = material.resolution.variables.accidental
    unset = {variable.name for variable in material.resolution.unset}
    places = {use.location: use for name in sorted(unset & set(accidental)) for use in accidental[name]}
    for place, use in places.items():
        message = f"The value of {use.key} has a dollar sign inside a word: Compose takes what follows for a variable and drops it."
        yield Draft(use.service or WHOLE_STACK, message, "Write $$ where a dollar sign is meant.", place)


@check_of_material("IG802", Severity.WARNING)
def env_file_absent(material: Material) -> Iterator[Draft]:
    """A service names an env file that does not exist.

    Compose refuses the files where the service is active (IG101 says so, for the first such file); a service in an
    inactive profile fails only once somebody activates the profile. ``required: false`` is how Compose is told that a
    file may be absent.

    References: Compose documentation, "env_file".

    Flagged::

        services:
          web:
            image: nginx:1.27
          shell:
            image: busybox:1.36
            profiles: [debug]
            env_file: [infragate-debug.env]

    Accepted::

        services:
          web:
            image: nginx:1.27
          shell:
            image: busybox:1.36
            profiles: [debug]
            env_file: [{path: infragate-debug.env, required: false}]
    """
    variables = material.resolution.variables
    for file in variables.absent:
        remedy = f"{_how_to_get(file, variables.base)}, or say required: false where it may be absent."
        message = f"The env file {file.name} does not exist{_when_it_matters(file, material.resolution.project)}."
        yield Draft(file.service, message, remedy, file.location)


@check_of_material("IG803", Severity.ERROR, dev=Severity.WARNING)
def variable_not_given(material: Material) -> Iterator[Draft]:
    """A service's env file lacks a variable that the template beside it lists, and the service gets it from nowhere else.

    Templates are ``.env.example`` and the same with ``.sample``, ``.template`` or ``.dist``. Names in comments of the
    template are optional, and a file with less than half of the template's names was not made from it; both are left
    alone. So are variables that Compose files interpolate: they have a default, or IG102 speaks of them. Also told is a
    name that ``environment`` passes on without a value, where the template lists it and nothing sets it.

    Flagged::

        services:
          app:
            image: ours:1.0
            env_file: [app.env]
        # file: app.env
        API_URL=https://api.example.com
        # file: app.env.example
        API_URL=
        API_REGION=

    Accepted::

        services:
          app:
            image: ours:1.0
            env_file: [app.env]
        # file: app.env
        API_URL=https://api.example.com
        # file: app.env.example
        API_URL=
        # API_REGION=eu
    """
    resolution = material.resolution
    if resolution.project is None:
        return
    for service in resolution.project.services.values():
        for file in resolution.variables.given.get(service.name, ()):
            absent = _lacking(file, resolution.variables) - set(service.environment)
            if absent:
                remedy = f"Add it to {file.name}, or turn it into a comment in the template."
                message = f"{file.name} lacks {named(absent)}, which its template lists."
                yield Draft(service.name, message, remedy, service.place("env_file"))
    yield from _not_passed(resolution.project, resolution.variables)


@check_of_material("IG804", Severity.ERROR, dev=Severity.WARNING)
def template_lacks_variable(material: Material) -> Iterator[Draft]:
    """The Compose files need a variable that ``.env`` sets and the template beside it does not name.

    Whoever starts from the template gets an empty value or a refusal. Only variables without a default count; a name
    in a comment of the template is enough.

    Flagged::

        services:
          app:
            image: ours:${APP_TAG}
        # file: .env
        APP_TAG=1.2
        APP_PORT=80
        # file: .env.example
        APP_PORT=80

    Accepted::

        services:
          app:
            image: ours:${APP_TAG}
        # file: .env
        APP_TAG=1.2
        # file: .env.example
        APP_TAG=
    """
    variables = material.resolution.variables
    for file in variables.files:
        template = template_of(file.path, variables.base)
        if template is None:
            continue
        for name, assignment in file.last.items():
            needs = [use for use in variables.by_name.get(name, ()) if use.needs_value]
            if needs and name not in template.last and name not in template.hidden and not name.startswith(OF_TOOLS):
                message = (
                    f"{name} is needed here and set in {assignment.location}, but {template.name} does not name it."
                )
                remedy = f"Add {name} to {template.name}, without a value if it is a secret."
                yield Draft(needs[0].service or WHOLE_STACK, message, remedy, needs[0].location)


@check_of_material("IG805", Severity.WARNING, dev=Severity.INFO)
def env_file_differs_from_template(material: Material) -> Iterator[Draft]:
    """An env file has names that its template lacks, or the other way round, though nothing breaks by it yet.

    What breaks is IG102, IG803 or IG804. Names that Compose files give a default, names in comments of the template and
    those of the tools themselves (``COMPOSE_…``, ``DOCKER_…``) are left alone.

    Flagged::

        services:
          app:
            image: ours:1.0
        # file: .env
        OLD_FLAG=1
        # file: .env.example
        # nothing is needed

    Accepted::

        services:
          app:
            image: ours:1.0
        # file: .env
        OLD_FLAG=1
        # file: .env.example
        OLD_FLAG=
    """
    variables = material.resolution.variables
    given = {file for files in variables.given.values() for file in files}
    for file in dict.fromkeys((*variables.files, *sorted(given, key=lambda file: file.name))):
        template = template_of(file.path, variables.base)
        if template is None:
            continue
        extra = [name for name in file.last if name not in template.last and name not in template.hidden]
        extra = [name for name in extra if not name.startswith(OF_TOOLS) and not _is_needed(name, variables)]
        if extra:
            message = f"{file.name} sets {named(extra)}, which {template.name} does not name."
            remedy = f"Add the name to {template.name}, or remove it from {file.name}."
            yield Draft(WHOLE_STACK, message, remedy, file.last[extra[0]].location)
        absent = set() if file in given else _lacking(file, variables)
        if absent:
            message = f"{file.name} lacks {named(absent)}, which {template.name} lists."
            remedy = f"Add it to {file.name}, or turn it into a comment in the template."
            yield Draft(WHOLE_STACK, message, remedy, template.last[min(absent)].location)


def _when_it_matters(file: AbsentFile, project: Project | None) -> str:
    inactive = project is not None and file.service in project.inactive_services
    return f"; Compose will refuse to start {file.service} once its profile is active" if inactive else ""


def _how_to_get(file: AbsentFile, base: str) -> str:
    template = template_of(file.path, base)
    return f"Make it from {template.name}" if template else f"Write {file.name}"


def _lacking(file: EnvFile, variables: Variables) -> set[str]:
    """Return the names that the file's template lists, the file does not set, and Compose files do not interpolate."""
    template = template_of(file.path, variables.base)
    if template is None or 2 * len(template.last.keys() & file.last.keys()) < len(template.last):
        return set()
    elsewhere = variables.shell.keys() | variables.by_name.keys()
    return {name for name in template.last.keys() - file.last.keys() - elsewhere if not name.startswith(OF_TOOLS)}


def _not_passed(project: Project, variables: Variables) -> Iterator[Draft]:
    """Yield the names that ``environment`` passes on, a template lists and nothing sets."""
    templates = [template for file in variables.files if (template := template_of(file.path, variables.base))]
    listed_in = {name: template.name for template in templates for name in template.last}
    for use in variables.uses:
        service = project.services.get(use.service)
        if use.operator != PASSED or service is None or use.name in service.environment:
            continue
        if use.name in listed_in and use.name not in variables.set_names:
            message = f"environment passes {use.name} on, which {listed_in[use.name]} lists, but nothing sets it."
            remedy = f"Set {use.name} in {variables.files[-1].name}."
            yield Draft(use.service, message, remedy, use.location)


def _is_needed(name: str, variables: Variables) -> bool:
    return any(use.needs_value for use in variables.by_name.get(name, ()))
