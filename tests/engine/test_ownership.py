"""Everything here has a real foreign object that must survive whatever this project does."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from docker.types import IPAMConfig, IPAMPool

from pytest_infragate.compose.model import Mount, Port, Project, Resource, Service
from pytest_infragate.errors import OwnershipError
from pytest_infragate.results import Location
from pytest_infragate.stack import host_ports
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
        volumes = own_volumes(engine, ours.project, before)
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


PUBLISHER = 'services: {web: {image: BASE, command: sleep 300, init: true, ports: ["127.0.0.1:PORT:80"]}}'


def publishing(number: int, *, host_ip: str = "127.0.0.1", name: str = "") -> Project:
    web = Service("web", PLACE, ports=(Port(80, str(number), host_ip, location=Location("compose.yaml", 9)),))
    return Project(name or project_name(), "", (), {"web": web}, {}, {}, {}, {})


def test_a_host_port_of_another_stack_is_refused(engine: Engine, stacks: Stacks) -> None:
    other = stacks.up(PUBLISHER.replace("PORT", ""))
    held = engine.containers(other.project)[0].ports[0].host_port
    with unchanged(engine, other.project), pytest.raises(OwnershipError) as caught:
        refuse_foreign(engine, publishing(held, host_ip="0.0.0.0"))  # noqa: S104  (compared, not bound)
    [collision] = caught.value.collisions
    assert (
        f"the host port 0.0.0.0:{held}/tcp, which the container {other.project}-web-1 of project {other.project} has"
        in (collision.message)
    )
    assert (collision.subject, collision.location) == ("web", Location("compose.yaml", 9))
    assert "isolate: true" in collision.remedy
    refuse_foreign(engine, publishing(held, host_ip="127.0.0.2"))
    refuse_foreign(engine, publishing(held, name=other.project), reused=True)


def test_a_host_port_on_which_a_program_listens_is_refused_by_a_local_engine(engine: Engine) -> None:
    if not host_ports.is_this_machine(engine):
        pytest.skip("this engine publishes ports elsewhere, so nothing here is certain")
    with socket.create_server(("127.0.0.1", 0)) as server:
        number = server.getsockname()[1]
        with pytest.raises(OwnershipError, match=rf"{number}/tcp, on which another program of this machine listens"):
            refuse_foreign(engine, publishing(number))
    refuse_foreign(engine, publishing(number))


def test_a_trial_keeps_nobody_from_listening(engine: Engine) -> None:
    with socket.socket() as bound:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(("127.0.0.1", 0))
        refuse_foreign(engine, publishing(bound.getsockname()[1]))
        bound.listen()


def test_another_engine_than_this_machines_is_asked_for_no_trial(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: "igt-elsewhere")
    with socket.create_server(("127.0.0.1", 0)) as server:
        refuse_foreign(engine, publishing(server.getsockname()[1]))


def test_an_address_range_of_another_network_is_refused(engine: Engine) -> None:
    name = project_name()
    network = engine.client.networks.create(name, ipam=IPAMConfig(pool_configs=[IPAMPool(subnet="10.251.77.0/28")]))
    wanted = Project(
        project_name(), "", (), {}, {"back": Resource("back", PLACE, subnets=("10.251.0.0/16",))}, {}, {}, {}
    )
    free = Project(
        project_name(), "", (), {}, {"back": Resource("back", PLACE, subnets=("10.251.78.0/28",))}, {}, {}, {}
    )
    try:
        with pytest.raises(OwnershipError, match=f"overlap with those of the network {name} of no Compose project"):
            refuse_foreign(engine, wanted)
        refuse_foreign(engine, free)
    finally:
        network.remove()
