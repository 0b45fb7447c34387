"""Edges that a command of the user proves: it runs inside every container of the caller and must end with 0."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .. import words
from ..results import CheckResult, Json, passed
from ..stack.exchange import Failure
from ..stack.state import ContainerState
from .edge_words import failed_edge
from .edges import PlannedEdge
from .live import LiveStack

if TYPE_CHECKING:
    from ..stack.engine import Engine
    from ..stack.execution import Execution

TIMEOUT_S = 10.0
"""How long a command may run when the settings do not say."""
_AT_ONCE = 4
_PAUSE_S = 0.5
_CANNOT_START = (126, 127)
_SHOWN_LINES = 12
_KEPT_CHARACTERS = 8000


@dataclass(frozen=True)
class Ran:
    """What came of a command in one container of the caller; ``done`` is ``None`` where it does not run."""

    caller: ContainerState
    done: Execution | None = None
    times: int = 0


Runs = Mapping[PlannedEdge, tuple[Callable[[], Ran], ...]]
"""The runs of each edge's command; calling one waits for it, and raises what stood in the way."""


def begin(edges: Iterable[PlannedEdge], live: LiveStack, engine: Engine, patience_s: float) -> Runs:
    """Run the commands of these edges in each container of their callers, several at a time, beside whoever calls this.

    One that fails is run again for a while: a target without a healthcheck may still start up.
    """
    pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="infragate-edges")
    futures: dict[PlannedEdge, list[Future[Ran]]] = {
        edge: [pool.submit(_run, edge, caller, engine, patience_s) for caller in live.of(edge.source)] for edge in edges
    }
    pool.shutdown(wait=False)
    return {edge: tuple(future.result for future in own) for edge, own in futures.items()}


def _run(edge: PlannedEdge, caller: ContainerState, engine: Engine, patience_s: float) -> Ran:
    if caller.paused or caller.restarting or not caller.running:
        return Ran(caller)
    until, times = time.monotonic() + patience_s, 0
    while True:
        done, times = engine.execute(caller.id, edge.command, timeout_s=_timeout_s(edge)), times + 1
        hopeless = done.timed_out or done.exit_code in (0, *_CANNOT_START)
        if hopeless or time.monotonic() + _PAUSE_S >= until:
            return Ran(caller, done, times)
        time.sleep(_PAUSE_S)


def judge(edge: PlannedEdge, runs: Iterable[Ran]) -> CheckResult:
    """Return the result of an edge: the first run that is not good speaks for all."""
    all_runs = tuple(runs)
    callers: list[Json] = [one.caller.name for one in all_runs]
    for ran in all_runs:
        if ran.done is None:
            remedy = f"See why {edge.source} does not run; its edges can only be proven from inside it."
            text = (
                f"{ran.caller.name} does not run (it is {ran.caller.status}), so nothing can be asked from inside it."
            )
            return failed_edge(edge, f"{text} Needed by {edge.origin}.", remedy, Failure.CALLER_DOWN, callers=callers)
        if ran.done.exit_code != 0:
            return _failed(edge, ran, ran.done, callers)
    shown = " ".join(edge.command)
    text = f"`{shown}` ended with 0 inside {edge.source}"
    seconds: list[Json] = [round(ran.done.duration_s, 6) for ran in all_runs if ran.done]
    return passed(edge.check, text, callers=callers, command=shown, command_s=seconds)


def _failed(edge: PlannedEdge, ran: Ran, done: Execution, callers: list[Json]) -> CheckResult:
    shown = " ".join(edge.command)
    text = f"`{shown}` in {ran.caller.name} {_how_it_ended(edge, ran, done)} Needed by {edge.origin}.{_last_lines(done.text)}"
    return failed_edge(
        edge,
        text,
        _remedy(edge, done),
        Failure.COMMAND,
        callers=callers,
        command=shown,
        exit_code=done.exit_code,
        output=done.text[-_KEPT_CHARACTERS:],
    )


def _how_it_ended(edge: PlannedEdge, ran: Ran, done: Execution) -> str:
    if done.timed_out:
        return f"did not end within {_timeout_s(edge):g} s and was left alone."
    if done.exit_code in _CANNOT_START:
        return f"could not be started ({words.exit_code(done.exit_code)})."
    again = f", tried {ran.times} times" if ran.times > 1 else ""
    return f"ended with {words.exit_code(done.exit_code)}, expected 0{again}."


def _remedy(edge: PlannedEdge, done: Execution) -> str:
    if done.exit_code in _CANNOT_START:
        return f"Name a program that the image of {edge.source} has."
    if done.timed_out:
        return f"See why {edge.target} does not answer in that time, or give the edge a longer timeout."
    return f"Make {edge.target} answer as the command wants it, or correct the command."


def _last_lines(output: str) -> str:
    lines = output.rstrip().splitlines()[-_SHOWN_LINES:]
    return "\nIts last lines:\n" + "\n".join(f"  {line}" for line in lines) + "\n" if lines else " It wrote nothing."


def _timeout_s(edge: PlannedEdge) -> float:
    return (edge.probe and edge.probe.timeout_s) or TIMEOUT_S
