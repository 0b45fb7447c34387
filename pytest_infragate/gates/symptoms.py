"""What a container that is not well has to show: its state, the last healthchecks, the last log lines."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from .. import words
from ..diagnosis import lines
from ..stack.state import ContainerState, HealthRun
from ..units import format_duration, format_size

LOG_LINES = 10
SEE_LOG = "See its last log lines for the reason."
"""The remedy where nothing better is known."""
_HEALTH_RUNS = 3
_WIDTH = 300
_KILLED = 137

Logs = Callable[[ContainerState], Sequence[str]]
"""Gives the last log lines of a container; empty where there are none."""


def no_logs(_state: ContainerState) -> Sequence[str]:
    """Give no log lines."""
    return ()


def condition(state: ContainerState) -> str:
    """Return what a container's state says, to follow its name: ``has ended with exit code 1 (…) after 2.1 s``."""
    if state.status in ("exited", "dead"):
        return f"has ended with {_code(state)}{_lifetime(state)}"
    if state.status == "restarting":
        return f"was restarted {times(state.restart_count)} and ended again with {_code(state)}"
    if state.status == "created" and state.error:
        return f"could not be started: {clean(state.error)}"
    if state.status == "running" and state.health:
        return {"starting": "is running, its healthcheck has not succeeded yet"}.get(
            state.health, f"is running and {state.health}"
        )
    return words.state(state.status)


def _code(state: ContainerState) -> str:
    """Return the exit code in words, with a suspicion where the engine may have missed why.

    It learns of an out-of-memory kill beside the end of the process, and of a very early one sometimes not at all.
    """
    told = words.exit_code(state.exit_code, oom_killed=state.oom_killed)
    if not may_be_oom(state):
        return told
    return f"{told}; its memory limit is {format_size(state.memory_limit)}, so it may have run out of memory"


def may_be_oom(state: ContainerState) -> bool:
    """Whether a container was killed beside a memory limit, without the engine saying that this was why."""
    return state.exit_code == _KILLED and not state.oom_killed and bool(state.memory_limit)


def times(count: int) -> str:
    """Return a count as an adverb."""
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


_WRAPPING = re.compile(
    r"Error response from daemon: |failed to create shim task: |OCI runtime create failed: |runc create failed: "
    r"|driver failed programming external connectivity on endpoint \S+ \([0-9a-f]+\): |Error starting userland proxy: "
)


def clean(error: str) -> str:
    """Return an error of the engine without the wrapping that says nothing to a user."""
    return _WRAPPING.sub("", error).removesuffix(": unknown").strip()


def details(states: Sequence[ContainerState], logs: Logs = no_logs) -> str:
    """Return the last healthcheck outputs and log lines of the containers, indented; empty when there are none."""
    return "\n".join(line for state in states for line in _details(state, logs))


def _details(state: ContainerState, logs: Logs) -> Iterator[str]:
    runs = [run for run in state.health_runs if run.exit_code != 0][-_HEALTH_RUNS:]
    if runs:
        every, limit = format_duration(state.health_interval_s), format_duration(state.health_timeout_s)
        yield f"  last failed healthchecks of {_short(state)} (every {every}, each may take {limit}):"
        yield from (f"    {told}" for told in _of_runs(runs))
    written = [line for line in logs(state) if line.strip()][-LOG_LINES:]
    if written:
        yield f"  last log lines of {_short(state)}:"
        yield from (f"    {line[:_WIDTH]}" for line in written)


def _short(state: ContainerState) -> str:
    """Return the name of a container without that of the project: ``api-1``, as its files in the evidence are called."""
    return f"{state.service}-{state.number}"


def _of_runs(runs: Sequence[HealthRun]) -> Iterator[str]:
    """Tell each run, and what it said only where that differs from the one before."""
    before = ""
    for run in runs:
        when = f"{run.start:%H:%M:%S} UTC, " if run.start else ""
        said = _said(run)
        yield f"{when}{format_duration(run.duration_s)}: {'the same' if said == before else said}"
        before = said


def _said(run: HealthRun) -> str:
    output = " / ".join(lines.plain(run.output))
    code = "could not run" if run.exit_code == -1 else words.exit_code(run.exit_code)
    return f"{code}: {clean(output)[:_WIDTH] or 'no output'}"


def _lifetime(state: ContainerState) -> str:
    if state.started_at is None or state.finished_at is None or state.finished_at < state.started_at:
        return ""
    return f", {format_duration((state.finished_at - state.started_at).total_seconds())} after its start"
