"""The fixture and the marker without ``--infragate``: one stack per run, no verdict, nothing left."""

from __future__ import annotations

import pytest

from ..projects import REPORT, UserProject

USES_IT = """
import pytest


@pytest.mark.parametrize("number", range(4))
def test_uses_the_stack(infragate_stack, number):
    assert infragate_stack.containers("api")[0].health == "healthy"


@pytest.mark.infragate_requires("api")
def test_requires_a_service():
    pass
"""
DISTRIBUTIONS = pytest.mark.parametrize("arguments", [("-p", "no:xdist"), ("-n2",)], ids=["in process", "-n2"])


@DISTRIBUTIONS
def test_one_stack_for_the_run(small: UserProject, arguments: tuple[str, ...]) -> None:
    small.write(**{"test_suite.py": USES_IT})
    ended = small.run(*arguments)
    assert ended.status == pytest.ExitCode.OK, ended.output
    assert "5 passed" in ended.output
    assert "infragate: complete" not in ended.output
    assert small.created() == ("api",)
    assert small.left() == ()
    assert not (small.directory / REPORT).exists()


def test_who_does_not_need_a_stack_gets_none(small: UserProject) -> None:
    small.write(**{"test_suite.py": "def test_plain():\n    pass\n"})
    assert small.run().status == pytest.ExitCode.OK
    assert small.created() == ()


@DISTRIBUTIONS
def test_a_failed_start_is_told_once(small: UserProject, arguments: tuple[str, ...]) -> None:
    compose = (small.directory / "compose.yaml").read_text(encoding="utf-8")
    crash = compose.replace('[python3, -m, http.server, "8000"]', '[sh, -c, "echo no such table >&2; exit 3"]')
    small.write(**{"compose.yaml": crash, "test_suite.py": USES_IT})
    ended = small.run("--tb=short", *arguments)
    assert ended.status == pytest.ExitCode.TESTS_FAILED, ended.output
    assert "5 errors" in ended.output
    assert ended.output.count("no such table") == 1, ended.output
    assert "Traceback" not in ended.output
    assert small.created() == ("api",)
    assert small.left() == ()


@pytest.mark.parametrize("gate", [(), ("--infragate",)], ids=["without the gate", "with it"])
def test_an_unknown_service_is_an_error_at_collection(small: UserProject, gate: tuple[str, ...]) -> None:
    small.write(
        **{"test_suite.py": "import pytest\n\n\n@pytest.mark.infragate_requires('apo')\ndef test_it():\n    pass\n"}
    )
    ended = small.run(*gate)
    assert ended.status in (pytest.ExitCode.USAGE_ERROR, pytest.ExitCode.INTERRUPTED), ended.output
    assert "'apo'" in ended.output
    assert "'api'" in ended.output
    assert "Traceback" not in ended.output
    assert small.created() == ()
