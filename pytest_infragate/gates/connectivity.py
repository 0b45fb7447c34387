"""Condition ``connectivity``: every edge that the stack needs is open, every forbidden one closed.

Edges are proven from inside the caller. A stack in which no service needs another is proven by its published ports.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING

from .. import runner
from ..compose.model import Project
from ..errors import InfragateError
from ..results import CheckResult
from ..settings import ConnectivityPolicy, ConnectivitySettings, EdgeSettings
from ..stack.exchange import Exchange, Question
from ..stack.state import ContainerState
from . import closing, edge_check, edge_commands, published
from .edge_check import Asked
from .edge_plan import ConnectivityPlan, plan
from .edges import PlannedEdge
from .live import LiveStack, Sight

if TYPE_CHECKING:
    from ..stack.inside import Inside

_AT_ONCE = 4
PATIENCE_S = 5.0
"""How long a target that accepts connections may take until it speaks its protocol."""
_PAUSE_S = 0.5

OnResult = Callable[[CheckResult], None]


def evaluate(
    planned: ConnectivityPlan, live: LiveStack, inside: Inside, on_result: OnResult = lambda _result: None
) -> tuple[CheckResult, ...]:
    """Prove every planned edge and port; ``on_result`` gets each result as it comes, from this thread.

    Results come in the order of the plan. Nothing escapes: what cannot be evaluated becomes outcome ``error``.
    """
    sight = Sight(inside)
    tasks = _tasks(planned.edges, live, sight)
    commands = (edge for edge in planned.edges if edge.command and edge_check.settled(edge, live) is None)
    runs = edge_commands.begin(commands, live, inside.engine, PATIENCE_S)
    answers = _ask_patiently(tasks, live, inside)
    further = closing.further_questions(tasks, answers, live)
    told = _Told(tasks, _joined(answers, _asked(further, inside)), live, sight)
    results = []
    for edge in planned.edges:
        ran = partial(_judge_command, edge, runs, live)
        results.append(runner.evaluate(edge.check, ran if edge.command else partial(_judge, edge, told)))
        on_result(results[-1])
    for port in planned.ports:
        results.append(runner.evaluate(port.check, partial(published.judge, port, live, inside)))
        on_result(results[-1])
    results += planned.unprovable
    for result in planned.unprovable:
        on_result(result)
    return tuple(results)


def evaluate_declared(
    project: Project, edges: Sequence[EdgeSettings], why: str, live: LiveStack, inside: Inside
) -> tuple[CheckResult, ...]:
    """Prove these edges alone, now; ``why`` says who needs them. One that names no pair of services fails."""
    settings = ConnectivitySettings(policy=ConnectivityPolicy.DECLARED, expect=tuple(edges))
    planned = plan(project, settings)
    needed = tuple(replace(edge, why=why) for edge in planned.edges)
    return evaluate(replace(planned, edges=needed), live, inside)


_Tasks = Mapping[PlannedEdge, tuple[Question, ...]]
"""What each caller is asked for an edge; an edge that is settled without asking is not there."""
_Answers = Mapping[str, Callable[[], Mapping[Question, Exchange]]]
"""What each caller was told, by container id; calling raises what stood in the way."""


def _tasks(edges: Sequence[PlannedEdge], live: LiveStack, sight: Sight) -> _Tasks:
    """Return what is to be asked; what the targets of edges without a port listen on is looked up first."""
    open_ended = {edge.target for edge in edges if _has_open_end(edge)}
    containers = [state for service in sorted(open_ended) for state in live.running(service)]
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="infragate-sight") as pool:
        tuple(pool.map(sight.listeners, containers))
    unsettled = (edge for edge in edges if not edge.command and edge_check.settled(edge, live) is None)
    return {edge: edge_check.questions(edge, edge_check.ports_to_try(edge, live, sight)) for edge in unsettled}


def _has_open_end(edge: PlannedEdge) -> bool:
    """Whether what the target listens on says which ports are tried."""
    return edge.port is None and not edge.command and not (edge.ports and edge.must_be_open)


def _ask_patiently(tasks: _Tasks, live: LiveStack, inside: Inside) -> _Answers:
    """Ask, and ask again for a while where a target is not ready yet: one without a healthcheck may still start up."""
    answers, until = _ask(tasks, live, inside), time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        early = {edge: asked for edge, asked in tasks.items() if _is_early(edge, asked, live, answers)}
        if not early:
            break
        time.sleep(_PAUSE_S)
        answers = _joined(answers, _ask(early, live, inside))
    return answers


def _is_early(edge: PlannedEdge, asked: Sequence[Question], live: LiveStack, answers: _Answers) -> bool:
    """Whether a target of an edge may become ready; a caller that cannot be asked is told of when the edge is judged."""
    for caller in live.of(edge.source):
        with contextlib.suppress(InfragateError):
            told = answers[caller.id]()
            if any(edge_check.may_become_ready(edge, told[question]) for question in asked):
                return True
    return False


def _joined(first: _Answers, later: _Answers) -> _Answers:
    """Return the answers with those that were given later in place of the first ones."""
    return {**first, **{caller: partial(_both, first.get(caller, dict), told) for caller, told in later.items()}}


def _both(
    first: Callable[[], Mapping[Question, Exchange]], later: Callable[[], Mapping[Question, Exchange]]
) -> Mapping[Question, Exchange]:
    return {**first(), **later()}


def _ask(tasks: _Tasks, live: LiveStack, inside: Inside) -> _Answers:
    """Ask every caller all its questions at once, several callers at a time."""
    by_caller: dict[str, tuple[ContainerState, dict[Question, None]]] = {}
    for edge, questions in tasks.items():
        for caller in live.of(edge.source):
            by_caller.setdefault(caller.id, (caller, {}))[1].update(dict.fromkeys(questions))
    return _asked({key: (caller, tuple(questions)) for key, (caller, questions) in by_caller.items()}, inside)


def _asked(questions: Mapping[str, tuple[ContainerState, tuple[Question, ...]]], inside: Inside) -> _Answers:
    waiting = inside.ask_each(questions)
    return {key: partial(_by_question, wait) for key, wait in waiting.items()}


def _by_question(wait: Callable[[], tuple[Exchange, ...]]) -> Mapping[Question, Exchange]:
    return {exchange.question: exchange for exchange in wait()}


def _judge_command(edge: PlannedEdge, runs: edge_commands.Runs, live: LiveStack) -> CheckResult:
    result = edge_check.settled(edge, live)
    return result or edge_commands.judge(edge, tuple(run() for run in runs[edge]))


@dataclass(frozen=True)
class _Told:
    """Everything that was asked and answered, and what it was asked of."""

    tasks: _Tasks
    answers: _Answers
    live: LiveStack
    sight: Sight

    @cached_property
    def through(self) -> Mapping[str, closing.Answering]:
        """Who gets through to each service, by port."""
        return closing.getting_through(self.tasks, self.answers, self.live)


def _judge(edge: PlannedEdge, told: _Told) -> CheckResult:
    result = edge_check.settled(edge, told.live)
    if result is not None:
        return result
    asked = [_of_caller(edge, caller, told) for caller in told.live.of(edge.source)]
    if edge.must_be_open:
        return edge_check.judge(edge, asked, told.live, told.sight)
    answering = closing.answering(edge, told.through, told.answers, told.live)
    return closing.judge(edge, asked, answering, told.live, told.sight)


def _of_caller(edge: PlannedEdge, caller: ContainerState, told: _Told) -> Asked:
    """Return what one caller was told; of a forbidden edge by address too, where the name led nowhere."""
    answers = told.answers[caller.id]()
    exchanges = tuple(answers[question] for question in told.tasks[edge])
    if not edge.must_be_open:
        further = closing.by_address(edge, caller, exchanges, told.live)
        exchanges += tuple(answers[question] for question in further)
    return Asked(caller, exchanges)
