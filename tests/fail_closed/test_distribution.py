"""One stack, started once, however tests are handed out."""

from __future__ import annotations

import pytest

from ..projects import UserProject

SEES_THE_STACK = """
import os
import pytest


@pytest.mark.parametrize("number", range(6))
def test_sees_the_stack(infragate_stack, number):
    assert infragate_stack.containers("api")[0].running
    assert os.environ["INFRAGATE_ACTIVE"] == "1"
    assert os.environ["COMPOSE_PROJECT_NAME"] == infragate_stack.project
"""


@pytest.mark.parametrize(
    "arguments", [("-n0",), ("-n4",), ("-n2", "--dist", "each"), ("-n2", "--dist", "loadgroup")], ids=" ".join
)
def test_one_stack_is_started_once(small: UserProject, arguments: tuple[str, ...]) -> None:
    small.write(**{"test_suite.py": SEES_THE_STACK})
    ended = small.gate("-v", "--junitxml=junit.xml", *arguments)
    assert ended.status == pytest.ExitCode.OK, ended.output
    assert small.created() == ("api",)
    junit = (small.directory / "junit.xml").read_text(encoding="utf-8")
    for check in small.report.data["checks"]:
        title = check["name"] if check["subject"] == "*" else f"{check['name']}[{check['subject']}]"
        escaped = title.replace("<", "&lt;").replace(">", "&gt;")
        assert junit.count(f'name="{escaped}"') == 1, f"{title} is not in JUnit XML exactly once:\n{junit}"
