"""Claims on the engine, and what a sweep removes: all of dead runs, nothing of living, kept, or distant ones.

Other runs on the same engine may sweep what is dead here at any moment, so what was removed may be by their hand.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from engine_setup.images import TINY
from pytest_infragate import identity
from pytest_infragate.errors import OwnershipError
from pytest_infragate.run.custody import sweep as sweep_and_tell
from pytest_infragate.stack import sweep as sweeping
from pytest_infragate.stack.claim import OWNER_LABEL, RUN_LABEL, Claim, claims, make, release, stands
from pytest_infragate.stack.engine import Engine
from pytest_infragate.stack.inspection import PROJECT_LABEL
from pytest_infragate.stack.sweep import clear, remove_helpers, sweep

from .. import leftovers
from ..leftovers import Thing, project_name
from .relay import Relay

ME = identity.mine()
DEAD = replace(ME, started="1")
ELSEWHERE = replace(ME, host="another-host")
LONG_S = 60.0
STACK = {"container", "network", "volume"}


class Place:
    """A project of its own on the engine."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.name = project_name()

    def claim(self, owner: identity.Identity, *, kept: bool = False, images: tuple[str, ...] = ()) -> Claim:
        """Return a claim on the project that stands on the engine."""
        made = Claim(self.name, owner, kept=kept, images=images)
        make(self.engine, made)
        return made

    def stack(self) -> None:
        """Make a container, a network and a volume as Compose labels them."""
        client, labels = self.engine.client, {PROJECT_LABEL: self.name}
        client.networks.create(f"{self.name}_default", labels=labels)
        client.volumes.create(f"{self.name}_data", labels=labels)
        client.containers.create(TINY, labels=labels, name=f"{self.name}-app-1")

    def helper(self, owner: identity.Identity) -> None:
        """Make a container as those beside a stack are labelled."""
        self.engine.client.containers.create(TINY, labels={RUN_LABEL: self.name, OWNER_LABEL: owner.text()})

    def left(self) -> tuple[Thing, ...]:
        """Return what stands of the project, its claim left out."""
        return tuple(one for one in self.all() if not one.name.startswith("infragate-claim-"))

    def all(self) -> tuple[Thing, ...]:
        """Return what stands of the project."""
        return tuple(one for one in leftovers.things(self.engine) if one.project.startswith(self.name))

    def kinds(self) -> set[str]:
        """Return which kinds of things stand of the project, its claim left out."""
        return {one.kind for one in self.left()}


@pytest.fixture
def place(engine: Engine) -> Iterator[Place]:
    """Give a project of its own; whatever stands of it is removed at the end."""
    made = Place(engine)
    yield made
    leftovers.remove(engine, made.all())


class Told:
    """Progress that is taken down."""

    def __init__(self) -> None:
        self.phases: list[str] = []

    def phase(self, text: str) -> None:
        self.phases.append(text)

    def change(self, subject: str, text: str) -> None: ...

    def waiting(self, text: str) -> None: ...


def test_a_claim_is_read_as_it_was_made(place: Place) -> None:
    made = replace(place.claim(ME, kept=True, images=("a:latest", "b:latest")))
    assert [one for one in claims(place.engine) if one.project == place.name] == [made]
    release(place.engine, made)
    assert not stands(place.engine, made)
    release(place.engine, made)


def test_the_first_has_the_name_and_the_second_is_told_who(place: Place) -> None:
    first = place.claim(ME)
    with pytest.raises(OwnershipError, match=f"{place.name} is in use by another run: process {ME.pid} on {ME.host}"):
        place.claim(ME)
    release(place.engine, Claim(place.name, ME))
    assert stands(place.engine, first)


def test_of_many_at_once_one_has_the_name(place: Place) -> None:
    def attempt(_number: int) -> bool:
        try:
            place.claim(ME)
        except OwnershipError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, range(8))) == 1


def test_a_volume_of_that_name_that_is_no_claim_is_refused(place: Place) -> None:
    place.engine.client.volumes.create(f"infragate-claim-{place.name}", labels={RUN_LABEL: place.name})
    with pytest.raises(OwnershipError, match="owner not readable"):
        place.claim(ME)


def test_all_of_a_dead_run_is_removed(place: Place) -> None:
    image = f"{place.name}-app:latest"
    place.engine.client.images.get(TINY).tag(image)
    place.claim(DEAD, images=(image,))
    place.stack()
    place.helper(DEAD)
    assert place.kinds() == {*STACK, "image"}
    swept = sweep(place.engine, place.name)
    assert place.all() == ()
    assert place.engine.exists_image(TINY)
    assert place.name not in {one.project for one in swept.elsewhere}


@pytest.mark.parametrize("owner", [ME, ELSEWHERE], ids=["living", "elsewhere"])
def test_nothing_of_a_run_that_is_not_proven_dead_is_touched(place: Place, owner: identity.Identity) -> None:
    made = place.claim(owner)
    place.stack()
    place.helper(owner)
    before = place.left()
    told = Told()
    sweep_and_tell(place.engine, project_name(), told)
    assert place.left() == before
    assert stands(place.engine, made)
    assert any(f"{place.name} (process {owner.pid} on another-host)" in one for one in told.phases) == (
        owner is ELSEWHERE
    )


def test_a_reaper_that_is_at_work_is_left_to_it(place: Place) -> None:
    make(place.engine, Claim(place.name, DEAD, reaper=ME))
    place.stack()
    sweep(place.engine, project_name())
    assert place.kinds() == STACK


def test_a_stack_that_an_earlier_run_kept_outlives_the_dead_one(place: Place) -> None:
    made = place.claim(DEAD, kept=True, images=(TINY,))
    place.stack()
    place.helper(DEAD)
    sweep(place.engine, place.name)
    assert not stands(place.engine, made)
    assert [one.kind for one in place.left()] == ["container", "network", "volume"]
    assert place.engine.exists_image(TINY)


def test_helpers_of_a_living_run_stay_beside_a_kept_stack(place: Place) -> None:
    place.claim(DEAD, kept=True)
    place.helper(ME)
    sweep(place.engine, place.name)
    assert place.kinds() == {"container"}


def test_helpers_without_a_claim_go_with_their_owner(place: Place) -> None:
    place.helper(DEAD)
    remove_helpers(place.engine, DEAD)
    assert place.left() == ()


def test_two_sweepers_do_not_trip_over_each_other(place: Place) -> None:
    # The claim last: a gate that a test beside this one starts sweeps what a dead owner has claimed, too.
    place.stack()
    made = place.claim(DEAD)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: clear(place.engine, made, until=time.monotonic() + LONG_S), range(2)))
    assert place.all() == ()
    assert not stands(place.engine, made)


def test_a_later_run_under_the_same_name_is_not_touched(place: Place) -> None:
    old = place.claim(DEAD)
    release(place.engine, old)
    place.claim(ME)
    place.stack()
    cleared = clear(place.engine, old, until=time.monotonic() + LONG_S)
    assert not cleared.done
    assert not cleared.found
    assert place.kinds() == STACK


def test_what_cannot_be_removed_is_told_and_ends_nothing(place: Place) -> None:
    place.claim(ME)
    claim = next(one for one in claims(place.engine) if one.project == place.name)
    place.stack()
    client = place.engine.client
    client.containers.create(TINY, name=f"{place.name}-other", volumes=[f"{place.name}_data:/data"])
    until = time.monotonic() + LONG_S
    cleared = clear(place.engine, claim, until=until, stubborn=3)
    assert not cleared.done
    assert time.monotonic() < until, "it went on until the end of its time"
    assert str(cleared) == f"{place.name} (1 container, 1 network, 1 volume, of which some remain)"
    assert stands(place.engine, claim)


def test_what_the_engine_itself_holds_is_told_once(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine cannot be brought to lose count; what it would say then is put in its place."""
    claim = place.claim(DEAD)
    place.engine.client.networks.create(f"{place.name}_default", labels={PROJECT_LABEL: place.name})
    monkeypatch.setattr(sweeping, "_attempt", lambda _thing: None)
    monkeypatch.setattr(sweeping, "lost_networks", lambda _engine, _project: (f"{place.name}_default",))
    cleared = clear(place.engine, claim, until=time.monotonic() + LONG_S, stubborn=3)
    assert str(cleared) == f"{place.name} (1 network; the engine itself holds on to {place.name}_default)"
    assert not stands(place.engine, claim)


def test_an_engine_that_does_not_answer_is_told_in_one_line(relay: Relay) -> None:
    told = Told()
    with contextlib.closing(Engine.connect({**os.environ, "DOCKER_HOST": relay.address})) as engine:
        relay.cut()
        sweep_and_tell(engine, project_name(), told)
    [line] = told.phases
    assert "what killed runs may have left could not be looked for: The engine at " in line
