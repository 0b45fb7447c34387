"""Hosts and ports in the configuration that services are given."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pytest_infragate.checks import BY_ID
from pytest_infragate.checks.base import Material
from pytest_infragate.compose.resolve import Resolution
from pytest_infragate.results import Finding, Severity

from ..stacks import project

API = {"image": "own", "ports": [{"target": 8000, "published": "18000", "protocol": "tcp"}]}
ASKED = ("IG304", "IG305", "IG310")
NGINX = ("nginx", "/etc/nginx/conf.d/{}")


def told(folder: Path, texts: dict[str, str], kind: tuple[str, str], **proxy: Any) -> list[tuple[str, Finding]]:
    """Return what is found where a service is given these files."""
    image, path = kind
    mounts = []
    for name, text in texts.items():
        (folder / name).write_text(text)
        mounts.append({"type": "bind", "source": str(folder / name), "target": path.format(name)})
    services = {"proxy": {"image": image, "volumes": mounts, **proxy}, "api": API, "db": {"image": "postgres:17"}}
    material = Material(Resolution(replace(project(services), directory=str(folder))))
    return [(id_, one) for id_ in ASKED for one in BY_ID[id_].findings(material, Severity.ERROR)]


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("http://apii:8000", [("IG304", "nginx proxy_pass names the host 'apii', which no service has.")]),
        ("http://backend", [("IG310", "nginx proxy_pass names the host 'backend', which nothing in the files has.")]),
        (
            "http://api:18000",
            [
                (
                    "IG305",
                    "nginx proxy_pass names api:18000, but 18000 is its port on the host; inside the networks it listens on 8000.",
                )
            ],
        ),
        (
            "http://db:15432",
            [
                (
                    "IG305",
                    "nginx proxy_pass names db:15432, but that is not its port; inside the networks it listens on 5432.",
                )
            ],
        ),
        ("http://api:8000", []),
        ("http://api", []),
        ("http://$upstream", []),
        ("http://host.docker.internal:8000", []),
        ("http://localhost:8000", []),
        ("http://10.0.0.9", []),
        ("http://unix:/run/own.sock", []),
    ],
)
def test_what_nginx_passes_to(tmp_path: Path, host: str, expected: list[tuple[str, str]]) -> None:
    found = told(tmp_path, {"site.conf": f"server {{\n  location / {{\n    proxy_pass {host};\n}} }}\n"}, NGINX)
    assert [(id_, one.message) for id_, one in found] == expected
    assert {str(one.location) for _, one in found} <= {"site.conf:3"}


def test_an_upstream_of_another_file_of_the_same_server_is_no_host(tmp_path: Path) -> None:
    texts = {
        "sites.conf": "server { location / { proxy_pass http://app; } }",
        "up.conf": "upstream app { server apii; }",
    }
    ((id_, finding),) = told(tmp_path, texts, NGINX)
    assert (id_, finding.remedy, str(finding.location)) == ("IG304", "Did you mean 'api'?", "sites.conf:1")
    texts["up.conf"] = "upstream app { server api:8000; }"
    assert told(tmp_path, texts, NGINX) == []


@pytest.mark.parametrize(
    "more",
    [
        {"extra_hosts": ["apii=10.0.0.7"]},
        {"network_mode": "host"},
        {"links": ["api:apii"]},
    ],
)
def test_hosts_that_lead_elsewhere_are_left_alone(tmp_path: Path, more: dict[str, Any]) -> None:
    assert told(tmp_path, {"site.conf": "server { location / { proxy_pass http://apii; } }"}, NGINX, **more) == []


def test_the_other_servers_are_read_too_and_scrape_targets_left_to_their_own_check(tmp_path: Path) -> None:
    haproxy = {"haproxy.cfg": "backend b\n  server one apii:8000\n"}
    assert [id_ for id_, _ in told(tmp_path, haproxy, ("haproxy", "/usr/local/etc/haproxy/{}"))] == ["IG304"]
    scraped = "scrape_configs: [{static_configs: [{targets: ['apii:8000', 'gone:1', 'api:18000']}]}]"
    assert told(tmp_path, {"prometheus.yml": scraped}, ("prom/prometheus", "/etc/prometheus/{}")) == []
    remote = "remote_write: [{url: 'http://apii:8000/push'}]"
    assert [id_ for id_, _ in told(tmp_path, {"prometheus.yml": remote}, ("prom/prometheus", "/etc/{}"))] == ["IG304"]
