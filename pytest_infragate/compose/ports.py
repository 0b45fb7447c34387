"""Which ports a service listens on inside its networks, as far as the files and its image's name tell."""

from __future__ import annotations

import re
from functools import lru_cache

from .model import Service

SCHEME_PORTS = {
    "http": 80,
    "https": 443,
    "ws": 80,
    "wss": 443,
    "ftp": 21,
    "ssh": 22,
    "sftp": 22,
    "smtp": 25,
    "smtps": 465,
    "ldap": 389,
    "ldaps": 636,
    "postgres": 5432,
    "postgresql": 5432,
    "pgsql": 5432,
    "postgis": 5432,
    "cockroachdb": 26257,
    "mysql": 3306,
    "mysql2": 3306,
    "mariadb": 3306,
    "sqlserver": 1433,
    "mssql": 1433,
    "oracle": 1521,
    "redis": 6379,
    "rediss": 6379,
    "valkey": 6379,
    "amqp": 5672,
    "amqps": 5671,
    "mongodb": 27017,
    "nats": 4222,
    "kafka": 9092,
    "memcached": 11211,
    "memcache": 11211,
    "mqtt": 1883,
    "mqtts": 8883,
    "neo4j": 7687,
    "bolt": 7687,
    "pulsar": 6650,
    "rtsp": 554,
}
"""The port that a URL of this scheme means when it names none."""

_FAMILIES: dict[str, tuple[int, ...]] = {
    "postgres": (5432,),
    "postgresql": (5432,),
    "postgis": (5432,),
    "timescaledb": (5432,),
    "pgvector": (5432,),
    "mysql": (3306,),
    "mysql-server": (3306,),
    "mariadb": (3306,),
    "percona": (3306,),
    "redis": (6379,),
    "redis-stack-server": (6379,),
    "valkey": (6379,),
    "keydb": (6379,),
    "mongo": (27017,),
    "mongodb": (27017,),
    "memcached": (11211,),
    "rabbitmq": (5672, 15672),
    "nats": (4222, 8222, 6222),
    "eclipse-mosquitto": (1883,),
    "kafka": (9092,),
    "zookeeper": (2181,),
    "elasticsearch": (9200, 9300),
    "opensearch": (9200, 9300),
    "etcd": (2379, 2380),
    "influxdb": (8086,),
    "couchdb": (5984,),
    "cassandra": (9042,),
    "neo4j": (7687, 7474),
}
"""Images that listen on a port of their own without being told; the port for clients first."""

_FURTHER_STORES = frozenset(
    {
        "minio",
        "rustfs",
        "seaweedfs",
        "clickhouse-server",
        "meilisearch",
        "mailpit",
        "mailhog",
        "redpanda",
        "oceanbase-ce",
        "redismod",
        "redis-cluster",
    }
)
_CHANGES_PORT = re.compile(r"port|listen|^-p\d*$|\.(?:conf|cnf|ini|ya?ml|toml)\b", re.IGNORECASE)


def declared_ports(service: Service) -> frozenset[int]:
    """Return the TCP ports that the file says the service listens on: ``expose`` and the targets of ``ports``."""
    return frozenset(service.expose) | {port.target for port in service.ports if port.protocol == "tcp"}


def is_published(service: Service) -> bool:
    """Whether the engine publishes the ports at all: on the host's network, on none and on a joined one it does not."""
    mode = service.network_mode or ""
    return mode not in ("host", "none") and not mode.startswith(("service:", "container:"))


def is_udp(service: Service, port: int) -> bool:
    """Whether the file says of a port that it speaks UDP, and nothing says that it speaks TCP as well."""
    udp = {*service.expose_udp, *(one.target for one in service.ports if one.protocol == "udp")}
    return port in udp and port not in declared_ports(service)


def family_ports(service: Service) -> tuple[int, ...]:
    """Return the ports that the image's family listens on, clients' port first; empty when unknown or perhaps changed."""
    ports = _FAMILIES.get(image_name(service.image or ""), ())
    return () if not ports or _may_change_port(service) else ports


def is_store(service: Service) -> bool:
    """Whether the image is a database, broker or object store, which calls no other service by itself."""
    name = image_name(service.image or "")
    return name in _FAMILIES or name in _FURTHER_STORES


def known_ports(service: Service) -> tuple[int, ...]:
    """Return every TCP port that the service is known to listen on, sorted."""
    return tuple(sorted(declared_ports(service) | frozenset(family_ports(service))))


@lru_cache(maxsize=4096)
def image_name(image: str) -> str:
    """Return the last name of an image without its tag: ``registry:5000/bitnami/postgresql:16@sha256:…`` -> ``postgresql``."""
    return image.partition("@")[0].rpartition("/")[2].partition(":")[0].lower().removeprefix("cp-")


def _may_change_port(service: Service) -> bool:
    """Whether command, environment or a mounted file may make the image listen elsewhere."""
    words = (*service.command, *service.entrypoint, *service.environment, *(mount.target for mount in service.mounts))
    return any(_CHANGES_PORT.search(word) for word in words)
