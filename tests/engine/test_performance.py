"""Limits held against what the engine measures of a starved, a full and a quiet container."""

from __future__ import annotations

import contextlib
import json

import pytest

from engine_setup.images import SERVICES
from pytest_infragate.compose.model import Project, Service
from pytest_infragate.compose.resolve import resolve
from pytest_infragate.gates import limit_plan, performance
from pytest_infragate.gates.measures import Measurements
from pytest_infragate.limits import parse_limit
from pytest_infragate.probes.scraping import Scraper
from pytest_infragate.probes.timing import RequestTimer
from pytest_infragate.results import CheckResult, Location, Outcome
from pytest_infragate.run.measuring import layer_growth, oom_kills
from pytest_infragate.settings import PerformanceSettings, ProbeSettings, Settings
from pytest_infragate.stack.cgroup import ControlGroups
from pytest_infragate.stack.engine import Engine
from pytest_infragate.stack.events import EventWatch
from pytest_infragate.stack.host_room import HostRoom
from pytest_infragate.stack.inside import Inside
from pytest_infragate.stack.sampling import Sampler, Series
from pytest_infragate.stack.stats import convert

from .conftest import Stacks
from .test_inside import eventually

FULL = "import time; held = bytearray(58 * 2**20); time.sleep(600)"
READS = "dd if=/dev/zero of=/big bs=1M count=58 status=none; while cat /big >/dev/null; do sleep 1; done"
"""Holds nothing, and fills its cgroup with page cache: read twice, the kernel takes it for active."""
SLOW = """
import http.server, itertools, time
count, asked = itertools.count(), itertools.count(100, 10)
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/metrics":
            answer = "# TYPE asked_total counter\\nasked_total{way=\\"get\\"} %d\\n" % next(asked)
        else:
            answer = ""
            if next(count) % 10 == 5:
                time.sleep(1.5)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(answer.encode())
http.server.ThreadingHTTPServer(("", 8000), Handler).serve_forever()
"""
"""Answers at once but for one request in ten, and tells of itself."""
GROWS = "head -c 200000000 /dev/zero | tail >/dev/null; head -c 5000000 /dev/zero >/log; while sleep 1; do head -c 2000000 /dev/zero >>/log; done"
STACK = f"""
services:
  busy: {{image: BASE, init: true, cpus: 0.1, command: [sh, -c, "while :; do :; done"]}}
  full: {{image: "{SERVICES}", init: true, mem_limit: 64m, command: [python3, -c, {FULL!r}]}}
  reader: {{image: BASE, init: true, mem_limit: 64m, command: [bash, -c, {READS!r}]}}
  quiet: {{image: BASE, init: true, mem_limit: 64m, cpus: 0.2, pids_limit: 20, command: [sleep, "600"]}}
  slow: {{image: "{SERVICES}", init: true, command: [python3, -u, -c, {json.dumps(SLOW)}]}}
  grows: {{image: BASE, init: true, mem_limit: 32m, command: [bash, -c, {GROWS!r}]}}
  cache: {{image: "{SERVICES}", command: [redis-server, --save, "", --protected-mode, "no"]}}
  web: {{image: "{SERVICES}", init: true, command: [python3, -m, http.server, "8000"]}}
"""
PROJECT_OF_ONE = Project("p", "/p", (), {"web": Service("web", Location("compose.yaml", 1))}, {}, {}, {}, {})
PROBES = {
    "web": ProbeSettings("http", 8000),
    "quiet": ProbeSettings("http", 8000),
    "slow": ProbeSettings("http", 8000, rate=20),
    "cache": ProbeSettings("redis", 6379, rate=5),
}
PLACES = {"slow": ProbeSettings("http", 8000, "/metrics"), "web": ProbeSettings("http", 8000, "/metrics")}
TOLD = ('prometheus.asked_total{way="get"}', "prometheus.asked_totals")
ENOUGH = 4
IDLE_ENOUGH = 9
"""So many that eight differences all beyond a limit are not within noise of it."""


@pytest.fixture(scope="module")
def project(module_stacks: Stacks) -> Project:
    resolved = resolve(module_stacks.selection(STACK)).project
    assert resolved is not None
    return resolved


@pytest.fixture(scope="module")
def measured(module_stacks: Stacks, engine: Engine) -> Measurements:
    stack = module_stacks.make(STACK)
    name = stack.project
    sampler = Sampler(engine, arriving=lambda: [one for one in engine.containers(name) if one.started_at])
    room = HostRoom(engine)
    room.start("idle")
    watch = EventWatch(engine, name)
    watch.start()
    sampler.start("startup")
    assert stack.up(timeout_s=60).ok
    containers = engine.containers(name)
    eventually(lambda: sampler.fewest("startup", [one.id for one in containers]) >= ENOUGH)
    sampler.settle(containers)
    before = engine.layer_sizes(name)
    with contextlib.closing(Inside(engine, name)) as inside:
        timer = RequestTimer(inside, PROBES, containers)
        scraper = Scraper(inside, PLACES, {"slow": TOLD, "web": TOLD}, containers)
        timer.start("idle")
        scraper.start("idle")
        eventually(lambda: any(event.action == "oom" for event in watch.events("grows")))
        marks = [(0, "startup"), (engine.clock.now_ns(), "idle")]
        sampler.mark("idle")
        eventually(lambda: all(idle_samples(one[0]) >= IDLE_ENOUGH for one in sampler.series().values()))
        eventually(lambda: len([one for one in timer.requests().get("web", ()) if one.ok]) >= ENOUGH)
        sampler.stop()
        eventually(lambda: len(scraper.exposed()["slow"].fetches[0].told) >= ENOUGH)
        scraper.stop()
        timer.finish()
        assert not sampler.died
        assert not timer.died
        room.stop()
        watch.stop()
        return Measurements(
            containers=engine.containers(name),
            host=room.readings,
            host_missing=room.missing,
            oom_kills=oom_kills(watch.events(), marks),
            layers=layer_growth(before, engine.layer_sizes(name), containers),
            series=sampler.series(),
            requests=timer.requests(),
            exposed=scraper.exposed(),
            image_bytes=performance.image_sizes(engine, containers),
        )


def idle_samples(series: Series) -> int:
    return sum(phase == "idle" for phase, _ in series.samples)


@pytest.fixture(scope="module")
def found(project: Project, measured: Measurements) -> dict[str, CheckResult]:
    planned = limit_plan.plan(project, Settings(root="."))
    return {result.check.subject: result for result in performance.evaluate(planned, measured)}


BROKEN = {"busy cpu.throttled: med < 0.5", "full memory.ratio: max < 0.95"}


def test_the_defaults_catch_the_starved_and_the_full_and_nobody_else(found: dict[str, CheckResult]) -> None:
    assert {subject for subject, result in found.items() if result.outcome is not Outcome.PASSED} == BROKEN
    assert len(found) == 8 * 3 + 1
    assert "quiet pids: max < 20" in found


def test_page_cache_is_no_use_of_memory(engine: Engine, found: dict[str, CheckResult], measured: Measurements) -> None:
    reader = next(state for state in measured.containers if state.service == "reader")
    raw = engine.stats(reader.id)["memory_stats"]
    assert raw["usage"] > 0.85 * raw["limit"], "the file was to fill the memory"
    result = found["reader memory.ratio: max < 0.95"]
    assert result.outcome is Outcome.PASSED
    assert float(str(result.evidence["value"])) < 0.5


def test_requests_come_at_their_rate_however_slow_some_answers_are(measured: Measurements) -> None:
    made = [one for one in measured.requests["slow"] if one.proven]
    times = sorted(one.time for one in made)
    assert len(made) / (times[-1] - times[0]) > 10, "one answer in ten takes so long as 30 requests"
    slow = [one for one in made if one.latency_s is not None and one.latency_s > 1.4]
    assert 0.05 < len(slow) / len(made) < 0.2


def test_the_room_on_the_engines_machine_is_told_or_why_not(measured: Measurements) -> None:
    for limit, what in (("host.memory.available: min > 1m", "memory"), ("host.disk.free: min > 1m", "disk")):
        chosen = Settings(root=".", performance=PerformanceSettings(limits={"*": (parse_limit(limit),)}))
        (planned,) = [one for one in limit_plan.plan(PROJECT_OF_ONE, chosen) if one.limit.metric.startswith("host.")]
        result = performance.judge(planned, measured)
        assert (what in measured.host_missing) is (result.outcome is Outcome.ERROR), result.message


def test_a_control_group_and_the_engine_tell_the_same(engine: Engine, measured: Measurements) -> None:
    groups = ControlGroups()
    for state in (one for one in measured.containers if one.service in ("full", "reader", "web")):
        if not groups.knows(state):
            pytest.skip("the engine does not run on this machine, or its control groups cannot be read")
        before, told, after = groups.sample(state), convert(engine.stats(state.id)), groups.sample(state)
        assert before is not None
        assert told is not None
        assert after is not None
        assert before.cpu_total_ns <= told.cpu_total_ns <= after.cpu_total_ns
        assert (told.memory_limit, told.online_cpus, told.pids) == (after.memory_limit, after.online_cpus, after.pids)
        assert abs(told.memory_working_set - after.memory_working_set) < 2 * 2**20
        assert before.net_received <= told.net_received <= after.net_received
        assert told.time == pytest.approx(after.time, abs=5)


def test_the_message_tells_what_was_measured(found: dict[str, CheckResult]) -> None:
    message = found["full memory.ratio: max < 0.95"].message
    assert message.startswith("full: memory.ratio max is 9")
    assert "limit < 95 %" in message
    assert "idle and suite" in message


def test_a_broken_maximum_is_told_before_the_suite_and_a_median_is_not(
    project: Project, measured: Measurements
) -> None:
    planned = limit_plan.plan(project, Settings(root="."))
    early = {result.check.subject for result in performance.early_verdict(planned, measured)}
    assert early == {"full memory.ratio: max < 0.95"}


@pytest.mark.parametrize(
    ("service", "limit", "outcome"),
    [
        ("busy", "cpu.ratio: avg > 0.5", Outcome.PASSED),
        ("quiet", "cpu.ratio: max < 0.5", Outcome.PASSED),
        ("quiet", "memory.bytes: max < 32m", Outcome.PASSED),
        ("quiet", "memory.growth: last < 32m", Outcome.PASSED),
        ("quiet", "pids: max >= 1", Outcome.PASSED),
        ("quiet", "image.size: last > 1m", Outcome.PASSED),
        ("quiet", "network.errors: count <= 0", Outcome.PASSED),
        ("quiet", "network.received: count < 1g", Outcome.PASSED),
        ("quiet", "network.drops: count < 99", Outcome.PASSED),
        ("quiet", "oom.kills: count <= 0", Outcome.PASSED),
        ("grows", "oom.kills: count <= 0", Outcome.PASSED),
        ("grows", "startup.oom.kills: count <= 0", Outcome.FAILED),
        ("busy", "startup.cpu.ratio: max > 0.1", Outcome.PASSED),
        ("busy", "startup.network.sent: count < 1g", Outcome.PASSED),
        ("web", "http.latency: max < 5s", Outcome.PASSED),
        ("slow", "http.latency: p(50) < 500ms", Outcome.PASSED),
        ("slow", "http.latency: p(99) < 1s", Outcome.FAILED),
        ("slow", "http.failed: rate < 0.01", Outcome.PASSED),
        ("cache", "probe.latency: p(90) < 1s", Outcome.PASSED),
        ("cache", "probe.failed: count <= 0", Outcome.PASSED),
        ("grows", "layer.size: last > 4m", Outcome.PASSED),
        ("grows", "layer.growth: last > 1m", Outcome.PASSED),
        ("quiet", "layer.growth: last < 1m", Outcome.PASSED),
        ("quiet", "layer.size: last < 1m", Outcome.PASSED),
        ("quiet", "health.ratio: max < 1", Outcome.ERROR),
        ("slow", 'prometheus.asked_total{way="get"}: max >= 130', Outcome.PASSED),
        ("slow", 'prometheus.asked_total{way="get"}: rate > 1', Outcome.PASSED),
        ("slow", "prometheus.asked_totals: max < 1", Outcome.ERROR),
        ("web", 'prometheus.asked_total{way="get"}: max < 1', Outcome.ERROR),
        ("quiet", "http.latency: max < 5s", Outcome.ERROR),
        ("quiet", "http.failed: rate < 0.01", Outcome.FAILED),
        ("busy", "http.failed: rate < 0.01", Outcome.ERROR),
        ("quiet", "suite.pids: max >= 1", Outcome.ERROR),
        ("quiet", "pids: p(99) >= 1", Outcome.ERROR),
        ("quiet", "health.duration: max < 1s", Outcome.ERROR),
        ("quiet", "log.errors: count < 1", Outcome.ERROR),
    ],
)
def test_limits_of_the_user(
    project: Project, measured: Measurements, service: str, limit: str, outcome: Outcome
) -> None:
    chosen = Settings(root=".", performance=PerformanceSettings(limits={service: (parse_limit(limit),)}, probes=PROBES))
    planned = next(one for one in limit_plan.plan(project, chosen) if one.check.subject == f"{service} {limit}")
    result = performance.judge(planned, measured)
    assert result.outcome is outcome, result.message
