"""An answer is given again only while nothing that it depends on has changed, and never longer than its waivers hold."""

from __future__ import annotations

import datetime
import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import pytest_infragate
from pytest_infragate import sightings
from pytest_infragate.compose.source import read_text
from pytest_infragate.process import run
from pytest_infragate.recall import dependence
from pytest_infragate.recall.answers import Answers
from pytest_infragate.recall.records import Answer, read, write
from pytest_infragate.reports.quoting import SourceLine
from pytest_infragate.results import (
    CheckResult,
    Condition,
    Finding,
    Fix,
    Json,
    Location,
    Overridden,
    PlannedCheck,
    Replacement,
    Severity,
    failed,
    not_run,
    passed,
    unevaluated,
)
from pytest_infragate.settings import Waiver

NOW = datetime.datetime(2027, 3, 1, 12, tzinfo=datetime.timezone.utc)
DAY = datetime.timedelta(days=1)
CHECK = PlannedCheck("IG402", "engine-socket-mounted", Condition.CONFIGURATION)
QUESTION: Json = ["/project", [["infragate_level", "strict"]]]
START = Location("compose.yaml", 3, 5)
FINDING = Finding(
    "IG402",
    CHECK.name,
    Severity.ERROR,
    "web",
    "mounts the socket",
    "Mount nothing.",
    START,
    waived=True,
    waived_by="comment: why",
    fixes=(Fix("leave it out", (Replacement(START, Location("compose.yaml", 3, 9), ""),), "no socket"),),
)


class Keeps:
    """A memory in this process; what is kept goes through JSON, as in pytest's cache."""

    def __init__(self) -> None:
        self.kept: dict[str, Any] = {}

    def load(self, key: str) -> object:
        return self.kept.get(key)

    def save(self, key: str, value: Json) -> None:
        self.kept[key] = json.loads(json.dumps(value))


class World:
    """A project whose files, variables and tools can be changed between two runs."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.memory = folder, Keeps()
        self.compose, self.absent = folder / "compose.yaml", folder / "compose.override.yaml"
        self.docker = folder / "bin" / "docker"
        self.compose.write_text("services: {web: {image: 'redis:${TAG}'}}\n")
        self.docker.parent.mkdir()
        self.write_docker("1")
        self.environ = {"PATH": str(self.docker.parent), "HOME": str(folder), "TAG": "7", "UNNAMED": "1"}
        self.question = QUESTION

    def write_docker(self, version: str) -> None:
        self.docker.write_text(f"#!/bin/sh\n# {version}\n")
        self.docker.chmod(0o755)

    def answers(self) -> Answers:
        return Answers(self.memory, self.question, self.environ)

    def evaluate(self, *results: CheckResult, waivers: tuple[Waiver, ...] = ()) -> None:
        """Look at the files as a static run does, and have these results kept."""
        answers = self.answers()
        with answers.noting():
            read_text(self.compose)
            sightings.exists(self.absent)
        kept = results or (failed(CHECK, "broken", (FINDING,)),)
        answers.keep(Answer(tuple(one.check for one in kept), kept, project="p"), waivers, NOW)

    def entry(self) -> dict[str, Any]:
        """Return what was kept, but for the findings for information."""
        (entry,) = (value for name, value in self.memory.kept.items() if not name.endswith("-information"))
        assert isinstance(entry, dict)
        return entry

    def answered(self, now: datetime.datetime = NOW) -> bool:
        return self.answers().find(now) is not None


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_an_unchanged_project_is_answered_with_what_was_found(world: World) -> None:
    world.evaluate()
    kept = world.answers().find(NOW + DAY)
    assert kept is not None
    assert kept.made == NOW
    assert kept.answer.results == (failed(CHECK, "broken", (FINDING,)),)


def test_everything_in_an_answer_comes_back() -> None:
    result = CheckResult(
        CHECK, failed(CHECK, "").outcome, "m", 0.5, {"a": [1]}, (FINDING,), True, ("n",), "db", "comment: why"
    )
    lines = {str(START): SourceLine("    image: x", 3, 5)}
    answer = Answer(
        (CHECK,),
        (result, passed(CHECK)),
        (FINDING,),
        ("note",),
        ("web",),
        "p",
        {"level": "ini"},
        "/p/compose.yaml",
        "docker compose",
        lines,
        (Overridden("IG402", "web", "off", "why", 1, START), Overridden("IG201", "*", "", options=("moving_tags",))),
    )
    assert read(*write(answer)) == answer


def change_file(world: World, _: pytest.MonkeyPatch) -> None:
    world.compose.write_text("services: {web: {image: 'redis:${TAG}', privileged: true}}\n")


def remove_file(world: World, _: pytest.MonkeyPatch) -> None:
    world.compose.unlink()


def add_file_that_was_looked_for(world: World, _: pytest.MonkeyPatch) -> None:
    world.absent.write_text("services: {}\n")


def change_variable(world: World, _: pytest.MonkeyPatch) -> None:
    world.environ["TAG"] = "8"


def unset_variable(world: World, _: pytest.MonkeyPatch) -> None:
    del world.environ["TAG"]


def set_variable_that_was_unset(world: World, _: pytest.MonkeyPatch) -> None:
    world.environ["redis"] = "1"


def set_variable_of_compose(world: World, _: pytest.MonkeyPatch) -> None:
    world.environ["COMPOSE_PROFILES"] = "debug"


def update_docker(world: World, _: pytest.MonkeyPatch) -> None:
    world.write_docker("2 is longer")


def update_compose(world: World, _: pytest.MonkeyPatch) -> None:
    plugin = world.folder / ".docker" / "cli-plugins" / "docker-compose"
    plugin.parent.mkdir(parents=True)
    plugin.write_text("#!/bin/sh\n")


def install_hadolint(world: World, _: pytest.MonkeyPatch) -> None:
    hadolint = world.docker.with_name("hadolint")
    hadolint.write_text("#!/bin/sh\n")
    hadolint.chmod(0o755)


def change_settings(world: World, _: pytest.MonkeyPatch) -> None:
    world.question = ["/project", [["infragate_level", "dev"]]]


def update_plugin(_: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dependence, "__version__", "99")


def grow_machine(_: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 999)


CHANGES = (
    grow_machine,
    change_file,
    remove_file,
    add_file_that_was_looked_for,
    change_variable,
    unset_variable,
    set_variable_that_was_unset,
    set_variable_of_compose,
    update_docker,
    update_compose,
    install_hadolint,
    change_settings,
    update_plugin,
)


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_after_a_change_everything_is_evaluated_anew(
    world: World, monkeypatch: pytest.MonkeyPatch, change: Callable[[World, pytest.MonkeyPatch], None]
) -> None:
    world.evaluate()
    assert world.answered()
    change(world, monkeypatch)
    assert not world.answered()


def test_our_own_code_counts_file_by_file(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = tmp_path / "package"
    code.mkdir()
    (code / "module.py").write_text("1")
    monkeypatch.setattr(dependence, "__file__", str(code / "recall" / "dependence.py"))
    world.evaluate()
    assert world.answered()
    (code / "module.py").write_text("1 + 1")
    assert not world.answered()


def test_our_own_code_is_the_whole_package() -> None:
    told = dependence.surroundings({})
    assert isinstance(told, list)
    whole = list(dependence._code(Path(pytest_infragate.__file__).parent))
    assert whole
    assert all(one in told for one in whole)


def test_a_variable_that_no_file_names_changes_nothing(world: World) -> None:
    world.evaluate()
    world.environ["UNNAMED"] = "2"
    assert world.answered()


def test_an_answer_does_not_outlive_the_first_waiver_in_it(world: World) -> None:
    last = NOW.date() + 2 * DAY
    waivers = tuple(Waiver("IG402", "web", "why", day) for day in (last + 5 * DAY, last, NOW.date() - DAY))
    world.evaluate(waivers=waivers)
    assert [world.answered(NOW + days * DAY) for days in (0, 2, 3)] == [True, True, False]


def test_an_answer_from_the_future_is_none(world: World) -> None:
    world.evaluate()
    assert not world.answered(NOW - DAY)


@pytest.mark.parametrize("result", [unevaluated(CHECK, "no answer"), not_run(CHECK, "refused")])
def test_what_could_not_be_evaluated_is_tried_again(world: World, result: CheckResult) -> None:
    world.evaluate(passed(PlannedCheck("IG201", "", Condition.CONFIGURATION)), result)
    assert not world.answered()


def test_what_a_program_that_nobody_knows_has_said_is_not_kept(world: World) -> None:
    answers = world.answers()
    with answers.noting():
        run(("true",), timeout_s=10)
    answers.keep(Answer((), ()), (), NOW)
    assert not world.answered()


def test_what_depends_on_something_unknown_is_not_kept(world: World) -> None:
    answers = world.answers()
    with answers.noting():
        sightings.cannot_be_known("a repository")
    answers.keep(Answer((), ()), (), NOW)
    assert not world.answered()


def test_an_answer_that_somebody_has_edited_is_none(world: World) -> None:
    world.evaluate()
    entry = world.entry()
    entry["answer"] = entry["answer"].replace('"outcome": "failed"', '"outcome": "passed"')
    assert '"outcome": "passed"' in entry["answer"]
    assert not world.answered()


@pytest.mark.parametrize("key", ["through", "made", "answer", "aside", "seen", "words", "digest", "shape"])
def test_an_answer_that_is_not_whole_is_none(world: World, key: str) -> None:
    world.evaluate()
    entry = world.entry()
    del entry[key]
    assert not world.answered()


def test_findings_for_information_are_read_only_where_they_are_asked_for(world: World) -> None:
    remark = replace(FINDING, severity=Severity.INFO, waived=False, waived_by="")
    world.evaluate(passed(CHECK, "2 shown", (remark, remark)))
    counted, whole = (world.answers().find(NOW, whole=whole) for whole in (False, True))
    assert counted is not None
    assert whole is not None
    assert (counted.answer.results[0].findings, counted.answer.unread) == ((), 2)
    assert (whole.answer.results[0].findings, whole.answer.unread) == ((remark, remark), 0)


@pytest.mark.parametrize("findings", [None, "{}"])
def test_findings_for_information_of_another_answer_are_none(world: World, findings: str | None) -> None:
    world.evaluate()
    (name,) = (name for name in world.memory.kept if name.endswith("-information"))
    world.memory.kept[name] = findings if findings is None else f"{findings} "
    assert not world.answered()
    assert world.answers().find(NOW, whole=False) is not None


def test_a_longer_life_than_was_written_is_none(world: World) -> None:
    world.evaluate(waivers=(Waiver("IG402", "web", "why", NOW.date()),))
    entry = world.entry()
    entry["through"] = None
    assert not world.answered(NOW + DAY)


def test_no_value_of_a_variable_is_kept(world: World) -> None:
    world.environ["TAG"] = "hidden-value"
    world.evaluate()
    assert "hidden-value" not in json.dumps(world.memory.kept)
