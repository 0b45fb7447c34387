"""Checks of what stands in the way of more than one: replicas, and stacks side by side (IG5xx)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

from ..compose.isolation import joined_by
from ..compose.model import Project, Service
from ..compose.resolve import Resolution
from ..compose.values import inner, text
from ..results import Severity
from ..scaling_settings import ScalingSettings, only_by_pattern, wanted
from .base import Draft, Material, check, check_of_material
from .published_ports import host_port_conflict, replicas_share_host_port
from .sharing import databases_share_volume

_FREE_OF_HOST_PORTS = (databases_share_volume,)
_CHECKS_OF_REPLICAS = (replicas_share_host_port, host_port_conflict, databases_share_volume)
_COMPLETED = "service_completed_successfully"


@check("IG503", Severity.WARNING, dev=Severity.INFO)
def fixed_container_name(project: Project) -> Iterator[Draft]:
    """A fixed ``container_name`` exists once per engine: a second stack of the same files cannot start beside it.

    A gate that runs under a project name of its own meets the developer's own stack there.

    Flagged::

        services:
          db:
            image: postgres:16
            container_name: our-db

    Accepted::

        services:
          db:
            image: postgres:16
            hostname: our-db
    """
    for service in project.services.values():
        if service.container_name is not None:
            message = f"The container is always called {service.container_name!r}, so only one such stack can run."
            remedy = "Remove container_name; inside the networks the service's own name or an alias serves."
            yield Draft(service.name, message, remedy, service.place("container_name"))


@check_of_material("IG504", Severity.ERROR)
def scaling_blocked(material: Material) -> Iterator[Draft]:
    """The settings ask for more containers of a service than its section allows.

    A container name, a port of the host, an address and a MAC address exist once, and two database servers destroy one data
    folder. What ``compose: {isolate: true}`` takes out of the stack for the run is no obstacle. Nothing is scaled before
    this is put right.

    References: Compose documentation, services, container_name; Deploy Specification, replicas.

    Flagged::

        services:
          api:
            image: ours:1.0
            ports: ["8000:8000"]
        # file: infragate.yaml
        scaling: {api: {replicas: 3}}

    Accepted::

        services:
          api:
            image: ours:1.0
            ports: ["8000-8002:8000"]
        # file: infragate.yaml
        scaling: {api: {replicas: 3}}
    """
    project = material.resolution.project
    for service in () if project is None else tuple(project.services.values()):
        wish = wanted(service.name, material.scaling)
        if project is not None and wish is not None and not is_spared(project, service, material.scaling):
            yield from blockers(project, service, wish, isolated=material.isolate)


def blockers(project: Project, service: Service, wish: ScalingSettings, *, isolated: bool = False) -> Iterator[Draft]:
    """Yield what keeps a service from having so many containers, each with its place and what to do about it.

    ``isolated``: names and host ports are taken out of the stack for the run.
    """
    if wish.replicas <= service.replicas:
        yield Draft(
            service.name,
            f"scaling wants {wish.replicas} containers of {service.name}, and the file declares {service.replicas} already.",
            "Ask for more than the file declares, or remove the entry.",
            wish.location,
        )
        return
    yield from _fixed_once(project, service, wish.replicas, isolated=isolated)
    yield from _told_by_others(project, service, wish.replicas, isolated=isolated)


def is_spared(project: Project, service: Service, scaling: Mapping[str, ScalingSettings]) -> bool:
    """Whether a pattern fits a service that it cannot be after: one that runs to completion, or has as many containers."""
    wish = wanted(service.name, scaling)
    if wish is None or not only_by_pattern(service.name, scaling):
        return False
    if service.replicas == 0 or wish.replicas <= service.replicas:
        return True
    waits = (one for other in project.services.values() for one in other.depends_on)
    return any(one.service == service.name and one.condition == _COMPLETED for one in waits)


def _fixed_once(project: Project, service: Service, count: int, *, isolated: bool) -> Iterator[Draft]:
    """Yield what a service's own section gives to one container alone."""
    if service.container_name is not None and (not isolated or joined_by(project, service)):
        message = f"{count} containers cannot all be called {service.container_name!r}."
        remedy = "Remove container_name; inside the networks the service's own name or an alias serves."
        yield Draft(service.name, message, remedy, service.place("container_name"))
    for use in service.networks:
        for key, address in (("ipv4_address", use.ipv4_address), ("ipv6_address", use.ipv6_address)):
            if address:
                message = f"{count} containers cannot all have the address {address} in the network {use.key!r}."
                yield Draft(service.name, message, "Remove the address.", service.place("networks", use.key, key))
    for path, address in _mac_addresses(service).items():
        message = (
            f"{count} containers cannot all have the MAC address {address}: what is sent to one may reach another."
        )
        yield Draft(service.name, message, "Remove the MAC address.", service.place(*path))


def _mac_addresses(service: Service) -> Mapping[tuple[str, ...], str]:
    found: dict[tuple[str, ...], str | None] = {("mac_address",): text(service.resolved, "mac_address")}
    for use in service.networks:
        found["networks", use.key, "mac_address"] = text(inner(service.resolved, "networks", use.key), "mac_address")
    return {path: address for path, address in found.items() if address}


def _told_by_others(project: Project, service: Service, count: int, *, isolated: bool) -> Iterator[Draft]:
    """Yield what the checks of replicas say of the service with so many, and do not say of it as it is declared."""
    scaled = _with(project, replace(service, replicas=count))
    for one in _FREE_OF_HOST_PORTS if isolated else _CHECKS_OF_REPLICAS:
        known = {draft.message for draft in one.look(Material(Resolution(project)))}
        for draft in one.look(Material(Resolution(scaled))):
            if draft.subject == service.name and draft.message not in known:
                yield draft


def _with(project: Project, service: Service) -> Project:
    return replace(project, services=MappingProxyType({**project.services, service.name: service}))
