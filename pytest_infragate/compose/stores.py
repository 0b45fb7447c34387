"""Images of databases and brokers that keep data: where they keep it, and how much memory they cannot do without.

Facts are those of the images' own documentation and entrypoints.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache

from .model import Service

MEBIBYTE = 1024**2
_REGISTRY = re.compile(r"^(?:[^/]*[.:][^/]*|localhost)/")
_POSTGRES_PARENT = "/var/lib/postgresql"
_POSTGRES_DATA = "/var/lib/postgresql/data"
POSTGRES_OF_PARENT = 18
"""From this version on the image keeps its data below ``/var/lib/postgresql``, and refuses a mount at ``…/data``."""


@dataclass(frozen=True)
class Store:
    """What is known of one image; ``paths`` are the folders that hold its data, ``variable`` names another one."""

    paths: tuple[str, ...]
    variable: str = ""
    program: str = ""
    """The server's program; a service with another command is a client that uses the same image."""


_POSTGRES = Store((_POSTGRES_DATA,), "PGDATA", "postgres")
_MYSQL = Store(("/var/lib/mysql",), "", "mysqld")
_MARIADB = Store(("/var/lib/mysql",), "", "mariadbd")
_MONGO = Store(("/data/db",), "", "mongod")
_STORES = {
    "postgres": _POSTGRES,
    "postgis/postgis": _POSTGRES,
    "pgvector/pgvector": _POSTGRES,
    "timescale/timescaledb": _POSTGRES,
    "mysql": _MYSQL,
    "mysql/mysql-server": _MYSQL,
    "percona": _MYSQL,
    "mariadb": _MARIADB,
    "mongo": _MONGO,
    "couchdb": Store(("/opt/couchdb/data",), "", "couchdb"),
    "cassandra": Store(("/var/lib/cassandra",), "", "cassandra"),
    "neo4j": Store(("/data",), "", "neo4j"),
    "influxdb": Store(("/var/lib/influxdb", "/var/lib/influxdb2"), "", "influxd"),
    "clickhouse/clickhouse-server": Store(("/var/lib/clickhouse",), "", "clickhouse-server"),
    "elasticsearch": Store(("/usr/share/elasticsearch/data",), "", "elasticsearch"),
    "elasticsearch/elasticsearch": Store(("/usr/share/elasticsearch/data",), "", "elasticsearch"),
    "opensearchproject/opensearch": Store(("/usr/share/opensearch/data",), "", "opensearch"),
    "mssql/server": Store(("/var/opt/mssql", "/var/opt/mssql/data"), "", "sqlservr"),
    "qdrant/qdrant": Store(("/qdrant/storage",), "", "qdrant"),
    "getmeili/meilisearch": Store(("/meili_data",), "MEILI_DB_PATH", "meilisearch"),
    "bitnami/postgresql": Store(("/bitnami/postgresql",), "", "postgres"),
    "bitnami/mysql": Store(("/bitnami/mysql", "/bitnami/mysql/data"), "", "mysqld"),
    "bitnami/mariadb": Store(("/bitnami/mariadb",), "", "mariadbd"),
    "bitnami/mongodb": Store(("/bitnami/mongodb",), "", "mongod"),
}
_FLOORS = {
    "mssql/server": (2000 * MEBIBYTE, ()),
    "elasticsearch": (1024 * MEBIBYTE, ("ES_JAVA_OPTS",)),
    "elasticsearch/elasticsearch": (1024 * MEBIBYTE, ("ES_JAVA_OPTS",)),
    "opensearchproject/opensearch": (1024 * MEBIBYTE, ("OPENSEARCH_JAVA_OPTS",)),
    "logstash/logstash": (1024 * MEBIBYTE, ("LS_JAVA_OPTS",)),
    "logstash": (1024 * MEBIBYTE, ("LS_JAVA_OPTS",)),
    "confluentinc/cp-kafka": (1024 * MEBIBYTE, ("KAFKA_HEAP_OPTS",)),
    "apache/kafka": (1024 * MEBIBYTE, ("KAFKA_HEAP_OPTS",)),
    "bitnami/kafka": (1024 * MEBIBYTE, ("KAFKA_HEAP_OPTS",)),
}
"""The least memory in bytes that an image starts with, and the variables that change it."""


@cache
def repository(image: str) -> str:
    """Return the repository of an image without version and registry; a mirror has what the original has."""
    name = image.partition("@")[0]
    folder, slash, last = name.rpartition("/")
    plain = folder + slash + last.partition(":")[0]
    return _REGISTRY.sub("", plain).removeprefix("library/")


def tag(image: str) -> str:
    """Return the tag of an image, empty where it has none."""
    return image.partition("@")[0].rpartition("/")[2].partition(":")[2]


@cache
def major(image: str) -> int | None:
    """Return the first number of an image's tag (``16-alpine``, ``0.8.0-pg17``), ``None`` where it has none."""
    found = re.search(r"pg(\d+)", tag(image)) or re.match(r"v?(\d+)", tag(image))
    return int(found[1]) if found else None


def store(service: Service) -> Store | None:
    """Return what is known of where a service keeps data; ``None`` for other images, built ones and mere clients."""
    if service.image is None or service.build is not None:
        return None
    known = _STORES.get(repository(service.image))
    if known is None or not _is_server(service, known):
        return None
    return replace(known, paths=_postgres_paths(major(service.image))) if known is _POSTGRES else known


def is_postgres(service: Service) -> bool:
    """Whether the image is PostgreSQL's own or one that is made from it."""
    return service.image is not None and _STORES.get(repository(service.image)) is _POSTGRES


def memory_floor(service: Service) -> int | None:
    """Return the bytes of memory without which the image does not start as the service is configured."""
    floor, variables = _FLOORS.get(repository(service.image or ""), (None, ()))
    return None if any(name in service.environment for name in variables) else floor


def _is_server(service: Service, known: Store) -> bool:
    """Whether a service of this image runs the server, not a client such as a dump or a shell."""
    if service.entrypoint:
        return False
    first = service.command[0].rpartition("/")[2] if service.command else ""
    return not first or first.startswith("-") or first in (known.program, "docker-entrypoint.sh")


def _postgres_paths(version: int | None) -> tuple[str, ...]:
    """Return where a version of PostgreSQL's image keeps its data; either place where the version is unknown."""
    if version is None:
        return (_POSTGRES_PARENT, _POSTGRES_DATA)
    return (_POSTGRES_PARENT,) if version >= POSTGRES_OF_PARENT else (_POSTGRES_DATA,)
