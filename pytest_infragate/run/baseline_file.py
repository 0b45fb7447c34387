"""Writes the file of the performance baseline: sorted, one line for each run of a metric, replaced in one step."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from ..past_runs import PERCENTS, SCHEMA, Distribution, MetricKey, OfMachine, PastRun, PastRuns

_PART = ".infragate-baseline-"


def added(
    before: OfMachine,
    found: Mapping[MetricKey, Distribution],
    time: str,
    keep: int,
    has_moved: Callable[[MetricKey], bool],
) -> tuple[OfMachine, tuple[MetricKey, ...]]:
    """Return the runs of one class of machines with this run, at most ``keep`` of each metric, and what was begun anew.

    Runs from before a change that is meant say nothing any more, so a metric that has moved begins with this run.
    """
    anew = tuple(key for key in sorted(found) if before.get(key) and has_moved(key))
    runs = dict(before)
    for key, distribution in found.items():
        earlier = () if key in anew else before.get(key, ())
        runs[key] = (*earlier, PastRun(time, distribution))[-keep:]
    return runs, anew


def with_machine(past: PastRuns, stack: str, machine: str, runs: OfMachine) -> PastRuns:
    """Return all runs with those of one stack on one class of machines replaced."""
    machines = {**past.stacks.get(stack, {}), machine: runs}
    return replace(past, stacks={**past.stacks, stack: machines})


def without(runs: OfMachine, services: Collection[str], metrics: Collection[str]) -> OfMachine:
    """Return the runs of services and metrics that there still are."""
    return {key: one for key, one in runs.items() if key[0] in services and key[1] in metrics}


def text(past: PastRuns) -> str:
    """Return the text of the file."""
    stacks = {
        stack: {machine: _by_service(runs) for machine, runs in machines.items()}
        for stack, machines in past.stacks.items()
    }
    return "\n".join(_lines({"schema": SCHEMA, "stacks": stacks})) + "\n"


def write(path: Path, content: str) -> None:
    """Replace a file in one step, with its mode; a link stays one. Raises ``OSError``; then it is as it was."""
    target = path.resolve()
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=_PART)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        Path(temporary).chmod(_mode(target))
        Path(temporary).replace(target)
    finally:
        with contextlib.suppress(FileNotFoundError):
            Path(temporary).unlink()


def _mode(path: Path) -> int:
    """Return the mode of the file, or that of a new one."""
    if path.exists():
        return path.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def _by_service(runs: OfMachine) -> dict[str, dict[str, list[str]]]:
    found: dict[str, dict[str, list[str]]] = {}
    for (service, metric), past in runs.items():
        found.setdefault(service, {})[metric] = [json.dumps(_fields(one)) for one in past]
    return found


def _fields(one: PastRun) -> dict[str, str | float]:
    """Return what the line of a run says; of a single sample that is its value."""
    found = one.found
    if found.samples == 1:
        return {"run": one.time, "samples": 1, "p50": _plain(found.median)}
    quantiles = {f"p{percent}": _plain(value) for percent, value in zip(PERCENTS, found.quantiles, strict=True)}
    return {"run": one.time, "samples": found.samples, "independent": _plain(found.independent), **quantiles}


def _plain(number: float) -> float:
    """Return a whole number without its point."""
    return int(number) if number == int(number) else number


def _lines(tree: Mapping[str, object], depth: int = 0) -> Iterator[str]:
    """Yield a mapping as indented JSON; the texts in its lists are JSON already, and each has a line."""
    inner = "  " * (depth + 1)
    yield "{"
    for number, (key, value) in enumerate(sorted(tree.items()), 1):
        comma = "," if number < len(tree) else ""
        head = f"{inner}{json.dumps(key, ensure_ascii=False)}: "
        if isinstance(value, Mapping):
            first, *rest = _lines(value, depth + 1)
            yield f"{head}{first}"
            yield from rest[:-1]
            yield f"{rest[-1]}{comma}"
        elif isinstance(value, list):
            yield f"{head}["
            yield from (f"{inner}  {one}{',' if at < len(value) else ''}" for at, one in enumerate(value, 1))
            yield f"{inner}]{comma}"
        else:
            yield f"{head}{json.dumps(value)}{comma}"
    yield f"{'  ' * depth}}}"
