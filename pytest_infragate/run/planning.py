"""Fixes what a run of the stack owes an answer to, from the resolved project and the settings; nothing is asked or started."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from .. import catalogue
from ..compose.model import Project
from ..gates import commands, edge_plan, lifecycle, limit_plan, logs
from ..gates.commands import CommandPlan
from ..gates.edge_plan import ConnectivityPlan
from ..gates.limit_plan import PlannedLimit
from ..gates.roles import Life, Role, roles
from ..gates.tracked import comparable
from ..past_runs import MetricKey
from ..plan import Plan, Stage
from ..preparation import Preparation
from ..results import Condition, PlannedCheck
from ..settings import Settings
from ..static_plan import static_checks

if TYPE_CHECKING:
    from ..gates.edges import PlannedEdge
    from ..gates.scaling import PlannedScaling
    from .comparing import Comparing


@dataclass(frozen=True)
class RunPlan:
    """The plan of one run, with what its gates need to carry it out."""

    plan: Plan
    connectivity: ConnectivityPlan = field(default_factory=ConnectivityPlan)
    limits: tuple[PlannedLimit, ...] = ()
    commands: CommandPlan = field(default_factory=CommandPlan)
    roles: dict[str, Role] = field(default_factory=dict)
    scaling: tuple[PlannedScaling, ...] = ()
    tracked: tuple[MetricKey, ...] = ()
    """What every run like this one measures, for the baseline of performance."""


def make_plan(preparation: Preparation, settings: Settings) -> RunPlan:
    """Return the plan of a run of the stack.

    Without a project only the configuration and the engine are planned; the conditions that then have no check are
    not proven.
    """
    static = static_checks(settings.checks)
    if preparation.project is None:
        return RunPlan(Plan(Stage.FULL, (*static, catalogue.engine_reachable())))
    return _full(preparation.project, settings, static)


def _full(project: Project, settings: Settings, static: tuple[PlannedCheck, ...]) -> RunPlan:
    edges = edge_plan.plan(project, settings.connectivity)
    called = {edge.target for edge in edges.edges if edge.must_be_open}
    expected = roles(project, settings, called)
    lives = {life: frozenset(name for name, role in expected.items() if role.life is life) for life in Life}
    limits = limit_plan.plan(project, settings, lives[Life.ONE_SHOT], lives[Life.UNDECIDED])
    declared = commands.plan(settings.commands)
    scaled = _scaled(project, settings, edges.edges, expected)
    checks = (
        *static,
        *lifecycle.plan(project),
        *health_checks(project),
        *logs.plan(project),
        *edges.checks,
        *(limit.check for limit in limits),
        *(check for one in scaled for check in one.checks),
        *_baseline(settings),
        *declared.checks,
    )
    reasons = {Condition.CONNECTIVITY: edges.not_applicable, Condition.COMMANDS: declared.not_applicable}
    not_applicable = {condition: reason for condition, reason in reasons.items() if reason}
    findings = (*edges.findings, *(lifecycle.not_isolated(project) if settings.compose.isolate else ()))
    tracked = comparable(project, settings, edges, expected)
    plan = Plan(Stage.FULL, checks, not_applicable, findings)
    return RunPlan(plan, edges, limits, declared, expected, scaled, tracked)


def health_checks(project: Project) -> tuple[PlannedCheck, ...]:
    """Return what ``health`` owes an answer to whatever the settings say."""
    services = tuple(project.services)
    return (
        *map(catalogue.service_ready, services),
        *map(catalogue.service_stayed_healthy, services),
        catalogue.watch_complete(),
    )


def _scaled(
    project: Project, settings: Settings, edges: Sequence[PlannedEdge], expected: dict[str, Role]
) -> tuple[PlannedScaling, ...]:
    if not settings.scaling:
        return ()
    from ..gates import scaling  # few runs scale anything

    return scaling.plan(project, settings, edges, expected)


def _baseline(settings: Settings) -> tuple[PlannedCheck, ...]:
    """Return the check of the baseline itself; those of its metrics are planned as soon as the machine is known."""
    return (catalogue.baseline_at_hand(),) if settings.performance.baseline.is_held else ()


def with_comparisons(planned: RunPlan, comparing: Comparing) -> RunPlan:
    """Return the plan with the comparisons that the machine allows, which only the engine tells; nothing is started yet."""
    further = tuple(one.check for one in comparing.planned)
    return replace(planned, plan=replace(planned.plan, checks=planned.plan.checks + further))
