"""Condition ``commands``: every validation command that the project declares ended as declared."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from .. import catalogue, process, runner, words
from ..compose.selection import Selection
from ..results import CheckResult, Outcome, PlannedCheck, failed, not_run, passed
from ..settings import CommandSettings, When
from ..stack.state import ContainerState

if TYPE_CHECKING:
    from ..stack.engine import Engine
    from ..stack.execution import Execution

ACTIVE_VARIABLE = "INFRAGATE_ACTIVE"
"""Set for everything that runs under a gate, so that a gate inside a gate can be refused."""
NOTHING_DECLARED = "the settings declare no commands"
SHOWN_LINES = 12
KEPT_CHARACTERS = 8000
_SIGNALLED = 128
_OVERRULES_HOST = "DOCKER_CONTEXT"
"""The docker CLI prefers a named context to DOCKER_HOST."""


@dataclass(frozen=True)
class PlannedCommand:
    """One declared command with the check that it owes."""

    check: PlannedCheck
    command: CommandSettings


@dataclass(frozen=True)
class CommandPlan:
    """The commands of the project; ``not_applicable`` is the reason when there are none."""

    commands: tuple[PlannedCommand, ...] = ()
    not_applicable: str | None = None

    @property
    def checks(self) -> tuple[PlannedCheck, ...]:
        """The planned checks."""
        return tuple(one.check for one in self.commands)


@dataclass(frozen=True)
class Surroundings:
    """What commands run in: ``directory`` where they name none, the whole ``environment`` of host commands.

    ``containers`` are those of the stack now; before it is up there are none.
    """

    directory: str
    environment: Mapping[str, str]
    engine: Engine | None = None
    containers: tuple[ContainerState, ...] = ()
    stop: threading.Event = field(default_factory=threading.Event)
    """Ends a running host command when it is set."""


def plan(commands: Sequence[CommandSettings]) -> CommandPlan:
    """Return one check per command; the subject of one inside a service is the service, of any other its name."""
    if not commands:
        return CommandPlan(not_applicable=NOTHING_DECLARED)
    wished = Counter(command.service or command.name for command in commands)
    planned: dict[str, PlannedCommand] = {}
    for command in commands:
        subject = command.service or command.name
        if wished[subject] > 1 and command.service:
            subject = f"{command.service} {command.name}"
        while subject in planned:
            subject += "'"
        planned[subject] = PlannedCommand(catalogue.command_passed(subject), command)
    return CommandPlan(tuple(planned.values()))


def environment(environ: Mapping[str, str], selection: Selection, engine: Engine | None) -> dict[str, str]:
    """Return the environment of declared commands: ours, which files and project are meant, and which engine."""
    place = dict(engine.environment) if engine else {}
    kept = {name: value for name, value in environ.items() if name != _OVERRULES_HOST or not engine}
    return {**kept, **selection.environment(), **place, ACTIVE_VARIABLE: "1"}


def run(
    phase: When,
    planned: CommandPlan,
    around: Surroundings,
    on_result: Callable[[CheckResult], None] = lambda _result: None,
) -> tuple[CheckResult, ...]:
    """Run the commands of one phase one after the other; ``on_result`` gets each result as it comes."""
    results = []
    for one in planned.commands:
        if one.command.when is phase:
            results.append(runner.evaluate(one.check, partial(_run_one, one, around)))
            on_result(results[-1])
    return tuple(results)


def _run_one(planned: PlannedCommand, around: Surroundings) -> CheckResult:
    if around.stop.is_set():
        return not_run(planned.check, "not started: the run was interrupted")
    if planned.command.service is None:
        return _on_host(planned, around)
    return _in_service(planned, planned.command.service, around)


def _on_host(planned: PlannedCommand, around: Surroundings) -> CheckResult:
    """Run a command beside the stack; raises ProcessError when it cannot be started."""
    command = planned.command
    done = process.run(
        (command.run,) if isinstance(command.run, str) else command.run,
        directory=Path(around.directory, command.directory or ""),
        environment={**around.environment, **command.environment},
        timeout_s=command.timeout_s,
        stop=around.stop,
        shell_line=isinstance(command.run, str),
        keep_bytes=KEPT_CHARACTERS,
    )
    output = "\n".join(text.rstrip() for text in (done.stdout, done.stderr) if text.strip())
    if done.stopped:
        return not_run(planned.check, "ended before its time: the run was interrupted")
    code = None if done.cut_short else done.exit_code
    return _judged(planned, "", code, output)


def _in_service(planned: PlannedCommand, service: str, around: Surroundings) -> CheckResult:
    """Run a command in each container of its service; raises EngineError when a container cannot be reached."""
    containers = [state for state in around.containers if state.service == service and state.running]
    if not containers or around.engine is None:
        return failed(
            planned.check, f"{service} has no running container to run {_shown(planned.command)} in.{_place(planned)}"
        )
    results = []
    for container in containers:
        done = _execute(planned.command, container, around.engine)
        code = None if done.timed_out else done.exit_code
        results.append(_judged(planned, f" in {container.name}", code, done.text))
    return next((result for result in results if result.outcome is not Outcome.PASSED), results[-1])


def _execute(command: CommandSettings, container: ContainerState, engine: Engine) -> Execution:
    argv = (*_SHELL_INSIDE, command.run) if isinstance(command.run, str) else command.run
    return engine.execute(
        container.id,
        argv,
        timeout_s=command.timeout_s,
        environment=command.environment,
        directory=command.directory,
    )


_SHELL_INSIDE = ("sh", "-c")


def _judged(planned: PlannedCommand, where: str, code: int | None, output: str) -> CheckResult:
    """Judge an exit code (``None``: it had to be ended)."""
    command = planned.command
    kept = output[-KEPT_CHARACTERS:]
    if code == command.exit_code:
        return passed(planned.check, f"{_shown(command)}{where}: {words.exit_code(code)}", output=kept, exit_code=code)
    ended = _how_it_ended(command, code)
    text = f"{_shown(command)}{where} {ended}.{_place(planned)}{_last_lines(output)}"
    return failed(planned.check, text, output=kept, exit_code=code)


def _how_it_ended(command: CommandSettings, code: int | None) -> str:
    if code is None:
        return f"did not end within {command.timeout_s:g} s and was ended"
    told = words.exit_code(code if code >= 0 else _SIGNALLED - code)
    return f"ended with {told}, expected {command.exit_code}"


def _place(planned: PlannedCommand) -> str:
    return f" Declared at {planned.command.location}." if planned.command.location else ""


def _last_lines(output: str) -> str:
    lines = output.rstrip().splitlines()[-SHOWN_LINES:]
    return "\nIts last lines:\n" + "\n".join(f"  {line}" for line in lines) if lines else " It wrote nothing."


def _shown(command: CommandSettings) -> str:
    return f"`{command.run if isinstance(command.run, str) else ' '.join(command.run)}`"
