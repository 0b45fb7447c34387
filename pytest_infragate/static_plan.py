"""The part of every plan that needs no engine, and all of it in a static run."""

from __future__ import annotations

from . import catalogue
from .gates import configuration
from .plan import Plan, Stage
from .results import PlannedCheck
from .settings import CheckSettings


def static_checks(settings: CheckSettings) -> tuple[PlannedCheck, ...]:
    """Return what is checked of the configuration: one check for each rule that is not disabled, and what accepts findings."""
    return (*configuration.plan(settings), catalogue.ignores_sound(), catalogue.waiver_expired())


def static_plan(settings: CheckSettings) -> Plan:
    """Return the plan of a static run."""
    return Plan(Stage.STATIC, static_checks(settings))
