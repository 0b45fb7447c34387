"""Every protocol spoken with a real server, or with a stand-in where none can be had, in every state that matters.

One container holds all servers (``tests/images/servers/up.sh``); two callers ask, one with Python and one with nothing at
all. What is no server of the real name: MongoDB (a stand-in that MongoDB's own client takes for one), Kafka (the broker
for tests in librdkafka), the health service on gRPC's own server, MinIO and Elasticsearch (their answers, given by nginx).
"""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pytest

from engine_setup.built_images import ensure_servers
from engine_setup.images import SERVERS, SERVICES, TINY
from pytest_infragate.probes import PROTOCOLS, dialogue
from pytest_infragate.results import CheckResult, Outcome
from pytest_infragate.settings import ConnectivitySettings, ProbeSettings
from pytest_infragate.stack.exchange import Failure, Judgement
from pytest_infragate.stack.inside import Inside

from .conftest import Stacks
from .test_connectivity import Stand
from .test_inside import by_service

START_S = 60.0
GOOD, WRONG = "s3cret", "wr0ng-one"
DEAF, NOBODY = 7000, 7001
CALLERS = ("python", "nothing")
EDGES = {
    "redis": "redis://:{}@servers:{}/0",
    "postgres": "postgresql://app:{}@servers:{}/postgres",
    "mysql": "mysql+pymysql://app:{}@servers:{}/mysql",
    "amqp": "amqp://app:{}@servers:{}/",
    "nats": "nats://app:{}@servers:{}",
    "mqtt": "mqtt://app:{}@servers:{}",
    "smtp": "smtp://app:{}@servers:{}",
    "mongodb": "mongodb://app:{}@servers:{}/shop?authSource=admin",
}
"""Callers' URLs with a password that the probe tries."""

ODD = {
    3306: "mysql2://odd:p%40ss%2Fw%3Ard%251@servers/mysql",
    5432: "postgresql+psycopg2://app:s3cret@elsewhere:5432,servers:5432/postgres?target_session_attrs=any",
    5672: "amqp://app:s3cret@servers/%2f/messages",
    6379: "redis://default:s3cret@servers/0",
    4222: "nats://app:s3cret@elsewhere:4222,nats://app:s3cret@servers:4222",
    27017: "mongodb://app:s3cret@elsewhere,servers/shop?replicaSet=rs0&readPreferenceTags=dc:ny,rack:1&authSource=admin",
}
"""Right logins, written in ways that are easily misread, by port."""


@dataclass(frozen=True)
class Server:
    """One server: its ports in each state, and the class of failure by which a port that is not ready is told."""

    protocol: str
    ready: int
    loopback: int
    not_ready: Mapping[int, str]
    """Ports that accept, each with what is said of them."""
    failure: Failure = Failure.PROTOCOL
    other: int = 6379
    """A port of another server."""
    silence: Failure = Failure.PROTOCOL


SERVERS_OF = (
    Server("redis", 6379, 6380, {6381: "MASTERDOWN", 6382: "LOADING"}, other=11211),
    Server("postgres", 5432, 5433, {5434: "is not ready"}),
    Server("mysql", 3306, 3307, {3308: "no connection left (1040"}),
    Server("amqp", 5672, 5673, {}),
    Server("memcached", 11211, 11212, {11213: "Too many open connections"}),
    Server("nats", 4222, 4223, {4224: ""}),
    Server("mqtt", 1883, 1884, {1885: "the connection"}),
    Server("smtp", 25, 26, {27: "451 no service at the moment"}),
    Server("http", 80, 81, {82: "502 Bad Gateway"}, Failure.STATUS),
    Server("https", 443, 444, {445: "502 Bad Gateway"}, Failure.STATUS, silence=Failure.TLS),
    Server("minio", 9000, 9001, {9002: "503 Service"}, Failure.STATUS),
    Server("elasticsearch", 9200, 9201, {9202: "408 Request"}, Failure.STATUS),
    Server("grpc", 50051, 50052, {50053: "NOT_SERVING, expected SERVING"}, Failure.STATUS),
    Server("kafka", 9092, 9093, {9094: "error code 15"}),
    Server("mongodb", 27017, 27018, {27019: "neither a primary nor a secondary"}),
)


@dataclass(frozen=True)
class Row:
    """One server in one state, and what must be found."""

    state: str
    protocol: str
    port: int
    failure: Failure | None = None
    said: str = ""
    password: str | None = None
    path: str = "/"
    user: str = "app"
    database: str | None = None

    @property
    def settings(self) -> ProbeSettings:
        """What the probe is told."""
        user = None if self.protocol == "redis" else self.user
        return ProbeSettings(
            self.protocol, self.port, self.path, user=user, password=self.password, database=self.database
        )

    def judged(self, found: Judgement) -> bool:
        """Whether that is what must be found."""
        return found.ok is (self.failure is None) and found.failure is self.failure and self.said in found.message


SHOP = "shop.Starting"
SPECIAL = (
    Row("TLS expected", "https", 80, Failure.TLS),
    Row("TLS not expected", "http", 443, Failure.STATUS, "400"),
    Row("one service not ready", "grpc", 50051, Failure.STATUS, f"NOT_SERVING for {SHOP}", path=f"/{SHOP}"),
    Row("one service unknown", "grpc", 50051, Failure.STATUS, "shop.Absent", path="/shop.Absent"),
    Row("no health service", "grpc", 50054, Failure.STATUS, "has no health service"),
    Row("login in a way of its own", "mysql", 3306, said="client_ed25519", password=GOOD, user="ed"),
    Row("login by an odd password", "mysql", 3306, said="lets odd in", password="p@ss/w:rd%1", user="odd"),  # noqa: S106  (of a test)
    Row("opens a database", "postgres", 5432, password=GOOD, database="postgres"),
    Row("opens no database", "postgres", 5432, Failure.STATUS, "database absent", GOOD, database="absent"),
    Row("opens a database", "mysql", 3306, password=GOOD, database="mysql"),
    Row("opens no database", "mysql", 3306, Failure.STATUS, "database absent", GOOD, database="absent"),
    Row("opens a virtual host", "amqp", 5672, password=GOOD, database="/"),
    Row("opens no virtual host", "amqp", 5672, Failure.STATUS, "virtual host 'absent'", GOOD, database="absent"),
    Row("opens a database", "redis", 6379, password=GOOD, database="15"),
    Row("opens no database", "redis", 6379, Failure.STATUS, "database 16", GOOD, database="16"),
)


def rows() -> tuple[Row, ...]:
    """Return the whole table; those that nobody answers are the last, because they are waited for together."""
    table = [Row("ready", one.protocol, one.ready) for one in SERVERS_OF]
    table += [Row("right password", name, ports(name).ready, password=GOOD) for name in EDGES]
    table += [Row("wrong password", name, ports(name).ready, Failure.AUTHENTICATION, password=WRONG) for name in EDGES]
    table += [
        Row("not ready", one.protocol, port, one.failure, said)
        for one in SERVERS_OF
        for port, said in one.not_ready.items()
    ]
    table += [
        Row("not ready, password", name, port, Failure.PROTOCOL, said, GOOD)
        for name in EDGES
        for port, said in ports(name).not_ready.items()
    ]
    table += SPECIAL
    table += [Row("loopback only", one.protocol, one.loopback, Failure.REFUSED) for one in SERVERS_OF]
    table += [Row("wrong port", one.protocol, NOBODY, Failure.REFUSED) for one in SERVERS_OF]
    table += [Row("another server", one.protocol, one.other, one.silence) for one in SERVERS_OF]
    return (*table, *(Row("accepts and is silent", one.protocol, DEAF, one.silence) for one in SERVERS_OF))


def ports(protocol: str) -> Server:
    """Return the server of a protocol."""
    return next(one for one in SERVERS_OF if one.protocol == protocol)


TABLE = rows()
PAUSED = tuple(Row("paused", one.protocol, one.ready, one.silence) for one in SERVERS_OF)


def environment(password: str, *, everywhere: bool) -> str:
    """Return variables with the URL of every server that is logged in to, and of ports that are not open."""
    urls = [url.format(password, ports(name).ready) for name, url in EDGES.items()]
    if everywhere:
        urls += [url.format(password, ports(name).loopback) for name, url in EDGES.items()]
        urls += [f"{one.protocol}://servers:{one.loopback}" for one in SERVERS_OF if one.protocol not in EDGES]
        urls.append(EDGES["postgres"].format(password, NOBODY))
    return "{" + ", ".join(f'A{number}_URL: "{url}"' for number, url in enumerate(urls)) + "}"


STACK = f"""
services:
  python: {{image: "{SERVICES}", command: [sleep, "600"], init: true, environment: {environment(GOOD, everywhere=True)}}}
  nothing: {{image: "{TINY}", environment: {environment(WRONG, everywhere=False)}}}
  odd: {{image: "{TINY}", environment: {{{", ".join(f'A{port}_URL: "{url}"' for port, url in ODD.items())}}}}}
  servers: {{image: "{SERVERS}", command: [bash, /servers/up.sh], init: true}}
networks: {{default: {{internal: true}}}}
"""
Found = Mapping[tuple[str, Row], Judgement]


@dataclass(frozen=True)
class Findings:
    """What was found on one stack: by the probes while it ran and while it was paused, and by the gate."""

    running: Found
    paused: Found
    edges: Mapping[str, CheckResult]
    client: str
    """What MongoDB's own client found."""


@pytest.fixture(scope="module")
def findings(module_stacks: Stacks) -> Findings:
    ensure_servers()
    stand = Stand(module_stacks, STACK)
    running = settled(stand)
    edges = {title.partition("[")[2].rstrip("]"): one for title, one in stand.find(ConnectivitySettings()).items()}
    client = pymongo(stand)
    stand.stack.steer("pause", "servers")
    paused = asked(stand, PAUSED)
    stand.stack.steer("unpause", "servers")
    return Findings(running, paused, edges, client)


def settled(stand: Stand) -> Found:
    """Return what is found when every server is in its state, or when it had time enough for that."""
    until = time.monotonic() + START_S
    quick = [row for row in TABLE if row.state not in ("another server", "accepts and is silent")]
    while time.monotonic() < until and not all(row.judged(one) for (_, row), one in asked(stand, quick).items()):
        time.sleep(0.5)
    return asked(stand, TABLE)


def asked(stand: Stand, table: Sequence[Row]) -> Found:
    """Ask every row from inside both callers."""
    questions = [dialogue.question(PROTOCOLS[row.protocol], row.settings, "servers", 2.0) for row in table]
    states = by_service(stand.engine, stand.name)
    found: dict[tuple[str, Row], Judgement] = {}
    with contextlib.closing(Inside(stand.engine, stand.name)) as inside:
        for caller, wait in inside.ask_each({name: (states[name], questions) for name in CALLERS}).items():
            for row, exchange in zip(table, wait(), strict=True):
                found[caller, row] = dialogue.verdict(PROTOCOLS[row.protocol], row.settings, exchange)
    return found


def pymongo(stand: Stand) -> str:
    """Return what MongoDB's own client says of the stand-in, with the right and with a wrong password."""
    program = (
        "import pymongo\n"
        f"for word in ({GOOD!r}, {WRONG!r}):\n"
        " client = pymongo.MongoClient(f'mongodb://app:{word}@servers', serverSelectionTimeoutMS=5000)\n"
        " try: print(client.admin.command('ping'))\n"
        " except pymongo.errors.OperationFailure as error: print(error)\n"
    )
    servers = by_service(stand.engine, stand.name)["servers"]
    return stand.engine.execute(servers.id, ["python3", "-c", program], timeout_s=30).text


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.protocol}-{row.state}-{row.port}")
def test_every_server_in_every_state(findings: Findings, row: Row, caller: str) -> None:
    found = findings.running[caller, row]
    assert row.judged(found), (found, row.failure)
    assert row.password is None or row.password not in found.message


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("row", PAUSED, ids=lambda row: row.protocol)
def test_a_paused_server_is_not_ready(findings: Findings, row: Row, caller: str) -> None:
    found = findings.paused[caller, row]
    assert row.judged(found), (found, row.failure)


@pytest.mark.parametrize("name", EDGES)
def test_the_gate_logs_in_with_the_callers_own_password(findings: Findings, name: str) -> None:
    result = findings.edges[f"python -> servers:{ports(name).ready}"]
    assert result.outcome is Outcome.PASSED, result.message
    assert GOOD not in str(result)


@pytest.mark.parametrize("port", ODD)
def test_the_gate_reads_logins_that_are_written_oddly(findings: Findings, port: int) -> None:
    result = findings.edges[f"odd -> servers:{port}"]
    assert result.outcome is Outcome.PASSED, result.message
    assert re.search(r": lets (?:us|app|odd) in", result.message), result.message
    assert GOOD not in str(result)


@pytest.mark.parametrize("name", EDGES)
def test_the_gate_says_that_the_callers_password_is_wrong(findings: Findings, name: str) -> None:
    result = findings.edges[f"nothing -> servers:{ports(name).ready}"]
    assert (result.outcome, result.evidence["reason"]) == (Outcome.FAILED, "authentication"), result.message
    assert "Give nothing a user and a password that servers takes." in result.message
    assert WRONG not in str(result)


@pytest.mark.parametrize("server", SERVERS_OF, ids=lambda server: server.protocol)
def test_the_gate_says_that_a_server_listens_on_loopback_only(findings: Findings, server: Server) -> None:
    result = findings.edges[f"python -> servers:{server.loopback}"]
    assert (result.outcome, result.evidence["reason"]) == (Outcome.FAILED, "refused"), result.message
    assert f"listens on 127.0.0.1:{server.loopback} only" in result.message
    assert GOOD not in str(result)


def test_the_gate_names_the_port_that_is_meant_instead(findings: Findings) -> None:
    result = findings.edges[f"python -> servers:{NOBODY}"]
    assert (result.outcome, result.evidence["reason"]) == (Outcome.FAILED, "refused"), result.message
    assert "Use port 5432, on which servers listens" in result.message


def test_the_stand_in_of_mongodb_is_a_server_for_its_own_client(findings: Findings) -> None:
    assert findings.client.splitlines()[0] == "{'ok': 1.0}"
    assert "Authentication failed" in findings.client
