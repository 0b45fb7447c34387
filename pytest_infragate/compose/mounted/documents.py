"""Whom servers call whose configuration is YAML: Traefik, Envoy, Kong, Grafana, the OpenTelemetry Collector."""

from __future__ import annotations

from collections.abc import Iterator

from ..node import Node
from ..source import SourceError, parse_documents
from .calls import Call, Written, address, filled

_TRAEFIK = (
    (("http", "services"), ("loadBalancer", "servers"), "url"),
    (("tcp", "services"), ("loadBalancer", "servers"), "address"),
)
_PULLING = frozenset(
    {"redis", "postgresql", "mysql", "mongodb", "nginx", "apache", "rabbitmq", "elasticsearch", "memcached", "haproxy"}
)
"""Receivers of the collector that ask their ``endpoint``; that of others is where they listen."""


def roots(written: Written) -> tuple[Node, ...]:
    """Return the documents of a text with its variables filled in; none where it is no YAML."""
    try:
        return parse_documents(filled(written.text, written.environment), written.place.file)
    except SourceError:
        return ()


def traefik(written: Written) -> Iterator[Call]:
    """Yield the servers of services and the addresses of ``forwardAuth``. Source: Traefik documentation, File provider."""
    for root in roots(written):
        for section, inside, key in _TRAEFIK:
            for service in _values(root.get(*section)):
                for server in _elements(service.get(*inside)):
                    yield from _call(written, server.get(key), f"traefik {key}")
        for middleware in _values(root.get("http", "middlewares")):
            yield from _call(written, middleware.get("forwardAuth", "address"), "traefik forwardAuth")


def envoy(written: Written) -> Iterator[Call]:
    """Yield the endpoints of clusters. Source: Envoy documentation, config.cluster.v3 and config.endpoint.v3."""
    for root in roots(written):
        for cluster in _elements(root.get("static_resources", "clusters")):
            for group in _elements(cluster.get("load_assignment", "endpoints")):
                for endpoint in _elements(group.get("lb_endpoints")):
                    yield from _socket(written, endpoint.get("endpoint", "address", "socket_address"))


def _socket(written: Written, socket: Node | None) -> Iterator[Call]:
    host, port = (socket.get("address"), socket.get("port_value")) if socket else (None, None)
    protocol = socket.get("protocol") if socket else None
    if host is not None and not (protocol and protocol.text.upper() == "UDP"):
        found = address(f"{host.text}:{port.text}" if port else host.text)
        if found:
            yield Call(found, "envoy cluster", written.at(host))


def kong(written: Written) -> Iterator[Call]:
    """Yield services, by URL or host and port, and targets of upstreams. Source: Kong documentation, declarative configuration."""
    for root in roots(written):
        upstreams = {name.text for one in _elements(root.get("upstreams")) if (name := one.get("name"))}
        for service in _elements(root.get("services")):
            host, port = service.get("host"), service.get("port")
            yield from _call(written, service.get("url"), "kong service")
            if host is not None and host.text not in upstreams:
                found = address(f"{host.text}:{port.text if port else 80}")
                if found:
                    yield Call(found, "kong service", written.at(host))
        for upstream in _elements(root.get("upstreams")):
            for target in _elements(upstream.get("targets")):
                yield from _call(written, target.get("target"), "kong upstream", 8000)


def grafana(written: Written) -> Iterator[Call]:
    """Yield the data sources that the server itself asks. Source: Grafana documentation, Provision Grafana."""
    for root in roots(written):
        for source in _elements(root.get("datasources")):
            access = source.get("access")
            if access is None or access.text != "direct":
                yield from _call(written, source.get("url"), "grafana datasource")


def collector(written: Written) -> Iterator[Call]:
    """Yield the endpoints of exporters, and of receivers that ask, which a pipeline uses. Source: OpenTelemetry documentation, Collector."""
    for root in roots(written):
        for section, pulling in (("exporters", None), ("receivers", _PULLING)):
            used = _used(root, section)
            for name, component in _items(root.get(section)):
                asks = pulling is None or name.partition("/")[0] in pulling
                if name in used and asks:
                    yield from _call(written, component.get("endpoint"), f"collector {section[:-1]} {name}")


def _used(root: Node, section: str) -> frozenset[str]:
    pipelines = _values(root.get("service", "pipelines"))
    return frozenset(element.text for pipeline in pipelines for element in _elements(pipeline.get(section)))


def _call(written: Written, node: Node | None, key: str, default: int | None = None) -> Iterator[Call]:
    found = address(node.text, default) if node is not None else None
    if node is not None and found:
        yield Call(found, key, written.at(node))


def _elements(node: Node | None) -> tuple[Node, ...]:
    return node.elements if node is not None else ()


def _items(node: Node | None) -> Iterator[tuple[str, Node]]:
    return node.items() if node is not None else iter(())


def _values(node: Node | None) -> Iterator[Node]:
    return (value for _, value in _items(node))
