"""Runs a container's own healthcheck test by exec, as the engine itself would run it."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from ..errors import EngineError
from .state import ContainerState, HealthRun

if TYPE_CHECKING:
    from .engine import Engine

PASSED = 0
_KINDS = ("CMD", "CMD-SHELL")


def command(state: ContainerState) -> tuple[str, ...]:
    """Return the argument list of the test, empty where there is none.

    As the engine's own health monitor makes it (moby, daemon/health.go): ``CMD`` as it is, ``CMD-SHELL`` with the
    image's shell. An exec has the container's user, environment and folder when none is named, which is what it uses.
    """
    kind, *words = state.health_test or ("NONE",)
    if kind not in _KINDS or not words:
        return ()
    return tuple(words) if kind == "CMD" else (*state.shell, *words)


def waits_for_engine(state: ContainerState) -> bool:
    """Whether a container runs, has a test, and the engine has not come to a judgement yet."""
    return state.running and not state.paused and state.health == "starting" and bool(command(state))


def run(engine: Engine, state: ContainerState) -> HealthRun | None:
    """Run the test once; ``None`` when it did not end within its own timeout.

    Raises ``EngineError`` when the container does not run any more or the engine does not answer.
    """
    begun = datetime.datetime.now(datetime.timezone.utc)
    done = engine.execute(state.id, command(state), timeout_s=state.health_timeout_s)
    return None if done.timed_out else HealthRun(begun, done.duration_s, done.exit_code, done.text)


def passes(engine: Engine, state: ContainerState) -> bool:
    """Whether the test passes now; not when it does not end in time or the container does not run any more."""
    try:
        done = run(engine, state)
    except EngineError:
        return False
    return done is not None and done.exit_code == PASSED
