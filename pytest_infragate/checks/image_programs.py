"""Which programs well-known images do not contain."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..compose.model import Service
from ..compose.stores import repository, tag
from .health_commands import commands, program, script
from .image_families import official

_DOWNLOADERS = frozenset({"curl", "wget"})
_CURL = frozenset({"curl"})
_ALPINE_WITHOUT_CURL = frozenset(
    [
        "alpine",
        "caddy",
        "golang",
        "haproxy",
        "httpd",
        "memcached",
        "node",
        "postgres",
        "python",
        "rabbitmq",
        "redis",
        "ruby",
        "traefik",
        "valkey",
    ]
)
_ALWAYS_ALPINE = frozenset({"alpine", "caddy", "traefik"})
_DEBIAN_WITHOUT_BOTH = frozenset({"debian", "memcached", "postgres", "redis", "ubuntu", "valkey"})
_SLIM_WITHOUT_BOTH = frozenset({"node", "python", "ruby"})
_OTHER_BASE = re.compile(r"alpine|slim|windows|bookworm-full")
_WITHOUT_SHELL = frozenset(
    [
        "cloudflare/cloudflared",
        "hashicorp/http-echo",
        "otel/opentelemetry-collector",
        "otel/opentelemetry-collector-contrib",
        "portainer/portainer-ce",
        "traefik/whoami",
    ]
)
_WITH_SHELL = re.compile("alpine|debug")


@dataclass(frozen=True)
class Missing:
    """A program that an image lacks, and what to do instead."""

    program: str
    remedy: str


def missing_program(service: Service) -> Missing | None:
    """Return the first program of a healthcheck that the image is known to lack, ``None`` when none is known to."""
    test = service.healthcheck.test if service.healthcheck else ()
    if service.build is not None or not service.image:
        return None
    if _has_no_shell(service.image):
        return _without_shell(test)
    absent = _absent(service)
    called = (program(words) for words in commands(test))
    found = next((name for name in called if name in absent and not _installs(service, name)), None)
    instead = (
        "Use wget, which Alpine has," if found == "curl" and "wget" not in absent else "Use a program of the image"
    )
    return None if found is None else Missing(found, f"{instead} or build an image that contains it.")


def _has_no_shell(image: str) -> bool:
    name = repository(image)
    return not _WITH_SHELL.search(tag(image)) and (name in _WITHOUT_SHELL or "distroless/" in name)


def _without_shell(test: tuple[str, ...]) -> Missing | None:
    if script(test) is None and not any(program(words) in _DOWNLOADERS for words in commands(test)):
        return None
    name = "sh" if script(test) is not None else program(commands(test)[0])
    return Missing(name, "Use the image's own program after CMD, or a probe in the settings of the gate.")


def _absent(service: Service) -> frozenset[str]:
    """Return what an official image lacks of the two programs that download."""
    known = official(service)
    if known is None:
        return frozenset()
    name, version = known
    if name in _ALWAYS_ALPINE or ("alpine" in version and name in _ALPINE_WITHOUT_CURL):
        return _CURL
    slim = name in _SLIM_WITHOUT_BOTH and "slim" in version
    plain = name in _DEBIAN_WITHOUT_BOTH and not _OTHER_BASE.search(version)
    return _DOWNLOADERS if slim or plain else frozenset()


def _installs(service: Service, name: str) -> bool:
    """Whether the service's own command speaks of a program, for example to install it."""
    return any(re.search(rf"\b{name}\b", word) for word in (*service.command, *service.entrypoint))
