"""Checks of what only Swarm understands (IG5xx)."""

from __future__ import annotations

from collections.abc import Iterator

from ..compose.model import Project, Resource
from ..compose.values import inner, text
from ..results import Severity
from .base import Draft, check

_ONLY_SWARM = ("placement", "update_config", "rollback_config", "endpoint_mode", "labels")
_CONDITIONS = {"none": "no", "any": "always", "on-failure": "on-failure"}


@check("IG530", Severity.WARNING, dev=Severity.INFO, strict=Severity.ERROR)
def key_only_for_swarm(project: Project) -> Iterator[Draft]:
    """A service has keys under ``deploy`` that Compose ignores: only a Swarm reads them.

    They are ``placement``, ``update_config``, ``rollback_config``, ``endpoint_mode``, ``labels`` and a ``mode`` other
    than ``replicated``. ``replicas``, ``resources`` and ``restart_policy`` are honoured.

    References: Compose documentation, Deploy Specification.

    Flagged::

        services:
          web:
            image: ours:1.0
            deploy:
              replicas: 2
              update_config: {parallelism: 1}

    Accepted::

        services:
          web:
            image: ours:1.0
            deploy:
              replicas: 2
              restart_policy: {condition: on-failure}
    """
    for service in project.services.values():
        deploy = inner(service.resolved, "deploy")
        keys = [key for key in _ONLY_SWARM if deploy.get(key)]
        if text(deploy, "mode") not in (None, "replicated"):
            keys.append("mode")
        if keys:
            named = ", ".join(f"deploy.{key}" for key in keys)
            remedy = "Remove what is not deployed to a Swarm, or keep it in a file of its own."
            place = service.place("deploy", keys[0])
            yield Draft(service.name, f"Compose ignores {named}: only a Swarm reads that.", remedy, place)


@check("IG531", Severity.ERROR)
def external_secret_without_swarm(project: Project) -> Iterator[Draft]:
    """A service uses a secret or config that is ``external``; Compose refuses that, since only a Swarm stores them.

    References: Compose documentation, secrets.

    Flagged::

        services:
          api:
            image: ours:1.0
            secrets: [token]
        secrets:
          token: {external: true}

    Accepted::

        services:
          api:
            image: ours:1.0
            secrets: [token]
        secrets:
          token: {environment: HOME}
    """
    for service in project.services.values():
        for section, keys, found in (
            ("secrets", service.secrets, project.secrets),
            ("configs", service.configs, project.configs),
        ):
            for key in keys:
                if key in found and found[key].external:
                    message = f"It uses {key!r} of {section}, which is external: `docker compose up` refuses that."
                    remedy = "Take it from a file or from the environment."
                    yield Draft(service.name, message, remedy, service.place(section, key))


@check("IG532", Severity.WARNING, dev=Severity.INFO, strict=Severity.ERROR)
def network_only_for_swarm(project: Project) -> Iterator[Draft]:
    """A network of the project has the driver ``overlay``, which an engine outside a Swarm refuses to create.

    References: Docker documentation, overlay network driver.

    Flagged::

        services:
          web:
            image: ours:1.0
            networks: [back]
        networks: {back: {driver: overlay}}

    Accepted::

        services:
          web:
            image: ours:1.0
            networks: [back]
        networks: {back: {}}
    """
    for network in project.networks.values():
        if network.driver == "overlay" and not network.external:
            message = f"The driver of the network is overlay{_not_attachable(network)}."
            yield Draft(network.key, message, "Remove the driver: the default is bridge.", network.location)


@check("IG533", Severity.WARNING, dev=Severity.INFO, strict=Severity.ERROR)
def restart_policies_disagree(project: Project) -> Iterator[Draft]:
    """A service says under ``restart`` something else than under ``deploy.restart_policy``; Compose follows ``restart``.

    References: Compose documentation, Deploy Specification, restart_policy.

    Flagged::

        services:
          web:
            image: ours:1.0
            restart: "no"
            deploy:
              restart_policy: {condition: any}

    Accepted::

        services:
          web:
            image: ours:1.0
            restart: unless-stopped
            deploy:
              restart_policy: {condition: any}
    """
    for service in project.services.values():
        policy = inner(service.resolved, "deploy", "restart_policy")
        restart = text(service.resolved, "restart")
        if restart is None or not policy:
            continue
        written = text(policy, "condition") or "any"
        if _kind(restart) != _CONDITIONS.get(written, written):
            message = f"restart says {restart!r}, deploy.restart_policy says {written!r}; Compose follows restart."
            place = service.place("deploy", "restart_policy", "condition")
            yield Draft(service.name, message, "Say it once.", place)


def _kind(restart: str) -> str:
    word = restart.partition(":")[0]
    return "always" if word == "unless-stopped" else word


def _not_attachable(network: Resource) -> str:
    return "" if network.resolved.get("attachable") else ", and containers may not attach to it"
