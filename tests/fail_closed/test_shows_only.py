"""What only shows or refuses starts nothing and writes nothing."""

from __future__ import annotations

import pytest

from ..projects import REPORT, UserProject

LISTING = ("--collect-only", "--fixtures", "--markers", "--setup-plan", "--help", "--version")


@pytest.mark.parametrize("option", LISTING)
def test_what_only_shows_starts_and_writes_nothing(small: UserProject, option: str) -> None:
    ended = small.gate(option)
    assert ended.status == pytest.ExitCode.OK, ended.output
    demand_untouched(small)


def test_collect_only_lists_the_plan(small: UserProject) -> None:
    output = small.gate("--collect-only").output
    for listed in ("test_suite.py", "service-ready[api]", "service-stayed-healthy[api]", "stack-removed"):
        assert listed in output


@pytest.mark.parametrize("option", ["--fixtures", "--markers"])
def test_the_documentation_of_fixture_and_marker_is_shown(small: UserProject, option: str) -> None:
    word = {"--fixtures": "infragate_stack", "--markers": "infragate_requires"}[option]
    assert word in small.run(option).output


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ("healht: {stable_for: 1s}\n", ("healht", "health", "infragate.yaml:1")),
        ("health: {stable_for: soon}\n", ("soon", "infragate.yaml:1")),
        ("performance: {limits: {api: ['memory.ration: max < 1']}}\n", ("memory.ration", "memory.ratio")),
        ("health: [\n", ("infragate.yaml",)),
    ],
    ids=["key", "value", "metric", "syntax"],
)
def test_wrong_settings_start_nothing(small: UserProject, settings: str, words: tuple[str, ...]) -> None:
    small.write(**{"infragate.yaml": settings})
    demand_usage_error(small, *words)


def test_a_named_settings_file_that_is_absent_starts_nothing(small: UserProject) -> None:
    demand_usage_error(small, "absent.yaml", arguments=("--infragate-config", "absent.yaml"))


def test_a_gate_inside_a_gate_starts_nothing(small: UserProject) -> None:
    demand_usage_error(small, "the outer run", environ={"INFRAGATE_ACTIVE": "1"})


def test_the_suite_cannot_start_a_gate_of_its_own(small: UserProject) -> None:
    small.write(
        **{
            "test_nested.py": "import subprocess, sys\n\n\ndef test_nested():\n"
            "    assert subprocess.call([sys.executable, '-m', 'pytest', '--infragate']) == 4\n"
        }
    )
    ended = small.gate()
    assert ended.status == pytest.ExitCode.OK, ended.output
    assert small.created() == ("api",)


def demand_usage_error(
    project: UserProject, *words: str, arguments: tuple[str, ...] = (), environ: dict[str, str] | None = None
) -> None:
    """Demand exit status 4, the words, no traceback, and that nothing was started or written."""
    ended = project.gate(*arguments, environ=environ)
    assert ended.status == pytest.ExitCode.USAGE_ERROR, ended.output
    assert "Traceback" not in ended.output
    for word in words:
        assert word in ended.output
    demand_untouched(project)


def demand_untouched(project: UserProject) -> None:
    """Demand that no report folder and no container was made."""
    assert not (project.directory / REPORT).exists()
    assert project.created() == ()
