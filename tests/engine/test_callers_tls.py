"""Edges that the callers' own URLs want over TLS, and what those URLs name behind the login: real servers, one stack."""

from __future__ import annotations

import json

import pytest

from engine_setup.built_images import ensure_servers
from engine_setup.images import SERVERS, SERVICES, TINY
from pytest_infragate.results import CheckResult, Outcome
from pytest_infragate.settings import ConnectivityPolicy, ConnectivitySettings, EdgeSettings, ProbeSettings
from tests.certificates import GOOD, KEY

from .conftest import Stacks
from .test_connectivity import Stand

SECRET = "s3cret-one"  # noqa: S105  (of a test)
FILES = 'cd /tmp && umask 077 && echo "$$KEY" >key.pem && echo "$$CERTIFICATE" >cert.pem && '
REDIS = "exec redis-server --port 0 --tls-port 6379 --tls-cert-file cert.pem --tls-key-file key.pem --tls-ca-cert-file cert.pem --save ''"
POSTGRES = (
    f"initdb -D pg -U app -A scram-sha-256 --pwfile=<(echo {SECRET}) >/dev/null && "
    "echo hostssl all all all scram-sha-256 >>pg/pg_hba.conf && "
    "exec postgres -D pg -k /tmp -c listen_addresses=* -c ssl=on -c ssl_cert_file=/tmp/cert.pem -c ssl_key_file=/tmp/key.pem"
)
NATS = f"exec nats-server --user app --pass {SECRET} --tls --tlscert cert.pem --tlskey key.pem"
SERVER = f"""
    image: "{SERVICES}"
    init: true
    user: postgres
    environment: {{KEY: {json.dumps(KEY)}, CERTIFICATE: {json.dumps(GOOD)}}}
"""
STACK = f"""
services:
  api:
    image: "{TINY}"
    environment:
      DATABASE_URL: postgresql://app:{SECRET}@db:5432/postgres?sslmode=require
      CACHE_URL: rediss://:{SECRET}@cache:6379/1
      STRICT_URL: rediss://strict:6379
      BUS_URL: nats://app:{SECRET}@bus:4222
  other:
    image: "{SERVICES}"
    init: true
    command: [sleep, "600"]
    environment:
      DATABASE_URL: postgresql://app:{SECRET}@db:5432/absent?sslmode=verify-full
      CACHE_URL: rediss://:{SECRET}@cache:6379/99
      PLAIN_URL: rediss://plain:6379
  wrong:
    image: "{TINY}"
    environment:
      DATABASE_URL: postgresql://app:wr0ng-one@db:5432/postgres?sslmode=require
      BUS_URL: nats://app:wr0ng-one@bus:4222
  db: {SERVER}    command: [bash, -c, {json.dumps(FILES + POSTGRES)}]
  cache: {SERVER}    command: [bash, -c, {json.dumps(FILES + REDIS + f" --requirepass {SECRET} --tls-auth-clients no")}]
  strict: {SERVER}    command: [bash, -c, {json.dumps(FILES + REDIS)}]
  bus: {SERVER.replace(SERVICES, SERVERS)}    command: [bash, -c, {json.dumps(FILES + NATS)}]
  plain: {{image: "{SERVICES}", command: [redis-server, --protected-mode, "no", --save, ""]}}
networks: {{default: {{internal: true}}}}
"""


@pytest.fixture(scope="module")
def stand(module_stacks: Stacks) -> Stand:
    ensure_servers()
    made = Stand(module_stacks, STACK)
    made.serve(db=5432, cache=6379, strict=6379, plain=6379, bus=4222)
    return made


@pytest.fixture(scope="module")
def edges(stand: Stand) -> dict[str, CheckResult]:
    found = stand.find(ConnectivitySettings())
    return {title.partition("[")[2].rstrip("]"): result for title, result in found.items()}


@pytest.mark.parametrize(
    ("edge", "reason", "said"),
    [
        ("api -> db:5432", None, "postgres over TLS (certificate not verified): lets app in to database postgres"),
        ("api -> cache:6379", None, "redis over TLS (certificate not verified): lets us in, and PING gives +PONG"),
        ("api -> bus:4222", None, "nats: lets us in"),
        ("wrong -> bus:4222", "authentication", "Give wrong a user and a password that bus takes."),
        ("api -> strict:6379", None, "speaks TLS, and lets in only who has a certificate"),
        ("other -> db:5432", "status", "does not have the database absent (3D000"),
        ("other -> cache:6379", "status", "has no database 99"),
        ("other -> plain:6379", "tls", "plain:6379 is reached, but not over TLS, from inside"),
        ("wrong -> db:5432", "authentication", "Give wrong a user and a password that db takes."),
    ],
)
def test_what_the_callers_url_wants_is_asked_over_tls(
    edges: dict[str, CheckResult], edge: str, reason: str | None, said: str
) -> None:
    result = edges[edge]
    assert (result.outcome is Outcome.PASSED, result.evidence.get("reason")) == (reason is None, reason), result.message
    assert said in result.message
    assert SECRET not in str(result)


def test_a_certificate_that_is_wanted_of_the_caller_is_a_warning(edges: dict[str, CheckResult]) -> None:
    (finding,) = edges["api -> strict:6379"].findings
    assert "is proven, but not that it takes the caller's certificate" in finding.message


def test_how_long_tls_took_is_told(edges: dict[str, CheckResult]) -> None:
    for name in ("api -> db:5432", "api -> cache:6379"):
        attempts = edges[name].evidence["attempts"]
        assert isinstance(attempts, list)
        assert isinstance(attempts[0], dict)
        stages = attempts[0]["stages"]
        assert isinstance(stages, dict)
        assert list(stages) == ["resolve_s", "connect_s", "tls_s", "protocol_s"]


@pytest.mark.parametrize(("name", "reason"), [("secure", None), (None, "tls")])
def test_a_certificate_is_verified_where_tls_begins_in_the_midst(
    stand: Stand, tmp_path_factory: pytest.TempPathFactory, name: str | None, reason: str | None
) -> None:
    ca = tmp_path_factory.mktemp("ca") / "ca.pem"
    ca.write_text(GOOD)
    wanted = ProbeSettings("", 5432, tls=True, verify=True, ca=str(ca), server_name=name)
    declared = EdgeSettings("api", "db", 5432, probe=wanted)
    settings = ConnectivitySettings(policy=ConnectivityPolicy.DECLARED, expect=(declared,))
    (result,) = stand.find(settings).values()
    assert result.evidence.get("reason") == reason, result.message
    assert reason is None or "its certificate is not for db (name mismatch)" in result.message
