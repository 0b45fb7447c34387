"""What images of well-known names are for, as far as that says whom their services call."""

from __future__ import annotations

import re

from .model import Service
from .ports import image_name

_PROXIES = frozenset(
    {
        "nginx",
        "nginx-unprivileged",
        "nginx-proxy",
        "openresty",
        "traefik",
        "haproxy",
        "caddy",
        "envoy",
        "httpd",
        "varnish",
    }
)
"""Web servers that hand requests on; they speak to no database."""

_TOOLS = frozenset(
    {
        "adminer",
        "alertmanager",
        "all-in-one",
        "cadvisor",
        "docker-socket-proxy",
        "filebeat",
        "fluent-bit",
        "fluentd",
        "grafana",
        "jaeger",
        "kibana",
        "loki",
        "logstash",
        "mc",
        "metricbeat",
        "node-exporter",
        "opentelemetry-collector",
        "opentelemetry-collector-contrib",
        "otel-collector",
        "pgadmin4",
        "phpmyadmin",
        "prometheus",
        "promtail",
        "redisinsight",
        "tempo",
        "vector",
        "watchtower",
    }
)
"""Programs that know none of a project's own variables."""

_COORDINATORS = frozenset({"zookeeper", "etcd", "clickhouse-keeper", "consul", "kafka", "redpanda"})
_COORDINATED = frozenset(
    {"kafka", "clickhouse-server", "clickhouse", "solr", "pulsar", "milvus", "patroni", "spilo", "druid", "hbase"}
)
_HELPER = re.compile(r"(?:^|[-_.])(?:init|setup|bootstrap|seed|migrate|migrations?|migrator)(?:[-_.]|$)", re.IGNORECASE)


def is_proxy(service: Service) -> bool:
    """Return whether a service is a web server that hands requests on: by its image, its name or its command."""
    image = image_name(service.image or "")
    if image in _PROXIES:
        return True
    words = (service.name, *service.command[:1])
    return "php" not in image and any(re.split(r"[-_./]", word)[-1].lower() in _PROXIES for word in words)


def is_tool(service: Service) -> bool:
    """Return whether the image is one that other projects made for a purpose of its own, as monitoring."""
    return image_name(service.image or "") in _TOOLS


def is_coordinated(service: Service, other: Service) -> bool:
    """Return whether a datastore finds its like through the other service, as Kafka does through ZooKeeper."""
    return image_name(service.image or "") in _COORDINATED and image_name(other.image or "") in _COORDINATORS


def is_helper(service: Service) -> bool:
    """Return whether a service's name says that it only prepares something, and nothing says that it listens."""
    return bool(_HELPER.search(service.name)) and not (service.ports or service.expose)


def same_program(service: Service, other: Service) -> bool:
    """Return whether two services run the same image, or the same build, as an application and its worker do."""
    if service.image is None and service.build is None:
        return False
    return service.image == other.image and service.resolved.get("build") == other.resolved.get("build")
