"""Which configuration files are read, and by what they are recognised."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..ports import image_name
from .caddy import caddy
from .calls import Reader
from .documents import collector, envoy, grafana, kong, traefik
from .haproxy import haproxy
from .nginx import nginx
from .prometheus import prometheus


@dataclass(frozen=True)
class Kind:
    """One kind of file: ``path`` matches where it lies in a container; in ``images`` a file of this ending will do."""

    path: re.Pattern[str]
    images: re.Pattern[str]
    ending: tuple[str, ...]
    read: Reader

    def fits(self, image: str, path: str) -> bool:
        """Return whether a file at this path, in a container of this image, is of this kind."""
        return bool(self.path.search(path)) or (
            path.endswith(self.ending) and bool(self.images.search(image_name(image)))
        )


_YAML = (".yml", ".yaml")
_FOLDER = re.compile(r"nginx|haproxy|caddy|traefik|prometheus|envoy|kong|grafana|provisioning|otelcol", re.IGNORECASE)
KINDS = (
    Kind(
        re.compile(r"/nginx/(?:.*\.(?:conf|conf\.template)|sites-enabled/[^/]+)$"),
        re.compile(r"nginx|openresty"),
        (".conf", ".conf.template"),
        nginx,
    ),
    Kind(re.compile(r"/haproxy\.cfg$"), re.compile(r"haproxy"), (".cfg",), haproxy),
    Kind(re.compile(r"/Caddyfile$"), re.compile(r"^caddy"), ("Caddyfile",), caddy),
    Kind(re.compile(r"/prometheus\.ya?ml$"), re.compile(r"^(?:prometheus|vmagent)$"), _YAML, prometheus),
    Kind(re.compile(r"/etc/traefik/.*\.ya?ml$"), re.compile(r"^traefik$"), _YAML, traefik),
    Kind(re.compile(r"/envoy\.ya?ml$"), re.compile(r"^envoy$"), _YAML, envoy),
    Kind(re.compile(r"/kong\.ya?ml$"), re.compile(r"^kong(?:-gateway)?$"), _YAML, kong),
    Kind(re.compile(r"/provisioning/datasources/[^/]+\.ya?ml$"), re.compile(r"^$"), (), grafana),
    Kind(
        re.compile(r"/otelcol[^/]*/[^/]+\.ya?ml$|/otel-collector[^/]*\.ya?ml$"),
        re.compile(r"otel-?col|opentelemetry-collector|otel-collector"),
        _YAML,
        collector,
    ),
)
"""The first that fits counts."""


def reader(image: str, path: str) -> Reader | None:
    """Return what reads a file, ``None`` for one that says nothing of calls."""
    return next((kind.read for kind in KINDS if kind.fits(image, path)), None)


def may_hold(image: str, folder: str) -> bool:
    """Return whether a folder at this path in a container of this image may hold such files; no other is searched."""
    return bool(_FOLDER.search(folder)) or any(kind.ending and kind.images.search(image_name(image)) for kind in KINDS)
