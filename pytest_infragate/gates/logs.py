"""Log lines that the settings forbid close the condition ``health`` of the service that wrote them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from .. import catalogue, runner
from ..compose.model import Project
from ..results import CheckResult, Json, PlannedCheck, failed, passed
from ..settings import LogSettings
from ..stack.engine import Engine
from ..stack.state import ContainerState

SHOWN = 5
_WIDTH = 300


@dataclass(frozen=True)
class LogLine:
    """One line as the service wrote it, with the engine's time of it (RFC 3339)."""

    time: str
    text: str


def plan(project: Project, settings: LogSettings) -> tuple[PlannedCheck, ...]:
    """Return one check for each service where the settings forbid any line."""
    return tuple(map(catalogue.log_clean, project.services)) if settings.forbid else ()


def evaluate(
    planned: Sequence[PlannedCheck], settings: LogSettings, engine: Engine, containers: Sequence[ContainerState]
) -> tuple[CheckResult, ...]:
    """Read the whole log of every container once, with bounded memory, and judge each service."""
    return tuple(runner.evaluate(check, partial(_judge, check, settings, engine, containers)) for check in planned)


def forbidden(lines: Iterable[LogLine], settings: LogSettings) -> Iterator[LogLine]:
    """Yield the lines that match a forbidden pattern and no allowed one."""
    bad = [re.compile(pattern) for pattern in settings.forbid or ()]
    good = [re.compile(pattern) for pattern in settings.allow]
    for line in lines:
        if any(one.search(line.text) for one in bad) and not any(one.search(line.text) for one in good):
            yield line


def split(raw: str) -> LogLine:
    """Return a line of the engine's log with timestamps as time and text."""
    time, _, text = raw.partition(" ")
    return LogLine(time, text)


def judge(check: PlannedCheck, found: Iterable[LogLine]) -> CheckResult:
    """Return whether a service wrote no forbidden line; the first ones are told with their times."""
    count = 0
    shown: list[str] = []
    for line in found:
        count += 1
        if len(shown) < SHOWN:
            shown.append(f"{line.time} {line.text[:_WIDTH]}")
    if not count:
        return passed(check, f"no line of {check.subject} matches logs.forbid")
    evidence: list[Json] = [*shown]
    lines = "1 line" if count == 1 else f"{count} lines, the first"
    text = "\n".join([f"{check.subject} wrote what logs.forbid names ({lines}): {shown[0]}", *shown[1:]])
    return failed(check, text, lines=evidence, count=count)


def _judge(
    check: PlannedCheck, settings: LogSettings, engine: Engine, containers: Sequence[ContainerState]
) -> CheckResult:
    own = [state for state in containers if state.service == check.subject]
    lines = (split(raw) for state in own for raw in engine.log_lines(state.id))
    return judge(check, forbidden(lines, settings))
