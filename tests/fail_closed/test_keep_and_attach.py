"""A stack that is kept, reused, or somebody else's: what the gate leaves, changes and never touches."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from ..projects import UserProject
from .stack import COMPOSE


def containers(project: UserProject) -> dict[str, str]:
    """Return the containers that stand, by name, with their ids."""
    return {thing.name: thing.id for thing in project.left() if thing.kind == "container"}


@pytest.fixture
def kept(small: UserProject) -> Iterator[UserProject]:
    """Return a project whose stack was kept by a run; it is removed at the end."""
    try:
        ended = small.gate("--infragate-keep")
        assert ended.status == pytest.ExitCode.OK, ended.output
        assert re.search(
            r"The stack was left up; remove it with: docker compose -p infragate-igt-\S+ down", ended.output
        )
        yield small
    finally:
        small.remove()


def test_a_later_run_proves_the_kept_stack_anew_and_starts_nothing(kept: UserProject) -> None:
    before = containers(kept)
    assert before
    ended = kept.gate("--infragate-keep")
    assert ended.status == pytest.ExitCode.OK, ended.output
    assert kept.report.verdict == "complete"
    assert containers(kept) == before


def test_a_changed_configuration_replaces_what_was_kept(kept: UserProject) -> None:
    before = containers(kept)
    kept.write(**{"compose.yaml": COMPOSE + "    environment: {CHANGED: '1'}\n"})
    ended = kept.gate("--infragate-keep")
    assert ended.status == pytest.ExitCode.OK, ended.output
    assert containers(kept).keys() == before.keys()
    assert containers(kept) != before


def test_a_start_that_fails_does_not_remove_what_an_earlier_run_kept(kept: UserProject) -> None:
    before = containers(kept)
    kept.write(**{"compose.yaml": COMPOSE + "  broken: {image: '127.0.0.1:9/absent:1'}\n"})
    ended = kept.gate("--infragate-keep")
    assert ended.status == pytest.ExitCode.TESTS_FAILED, ended.output
    assert "broken" in ended.output
    assert containers(kept) == before


def test_a_run_that_is_attached_starts_stops_and_alters_nothing(kept: UserProject) -> None:
    before = containers(kept)
    [name] = {thing.project for thing in kept.left()}
    ended = kept.gate("--infragate-attach", "--infragate-project", name)
    assert ended.status == pytest.ExitCode.OK, ended.output
    assert kept.report.verdict == "complete"
    assert containers(kept) == before


def test_attaching_to_what_was_started_from_other_files_closes_the_gate(kept: UserProject) -> None:
    before = containers(kept)
    [name] = {thing.project for thing in kept.left()}
    kept.write(**{"compose.yaml": COMPOSE + "    environment: {CHANGED: '1'}\n"})
    ended = kept.gate("--infragate-attach", "--infragate-project", name)
    assert ended.status == pytest.ExitCode.TESTS_FAILED, ended.output
    assert "was started from another configuration than the files have now" in ended.output
    assert containers(kept) == before


def test_a_project_name_that_is_in_use_is_refused_with_a_pointer_to_attach(kept: UserProject) -> None:
    before = containers(kept)
    [name] = {thing.project for thing in kept.left()}
    ended = kept.gate("--infragate-project", name)
    assert ended.status == pytest.ExitCode.TESTS_FAILED, ended.output
    assert kept.report.outcomes["lifecycle"] == "failed"
    assert "--infragate-attach" in ended.output
    assert containers(kept) == before


def test_attaching_to_what_does_not_run_closes_the_gate(small: UserProject) -> None:
    ended = small.gate("--infragate-attach", "--infragate-project", "igt-nobody")
    assert ended.status == pytest.ExitCode.TESTS_FAILED, ended.output
    assert "project igt-nobody has no containers on this engine" in ended.output


def test_without_the_gate_a_kept_stack_says_how_to_remove_it(small: UserProject) -> None:
    try:
        ended = small.run("--infragate-keep")
        assert ended.status == pytest.ExitCode.OK, ended.output
        assert re.search(r"remove them with: docker compose -p infragate-igt-\S+ down", ended.output)
        assert containers(small)
    finally:
        small.remove()
