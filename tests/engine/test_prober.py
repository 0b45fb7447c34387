"""The prober beside callers that have nothing, not even a shell."""

from __future__ import annotations

import contextlib
import gc
import os
from dataclasses import replace
from pathlib import Path

import pytest

from engine_setup.images import SERVICES, TINY
from pytest_infragate import identity
from pytest_infragate.probes.listeners import TABLES
from pytest_infragate.stack.claim import OWNER_LABEL, RUN_LABEL
from pytest_infragate.stack.engine import Engine
from pytest_infragate.stack.exchange import Failure, Question
from pytest_infragate.stack.inside import Inside
from pytest_infragate.stack.prober import REPOSITORY, Probers, archive, binary
from pytest_infragate.stack.sweep import remove_helpers

from ..leftovers import project_name
from .conftest import Stacks
from .relay import Relay
from .test_inside import by_service, eventually, helpers

LOCKED = """
    user: "65534:65534"
    read_only: true
    cap_drop: [ALL]
    security_opt: ["no-new-privileges:true"]
"""
STACK = f"""
services:
  locked:
    image: "{TINY}"{LOCKED}
    extra_hosts: ["by-hand:127.0.0.1"]
  web: {{image: "{TINY}"}}
  beside: {{image: "{SERVICES}", command: [sleep, "600"], init: true, network_mode: "service:web"}}
networks: {{default: {{internal: true}}}}
"""
GET = b"GET / HTTP/1.0\r\n\r\n"


def images(engine: Engine, project: str) -> list[str]:
    """Return the images that runs made beside a project."""
    found = engine.client.api.images(filters={"label": [f"{RUN_LABEL}={project}"]})
    return [str(tag) for one in found for tag in one["RepoTags"]]


def test_a_caller_with_nothing_is_asked_and_nothing_stays(stacks: Stacks, engine: Engine) -> None:
    project = stacks.up(STACK).project
    states = by_service(engine, project)
    asked = [
        Question("web", 8080, GET, 200, line=True),
        Question("by-hand", 8080),
        Question("web", 8081),
        Question("no-such-name", 80, timeout_s=1),
        Question("beside", 80, timeout_s=1),
    ]
    with contextlib.closing(Inside(engine, project)) as inside:
        eventually(lambda: inside.ask(states["locked"], asked)[0].reply.startswith(b"HTTP/1."))
        web, by_hand, closed, nobody, beside = inside.ask(states["locked"], asked)
        (helper,) = helpers(engine, project)
        assert helper.attrs["HostConfig"]["NetworkMode"] == f"container:{states['locked'].id}"
        assert helper.attrs["HostConfig"]["CapDrop"] == ["ALL"]
        (image,) = images(engine, project)
        assert image.startswith(f"{REPOSITORY}:")
    assert web.via == "our prober in a helper container beside the caller"
    assert web.resolved == tuple(states["web"].addresses.values())
    assert (by_hand.failure, by_hand.resolved) == (None, ("127.0.0.1",))
    assert closed.failure is Failure.REFUSED
    assert {nobody.failure, beside.failure} == {Failure.NOT_RESOLVABLE}
    assert (images(engine, project), helpers(engine, project)) == ([], [])


def test_a_caller_in_the_network_of_another_sees_what_that_one_sees(stacks: Stacks, engine: Engine) -> None:
    project = stacks.up(STACK).project
    states = by_service(engine, project)
    with contextlib.closing(Probers(engine, project)) as probers:
        assert probers.lacking() == ""
        with probers.beside(states["beside"]) as relay:
            eventually(lambda: relay.ask([Question("127.0.0.1", 8080)])[0].failure is None)
            assert ":1F90" in "".join(relay.read(table, 5) for table in TABLES)


def test_a_prober_that_was_lost_is_made_anew(stacks: Stacks, engine: Engine) -> None:
    project = stacks.up(f'services: {{one: {{image: "{TINY}"}}}}').project
    state = by_service(engine, project)["one"]
    with contextlib.closing(Inside(engine, project)) as inside:
        assert inside.ask(state, [Question("one")])[0].failure is None
        helpers(engine, project)[0].remove(force=True)
        (lost,) = inside.ask(state, [Question("one")])
        assert lost.failure is Failure.BROKEN
        assert "has ended" in lost.detail or "could not be told" in lost.detail
        assert inside.ask(state, [Question("one")])[0].failure is None
    assert images(engine, project) == []


def test_the_prober_goes_along_when_its_caller_was_restarted(stacks: Stacks, engine: Engine) -> None:
    stack = stacks.up(f'services: {{one: {{image: "{TINY}"}}, two: {{image: "{TINY}"}}}}')
    with contextlib.closing(Inside(engine, stack.project)) as inside:
        before = inside.ask(by_service(engine, stack.project)["one"], [Question("two")])
        stack.steer("restart", "--timeout", "0", "one")
        again = inside.ask(by_service(engine, stack.project)["one"], [Question("two")])
        assert len(helpers(engine, stack.project)) == 1
    assert [one.failure for one in (*before, *again)] == [None, None]


def test_an_engine_of_another_architecture_has_no_prober(
    stacks: Stacks, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = stacks.up(f'services: {{one: {{image: "{TINY}"}}}}').project
    monkeypatch.setattr(engine, "architecture", "riscv64")
    with contextlib.closing(Inside(engine, project)) as inside:
        (exchange,) = inside.ask(by_service(engine, project)["one"], [Question("one", 8080)])
    assert exchange.failure is Failure.NO_TOOLS
    assert "no prober for the engine's architecture (riscv64)" in exchange.detail
    assert "connectivity.helper_image" in exchange.detail


def test_where_there_is_no_prober_another_image_of_the_stack_asks(
    stacks: Stacks, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = f'services: {{one: {{image: "{TINY}"}}, py: {{image: "{SERVICES}", command: [sleep, "600"], init: true}}}}'
    project = stacks.up(text).project
    monkeypatch.setattr(engine, "architecture", "riscv64")
    with contextlib.closing(Inside(engine, project)) as inside:
        (exchange,) = inside.ask(by_service(engine, project)["one"], [Question("py")])
    assert (exchange.failure, exchange.via) == (None, "python3 in a helper container beside the caller")


def test_the_image_of_a_dead_run_is_removed_after_it(engine: Engine) -> None:
    project, dead = project_name(), replace(identity.mine(), started="1")
    file = binary(engine.architecture)
    assert file is not None
    labels = (f"LABEL {RUN_LABEL}={project}", f"LABEL {OWNER_LABEL}='{dead.text()}'")
    engine.client.api.import_image_from_data(archive(file), REPOSITORY, project, list(labels))
    assert images(engine, project) == [f"{REPOSITORY}:{project}"]
    remove_helpers(engine, dead)
    assert images(engine, project) == []


def test_an_engine_behind_tcp_is_talked_to_like_a_local_one(stacks: Stacks, relay: Relay) -> None:
    project = stacks.up(STACK).project
    with contextlib.closing(Engine.connect({"DOCKER_HOST": relay.address})) as far:
        assert not far.is_local
        asked_from_afar(far, project)


SSH = """#!/bin/sh
exec docker system dial-stdio
"""


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_engine_behind_ssh_is_talked_to_like_a_local_one(
    stacks: Stacks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The program ``ssh`` leads to the engine that is here; what the real one does on its way there is not asked.

    The SDK leaves the programs that it starts itself alone, and nobody should be told of that here.
    """
    pytest.importorskip("paramiko", reason="the SDK wants it for engines behind ssh")
    project = stacks.up(STACK).project
    (tmp_path / "ssh").write_text(SSH)
    (tmp_path / "ssh").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with contextlib.closing(Engine.connect({"DOCKER_HOST": "ssh://nobody@igt-far"})) as far:
        asked_from_afar(far, project)
    del far
    gc.collect()


def asked_from_afar(engine: Engine, project: str) -> None:
    """Ask through the prober, and through the Python of a caller."""
    states = by_service(engine, project)
    with contextlib.closing(Inside(engine, project)) as inside:
        eventually(lambda: inside.ask(states["locked"], [Question("web", 8080)])[0].failure is None)
        (own,) = inside.ask(states["beside"], [Question("127.0.0.1", 8080, GET, 200, line=True)])
        assert (own.via, own.reply[:7]) == ("python3 in the caller", b"HTTP/1.")
        (secured,) = inside.ask(states["locked"], [Question("web", 8080, GET, 200, tls=True)])
        assert secured.failure is Failure.TLS
    assert (images(engine, project), helpers(engine, project)) == ([], [])
