"""The static checks: every one is registered here, by hand, under an id that is never used again.

Ids by topic: IG1xx files, IG2xx images, IG3xx networks, IG4xx privileges, IG5xx reliability, IG6xx mounts and
secrets, IG7xx resources. IG9xx are the live checks of ``catalogue``.
"""

from __future__ import annotations

from . import files, images, mounts, networks, privileges, published_ports, references, reliability, resources
from .base import Check

CHECKS: tuple[Check, ...] = (
    files.compose_configuration_invalid,
    files.unset_variable,
    files.compose_warning,
    files.policy_matches_nothing,
    files.project_without_services,
    files.profile_names_no_service,
    files.environment_unusable,
    images.floating_image_tag,
    images.build_file_missing,
    published_ports.host_port_conflict,
    published_ports.replicas_share_host_port,
    networks.services_share_no_network,
    networks.host_names_no_service,
    networks.wrong_port_in_reference,
    networks.localhost_means_the_container,
    references.host_unknown,
    references.service_name_no_host_name,
    references.port_not_declared,
    references.dependency_not_declared,
    references.links_are_obsolete,
    references.localhost_for_a_browser,
    privileges.privileged_container,
    privileges.engine_socket_mounted,
    reliability.dependency_health_without_healthcheck,
    reliability.healthcheck_cannot_fail,
    reliability.fixed_container_name,
    mounts.bind_source_missing,
    mounts.secret_file_missing,
    resources.memory_reservation_above_limit,
)

BY_ID = {check.id: check for check in CHECKS}
