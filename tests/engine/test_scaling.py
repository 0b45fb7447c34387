"""Services that are scaled on a real stack: good ones, and each fault that only a second container shows."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from engine_setup.images import SERVICES
from pytest_infragate.gates.edge_plan import ConnectivityPlan
from pytest_infragate.gates.edge_plan import plan as edges_of
from pytest_infragate.gates.scaling import plan
from pytest_infragate.gates.spread import BY_NAME, BY_REPLY
from pytest_infragate.limits import parse_limit
from pytest_infragate.progress import Silent
from pytest_infragate.results import CheckResult, Outcome, Severity
from pytest_infragate.run.scaling import Scaling
from pytest_infragate.run.site import Site
from pytest_infragate.scaling_settings import SCALE_METRICS, ScalingSettings
from pytest_infragate.settings import ConnectivitySettings, EdgeSettings, ProbeSettings, Settings
from pytest_infragate.stack.interruptions import Journal
from pytest_infragate.stack.state import ContainerState

from ..leftovers import project_name
from .conftest import Stacks, site_of

SERVER = """
import http.server, socket, time
class Slow(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        time.sleep(0.05)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(socket.gethostname().encode() if self.path == "/who" else b"well")
    def log_message(self, *_): pass
http.server.HTTPServer(("", 8000), Slow).serve_forever()
"""
"""Answers one request after the other, so that its throughput is known whatever else the machine does."""
SERVE = 'exec python3 -c "$$SERVER"'
FIRST = "mkdir /state/$$0"
"""Succeeds in the first container of a service alone."""
ASK = "curl -fs -o /dev/null 127.0.0.1:8000"
PASSING_ON = "printf '%s' \"$$CONF\" >/tmp/n.conf && exec nginx -c /tmp/n.conf -g 'daemon off;'"
ONCE = "events {} http { server { listen 8080; location / { proxy_pass http://api:8000; } } }"
AGAIN = ONCE.replace("server", "resolver 127.0.0.11 valid=1s; server", 1).replace(
    "proxy_pass http://api:8000", "set $$to api; proxy_pass http://$$to:8000"
)


def service(command: str, name: str = "", test: str = "", retries: int = 30, **keys: Any) -> dict[str, Any]:
    health = {"healthcheck": {"test": test, "interval": "300ms", "timeout": "10s", "retries": retries}} if test else {}
    return {"image": SERVICES, "init": True, "command": ["sh", "-c", command, name], **health, **keys}


STATE: Any = {"volumes": ["state:/state"], "environment": {"SERVER": SERVER}}
STACK = json.dumps(
    {
        "services": {
            "api": service(SERVE, test=ASK, environment={"SERVER": SERVER}),
            "deaf": service(f"{FIRST} && {SERVE}; exec sleep 600", "deaf", **STATE),
            "sick": service(
                f"{FIRST} && touch /tmp/well; exec sleep 600", "sick", "test -e /tmp/well", retries=1, **STATE
            ),
            "caller": service("sleep 600"),
            "once": service(PASSING_ON, environment={"CONF": ONCE}, depends_on=["api"]),
            "again": service(PASSING_ON, environment={"CONF": AGAIN}),
        },
        "volumes": {"state": {}},
    }
)
WEB = ProbeSettings("http", 8000)
LIMITS = tuple(
    parse_limit(text, None, SCALE_METRICS)
    for text in (
        "scale.up: max < 60s",
        "scale.share: min > 0.05",
        "scale.gain: last > 1.5",
        "scale.failed: rate < 0.01",
    )
)
EXPECTED = ("caller", "api"), ("caller", "deaf")


def through(service: str, path: str = "/") -> EdgeSettings:
    return EdgeSettings("*", service, 8080, path, f"{service}:8080{path}")


@pytest.fixture(scope="module")
def site(module_stacks: Stacks) -> Iterator[Site]:
    with site_of(module_stacks, STACK, project_name()) as made:
        done = made.stack.up(60)
        assert done.ok, done.stderr
        yield made


@pytest.fixture(scope="module")
def edges(site: Site) -> ConnectivityPlan:
    expected = tuple(EdgeSettings(source, target, 8000) for source, target in EXPECTED)
    return edges_of(site.project, ConnectivitySettings(expect=expected))


def scaled(site: Site, edges: ConnectivityPlan, tmp_path: Path, **wishes: ScalingSettings) -> Mapping[str, CheckResult]:
    """Carry out trials; what stood before must stand as it did."""
    before = fingerprint(site.containers())
    planned = plan(site.project, Settings(root=".", scaling=wishes), edges.edges, site.roles)
    scaling = Scaling(site, planned, Journal(tmp_path / "journal"), Silent(), 0.2)
    found = {result.check.subject: result for result in scaling.results()}
    assert fingerprint(site.containers()) == before
    return found


def fingerprint(containers: tuple[ContainerState, ...]) -> set[tuple[str, object]]:
    return {(state.id, state.started_at) for state in containers}


def test_replicas_that_work_pass_and_are_gone_afterwards(site: Site, edges: ConnectivityPlan, tmp_path: Path) -> None:
    wish = ScalingSettings(3, 30.0, load_s=1.0, probe=WEB, via=through("again", "/who"), limits=LIMITS)
    found = scaled(site, edges, tmp_path, api=wish)
    assert {subject: result.message for subject, result in found.items() if result.outcome is not Outcome.PASSED} == {}
    assert set(found) == {"api", *(f"api {limit.text}" for limit in LIMITS)}
    evidence: Any = found["api"].evidence
    assert len(evidence["added"]) == len(evidence["up_s"]) == 2
    *ways, last = [one["way"] for one in evidence["spreads"]]
    assert (set(ways), last) == ({BY_NAME}, BY_REPLY)
    assert all(min(one["counts"].values()) > 0 for one in evidence["spreads"])
    assert "what stood before stands as it did" in found["api"].message


def test_who_looks_a_name_up_once_never_finds_the_new_ones(site: Site, edges: ConnectivityPlan, tmp_path: Path) -> None:
    result = scaled(site, edges, tmp_path, api=ScalingSettings(2, 30.0, via=through("once")))["api"]
    assert result.outcome is Outcome.FAILED
    (finding,) = (one for one in result.findings if one.severity is Severity.ERROR)
    assert re.search(r"None of \d+ requests of once reached \S+-api-2 \(by the packets", finding.message)
    assert "look the name up" in finding.remedy


def test_a_deaf_replica_is_named(site: Site, edges: ConnectivityPlan, tmp_path: Path) -> None:
    result = scaled(site, edges, tmp_path, deaf=ScalingSettings(2, 30.0))["deaf"]
    assert result.outcome is Outcome.FAILED
    assert re.search(r"-deaf-2 does not answer \S+-caller-1 .* refused", result.message)
    assert "-deaf-1 does not" not in result.message


def test_an_unhealthy_replica_is_named(site: Site, edges: ConnectivityPlan, tmp_path: Path) -> None:
    found = scaled(site, edges, tmp_path, sick=ScalingSettings(2, 30.0, limits=LIMITS[:1]))
    assert found["sick"].outcome is Outcome.FAILED
    assert "-sick-2 is running and unhealthy" in found["sick"].message
    assert found["sick scale.up: max < 60s"].outcome is Outcome.ERROR
