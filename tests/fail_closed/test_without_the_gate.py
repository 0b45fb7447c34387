"""The fixture and the marker without ``--infragate``: one stack per run, no verdict, nothing left."""

from __future__ import annotations

import contextlib
import socket
import threading

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
    assert small.left_behind() == ()
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
    assert small.left_behind() == ()


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


SKIP = "--infragate-skip-without-engine"
NOT_IN_CI = dict.fromkeys(
    (
        "CI",
        "BUILD_NUMBER",
        "CODEBUILD_BUILD_ARN",
        "CONTINUOUS_INTEGRATION",
        "JENKINS_URL",
        "TEAMCITY_VERSION",
        "TF_BUILD",
    ),
    "",
)


def no_engine(project: UserProject, **changes: str) -> dict[str, str]:
    return {**NOT_IN_CI, "DOCKER_HOST": f"unix://{project.directory}/absent.sock", **changes}


@DISTRIBUTIONS
def test_without_an_engine_each_test_fails_in_one_line(small: UserProject, arguments: tuple[str, ...]) -> None:
    small.write(**{"test_suite.py": USES_IT})
    ended = small.run(*arguments, environ=no_engine(small))
    assert ended.status == pytest.ExitCode.TESTS_FAILED, ended.output
    assert "5 errors" in ended.output
    assert "No Docker engine answers at" in ended.output
    assert "Traceback" not in ended.output


@DISTRIBUTIONS
def test_without_an_engine_who_wishes_it_skips(small: UserProject, arguments: tuple[str, ...]) -> None:
    small.write(**{"test_suite.py": f"{USES_IT}\n\ndef test_plain():\n    pass\n"})
    ended = small.run("-rs", SKIP, *arguments, environ=no_engine(small))
    assert ended.status == pytest.ExitCode.OK, ended.output
    assert "1 passed, 5 skipped" in ended.output
    assert "absent.sock (chosen by DOCKER_HOST)" in ended.output
    assert SKIP in ended.output


@pytest.mark.parametrize(
    "ini, variable", [("true", {"CI": "false"}), ("true", {"CI": ""})], ids=["CI=false", "CI is empty"]
)
def test_the_ini_value_skips_as_well(small: UserProject, ini: str, variable: dict[str, str]) -> None:
    small.write(**{"pytest.ini": f"[pytest]\ninfragate_skip_without_engine = {ini}\n", "test_suite.py": USES_IT})
    ended = small.run(environ=no_engine(small, **variable))
    assert "5 skipped" in ended.output


@pytest.mark.parametrize(
    "variable", [{"CI": "true"}, {"CI": "1"}, {"TF_BUILD": "True"}, {"BUILD_NUMBER": "7"}], ids=str
)
def test_in_ci_nothing_is_skipped(small: UserProject, variable: dict[str, str]) -> None:
    small.write(**{"test_suite.py": USES_IT})
    ended = small.run(SKIP, environ=no_engine(small, **variable))
    assert ended.status == pytest.ExitCode.TESTS_FAILED, ended.output
    assert "5 errors" in ended.output


def test_a_broken_stack_is_not_skipped(small: UserProject) -> None:
    compose = (small.directory / "compose.yaml").read_text(encoding="utf-8")
    small.write(**{"compose.yaml": compose.replace("http.server", "no.such.module"), "test_suite.py": USES_IT})
    ended = small.run(SKIP, environ=NOT_IN_CI)
    assert ended.status == pytest.ExitCode.TESTS_FAILED, ended.output
    assert "5 errors" in ended.output


def test_an_engine_that_may_not_be_used_is_not_skipped(small: UserProject) -> None:
    small.write(**{"test_suite.py": USES_IT})
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=refusing, args=(server,), daemon=True).start()
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        ended = small.run(SKIP, environ=no_engine(small, DOCKER_HOST=address))
    assert ended.status == pytest.ExitCode.TESTS_FAILED, ended.output
    assert "5 errors" in ended.output


def refusing(server: socket.socket) -> None:
    """Answer every request as an engine that lets nobody in."""
    with contextlib.suppress(OSError):
        while True:
            line, _ = server.accept()
            with line:
                line.recv(65536)
                line.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")


def test_skipping_is_refused_under_the_gate(small: UserProject) -> None:
    ended = small.run("--infragate", SKIP, environ=NOT_IN_CI)
    assert ended.status == pytest.ExitCode.USAGE_ERROR, ended.output
    assert f"{SKIP} contradicts --infragate: " in ended.output


def test_the_ini_value_has_no_effect_under_the_gate(small: UserProject) -> None:
    small.write(**{"pytest.ini": "[pytest]\ninfragate_skip_without_engine = true\n"})
    ended = small.gate(environ=no_engine(small))
    assert ended.status == pytest.ExitCode.TESTS_FAILED, ended.output
    assert small.report.outcomes["lifecycle"] == "failed"
