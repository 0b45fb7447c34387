"""Checks of mounts, secrets and configs (IG6xx)."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from .. import sightings
from ..compose.model import Mount, Project, Resource, Service
from ..compose.values import objects, text
from ..results import Severity
from ..suggest import listed
from .base import Draft, check

_FILE_NAME = re.compile(r"^.+\.[A-Za-z][A-Za-z0-9]{0,4}$")
_SECRETS = "/run/secrets"
_SECRETS_TOO = "/var/run/secrets"
_NOT_A_FILE = re.compile(r"\.(?:d|sock|git|cache|local|ssh|aws|kube)$")


@check("IG601", Severity.ERROR, dev=Severity.WARNING)
def bind_source_missing(project: Project) -> Iterator[Draft]:
    """A file that is mounted from the host does not exist, so that the engine makes an empty folder of that name.

    Flagged is a source that does not exist where source and target both look like files, where the engine may not
    create it, or where it lies in the project and is mounted read-only, so that the container could never fill it.
    A missing folder is created by the engine on purpose in many projects (``./data``) and is not flagged.

    Flagged::

        services:
          web:
            image: nginx:1.27
            volumes: ["./no-such.conf:/etc/nginx/nginx.conf:ro"]

    Accepted::

        services:
          web:
            image: nginx:1.27
            volumes:
              - ./data:/data
              - ./compose.yaml:/etc/compose.yaml:ro
    """
    for service in project.services.values():
        for mount in service.mounts:
            if (
                mount.kind == "bind"
                and mount.source
                and _is_fault(mount, project)
                and not sightings.exists(mount.source)
            ):
                consequence = (
                    "the engine will make an empty folder of that name and mount it"
                    if mount.create_host_path
                    else "the container cannot start"
                )
                message = f"{mount.source} does not exist, but is mounted at {mount.target}: {consequence}."
                remedy = "Create it, correct the path, or add the step that generates it."
                yield Draft(service.name, message, remedy, mount.location or service.place("volumes"))


@check("IG602", Severity.ERROR)
def secret_file_missing(project: Project) -> Iterator[Draft]:
    """A secret or config is read from a file that does not exist; the container cannot start.

    Flagged::

        services:
          db:
            image: postgres:16
            secrets: [password]
        secrets:
          password:
            file: ./no-such-file

    Accepted::

        services:
          db:
            image: postgres:16
            secrets: [password]
        secrets:
          password:
            file: ./compose.yaml
    """
    for service in project.services.values():
        for kind, resource in _files_of(service, project):
            if resource.file and not sightings.exists(resource.file):
                message = f"The {kind} {resource.key!r} is read from {resource.file}, which does not exist."
                remedy = f"Create the file (and keep it out of version control if it is secret), or correct {kind}s."
                yield Draft(service.name, message, remedy, resource.location)


@check("IG615", Severity.ERROR, dev=Severity.WARNING)
def secret_path_without_secret(project: Project) -> Iterator[Draft]:
    """A variable names a file under ``/run/secrets``, but the service is given no secret of that name.

    Images read a variable such as ``POSTGRES_PASSWORD_FILE`` when they start, and end when there is no such file. A service
    with a mount at or below ``/run/secrets`` is left alone.

    References: OWASP Docker rule 12; Compose documentation on secrets.

    Flagged::

        services:
          db:
            image: postgres:16
            environment:
              POSTGRES_PASSWORD_FILE: /run/secrets/pasword
            secrets: [password]
        secrets:
          password:
            environment: HOME

    Accepted::

        services:
          db:
            image: postgres:16
            environment:
              POSTGRES_PASSWORD_FILE: /run/secrets/password
            secrets: [password]
        secrets:
          password:
            environment: HOME
    """
    for service in project.services.values():
        given = _secret_paths(service)
        if any(mount.target.startswith((_SECRETS, _SECRETS_TOO)) for mount in service.mounts):
            continue
        for name, value in service.environment.items():
            path = value.strip().replace(_SECRETS_TOO, _SECRETS)
            if name.upper().endswith("_FILE") and path.startswith(f"{_SECRETS}/") and path not in given:
                known = listed(sorted(given), "and") or "no secret"
                message = f"{name} names {value}, but the service is given {known}."
                remedy = "Add the secret under secrets of the service and of the file, or correct the path."
                yield Draft(service.name, message, remedy, service.place("environment", name))


@check("IG624", Severity.ERROR, dev=Severity.WARNING)
def folder_mounted_for_file(project: Project) -> Iterator[Draft]:
    """A folder of the host is mounted where a file is meant.

    When a file that is mounted did not exist once, the engine made an empty folder of its name, and that stays. Flagged is
    an empty folder that is named like a file and is mounted where a file is meant.

    Flagged::

        services:
          app:
            image: ours:1.0
            volumes: ["./app.conf:/etc/app.conf:ro"]
        # file: app.conf/


    Accepted::

        services:
          app:
            image: ours:1.0
            volumes: ["./app.conf:/etc/app.conf:ro"]
        # file: app.conf
        answer = 42
    """
    for service in project.services.values():
        for mount in service.mounts:
            if mount.kind == "bind" and mount.source and _is_empty_folder(mount):
                message = f"{mount.source} is an empty folder, but is mounted at {mount.target} like a file."
                remedy = "Remove the folder and put the file in its place."
                yield Draft(service.name, message, remedy, mount.location or service.place("volumes"))


def _secret_paths(service: Service) -> set[str]:
    """Return where a service finds its secrets."""
    targets = [text(one, "target") or text(one, "source") or "" for one in objects(service.resolved, "secrets")]
    return {posixpath.normpath(posixpath.join(_SECRETS, target)) for target in targets}


def _is_empty_folder(mount: Mount) -> bool:
    source = mount.source or ""
    named_like_files = _looks_like_file(source) and _looks_like_file(mount.target)
    return named_like_files and sightings.is_dir(source) and not sightings.names_in(source)


def _is_fault(mount: Mount, project: Project) -> bool:
    """Whether a missing source cannot be meant."""
    source = mount.source or ""
    never_filled = mount.read_only and source.startswith(f"{project.directory}/") and not _NOT_A_FILE.search(source)
    return never_filled or not mount.create_host_path or (_looks_like_file(source) and _looks_like_file(mount.target))


def _looks_like_file(path: str) -> bool:
    name = PurePosixPath(path).name
    return bool(_FILE_NAME.match(name)) and not _NOT_A_FILE.search(name)


def _files_of(service: Service, project: Project) -> Iterator[tuple[str, Resource]]:
    """Yield the secrets and configs that a service uses."""
    for kind, names, known in (
        ("secret", service.secrets, project.secrets),
        ("config", service.configs, project.configs),
    ):
        yield from ((kind, known[name]) for name in names if name in known)
