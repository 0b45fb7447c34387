"""Everything here has a real foreign object that must survive whatever this project does."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from pytest_infragate.compose.model import Mount, Project, Resource, Service
from pytest_infragate.errors import OwnershipError
from pytest_infragate.results import Location
from pytest_infragate.stack.engine import Engine
from pytest_infragate.stack.lifecycle import ComposeStack
from pytest_infragate.stack.ownership import Before, objects_of, refuse_foreign
from pytest_infragate.stack.removal import leftovers, own_volumes, remove_leftovers
from pytest_infragate.stack.state import ContainerState

from ..leftovers import project_name
from .conftest import Stacks

PLACE = Location("compose.yaml", 4)
SLEEPER = """
services:
  app:
    image: BASE
    init: true
    command: sleep 300
    volumes: [FOLDER"data:/data", "/anonymous"]
volumes: {data: {}}
"""


def sleeper(folder: str = "") -> str:
    return SLEEPER.replace("FOLDER", f'"{folder}:/shared", ' if folder else "")


def project(
    name: str, *mounts: Mount, volume: str | None = None, network: str | None = None, container: str | None = None
) -> Project:
    app = Service("app", PLACE, mounts=mounts, container_name=container)
    volumes = {"data": Resource("data", PLACE, volume)}
    networks = {"back": Resource("back", PLACE, network)}
    return Project(name, "", (), {"app": app}, networks, volumes, {}, {})


@contextlib.contextmanager
def unchanged(engine: Engine, project_of_others: str) -> Iterator[ContainerState]:
    """Check that somebody's container and objects are afterwards as they were."""
    objects = objects_of(engine, project_of_others)
    (before,) = engine.containers(project_of_others)
    yield before
    (after,) = engine.containers(project_of_others)
    assert (after.id, after.started_at, after.running) == (before.id, before.started_at, True)
    assert objects_of(engine, project_of_others) == objects


@pytest.fixture
def foreign(stacks: Stacks) -> ComposeStack:
    """Return somebody else's stack, with a volume that holds a file."""
    return stacks.up(sleeper())


def test_a_fresh_name_is_accepted_and_what_was_there_is_noted(engine: Engine, foreign: ComposeStack) -> None:
    before = refuse_foreign(engine, project(project_name()))
    assert f"{foreign.project}_data" in before.volumes
    assert f"{foreign.project}_default" in before.networks


def test_a_project_that_has_objects_is_refused_with_their_names(engine: Engine, foreign: ComposeStack) -> None:
    with unchanged(engine, foreign.project), pytest.raises(OwnershipError) as caught:
        refuse_foreign(engine, project(foreign.project))
    text = str(caught.value)
    for name in (
        f"container {foreign.project}-app-1",
        f"network {foreign.project}_default",
        f"volume {foreign.project}_data",
    ):
        assert name in text
    assert "--infragate-attach" in text


@pytest.mark.parametrize("kind", ["volume", "network"])
def test_a_fixed_name_that_exists_is_refused(engine: Engine, foreign: ComposeStack, kind: str) -> None:
    volume, network = f"{foreign.project}_data", f"{foreign.project}_default"
    wanted = project(project_name(), volume=volume) if kind == "volume" else project(project_name(), network=network)
    with (
        unchanged(engine, foreign.project),
        pytest.raises(OwnershipError, match=f"compose.yaml:4: the {kind} {foreign.project}_"),
    ):
        refuse_foreign(engine, wanted)


def test_an_external_volume_is_shared_on_purpose(engine: Engine, foreign: ComposeStack) -> None:
    name = project_name()
    shared = Resource("data", PLACE, f"{foreign.project}_data", external=True)
    refuse_foreign(engine, Project(name, "", (), {}, {}, {"data": shared}, {}, {}))


def test_a_volume_without_a_label_under_the_projects_own_name_is_refused(engine: Engine) -> None:
    name = project_name()
    volume = engine.client.volumes.create(f"{name}_data")
    try:
        with pytest.raises(OwnershipError, match=f"the volume {name}_data exists"):
            refuse_foreign(engine, project(name))
    finally:
        volume.remove()


def test_a_container_name_that_is_taken_is_refused(engine: Engine, foreign: ComposeStack) -> None:
    wanted = project(project_name(), container=f"{foreign.project}-app-1")
    with (
        unchanged(engine, foreign.project),
        pytest.raises(
            OwnershipError, match=f"taken by the container {foreign.project}-app-1 of project {foreign.project}"
        ),
    ):
        refuse_foreign(engine, wanted)


def test_a_folder_that_others_write_to_is_refused(engine: Engine, stacks: Stacks, tmp_path: Path) -> None:
    folder = tmp_path / "shared"
    (folder / "inner").mkdir(parents=True)
    other = stacks.up(sleeper(str(folder)))

    def mounting(path: Path, *, read_only: bool = False) -> Project:
        return project(project_name(), Mount("bind", "/x", str(path), read_only))

    with unchanged(engine, other.project):
        for path in (folder, tmp_path):
            with pytest.raises(
                OwnershipError, match=f"which the container {other.project}-app-1 of project {other.project} writes to"
            ):
                refuse_foreign(engine, mounting(path))
        for accepted in (mounting(folder, read_only=True), mounting(folder / "inner"), mounting(tmp_path / "sibling")):
            refuse_foreign(engine, accepted)


def test_folders_that_others_only_read_and_sockets_are_accepted(engine: Engine, stacks: Stacks, tmp_path: Path) -> None:
    (tmp_path / "read").mkdir()
    stacks.up(sleeper(f"{tmp_path / 'read'}").replace(":/shared", ":/shared:ro"))
    refuse_foreign(engine, project(project_name(), Mount("bind", "/x", str(tmp_path / "read"))))
    refuse_foreign(engine, project(project_name(), Mount("bind", "/x", "/var/run/docker.sock")))


def test_a_whole_life_beside_somebody_elses_stack_leaves_that_alone(
    engine: Engine, stacks: Stacks, foreign: ComposeStack
) -> None:
    with unchanged(engine, foreign.project) as theirs:
        engine.execute(theirs.id, ["touch", "/data/precious"], timeout_s=20)
        ours = stacks.make(sleeper())
        before = refuse_foreign(engine, project(ours.project))
        assert ours.up(timeout_s=60).ok
        volumes = own_volumes(engine.containers(ours.project), before)
        ours.down(timeout_s=60)
        remove_leftovers(engine, ours.project, before, volumes)
        assert leftovers(engine, ours.project, volumes) == []
        assert engine.execute(theirs.id, ["test", "-e", "/data/precious"], timeout_s=20).exit_code == 0


def test_removal_touches_nothing_that_was_there_before_even_under_our_label(
    engine: Engine, foreign: ComposeStack
) -> None:
    everything = refuse_foreign(engine, project(project_name()))
    with unchanged(engine, foreign.project):
        remove_leftovers(engine, foreign.project, everything, everything.volumes, everything.images)


def test_a_volume_in_use_by_others_is_left_and_named(engine: Engine, foreign: ComposeStack) -> None:
    volume = f"{foreign.project}_data"
    with unchanged(engine, foreign.project):
        remove_leftovers(engine, project_name(), Before(), [volume])
        assert leftovers(engine, project_name(), [volume]) == [f"volume {volume}"]
