"""Whom a configuration file of a well-known server makes it call."""

from __future__ import annotations

import pytest

from pytest_infragate.compose.mounted.calls import Written
from pytest_infragate.compose.mounted.kinds import reader
from pytest_infragate.results import Location

NGINX = "/etc/nginx/conf.d/site.conf"
TEMPLATE = "/etc/nginx/templates/site.conf.template"
HAPROXY = "/usr/local/etc/haproxy/haproxy.cfg"
CADDY = "/etc/caddy/Caddyfile"
PROMETHEUS = "/etc/prometheus/prometheus.yml"
TRAEFIK = "/etc/traefik/dynamic/web.yml"
ENVOY = "/etc/envoy/envoy.yaml"
KONG = "/kong/kong.yml"
GRAFANA = "/etc/grafana/provisioning/datasources/all.yml"
COLLECTOR = "/etc/otelcol/config.yaml"
ENVIRONMENT = {"API": "api", "PORT": "8000"}


def called(path: str, text: str) -> list[str]:
    """Return ``line host:port`` of each call."""
    read = reader("x", path)
    assert read is not None
    written = Written(path, text, Location("f", 1), is_file=True, environment=ENVIRONMENT)
    calls = [(call.location.line, call.mention) for call in read(written)]
    return [f"{line} {one.host}" + (f":{one.port}" if one.port else "") for line, one in calls]


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        (NGINX, "location / {\n  proxy_pass http://api:8000/x;\n}", ["2 api:8000"]),
        (NGINX, "proxy_pass http://api;", ["1 api:80"]),
        (NGINX, "proxy_pass https://api;", ["1 api:443"]),
        (NGINX, "fastcgi_pass php:9000;\nuwsgi_pass app:3031;", ["1 php:9000", "2 app:3031"]),
        (NGINX, "grpc_pass grpc://api:50051;", ["1 api:50051"]),
        (NGINX, "upstream back {\n server a:1 weight=2;\n server b;\n}\nproxy_pass http://back;", ["5 a:1", "5 b:80"]),
        (NGINX, "upstream back { server a:1; }", []),
        (NGINX, "upstream back { server unix:/run/x.sock; }\nproxy_pass http://back;", []),
        (NGINX, "set $up http://api:8000;\nproxy_pass $up;", ["2 api:8000"]),
        (NGINX, "set $up api:8000;\nproxy_pass http://$up/x;", ["2 api:8000"]),
        (NGINX, "proxy_pass http://$host;\nproxy_pass http://unix:/x.sock;\nfastcgi_pass unix:/x.sock;", []),
        (NGINX, "# proxy_pass http://api:8000;\nproxy_set_header Host api:8000;", []),
        (NGINX, "stream { server { listen 5432; proxy_pass db:5432; } }", ["1 db:5432"]),
        (NGINX, "proxy_pass http://${API}:${PORT};", []),
        (TEMPLATE, "proxy_pass http://${API}:${PORT};", ["1 api:8000"]),
        (HAPROXY, "backend b\n  server one api:8000 check\n  server two api2\n", ["2 api:8000", "3 api2"]),
        (HAPROXY, "listen l\n  bind :80\n  server-template w 3 api:8000\n", ["3 api:8000"]),
        (HAPROXY, "peers p\n  server one api:8000\nresolvers r\n  nameserver dns 127.0.0.11:53\n", []),
        (
            HAPROXY,
            "backend b\n  # server one api:8000\n  server one ${API}:${PORT}\n  server u unix@/x\n",
            ["3 api:8000"],
        ),
        (CADDY, "x.example {\n  reverse_proxy api:8000\n}", ["2 api:8000"]),
        (CADDY, "reverse_proxy /api/* api:8000 api2:8001", ["1 api:8000", "1 api2:8001"]),
        (
            CADDY,
            "reverse_proxy @m http://api:8000 {\n  to api2:1\n  header_up Host x:9\n}\nto z:1",
            ["1 api:8000", "2 api2:1"],
        ),
        (CADDY, "php_fastcgi php:9000\nforward_auth auth:9091 {\n  uri /x\n}", ["1 php:9000", "2 auth:9091"]),
        (CADDY, "reverse_proxy {$API}:{$NONE:81}\n# reverse_proxy b:1\nreverse_proxy h2c://c:5", ["1 api:81", "3 c:5"]),
        (PROMETHEUS, "scrape_configs:\n- static_configs:\n  - targets: ['api:8000', b]", ["3 api:8000", "3 b"]),
        (PROMETHEUS, "remote_write:\n- url: http://store:9009/x", ["2 store:9009"]),
        (PROMETHEUS, "alerting:\n  alertmanagers:\n  - static_configs: [{targets: ['am:9093']}]", ["3 am:9093"]),
        (
            PROMETHEUS,
            (
                "scrape_configs:\n- static_configs: [{targets: ['http://a']}]\n"
                "  relabel_configs: [{target_label: __address__, replacement: 'prober:9115'}]"
            ),
            ["3 prober:9115"],
        ),
        (TRAEFIK, "http: {services: {a: {loadBalancer: {servers: [{url: 'http://api:8000'}]}}}}", ["1 api:8000"]),
        (TRAEFIK, "tcp: {services: {a: {loadBalancer: {servers: [{address: 'db:5432'}]}}}}", ["1 db:5432"]),
        (TRAEFIK, "http: {middlewares: {a: {forwardAuth: {address: 'http://auth:9091/x'}}}}", ["1 auth:9091"]),
        (TRAEFIK, "http: {services: {{ x }}", []),
        (
            ENVOY,
            (
                "static_resources:\n  listeners: [{address: {socket_address: {address: 0.0.0.0, port_value: 80}}}]\n"
                "  clusters: [{load_assignment: {endpoints: [{lb_endpoints: [{endpoint: {address: "
                "{socket_address: {address: api, port_value: 8000}}}}]}]}}]"
            ),
            ["3 api:8000"],
        ),
        (
            KONG,
            "services: [{url: 'http://api:8000'}, {host: b, port: 81}, {host: c}]",
            ["1 api:8000", "1 b:81", "1 c:80"],
        ),
        (KONG, "services: [{host: up}]\nupstreams: [{name: up, targets: [{target: 'api:8000'}]}]", ["2 api:8000"]),
        (GRAFANA, "datasources: [{url: 'http://prom:9090'}, {url: 'db:5432'}]", ["1 prom:9090", "1 db:5432"]),
        (GRAFANA, "datasources: [{url: 'http://prom:9090', access: direct}]", []),
        (
            COLLECTOR,
            (
                "receivers: {otlp: {endpoint: '0.0.0.0:4317'}, redis: {endpoint: 'cache:6379'}, mysql: {endpoint: 'db:1'}}\n"
                "exporters: {otlp/up: {endpoint: 'jaeger:4317'}, otlp: {endpoint: 'unused:4317'}}\n"
                "service: {pipelines: {traces: {receivers: [otlp, redis], exporters: [otlp/up]}}}"
            ),
            ["2 jaeger:4317", "1 cache:6379"],
        ),
    ],
)
def test_calls(path: str, text: str, expected: list[str]) -> None:
    assert called(path, text) == expected


@pytest.mark.parametrize(
    "text", ["", "\x01\x02", "{", "}" * 99, "a: &a [*a]", "reverse_proxy", "server", "[" * 5000, "null"]
)
@pytest.mark.parametrize("path", [NGINX, HAPROXY, CADDY, PROMETHEUS, TRAEFIK, ENVOY, KONG, GRAFANA, COLLECTOR])
def test_nonsense_calls_nobody(path: str, text: str) -> None:
    assert called(path, text) == []


@pytest.mark.parametrize(
    ("image", "path", "read"),
    [
        ("nginx:1", "/any/site.conf", True),
        ("own:1", "/any/site.conf", False),
        ("own:1", NGINX, True),
        ("own:1", "/etc/nginx/sites-enabled/default", True),
        ("own:1", "/etc/nginx/mime.types", False),
        ("traefik:v3", "/dynamic.yml", True),
        ("own:1", "/app/config.yml", False),
        ("", "/etc/grafana/provisioning/dashboards/all.yml", False),
    ],
)
def test_which_files_are_read(image: str, path: str, read: bool) -> None:
    assert (reader(image, path) is not None) is read
