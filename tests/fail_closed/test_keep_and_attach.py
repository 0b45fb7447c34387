"""A stack that is kept, reused, or somebody else's: what the gate leaves, changes and never touches."""

from __future__ import annotations

import contextlib
import itertools
import re
from collections.abc import Iterator
from typing import Any

import pytest

from engine_setup.images import SERVICES

from .. import leftovers
from ..projects import UserProject
from .stack import COMPOSE, OPEN


def containers(project: UserProject) -> dict[str, str]:
    """Return the containers that stand, by name, with their ids."""
    return {thing.name: thing.id for thing in project.left() if thing.kind == "container"}


@contextlib.contextmanager
def heard(project: UserProject) -> Iterator[list[dict[str, Any]]]:
    """Give the list of all that happens meanwhile to what stands of a project, as the engine's events tell it."""
    names = {thing.id for thing in project.left()} | {thing.name for thing in project.left()}
    mark = leftovers.project_name()
    events: list[dict[str, Any]] = []
    with contextlib.closing(project.engine.client.api.events(decode=True)) as stream:
        yield events
        project.engine.client.volumes.create(mark).remove()
        for event in itertools.takewhile(lambda one: one["Actor"]["ID"] != mark, stream):
            told = {event["Actor"]["ID"], *event["Actor"]["Attributes"].values()}
            if names & told:
                events.append(event)


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


def test_a_changed_service_alone_is_replaced(reused: UserProject) -> None:
    before = containers(reused)
    compose = (reused.directory / "compose.yaml").read_text(encoding="utf-8")
    reused.write(**{"compose.yaml": compose.replace("COLOUR: blue", "COLOUR: red")})
    assert_replaced(reused, before, "plain")


def test_a_changed_build_source_replaces_what_is_built_from_it(reused: UserProject) -> None:
    before = containers(reused)
    reused.write(**{"page.html": "the new page\n"})
    assert_replaced(reused, before, "built")
    assert "built: the new page" in (reused.directory / "seen.txt").read_text(encoding="utf-8")


def test_a_changed_file_that_is_mounted_replaces_who_reads_it(reused: UserProject) -> None:
    before = containers(reused)
    reused.write(**{"mounted.html": "the new mount\n"})
    assert_replaced(reused, before, "mounts")


def test_an_unchanged_stack_is_left_as_it_is(reused: UserProject) -> None:
    before = containers(reused)
    assert_replaced(reused, before)


def test_what_was_stopped_meanwhile_is_started(reused: UserProject) -> None:
    before = containers(reused)
    [stopped] = [id_ for name, id_ in before.items() if "-plain-" in name]
    reused.engine.client.containers.get(stopped).stop(timeout=1)
    assert_replaced(reused, before)
    assert reused.engine.inspect(stopped).running


THREE = f"""
x-page: &page
  stop_signal: SIGINT
  command: [python3, -m, http.server, "8000", --directory, /page]
  healthcheck: {{test: [CMD, curl, -fs, "http://127.0.0.1:8000/"], interval: 300ms, timeout: 5s, retries: 9}}
services:
  built:
    <<: *page
    build:
      context: .
      dockerfile_inline: |
        FROM {SERVICES}
        COPY page.html /page/index.html
  mounts:
    <<: *page
    image: {SERVICES}
    volumes: ["./mounted.html:/page/index.html:ro"]
  plain:
    <<: *page
    image: {SERVICES}
    command: [python3, -m, http.server, "8000", --directory, /etc/default]
    environment: {{COLOUR: blue}}
  once:
    image: {SERVICES}
    command: ["true"]
"""
LOOKS = """
from pathlib import Path


def test_looks(infragate_stack):
    found = [f"{name}: {infragate_stack.exec(name, ['cat', '/page/index.html']).stdout}" for name in ("built", "mounts")]
    Path("seen.txt").write_text("".join(found))
"""


@pytest.fixture
def reused(project: UserProject) -> Iterator[UserProject]:
    """Return a kept project with a service that is built, one that mounts a file, one that does neither, and a one-shot."""
    pages = {"page.html": "a page\n", "mounted.html": "a mount\n"}
    settings = f"{OPEN}services: {{once: {{kind: one-shot}}}}\n"
    project.write(**{"compose.yaml": THREE, "infragate.yaml": settings, "test_suite.py": LOOKS, **pages})
    try:
        ended = project.gate("--infragate-keep")
        assert ended.status == pytest.ExitCode.OK, ended.output
        yield project
    finally:
        project.remove()
        for name in project.engine.image_ids():
            if project.name in name:
                project.engine.client.images.remove(name)


def assert_replaced(project: UserProject, before: dict[str, str], *services: str) -> None:
    """Run again with keep: the verdict is complete, and the containers of these services alone are others than before."""
    ended = project.gate("--infragate-keep")
    assert ended.status == pytest.ExitCode.OK, ended.output
    assert project.report.verdict == "complete"
    after = containers(project)
    assert after.keys() == before.keys()
    changed = {name.split("-")[-2] for name in after if after[name] != before[name]}
    assert changed == set(services)


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
    with heard(kept) as events:
        ended = kept.gate("--infragate-attach", "--infragate-project", name)
    assert ended.status == pytest.ExitCode.OK, ended.output
    assert {one["Action"].partition(":")[0] for one in events} <= {"exec_create", "exec_start", "exec_die"}, events
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


def test_a_kept_volume_outlives_a_run_that_cannot_start(small: UserProject) -> None:
    with_data = f"{COMPOSE}    volumes: [data:/data]\nvolumes: {{data: {{}}}}\n"
    try:
        small.write(**{"compose.yaml": with_data})
        assert small.gate("--infragate-keep").status == pytest.ExitCode.OK
        volumes = [thing for thing in small.left() if thing.kind == "volume"]
        leftovers.remove(small.engine, [thing for thing in small.left() if thing.kind == "container"])
        broken = f"""build: {{network: host, dockerfile_inline: "FROM {SERVICES}\\nRUN exit 7\\n"}}"""
        small.write(**{"compose.yaml": with_data.replace(f"image: {SERVICES}", broken)})
        ended = small.gate("--infragate-keep")
        assert ended.status == pytest.ExitCode.TESTS_FAILED, ended.output
        assert [thing for thing in small.left() if thing.kind == "volume"] == volumes
        assert volumes
    finally:
        small.remove()
