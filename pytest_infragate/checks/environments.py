"""Checks of the environments that the settings name, compared with each other (IG82x).

Messages name variables, never values, save for words such as ``true`` and ``development`` that are no secret anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from .. import sightings
from ..compose.env_files import EnvFile, read_env_file
from ..compose.resolve import Resolution
from ..results import Location, Severity
from ..suggest import listed
from .base import Draft, Material, check_of_material
from .naming import OF_TOOLS, named

_PRODUCTION = re.compile(r"(?:^|[._-])(?:prod|production|live)(?:[._-]|$)", re.IGNORECASE)
_STAGE = re.compile(r"^\.env\.(?:dev|develop|development|stage|staging|prod|production|live)$")
_DEBUG_NAME = re.compile(r"(?:^|_)(?:DEBUG|DEBUG_MODE|TEMPLATE_DEBUG|DEVELOPMENT|DEV_MODE)$", re.IGNORECASE)
_DEBUG_WORDS = frozenset({"1", "true", "yes", "on"})
_STAGE_NAME = re.compile(
    r"^(?:NODE_ENV|APP_ENV|RAILS_ENV|RACK_ENV|FLASK_ENV|DJANGO_ENV|MIX_ENV|GO_ENV|PHP_ENV|ENV|ENVIRONMENT|STAGE"
    r"|APP_ENVIRONMENT|ASPNETCORE_ENVIRONMENT|DOTNET_ENVIRONMENT|DEPLOY_ENV|SPRING_PROFILES_ACTIVE)$",
    re.IGNORECASE,
)
_STAGE_WORDS = frozenset({"dev", "develop", "development", "local", "test", "testing"})
_LEVEL_NAME = re.compile(r"(?:^|_)LOG_?LEVEL$", re.IGNORECASE)
_LEVEL_WORDS = frozenset({"debug", "trace"})
_JUDGED = ((_DEBUG_NAME, _DEBUG_WORDS), (_STAGE_NAME, _STAGE_WORDS), (_LEVEL_NAME, _LEVEL_WORDS))


@dataclass(frozen=True)
class _Side:
    """What one environment says of one thing: the names that it sets, each with its place."""

    environment: str
    names: Mapping[str, Location]
    place: Location | None


@check_of_material("IG820", Severity.WARNING, dev=Severity.INFO)
def environments_differ_in_variables(material: Material) -> Iterator[Draft]:
    """A variable is set in one environment and not in another, so that what worked in one may fail in the other.

    Compared are the environments of the settings: the names in their env files, and for each service those that it gets.
    Values may differ, that is what environments are for. Debug switches may be absent from production. Without
    ``environments`` in the settings, env files named after stages (``.env.dev``, ``.env.staging``, ``.env.production``) are
    compared with each other.

    Flagged::

        services:
          app:
            image: ours:1.0
        # file: .env.staging
        MAIL_URL=smtp://mail.example.com
        LEVEL=info
        # file: .env.production
        LEVEL=info

    Accepted::

        services:
          app:
            image: ours:1.0
        # file: .env.staging
        LEVEL=debug
        # file: .env.production
        LEVEL=info
    """
    for what, sides in _compared(material):
        everything: dict[str, Location] = {}
        for side in sides:
            everything = {**side.names, **everything}
        for side in sides:
            absent = [name for name in everything if name not in side.names and not _may_lack(side, name)]
            if absent:
                having = [other.environment for other in sides if any(name in other.names for name in absent)]
                message = f"{side.environment} does not set {named(absent)}{what}, unlike {listed(having, 'and')}."
                remedy = f"Set it for {side.environment} too, or nowhere."
                place = side.place or everything[absent[0]]
                yield Draft(side.environment, message, remedy, place)


@check_of_material("IG821", Severity.WARNING, dev=Severity.INFO, strict=Severity.ERROR)
def debug_switch_in_production(material: Material) -> Iterator[Draft]:
    """A debug switch is on in production: ``DEBUG=true``, ``NODE_ENV=development``, ``LOG_LEVEL=debug``.

    Production is an environment of the settings with such a name (``prod``, ``production``, ``live``), or the stack
    itself where one of its files is named so (``compose.prod.yaml``, ``.env.production``). Debug modes show sources,
    variables and stack traces to whoever asks.

    Flagged::

        services:
          app:
            image: ours:1.0
        # file: compose.prod.yaml
        services:
          app:
            environment: {DEBUG: "true"}
        # file: infragate.yaml
        compose: {files: [compose.yaml, compose.prod.yaml]}

    Accepted::

        services:
          app:
            image: ours:1.0
        # file: compose.dev.yaml
        services:
          app:
            environment: {DEBUG: "true"}
        # file: infragate.yaml
        compose: {files: [compose.yaml, compose.dev.yaml]}
    """
    told = set()
    for name, resolution in _productions(material):
        if resolution.project is None:
            continue
        for service in resolution.project.services.values():
            for key, value in service.environment.items():
                place = service.place("environment", key)
                if _is_debug(key, value) and (service.name, key, place) not in told:
                    told.add((service.name, key, place))
                    message = f"{key} is {value!r} in {name}."
                    yield Draft(service.name, message, f"Turn it off for {name}.", place)


def _compared(material: Material) -> Iterator[tuple[str, tuple[_Side, ...]]]:
    """Yield what is compared (the end of a sentence) with what each environment says of it."""
    usable = [(name, one) for name, one in material.environments if one.project is not None]
    if len(usable) > 1:
        yield " in its env files", tuple(_of_env_files(name, one) for name, one in usable)
        for service in sorted({key for _, one in usable if one.project for key in one.project.services}):
            yield f" for {service}", tuple(_of_service(name, one, service) for name, one in usable)
    elif not material.environments:
        yield "", tuple(_of_stages(material.resolution))


def _of_env_files(name: str, resolution: Resolution) -> _Side:
    variables = resolution.variables
    return _Side(name, _names_in(variables.files), Location(variables.files[-1].name, 1) if variables.files else None)


def _of_service(name: str, resolution: Resolution, service: str) -> _Side:
    found = resolution.project.services.get(service) if resolution.project else None
    if found is None:
        return _Side(name, {}, None)
    return _Side(name, {key: found.place("environment", key) for key in found.environment}, found.place("environment"))


def _of_stages(resolution: Resolution) -> Iterator[_Side]:
    """Yield the env files beside ``.env`` that are named after a stage."""
    variables = resolution.variables
    folder = variables.default.parent
    for name in sightings.names_in(folder):
        file = read_env_file(folder / name, variables.base) if _STAGE.match(name) else None
        if file is not None:
            yield _Side(file.name, _names_in([file]), Location(file.name, 1))


def _names_in(files: Iterable[EnvFile]) -> Mapping[str, Location]:
    found = chain.from_iterable(file.last.items() for file in files)
    return {name: one.location for name, one in found if not name.startswith(OF_TOOLS)}


def _may_lack(side: _Side, name: str) -> bool:
    """Whether an environment needs no such variable: it says nothing at all here, or production has no debug switch."""
    return not side.names or bool(_PRODUCTION.search(side.environment) and _DEBUG_NAME.search(name))


def _productions(material: Material) -> Iterator[tuple[str, Resolution]]:
    for name, resolution in material.environments:
        if _PRODUCTION.search(name):
            yield name, resolution
    chosen = material.resolution.selection
    files = (*chosen.files, *chosen.env_files) if chosen else ()
    production = next((Path(file).name for file in files if _PRODUCTION.search(Path(file).name)), None)
    if production:
        yield production, material.resolution


def _is_debug(key: str, value: str) -> bool:
    return any(name.search(key) and value.lower() in words for name, words in _JUDGED)
