"""The marker ``infragate_connects``: edges are proven before a test and after it, with the gate and without."""

from __future__ import annotations

import pytest

from engine_setup.images import SERVICES

from ..projects import Ended, UserProject

COMPOSE = f"""
services:
  api:
    image: {SERVICES}
    init: true
    command: sleep 600
  db:
    image: {SERVICES}
    init: true
    command: [busybox, httpd, -f, -p, "8000"]
    healthcheck: {{test: [CMD, nc, -z, 127.0.0.1, "8000"], interval: 500ms}}
"""
SETTINGS = "timeout: 60s\nhealth: {stable_for: 0s}\nperformance: {window: 0s}\n"
SUITE = """
import pytest
pytestmark = pytest.mark.infragate_connects({edges})


def test_it(request):
    {body}
"""


def run(project: UserProject, edges: str, *arguments: str, body: str = "pass") -> Ended:
    """Run a suite of one test whose edges are demanded."""
    suite = SUITE.format(edges=edges, body=body)
    project.write(**{"compose.yaml": COMPOSE, "infragate.yaml": SETTINGS, "test_suite.py": suite})
    return project.run(*arguments)


@pytest.mark.parametrize("arguments", [(), ("--infragate",), ("-n1",)], ids=["fixture alone", "gate", "xdist"])
def test_open_edges_let_the_test_run(project: UserProject, arguments: tuple[str, ...]) -> None:
    ended = run(project, "'api -> db:8000', 'api -> db'", *arguments)
    assert ended.status == pytest.ExitCode.OK, ended.output
    assert "1 passed" in ended.output or arguments == ("--infragate",)
    assert project.left_behind() == ()


def test_a_closed_edge_fails_the_test_at_set_up_in_one_line(project: UserProject) -> None:
    ended = run(project, "'api -> db:8001'")
    assert ended.status == pytest.ExitCode.TESTS_FAILED
    assert "1 error" in ended.output
    assert "infragate_connects: db:8001 is refused from inside" in ended.output
    assert "Needed by a marker of test_suite.py::test_it. Use port 8000" in ended.output
    assert "Traceback" not in ended.output


def test_an_edge_that_a_test_broke_is_an_error_after_it(project: UserProject) -> None:
    kill = "request.getfixturevalue('infragate_stack').exec('db', ['sh', '-c', 'kill $(cat /pid)'])"
    serve = "sh -c 'busybox httpd -f -p 8000 & echo $$! > /pid; while true; do sleep 1; done'"
    project.write(
        **{
            "compose.yaml": COMPOSE.replace('[busybox, httpd, -f, -p, "8000"]', serve),
            "infragate.yaml": SETTINGS,
            "test_suite.py": SUITE.format(edges="'api -> db:8000'", body=f"assert {kill}.exit_code == 0"),
        }
    )
    ended = project.run()
    assert ended.status == pytest.ExitCode.TESTS_FAILED, ended.output
    assert "1 passed, 1 error" in ended.output, ended.output
    assert "infragate_connects: db:8000 is refused from inside" in ended.output


def test_what_a_test_disrupts_is_undone_before_its_edges_are_proven_again(project: UserProject) -> None:
    ended = run(project, "'api -> db:8000'", body="request.getfixturevalue('infragate_disrupt').disconnect('db')")
    assert ended.status == pytest.ExitCode.OK, ended.output


@pytest.mark.parametrize(
    ("edges", "words"),
    [
        ("'api => db'", "'api => db': expected 'caller -> target'"),
        ("'api -> dbb:8000'", "the stack has no service 'dbb': it has api and db; did you mean 'db'?"),
        ("'api -> db:99999'", "expected a port between 1 and 65535"),
    ],
)
def test_a_mistaken_edge_is_an_error_at_collection(project: UserProject, edges: str, words: str) -> None:
    ended = run(project, edges)
    assert ended.status == pytest.ExitCode.INTERRUPTED, ended.output
    assert f"infragate_connects: {edges.strip()}" in ended.output
    assert words in ended.output
    assert project.created() == ()
