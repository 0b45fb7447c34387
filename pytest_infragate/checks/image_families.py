"""What is known of well-known images by their names alone."""

from __future__ import annotations

from ..compose.model import Service
from ..compose.ports import image_name
from ..compose.stores import repository, tag

WITHOUT_HEALTHCHECK = frozenset(
    [
        "alpine",
        "busybox",
        "caddy",
        "cassandra",
        "couchdb",
        "debian",
        "ghost",
        "golang",
        "haproxy",
        "httpd",
        "influxdb",
        "mariadb",
        "memcached",
        "mongo",
        "mysql",
        "nats",
        "nextcloud",
        "nginx",
        "node",
        "php",
        "postgres",
        "python",
        "rabbitmq",
        "redis",
        "ruby",
        "tomcat",
        "traefik",
        "ubuntu",
        "valkey",
        "wordpress",
        "zookeeper",
    ]
)
"""Docker Official Images that define no HEALTHCHECK: their maintainers leave it to the user on principle."""

POSTGRES = frozenset({"postgres", "postgresql", "postgis", "timescaledb", "timescaledb-ha", "pgvector"})
MYSQL = frozenset({"mysql", "mariadb", "percona"})
SLOW = frozenset(
    [
        "cassandra",
        "couchbase",
        "elasticsearch",
        "gitlab-ce",
        "gitlab-ee",
        "jenkins",
        "kafka",
        "keycloak",
        "neo4j",
        "nexus3",
        "opensearch",
        "server",
        "sonarqube",
        "wildfly",
    ]
)
"""Images that need the better part of a minute to answer; ``server`` only from Microsoft's folder of SQL Server."""


def official(service: Service) -> tuple[str, str] | None:
    """Return name and tag of a Docker Official Image that is used as it comes, ``None`` for any other image."""
    if service.build is not None or service.image is None:
        return None
    name = repository(service.image)
    return None if "/" in name else (name, tag(service.image))


def is_of(service: Service, families: frozenset[str]) -> bool:
    """Whether a service runs an unbuilt image whose last name is one of these."""
    return service.build is None and image_name(service.image or "") in families


def is_slow(service: Service) -> bool:
    """Whether the image is known to answer late."""
    if image_name(service.image or "") == "server" and "mssql/" not in (service.image or ""):
        return False
    return is_of(service, SLOW)
