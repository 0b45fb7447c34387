"""Finds the engine as the docker CLI does: DOCKER_HOST, then DOCKER_CONTEXT or the current context, then a socket."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlsplit

from docker.context import Context
from docker.context.config import get_current_context_name
from docker.errors import DockerException
from docker.tls import TLSConfig
from docker.utils import kwargs_from_env

from ..errors import EngineError

LOOPBACK = "127.0.0.1"
_LOCAL_SCHEMES = ("unix", "npipe", "fd")
_DEFAULT_CONTEXT = "default"
_SYSTEM_SOCKET = "/var/run/docker.sock"


@dataclass(frozen=True)
class Address:
    """Where the engine is: ``url`` as in DOCKER_HOST, who chose it, and what a child process needs to reach it."""

    url: str
    chosen_by: str
    tls: TLSConfig | None = None
    environment: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def is_local(self) -> bool:
        """Whether the engine is reached through a socket of this machine."""
        return urlsplit(self.url).scheme in _LOCAL_SCHEMES

    @property
    def published_host(self) -> str:
        """Host on which the ports that this engine publishes are reached."""
        return LOOPBACK if self.is_local else urlsplit(self.url).hostname or LOOPBACK


def find(environ: Mapping[str, str]) -> Address:
    """Return the address that the docker CLI would use with this environment.

    Beyond the CLI, a rootless or desktop engine's socket is taken where there is no system-wide one.
    Raises ``EngineError`` for a context that does not exist and for TLS files that are missing.
    """
    host = environ.get("DOCKER_HOST")
    if host:
        return Address(host, "DOCKER_HOST", _tls_of(environ), {"DOCKER_HOST": host})
    chosen = environ.get("DOCKER_CONTEXT")
    name = chosen or get_current_context_name()
    if name and name != _DEFAULT_CONTEXT:
        return _of_context(name, "DOCKER_CONTEXT" if chosen else "the current docker context")
    return _of_socket(environ)


def _tls_of(environ: Mapping[str, str]) -> TLSConfig | None:
    """Return the TLS files that DOCKER_TLS_VERIFY and DOCKER_CERT_PATH ask for."""
    try:
        tls = kwargs_from_env(dict(environ)).get("tls")
    except DockerException as error:
        raise EngineError(
            f"The TLS files for DOCKER_HOST={environ['DOCKER_HOST']} cannot be used: {error}. "
            "Correct DOCKER_CERT_PATH, or unset DOCKER_TLS_VERIFY and DOCKER_CERT_PATH."
        ) from error
    return tls if isinstance(tls, TLSConfig) else None


def _of_context(name: str, chosen_by: str) -> Address:
    """Return the endpoint of a named docker context."""
    context = Context.load_context(name)
    if context is None or context.Host is None:
        raise EngineError(
            f"The docker context {name!r}, chosen by {chosen_by}, does not exist or names no engine. "
            "`docker context ls` lists the contexts that exist."
        )
    tls = context.tls_cfg.get("docker")
    environment = {"DOCKER_HOST": str(context.Host), **(_tls_environment(context, tls) if tls is not None else {})}
    return Address(str(context.Host), f"{chosen_by} ({name})", tls, environment)


def _tls_environment(context: Context, tls: TLSConfig) -> dict[str, str]:
    """Return the variables that make a child use the TLS files of a context."""
    return {
        "DOCKER_CERT_PATH": str(Path(str(context.tls_path), "docker")),
        "DOCKER_TLS_VERIFY": "1" if tls.verify else "",
    }


def _of_socket(environ: Mapping[str, str]) -> Address:
    """Return the first local socket that exists: system-wide, rootless, desktop; the first of them where none does."""
    candidates = [Path(_SYSTEM_SOCKET)]
    if environ.get("XDG_RUNTIME_DIR"):
        candidates.append(Path(environ["XDG_RUNTIME_DIR"], "docker.sock"))
    if environ.get("HOME"):
        candidates.append(Path(environ["HOME"], ".docker", "run", "docker.sock"))
    socket = next((path for path in candidates if path.exists()), candidates[0])
    url = f"unix://{socket}"
    return Address(url, "the default socket", None, {"DOCKER_HOST": url})
