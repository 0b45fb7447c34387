"""The condition ``health``: what is planned, and what the waiting before the first test has proven."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .. import catalogue
from ..diagnosis.causes import Trouble
from ..results import CheckResult, Json, Outcome, PlannedCheck, Severity, failed, not_run, passed, unevaluated
from ..stack.state import ContainerState
from ..units import format_duration
from . import stories, symptoms
from .readiness import Readiness, State, finding
from .roles import Role
from .stories import Clues
from .symptoms import Logs, no_logs
from .waiting import End, Wait

if TYPE_CHECKING:
    from ..stack.events import Gap


def ready_results(roles: dict[str, Role], wait: Wait, logs: Logs = no_logs) -> list[CheckResult]:
    """Return what the waiting has proven of each service; ``logs`` gives the last lines of a container."""
    return [_ready_result(role, wait.readiness[name], wait, logs) for name, role in roles.items()]


def explained(started: Sequence[CheckResult], roles: dict[str, Role], wait: Wait, clues: Clues) -> list[CheckResult]:
    """Return ``started``, and what the waiting has proven of each service; failures that explain others come first."""
    ready = ready_results(roles, wait, clues.logs)
    troubles = [one for result in ready if (one := _trouble(result, roles, wait, clues)) is not None]
    return stories.explain((*started, *ready), troubles, wait.containers, clues)


def _trouble(result: CheckResult, roles: dict[str, Role], wait: Wait, clues: Clues) -> Trouble | None:
    """Return what keeps a service from being ready; ``None`` for one that is, or that was only no longer waited for."""
    one = wait.readiness[result.check.subject]
    if one.waits_for is not None:
        needs = tuple(name for name, _ in roles[result.check.subject].needs)
        return Trouble(result.check.subject, one.message, waits_for=one.waits_for, needs=needs)
    failed_itself = one.state is State.FAILED or result.outcome is Outcome.FAILED
    return stories.trouble(result, wait.containers, clues) if failed_itself else None


def watch_result(gaps: Sequence[Gap], events: int, wait: Wait) -> CheckResult:
    """Return whether the engine's events were all seen, as far as they are needed.

    What was proven by ``wait`` closes a gap during which none of the containers ran that run now: those that have
    ended are known by their exit code. Nothing closes another one, because no inspection shows a health flap, a pause,
    a network that was lost for a while, or (Engine 20.10) a process that was killed for memory.
    """
    check = catalogue.watch_complete()
    closed = [gap for gap in gaps if _ended_before_all(gap, wait)]
    open_ = [gap.what for gap in gaps if gap not in closed]
    if open_:
        return unevaluated(check, f"what happened to the containers is not wholly known: {'; '.join(open_)}")
    told = "no gap in the engine's event stream"
    if closed:
        told += " since the containers were started, and inspecting them closes what was missed before"
    return passed(check, f"{told}; {events} events of the stack", events=events, closed=[gap.what for gap in closed])


def _ended_before_all(gap: Gap, wait: Wait) -> bool:
    """Whether a gap was over before any container that runs was started."""
    until = gap.until
    if until is None or until > wait.at:
        return False
    lives = [state.started_at for state in wait.containers if state.status != "exited"]
    return all(started is not None and started >= until for started in lives)


def _ready_result(role: Role, one: Readiness, wait: Wait, logs: Logs) -> CheckResult:
    """Turn where a service stood when the waiting ended into a result."""
    check = catalogue.service_ready(role.service)
    own = [state for state in wait.containers if state.service == role.service]
    said = f"{role.service} {one.message}"
    if one.state is State.READY:
        return passed(check, said, one.findings, proof=one.proof, containers=_evidence(own))
    if one.waits_for is not None:
        return _unstarted(check, role, one, wait)
    if own and one.state is State.FAILED and all(state.started_at is None for state in own):
        return not_run(check, f"{said}: see service-started[{role.service}]")
    if one.state is State.PENDING and wait.end is not End.DEADLINE:
        return not_run(check, f"{said}; no longer waited for, {_why_ended(wait)}")
    if one.state is State.PENDING:
        said = f"{role.service} was not ready within {format_duration(wait.duration_s)}: {role.service} {one.message}"
    closing = finding(role, Severity.ERROR, said.removeprefix(f"{role.service} "), one.remedy)
    message = "\n".join(filter(None, (said, symptoms.details(own, logs))))
    return failed(check, message, (*one.findings, closing), containers=_evidence(own))


def _unstarted(check: PlannedCheck, role: Role, one: Readiness, wait: Wait) -> CheckResult:
    """Return the result of a service that Compose kept back: its own failure only where it waits in vain for a good one."""
    said = f"{role.service} {one.message}"
    if one.waits_for is None or wait.readiness[one.waits_for].state is not State.READY:
        return not_run(check, said)
    remedy = f"Give {one.waits_for} a healthcheck, or let {role.service} wait for it with condition service_started."
    return failed(check, said, (finding(role, Severity.ERROR, one.message, remedy),))


def _why_ended(wait: Wait) -> str:
    if wait.end is End.STOPPED:
        return "because the run was interrupted"
    broken = [name for name, one in wait.readiness.items() if one.state is State.FAILED and one.waits_for is None]
    return f"because {', '.join(broken) or '`docker compose up`'} failed"


def _evidence(containers: Sequence[ContainerState]) -> Json:
    """Return what the engine said of the containers, for the report."""
    return [
        {
            "name": state.name,
            "status": state.status,
            "health": state.health,
            "exit_code": state.exit_code,
            "oom_killed": state.oom_killed,
            "restart_count": state.restart_count,
            "started_at": state.started_at.isoformat() if state.started_at else None,
        }
        for state in containers
    ]
