"""Checks of what a container could do without (IG410, IG411, IG415, IG419 to IG422): hardening, an error at strict alone."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..compose.model import Project, Service
from ..compose.values import text, texts
from ..results import Severity
from .base import Draft, check

_NO_NEW_PRIVILEGES = re.compile(r"^no-new-privileges(?:[:=]true)?$")
_ROOT = re.compile(r"^(?:root|0+)(?::|$)")
_TMPFS_DANGERS = frozenset({"exec", "suid", "dev"})


@check("IG410", Severity.INFO, strict=Severity.ERROR)
def new_privileges_allowed(project: Project) -> Iterator[Draft]:
    """A program in the container may gain rights that it was not started with, through a setuid file for example.

    References: CIS Docker 5.26; OWASP Docker rule 4.

    Flagged::

        services:
          web:
            image: nginx:1.27

    Accepted::

        services:
          web:
            image: nginx:1.27
            security_opt: ["no-new-privileges:true"]
    """
    for service in project.services.values():
        if not service.privileged and not any(map(_NO_NEW_PRIVILEGES.match, texts(service.resolved, "security_opt"))):
            message = "Nothing keeps a program in this container from gaining rights that it was not started with."
            remedy = "Add security_opt: ['no-new-privileges:true'], unless a program in it needs sudo or setuid."
            yield Draft(service.name, message, remedy, service.place("security_opt"))


@check("IG411", Severity.INFO, strict=Severity.ERROR)
def capabilities_kept(project: Project) -> Iterator[Draft]:
    """The container keeps the engine's default capabilities, of which most programs need none.

    References: CIS Docker 5.4; OWASP Docker rule 3.

    Flagged::

        services:
          web:
            image: nginx:1.27
            cap_drop: [NET_RAW]

    Accepted::

        services:
          web:
            image: nginx:1.27
            cap_drop: [ALL]
            cap_add: [NET_BIND_SERVICE]
    """
    for service in project.services.values():
        dropped = {name.upper().removeprefix("CAP_") for name in texts(service.resolved, "cap_drop")}
        if "ALL" not in dropped and not service.privileged:
            message = "The container keeps the default capabilities."
            remedy = "Drop all (cap_drop: [ALL]) and grant with cap_add what it turns out to need."
            yield Draft(service.name, message, remedy, service.place("cap_drop"))


@check("IG415", Severity.INFO, strict=Severity.ERROR)
def foreign_cgroup_parent(project: Project) -> Iterator[Draft]:
    """The container is put under another control group than the engine's, so that other limits hold for it.

    References: CIS Docker 5.25.

    Flagged::

        services:
          web:
            image: nginx:1.27
            cgroup_parent: system.slice

    Accepted::

        services:
          web:
            image: nginx:1.27
            mem_limit: 256m
    """
    for service in project.services.values():
        parent = text(service.resolved, "cgroup_parent")
        if parent:
            message = f"The container runs in the control group {parent!r}; its limits are those of that group."
            remedy = "Remove cgroup_parent and limit the service itself (mem_limit, cpus, pids_limit)."
            yield Draft(service.name, message, remedy, service.place("cgroup_parent"))


@check("IG419", Severity.INFO, strict=Severity.ERROR)
def writable_root_filesystem(project: Project) -> Iterator[Draft]:
    """The container may write to its own image's files, so that an intruder can change its programs.

    References: CIS Docker 5.13; OWASP Docker rule 8.

    Flagged::

        services:
          web:
            image: nginx:1.27

    Accepted::

        services:
          web:
            image: nginx:1.27
            read_only: true
            tmpfs: [/var/cache/nginx, /run]
    """
    for service in project.services.values():
        if not service.read_only:
            message = "The container's root file system is writable."
            remedy = "Set read_only: true, with tmpfs or volumes where it has to write."
            yield Draft(service.name, message, remedy, service.place("read_only"))


@check("IG420", Severity.INFO, strict=Severity.ERROR)
def tmpfs_allows_programs(project: Project) -> Iterator[Draft]:
    """A tmpfs gives back what the engine takes from it: programs (``exec``), setuid files (``suid``) or devices (``dev``).

    Flagged::

        services:
          web:
            image: nginx:1.27
            tmpfs: ["/tmp:exec,size=64m"]

    Accepted::

        services:
          web:
            image: nginx:1.27
            tmpfs: ["/tmp:size=64m"]
    """
    for service in project.services.values():
        for entry in texts(service.resolved, "tmpfs"):
            target, _, options = entry.partition(":")
            given = sorted(_TMPFS_DANGERS & set(options.split(",")))
            if given:
                message = f"The tmpfs at {target} is mounted with {', '.join(given)}."
                remedy = f"Remove {', '.join(given)}, unless the service runs programs from {target}."
                yield Draft(service.name, message, remedy, service.place("tmpfs"))


@check("IG421", Severity.WARNING, dev=Severity.INFO, strict=Severity.ERROR)
def explicit_root_user(project: Project) -> Iterator[Draft]:
    """The service asks for the user root.

    References: CIS Docker 4.1; OWASP Docker rule 2.

    Flagged::

        services:
          web:
            image: nginx:1.27
            user: "0:0"

    Accepted::

        services:
          web:
            image: nginx:1.27
            user: "1000:1000"
    """
    for service in project.services.values():
        if service.user and _ROOT.match(service.user):
            message = f"The service runs as root (user: {service.user!r})."
            remedy = "Name another user, or remove the key where the image brings a user of its own."
            yield Draft(service.name, message, remedy, service.place("user"))


@check("IG422", Severity.INFO, strict=Severity.WARNING)
def user_left_to_image(project: Project) -> Iterator[Draft]:
    """The file names no user, so that it is root unless the image says otherwise.

    It stays a warning at strict, because many images bring a user of their own or drop their rights by themselves.

    References: CIS Docker 4.1; OWASP Docker rule 2.

    Flagged::

        services:
          web:
            image: nginx:1.27

    Accepted::

        services:
          web:
            image: nginx:1.27
            user: "1000:1000"
    """
    for service in project.services.values():
        if not service.user and not _drops_rights(service):
            message = "No user is named: it is root, unless the image has one of its own."
            yield Draft(service.name, message, "Name a user (user: '1000:1000').", service.place("user"))


def _drops_rights(service: Service) -> bool:
    """Whether the service is told its user in the way of the linuxserver images."""
    return {"PUID", "PGID"} <= set(service.environment)
