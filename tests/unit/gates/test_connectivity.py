from __future__ import annotations

import socket
import threading
from dataclasses import replace

import pytest

from pytest_infragate.compose.model import Dependency, NetworkUse, Port, Project, Service
from pytest_infragate.gates import edge_check, edge_plan, published
from pytest_infragate.gates.edge_check import Asked
from pytest_infragate.gates.edge_plan import ConnectivityPlan
from pytest_infragate.gates.edges import PlannedEdge
from pytest_infragate.gates.live import LiveStack
from pytest_infragate.gates.stages import attempts
from pytest_infragate.probes.listeners import Listener
from pytest_infragate.results import CheckResult, Location, Outcome, Severity
from pytest_infragate.settings import ConnectivityPolicy, ConnectivitySettings, EdgeSettings, ProbeSettings
from pytest_infragate.stack.exchange import Answer, Exchange, Failure, Question, lost
from pytest_infragate.stack.state import ContainerState, PublishedPort
from tests.unit.states import running

HERE = Location("compose.yaml", 3)
THERE = Location("infragate.yaml", 7)
ANY = "0.0.0.0"  # noqa: S104  (read, not bound)
DEFAULT = (NetworkUse("default"),)


def service(name: str, *needs: str, **more: object) -> Service:
    depends_on = tuple(Dependency(need, location=HERE) for need in needs)
    return Service(name, HERE, image="local", depends_on=depends_on, networks=DEFAULT, **more)  # type: ignore[arg-type]


def project(*services: Service) -> Project:
    by_name = {one.name: one for one in services}
    return Project("p", "/p", ("compose.yaml",), by_name, {}, {}, {}, {})


def state(name: str, **more: object) -> ContainerState:
    return running(name, **{"addresses": {"p_default": f"10.0.0.{len(name)}"}, **more})


STACK = project(
    service("edge", "api"),
    service("api", "db", environment={"CACHE": "redis://cache:6379"}),
    service("db", expose=(5432,)),
    service("cache"),
)


def subjects(planned: ConnectivityPlan) -> dict[str, str]:
    return {edge.check.subject: edge.check.id for edge in planned.edges}


OPEN, CLOSED = "IG921", "IG922"


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (ConnectivitySettings(), {"edge -> api": OPEN, "api -> cache:6379": OPEN, "api -> db": OPEN}),
        (
            ConnectivitySettings(expect=(EdgeSettings("api", "db", 5432),), ignore=(EdgeSettings("*", "cache"),)),
            {"edge -> api": OPEN, "api -> db:5432": OPEN},
        ),
        (
            ConnectivitySettings(expect=(EdgeSettings("edge", "api", 8000, "/healthz"),)),
            {"edge -> api:8000/healthz": OPEN, "api -> cache:6379": OPEN, "api -> db": OPEN},
        ),
        (
            ConnectivitySettings(ignore=(EdgeSettings("api", "cache", 6380), EdgeSettings("edge", "api"))),
            {"api -> cache:6379": OPEN, "api -> db": OPEN},
        ),
        (
            ConnectivitySettings(policy=ConnectivityPolicy.DECLARED, expect=(EdgeSettings("*", "cache", 6379),)),
            {"edge -> cache:6379": OPEN, "api -> cache:6379": OPEN, "db -> cache:6379": OPEN},
        ),
        (
            ConnectivitySettings(policy=ConnectivityPolicy.DECLARED, forbid=(EdgeSettings("edge", "*"),)),
            {"edge -> api": CLOSED, "edge -> db": CLOSED, "edge -> cache": CLOSED},
        ),
        (
            ConnectivitySettings(
                policy=ConnectivityPolicy.CLOSED,
                expect=(EdgeSettings("edge", "api", 8000), EdgeSettings("api", "*")),
                ignore=(EdgeSettings("cache", "*"),),
            ),
            {
                "edge -> api:8000": OPEN,
                "api -> edge": OPEN,
                "api -> db": OPEN,
                "api -> cache": OPEN,
                "edge -> db": CLOSED,
                "edge -> cache": CLOSED,
                "db -> edge": CLOSED,
                "db -> api": CLOSED,
                "db -> cache": CLOSED,
            },
        ),
    ],
)
def test_which_edges_are_planned(settings: ConnectivitySettings, expected: dict[str, str]) -> None:
    planned = edge_plan.plan(STACK, settings)
    assert subjects(planned) == expected
    assert planned.not_applicable is None
    assert {check.subject for check in planned.checks} == set(expected)


HTTP, DNS = ProbeSettings("http", 8000, body="ok"), ProbeSettings("udp", 53, send=b"x")
PSQL = ProbeSettings("exec", argv=("psql", "-c", "select 1"))


@pytest.mark.parametrize(
    ("edges", "expected"),
    [
        ([EdgeSettings("api", "db", 5432, probe=PSQL)], ["api -> db:5432 (psql)"]),
        (
            [EdgeSettings("api", "db", 5432), EdgeSettings("api", "db", 5432, probe=PSQL)],
            ["api -> db:5432", "api -> db:5432 (psql)"],
        ),
        ([EdgeSettings("api", "db", 53, probe=DNS)], ["api -> db:53/udp"]),
        (
            [EdgeSettings("edge", "api", 8000, "/", probe=HTTP), EdgeSettings("*", "api", 8000, "/", probe=HTTP)],
            ["edge -> api:8000/", "db -> api:8000/", "cache -> api:8000/"],
        ),
        (
            [EdgeSettings("edge", "api", 8000, "/"), EdgeSettings("edge", "api", 8000, "/", probe=HTTP)],
            ["edge -> api:8000/", "edge -> api:8000/ #2"],
        ),
    ],
)
def test_edges_on_which_something_else_is_asked_are_checks_of_their_own(
    edges: list[EdgeSettings], expected: list[str]
) -> None:
    settings = ConnectivitySettings(policy=ConnectivityPolicy.DECLARED, expect=tuple(edges))
    assert list(subjects(edge_plan.plan(STACK, settings))) == expected


@pytest.mark.parametrize(
    ("probe", "inferred"),
    [(PSQL, set()), (DNS, {"api -> cache:6379"})],
)
def test_a_declared_edge_stands_for_what_is_inferred_of_its_port(probe: ProbeSettings, inferred: set[str]) -> None:
    declared = EdgeSettings("api", "cache", 6379, probe=probe)
    found = subjects(edge_plan.plan(STACK, ConnectivitySettings(expect=(declared,))))
    assert {one for one in found if one == "api -> cache:6379"} == inferred


def test_an_edge_keeps_its_protocol_when_only_its_tls_is_declared() -> None:
    wanted = ProbeSettings("", 6379, tls=True, verify=True, ca="/ca.pem", server_name="cache.local")
    declared = (EdgeSettings("api", "cache", 6379, probe=wanted), EdgeSettings("edge", "db", 1, probe=wanted))
    edges = edge_plan.plan(STACK, ConnectivitySettings(policy=ConnectivityPolicy.DECLARED, expect=declared)).edges
    assert [edge.probe and edge.probe.protocol for edge in edges] == ["redis", "tcp"]
    assert all(edge.probe and edge.probe.verify and edge.probe.ca == "/ca.pem" and edge.probe.tls for edge in edges)


def test_each_login_that_urls_of_the_caller_state_is_proven() -> None:
    urls = {"MAIN_URL": "postgres://app:a@db/shop", "AUDIT_URL": "postgres://audit:b@db/audit"}
    stack = project(service("api", environment=urls), service("db", expose=(5432,)))
    found = {one.check.subject: one for one in edge_plan.plan(stack, ConnectivitySettings()).edges}
    assert [(key, one.probe and one.probe.user, one.why) for key, one in found.items()] == [
        ("api -> db:5432", "app", "environment MAIN_URL"),
        ("api -> db:5432 (AUDIT_URL)", "audit", "environment AUDIT_URL"),
    ]
    declared = ConnectivitySettings(expect=(EdgeSettings("api", "db", 5432, probe=PSQL),))
    assert [one.check.subject for one in edge_plan.plan(stack, declared).edges] == ["api -> db:5432 (psql)"]


def test_a_declared_edge_with_a_path_and_no_port_means_port_80() -> None:
    settings = ConnectivitySettings(
        policy=ConnectivityPolicy.DECLARED, expect=(EdgeSettings("edge", "api", None, "/x"),)
    )
    (edge,) = edge_plan.plan(STACK, settings).edges
    assert (edge.check.subject, edge.ports) == ("edge -> api:80/x", (80,))


def test_an_edge_without_a_port_is_tried_on_the_ports_that_the_target_is_known_for() -> None:
    edges = {edge.check.subject: edge.ports for edge in edge_plan.plan(STACK, ConnectivitySettings()).edges}
    assert edges["api -> db"] == (5432,)


def test_a_source_without_containers_needs_nothing() -> None:
    stack = project(service("edge", "api", replicas=0), service("api"))
    assert edge_plan.plan(stack, ConnectivitySettings()).edges == ()


def test_an_ignored_edge_that_does_not_exist_is_a_warning() -> None:
    settings = ConnectivitySettings(ignore=(EdgeSettings("only", "mail.example.com", text="only -> mail.example.com"),))
    [finding, _nothing_to_prove] = edge_plan.plan(project(service("only")), settings).findings
    assert (finding.severity, finding.subject) == (Severity.WARNING, "only -> mail.example.com")


def calling_out(**more: str) -> Project:
    environment = {"SMTP_HOST": "mail.example.com", "SMTP_PORT": "25", "SITE_URL": "https://www.example.com", **more}
    return project(service("api", "db", environment=environment), service("db"))


def test_a_host_outside_the_stack_is_told_and_not_probed() -> None:
    planned = edge_plan.plan(calling_out(), ConnectivitySettings())
    assert subjects(planned) == {"api -> db": OPEN}
    [finding] = planned.findings
    assert (finding.severity, finding.subject) == (Severity.INFO, "api -> mail.example.com:25")
    said = "api calls mail.example.com (environment SMTP_HOST), which is outside the stack: external, not probed."
    assert finding.message == said


def test_a_service_of_a_profile_that_is_not_active_is_told_where_the_caller_names_it() -> None:
    stack = replace(project(service("api", environment={"CACHE_URL": "redis://cache"})), inactive_services=("cache",))
    [told, _nothing_to_prove] = edge_plan.plan(stack, ConnectivitySettings()).findings
    assert (told.severity, told.subject) == (Severity.WARNING, "api -> cache:6379")
    assert told.message == (
        "api calls cache (environment CACHE_URL), a service of a profile that is not active: it does not run, and is not probed."
    )
    ignored = ConnectivitySettings(ignore=(EdgeSettings("api", "cache"),))
    [_nothing_to_prove] = edge_plan.plan(stack, ignored).findings
    places = {("env_file",): HERE, ("environment", "CACHE_URL"): HERE}
    by_file = service("api", environment={"CACHE_URL": "redis://cache"}, places=places)
    stack = replace(project(by_file), inactive_services=("cache",))
    [_nothing_to_prove] = edge_plan.plan(stack, ConnectivitySettings()).findings


@pytest.mark.parametrize("target", ["mail.example.com", "*.example.com"])
def test_a_host_outside_the_stack_that_is_ignored_is_not_told(target: str) -> None:
    settings = ConnectivitySettings(ignore=(EdgeSettings("api", target),))
    assert edge_plan.plan(calling_out(), settings).findings == ()


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("DATABASE_URL", "postgres://u:p@db.example.com/x", True),
        ("REDIS_HOSTS", "one.example.com,two.example.com", True),
        ("APP_HOST", "www.example.com", False),
        ("API_URL", "https://api.example.com", False),
        ("DB_HOST", "10.0.0.1", False),
        ("DB_HOST", "elsewhere", False),
        ("NO_PROXY", "redis://cache.example.com", False),
    ],
)
def test_what_certainly_leads_out_of_the_stack(key: str, value: str, told: bool) -> None:
    found = edge_plan.plan(project(service("api", environment={key: value})), ConnectivitySettings()).findings
    assert any(finding.severity is Severity.INFO for finding in found) is told


def test_patterns_in_names_of_edges() -> None:
    stack = project(*(service(name) for name in ("web-1", "web-2", "api", "db")))
    settings = ConnectivitySettings(
        policy=ConnectivityPolicy.DECLARED,
        expect=(EdgeSettings("web-*", "a*", 80),),
        forbid=(EdgeSettings("web-*", "db"),),
    )
    assert subjects(edge_plan.plan(stack, settings)) == {
        "web-1 -> api:80": OPEN,
        "web-2 -> api:80": OPEN,
        "web-1 -> db": CLOSED,
        "web-2 -> db": CLOSED,
    }


def test_an_expected_or_forbidden_edge_that_names_no_pair_of_services_fails() -> None:
    alias = EdgeSettings("only", "alias", text="only -> alias", location=THERE)
    settings = ConnectivitySettings(expect=(EdgeSettings("*", "only", text="* -> only"), alias, alias), forbid=(alias,))
    planned = edge_plan.plan(project(service("only")), settings)
    assert planned.not_applicable is None
    assert [(check.id, check.subject) for check in planned.checks] == [
        ("IG921", "* -> only"),
        ("IG921", "only -> alias"),
        ("IG922", "only -> alias"),
    ]
    assert {result.outcome for result in planned.unprovable} == {Outcome.FAILED}
    assert planned.unprovable[1].findings[0].location == THERE


def test_without_edges_the_published_ports_prove_it() -> None:
    web = service("web", ports=(Port(80, "8080"), Port(80, "8081"), Port(53, "53", protocol="udp")))
    planned = edge_plan.plan(project(web), ConnectivitySettings())
    assert [(check.id, check.subject) for check in planned.checks] == [("IG923", "web:80/tcp"), ("IG923", "web:53/udp")]


def test_without_edges_and_ports_there_is_nothing_to_prove_and_a_warning() -> None:
    planned = edge_plan.plan(project(service("a"), service("b")), ConnectivitySettings())
    assert planned.checks == ()
    assert planned.not_applicable == "no service needs another one, and none publishes a port"
    assert [finding.severity for finding in planned.findings] == [Severity.WARNING]


class Seen:
    """What the containers listen on, as if it had been looked up."""

    def __init__(self, **found: tuple[Listener, ...] | str) -> None:
        self._found = found

    def listeners(self, container: ContainerState) -> tuple[Listener, ...] | str:
        return self._found.get(container.service, ())

    def known(self, container: ContainerState) -> tuple[Listener, ...]:
        found = self.listeners(container)
        return () if isinstance(found, str) else found

    def told(self, container: ContainerState) -> str:
        return f"{container.service} listens on {', '.join(map(str, self.known(container))) or 'nothing at all'}"


API, DB = state("api"), state("db")
LIVE = LiveStack((API, DB))


def edge(text: EdgeSettings, *, must_be_open: bool = True) -> PlannedEdge:
    entries = {"expect" if must_be_open else "forbid": (replace(text, location=THERE),)}
    settings = ConnectivitySettings(policy=ConnectivityPolicy.DECLARED, **entries)  # type: ignore[arg-type]
    return edge_plan.plan(STACK, settings).edges[0]


def judged(planned: PlannedEdge, *exchanges: Exchange, live: LiveStack = LIVE, seen: Seen | None = None) -> CheckResult:
    return edge_check.judge(planned, [Asked(API, exchanges)], live, seen or Seen())  # type: ignore[arg-type]


DB_EDGE = edge(EdgeSettings("api", "db", 5432))
ASKED = Question("db", 5432)
ACCEPTED = Exchange(ASKED, ("10.0.0.2",), 0.001, (Answer("10.0.0.2", 0.002),), via="python3 in the caller")
REFUSED = Exchange(ASKED, ("10.0.0.2",), 0.001, (Answer("10.0.0.2", failure=Failure.REFUSED, detail="refused"),))


def test_an_accepted_connection_proves_an_edge() -> None:
    result = judged(DB_EDGE, ACCEPTED)
    assert result.outcome is Outcome.PASSED
    assert result.message == "db:5432 accepts connections from inside api (python3 in the caller)"
    assert {key: result.evidence[key] for key in ("callers", "addresses", "connect_s")} == {
        "callers": ["p-api-1"],
        "addresses": ["10.0.0.2"],
        "connect_s": [0.002],
    }


def test_a_failed_edge_has_its_reason_and_its_attempts() -> None:
    result = judged(DB_EDGE, REFUSED)
    assert result.evidence["reason"] == "refused"
    (attempt,) = attempts("p-api-1", [REFUSED])
    assert result.evidence["attempts"] == [attempt]
    assert isinstance(attempt, dict)
    assert attempt["failed"] == "refused"


@pytest.mark.parametrize(
    ("listening", "remedy"),
    [
        ((Listener(5433, ANY),), "Use port 5433, on which db listens, or make it listen on port 5432."),
        (
            (Listener(5432, "127.0.0.1"),),
            "Make db listen on 0.0.0.0:5432 instead of its own loopback (127.0.0.1:5432).",
        ),
        ((), "Make db listen on port 5432, on the address of the shared network."),
    ],
)
def test_a_refusal_says_what_listens_and_what_to_change(listening: tuple[Listener, ...], remedy: str) -> None:
    result = judged(DB_EDGE, REFUSED, seen=Seen(db=listening))
    assert result.outcome is Outcome.FAILED
    assert "db:5432 is refused from inside p-api-1: refused." in result.message
    assert "api is on p_default, db on p_default." in result.message
    assert "Needed by connectivity.expect (infragate.yaml:7)." in result.message
    assert result.findings[0].remedy == remedy
    assert result.findings[0].location == THERE


def test_a_name_that_leads_elsewhere_is_told() -> None:
    refused = (Answer("127.0.0.1", failure=Failure.REFUSED, detail="refused"),)
    astray = replace(REFUSED, resolved=("127.0.0.1", "10.0.0.2", "10.0.0.3"), answers=refused)
    result = judged(DB_EDGE, astray)
    assert "There the name leads to 127.0.0.1, 10.0.0.3 (p-api-1), where no container of db is." in result.message
    assert "extra_hosts of api" in result.findings[0].remedy


@pytest.mark.parametrize(
    ("host", "led_to", "changes", "said"),
    [
        ("db", "10.0.0.5", {}, "the name leads to 10.0.0.5 (p-cache-1), where no container of db is."),
        ("db", "127.0.0.1", {}, "the name leads to 127.0.0.1, where no container of db is."),
        ("db", "10.0.0.3", {}, "the name leads to 10.0.0.3 (p-api-1)"),
        ("store", "127.0.0.1", {}, "the name leads to 127.0.0.1"),
        ("store", "10.0.0.5", {}, ""),
        ("db", "192.168.0.1", {}, ""),
        ("db", "127.0.0.1", {"addresses": {}, "network_mode": "host"}, ""),
        ("db", "127.0.0.1", {"addresses": {}, "network_mode": "container:db"}, ""),
    ],
)
def test_a_name_that_leads_to_others_alone_proves_nothing(
    host: str, led_to: str, changes: dict[str, object], said: str
) -> None:
    caller = state("api", **changes)
    told = Exchange(Question(host, 5432), (led_to,), 0.001, (Answer(led_to, 0.002),), via="python3 in the caller")
    live = LiveStack((caller, DB, state("cache")))
    result = edge_check.judge(DB_EDGE, [Asked(caller, (told,))], live, Seen())  # type: ignore[arg-type]
    assert result.outcome is (Outcome.FAILED if said else Outcome.PASSED), result.message
    assert said in result.message


def test_services_on_different_networks_are_told_to_share_one() -> None:
    live = LiveStack((API, state("db", addresses={"p_back": "10.0.1.2"})))
    result = judged(DB_EDGE, lost(ASKED, Failure.NOT_RESOLVABLE, "no such name"), live=live)
    assert "api is on p_default, db on p_back." in result.message
    assert result.message.endswith("Put api and db on one network (key networks of the two services).")


@pytest.mark.parametrize("failure", [Failure.NO_TOOLS, Failure.BROKEN])
def test_what_could_not_be_asked_is_an_error(failure: Failure) -> None:
    result = judged(DB_EDGE, lost(ASKED, failure, "name a helper image"))
    assert result.outcome is Outcome.ERROR
    assert "name a helper image" in result.message


def test_a_caller_that_is_down_proves_nothing() -> None:
    down = lost(ASKED, Failure.CALLER_DOWN, "p-api-1 is paused")
    assert judged(DB_EDGE, down).outcome is Outcome.FAILED


def test_one_of_several_replicas_that_does_not_answer_is_named() -> None:
    second = replace(DB, id="db2", name="p-db-2", addresses={"p_default": "10.0.0.77"})
    answers = (Answer("10.0.0.2", 0.1), Answer("10.0.0.77", failure=Failure.REFUSED, detail="refused"))
    told = replace(REFUSED, resolved=("10.0.0.2", "10.0.0.77"), answers=answers)
    result = judged(DB_EDGE, told, live=LiveStack((API, DB, second)))
    assert "db:5432 is refused at 10.0.0.77 (p-db-2) from inside p-api-1" in result.message


def test_a_name_that_leads_to_another_service_as_well_is_a_warning() -> None:
    answers = (Answer("10.0.0.2", 0.1), Answer("10.0.0.5", 0.1))
    told = replace(ACCEPTED, resolved=("10.0.0.2", "10.0.0.5"), answers=answers)
    live = LiveStack((API, DB, state("cache")))
    result = judged(DB_EDGE, told, live=live)
    assert result.outcome is Outcome.PASSED
    assert [(one.severity, "leads to p-cache-1 too" in one.message) for one in result.findings] == [
        (Severity.WARNING, True)
    ]
    assert judged(DB_EDGE, told, live=LiveStack((API, DB))).findings == ()
    by_alias = replace(told, question=Question("store", 5432))
    assert judged(DB_EDGE, by_alias, live=live).findings == ()


def test_every_name_by_which_a_caller_calls_must_lead_there() -> None:
    unknown = lost(Question("store", 5432), Failure.NOT_RESOLVABLE, "no such name")
    result = judged(DB_EDGE, ACCEPTED, unknown)
    assert result.outcome is Outcome.FAILED
    assert "Call it db, or give db the alias store on p_default" in result.findings[0].remedy


def test_one_of_two_callers_that_is_refused_fails_the_edge() -> None:
    second = replace(API, id="api2", name="p-api-2", number=2)
    asked = [Asked(API, (ACCEPTED,)), Asked(second, (REFUSED,))]
    result = edge_check.judge(DB_EDGE, asked, LIVE, Seen())  # type: ignore[arg-type]
    assert result.outcome is Outcome.FAILED
    assert "from inside p-api-2" in result.message


def test_a_replica_that_the_name_does_not_lead_to_fails_the_edge() -> None:
    second = replace(DB, id="db2", name="p-db-2", addresses={"p_default": "10.0.0.77"})
    result = judged(DB_EDGE, ACCEPTED, live=LiveStack((API, DB, second)))
    assert result.outcome is Outcome.FAILED
    assert "which leaves out p-db-2" in result.message


def test_an_edge_without_a_port_is_proven_by_any_of_the_known_ports_with_a_warning_for_the_others() -> None:
    other = replace(REFUSED, question=Question("db", 9999))
    result = judged(edge(EdgeSettings("api", "db")), other, ACCEPTED)
    assert result.outcome is Outcome.PASSED
    assert [finding.severity for finding in result.findings] == [Severity.WARNING]
    assert "db:9999 does not accept" in result.findings[0].message


def test_an_edge_without_any_known_port_is_weaker_evidence() -> None:
    result = judged(edge(EdgeSettings("api", "db")), Exchange(Question("db"), ("10.0.0.2",), 0.001))
    assert result.outcome is Outcome.PASSED
    assert result.message.endswith("weaker evidence")


@pytest.mark.parametrize(
    ("reply", "reason"),
    [(b"HTTP/1.1 302 Found\r\n", None), (b"HTTP/1.1 503 No\r\n", "status"), (b"", "protocol"), (b"+PONG", "protocol")],
)
def test_an_edge_with_a_path_wants_a_good_status(reply: bytes, reason: str | None) -> None:
    planned = edge(EdgeSettings("api", "db", 8000, "/x"))
    (question,) = edge_check.questions(planned, planned.ports)
    assert question.send.startswith(b"GET /x HTTP/1.1\r\nHost: db:8000")
    exchange = Exchange(question, ("10.0.0.2",), 0.1, (Answer("10.0.0.2", 0.1, reply_s=0.1, reply=reply),))
    result = judged(planned, exchange)
    assert result.outcome is (Outcome.FAILED if reason else Outcome.PASSED)
    assert result.evidence.get("reason") == reason


FORBIDDEN = edge(EdgeSettings("api", "db"), must_be_open=False)


def test_a_forbidden_edge_is_tried_on_what_the_target_really_listens_on() -> None:
    seen = Seen(db=(Listener(9999, ANY), Listener(7, "127.0.0.1"), Listener(53, ANY, "udp")))
    assert edge_check.ports_to_try(FORBIDDEN, LIVE, seen) == (5432, 9999)  # type: ignore[arg-type]


def test_an_open_edge_is_tried_on_ports_of_the_image_and_what_listens_only_where_nothing_is_known() -> None:
    seen = Seen(cache=(Listener(9999, ANY),))
    planned = edge(EdgeSettings("api", "cache"))
    assert edge_check.ports_to_try(planned, LiveStack((API, state("cache"))), seen) == (9999,)  # type: ignore[arg-type]
    exposing = LiveStack((API, state("cache", exposed=((6379, "tcp"), (53, "udp")))))
    assert edge_check.ports_to_try(planned, exposing, seen) == (6379,)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("planned", "live", "outcome", "said"),
    [
        (DB_EDGE, replace(LIVE, not_ready={"db": "it exits"}), Outcome.NOT_RUN, "db did not become ready: it exits"),
        (DB_EDGE, replace(LIVE, ended=frozenset({"api"})), Outcome.PASSED, "api ended with 0"),
        (FORBIDDEN, replace(LIVE, ended=frozenset({"api"})), Outcome.ERROR, "api has ended"),
        (
            FORBIDDEN,
            LiveStack((state("api", addresses={}), DB), ended=frozenset({"api"})),
            Outcome.PASSED,
            "shared no network",
        ),
        (DB_EDGE, LiveStack((DB,)), Outcome.NOT_RUN, "api has no container"),
        (DB_EDGE, LiveStack((API,)), Outcome.FAILED, "db has no container"),
        (DB_EDGE, LiveStack((API, replace(DB, paused=True))), Outcome.FAILED, "p-db-1 is paused"),
    ],
)
def test_edges_that_need_no_asking(planned: PlannedEdge, live: LiveStack, outcome: Outcome, said: str) -> None:
    result = edge_check.settled(planned, live)
    assert result is not None
    assert result.outcome is outcome
    assert said in result.message


def test_running_services_are_asked() -> None:
    assert edge_check.settled(DB_EDGE, LIVE) is None
    assert edge_check.settled(FORBIDDEN, LIVE) is None


@pytest.mark.parametrize(
    ("ports", "places"),
    [
        ([PublishedPort(80, "tcp", ANY, 8080), PublishedPort(80, "tcp", "::", 8080)], (("127.0.0.1", 8080),)),
        ([PublishedPort(80, "tcp", "::", 8080)], (("::1", 8080),)),
        ([PublishedPort(80, "tcp", "127.0.0.2", 8080)], (("127.0.0.2", 8080),)),
        ([PublishedPort(81, "tcp", ANY, 8080), PublishedPort(80, "udp", ANY, 8080)], ()),
    ],
)
def test_where_a_published_port_is_reached(ports: list[PublishedPort], places: tuple[tuple[str, int], ...]) -> None:
    assert published.host_places(state("web", ports=tuple(ports)), Port(80), "127.0.0.1") == places


def test_a_remote_engine_publishes_on_its_own_host() -> None:
    web = state("web", ports=(PublishedPort(80, "tcp", ANY, 8080),))
    assert published.host_places(web, Port(80), "192.0.2.1") == (("192.0.2.1", 8080),)


@pytest.mark.parametrize(
    ("talk", "problem", "proof"),
    [("hello", "", "answers"), ("", "accepts and hangs up at once", ""), (None, "", "keeps the connection open")],
)
def test_a_host_port_proves_something_only_by_a_word_or_by_staying_open(
    talk: str | None, problem: str, proof: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        over = threading.Event()

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                if talk is None:
                    over.wait(10)
                else:
                    connection.sendall(talk.encode())

        thread = threading.Thread(target=serve)
        thread.start()
        found = published.ask_host("127.0.0.1", server.getsockname()[1], hold_s=0.3)
        over.set()
        thread.join()
    assert found[0].startswith(problem)
    assert bool(found[0]) == bool(problem)
    assert found[1] == proof


def test_a_host_port_that_refuses_is_told() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        problem, _ = published.ask_host("127.0.0.1", bound.getsockname()[1])
    assert problem.startswith("cannot be reached from here")


def stack_by_other_names() -> Project:
    called = {"STORE": "redis://store:6379", "BOX": "redis://box:6379", "OWN": "redis://cache:6379"}
    cache = service("cache", hostname="box")
    aliased = replace(cache, networks=(NetworkUse("default", aliases=("store",)),))
    return project(service("api", environment=called), service("web", environment={"X": "redis://store:6379"}), aliased)


def test_an_edge_is_asked_by_the_names_that_its_caller_uses() -> None:
    edges = {one.check.subject: one for one in edge_plan.plan(stack_by_other_names(), ConnectivitySettings()).edges}
    assert set(edges) == {"api -> cache:6379", "web -> cache:6379"}
    assert set(edges["api -> cache:6379"].names) == {"store", "box", "cache"}
    assert edges["web -> cache:6379"].names == ("store",)
    asked = edge_check.questions(replace(edges["api -> cache:6379"], probe=None), (6379,))
    assert {str(question) for question in asked} == {"store:6379", "box:6379", "cache:6379"}


@pytest.mark.parametrize("name", ["store", "box", "STORE"])
def test_a_declared_edge_may_name_its_target_as_others_call_it(name: str) -> None:
    expect = (EdgeSettings("web", name, 6379), EdgeSettings("api", "cache", 6379))
    settings = ConnectivitySettings(policy=ConnectivityPolicy.DECLARED, expect=expect)
    planned = edge_plan.plan(stack_by_other_names(), settings)
    assert subjects(planned) == {"web -> cache:6379": OPEN, "api -> cache:6379": OPEN}
    assert name in planned.edges[0].names
    assert planned.unprovable == ()


def test_a_service_without_containers_is_neither_asked_nor_closed_under_policy_closed() -> None:
    stack = project(service("edge"), service("api"), service("off", replicas=0))
    planned = edge_plan.plan(stack, ConnectivitySettings(policy=ConnectivityPolicy.CLOSED))
    assert subjects(planned) == {"edge -> api": CLOSED, "api -> edge": CLOSED}
