"""On a real stack: a run is recorded, the next one passes, a slower one fails with the right metric, and nothing else does."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from engine_setup.images import SERVICES
from pytest_infragate.past_runs import FILE_NAME

from ..projects import REPORT, Ended, UserProject

PROGRAM = """
import http.server, os, time
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        time.sleep(float(os.environ["DELAY"]))
        self.send_response(204)
        self.end_headers()
http.server.ThreadingHTTPServer(("", 8000), Answer).serve_forever()
"""
COMPOSE = f"""
services:
  web:
    image: {SERVICES}
    init: true
    environment: {{DELAY: "${{DELAY:-0.03}}"}}
    command: [python3, -c, {json.dumps(PROGRAM)}]
    healthcheck: {{test: [CMD, curl, -fs, "http://127.0.0.1:8000/"], interval: 1s, timeout: 5s}}
"""
SETTINGS = """
health: {stable_for: 1s}
performance:
  window: 1s
  probes: {web: {http: "http://:8000/", rate: 5}}
  baseline: {metrics: [probe.latency, startup, memory.bytes]}
"""
QUICK = """
health: {stable_for: 0s}
performance: {window: 0s, baseline: {metrics: [startup], required: REQUIRED}}
"""
SUITE = "import os\n\n\ndef test_one():\n    assert not os.environ.get('BROKEN')\n"
SLOW = {"DELAY": "0.3"}


@pytest.fixture
def web(project: UserProject) -> UserProject:
    project.write(**{"compose.yaml": COMPOSE, "infragate.yaml": SETTINGS, "test_suite.py": SUITE})
    return project


def failed(project: UserProject) -> set[str]:
    return {f"{one['id']} {one['subject']}" for one in project.report.data["checks"] if one["outcome"] == "failed"}


def update(project: UserProject, environ: Mapping[str, str] | None = None) -> Ended:
    return project.gate("--infragate-baseline=update", environ=environ)


def test_a_slower_service_fails_its_own_metric_alone_until_the_change_is_recorded(web: UserProject) -> None:
    first = update(web)
    assert first.status == 0, first.output
    assert f"The performance baseline {FILE_NAME} now holds this run: 3 metrics" in first.output
    same = web.gate()
    assert same.status == 0, same.output
    assert web.report.message("baseline-at-hand").startswith("3 metrics are held against")
    slow = web.gate(environ=SLOW)
    assert (slow.status, failed(web)) == (1, {"IG938 web probe.latency"}), slow.output
    assert "more than the 3" in slow.output
    assert "environment: DELAY" in slow.output
    (latency,) = (row for row in web.report.data["trend"] if row["metric"] == "probe.latency")
    assert ([len(latency["runs"]), latency["moved"]]) == [3, True]
    summary = (web.directory / REPORT / "summary.md").read_text(encoding="utf-8")
    assert "| web | probe.latency | 3 | 3" in summary
    meant = update(web, SLOW)
    assert meant.status == 0, meant.output
    assert "begun anew, because it has moved: web probe.latency" in meant.output


def test_what_a_run_may_write_and_where_it_may_be_compared(web: UserProject) -> None:
    web.write(**{"infragate.yaml": QUICK.replace("REQUIRED", "false")})
    broken = update(web, {"BROKEN": "1"})
    assert (broken.status, (web.directory / FILE_NAME).exists()) == (1, False), broken.output
    assert "was not written: a test has failed." in broken.output
    web.write(
        **{FILE_NAME: '{"schema": "infragate.performance-baseline/1", "stacks": {"compose.yaml": {"other": {}}}}'}
    )
    elsewhere = web.gate("--infragate-baseline=check")
    assert elsewhere.status == 0, elsewhere.output
    assert "runs of other machines alone" in web.report.message("baseline-at-hand")
    web.write(**{"infragate.yaml": QUICK.replace("REQUIRED", "true")})
    demanded = web.gate()
    assert (demanded.status, failed(web)) == (1, {"IG937 *"}), demanded.output
    assert "Record a run on this machine" in demanded.output
    created = web.created()
    web.write(**{FILE_NAME: '{"schema": "infragate.performance-baseline/7",\n "stacks": {}}'})
    damaged = web.gate()
    assert damaged.status == pytest.ExitCode.USAGE_ERROR
    assert f"{FILE_NAME}:1:12: schema is 'infragate.performance-baseline/7'" in damaged.output
    assert web.created() == created


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--infragate-baseline=update",), "give --infragate with it"),
        (("--infragate-static", "--infragate-baseline=update"), "--infragate-static starts none: leave out one"),
        (("--infragate", "--infragate-baseline=often"), "expected check, off or update"),
    ],
)
def test_wrong_use_is_told_before_anything_starts(web: UserProject, arguments: tuple[str, ...], told: str) -> None:
    ended = web.run(*arguments)
    assert ended.status == pytest.ExitCode.USAGE_ERROR
    assert told in ended.output
    assert web.created() == ()
