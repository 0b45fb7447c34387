"""Services that say in their labels or variables who shall call them: a reverse proxy or a monitor that looks for that."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .edges import Edge, Evidence
from .model import Project, Service
from .names import is_off_network, network_keys
from .ports import declared_ports, image_name

_TRAEFIK = frozenset({"traefik"})
_NGINX_PROXIES = frozenset({"nginx-proxy"})
_NGINX_SOCKET = "/tmp/docker.sock"  # noqa: S108  (where nginx-proxy looks for the engine, in its container)
_PROMETHEUS = frozenset({"prometheus", "vmagent", "victoria-metrics"})
_TRAEFIK_PORT = re.compile(r"^traefik\.(?:http|tcp)\.services\.[^.]+\.loadbalancer\.server\.port$", re.IGNORECASE)
_TRAEFIK_ROUTER = re.compile(r"^traefik\.(?:http|tcp)\.routers\.", re.IGNORECASE)
_TRUE = frozenset({"true", "1", "yes"})


def from_announcements(project: Project) -> Iterator[Edge]:
    """Yield an edge from each proxy or monitor to each service that asks to be called by it, where they share a network."""
    for caller in project.services.values():
        if is_off_network(project, caller.name):
            continue
        for edge in _announced_to(project, caller):
            if network_keys(project, caller.name) & network_keys(project, edge.target):
                yield edge


def announcing_proxies(project: Project) -> frozenset[str]:
    """Return the reverse proxies that look for their services through the engine."""
    services = project.services.values()
    return frozenset(service.name for service in services if _is_nginx_proxy(service) or _is_traefik(service))


def _announced_to(project: Project, caller: Service) -> Iterator[Edge]:
    if _is_traefik(caller):
        yield from _to_traefik(project, caller)
    elif _is_nginx_proxy(caller):
        yield from _to_nginx_proxy(project, caller)
    elif image_name(caller.image or "") in _PROMETHEUS:
        yield from _to_prometheus(project, caller)


def _is_traefik(service: Service) -> bool:
    """Whether a Traefik asks the engine for services: an option or variable says so."""
    return image_name(service.image or "") in _TRAEFIK and _option(service, "providers.docker", "false") in _TRUE


def _option(service: Service, name: str, default: str) -> str:
    """Return an option of Traefik in lower case: of its command, else of its variables; a bare one is true."""
    for word in (*service.entrypoint, *service.command):
        key, equals, value = word.lstrip("-").partition("=")
        if key.lower() == name:
            return value.lower() if equals else "true"
    variable = "TRAEFIK_" + name.upper().replace(".", "_")
    return next((value.lower() for key, value in service.environment.items() if key.upper() == variable), default)


def _to_traefik(project: Project, caller: Service) -> Iterator[Edge]:
    by_default = _option(caller, "providers.docker.exposedbydefault", "true")
    for service in project.services.values():
        enabled = _label(service, "traefik.enable") or by_default
        keys = [key for key in service.labels if _TRAEFIK_PORT.match(key)]
        keys = keys or [key for key in service.labels if _TRAEFIK_ROUTER.match(key)][:1]
        if service is caller or enabled.lower() not in _TRUE:
            continue
        for key in keys:
            written = _port(service.labels[key]) if _TRAEFIK_PORT.match(key) else None
            yield _edge(caller, service, written or _only_port(service), f"label {key}", ("labels", key))


def _is_nginx_proxy(service: Service) -> bool:
    by_mount = any(mount.target == _NGINX_SOCKET for mount in service.mounts)
    return by_mount or image_name(service.image or "") in _NGINX_PROXIES


def _to_nginx_proxy(project: Project, caller: Service) -> Iterator[Edge]:
    """A service with ``VIRTUAL_HOST`` is called on ``VIRTUAL_PORT``, else on the only port that it has."""
    for service in project.services.values():
        if service is not caller and "VIRTUAL_HOST" in service.environment:
            port = _port(service.environment.get("VIRTUAL_PORT", "")) or _only_port(service)
            path = ("environment", "VIRTUAL_HOST")
            yield _edge(caller, service, port, "environment VIRTUAL_HOST", path)


def _to_prometheus(project: Project, caller: Service) -> Iterator[Edge]:
    for service in project.services.values():
        for separator in ("/", "."):
            key = f"prometheus.io{separator}scrape"
            if service is not caller and _label(service, key).lower() in _TRUE:
                port = _port(_label(service, f"prometheus.io{separator}port")) or _only_port(service)
                yield _edge(caller, service, port, f"label {key}", ("labels", key))


def _edge(caller: Service, service: Service, port: int | None, why: str, path: tuple[str, ...]) -> Edge:
    return Edge(caller.name, service.name, port, why, service.place(*path), Evidence.ANNOUNCED)


def _label(service: Service, key: str) -> str:
    return service.labels.get(key, "")


def _only_port(service: Service) -> int | None:
    ports = declared_ports(service)
    return next(iter(ports)) if len(ports) == 1 else None


def _port(text: str) -> int | None:
    number = int(text) if text.isdigit() else 0
    return number if 0 < number < 65536 else None
