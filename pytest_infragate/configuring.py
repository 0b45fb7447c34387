"""Proves the configuration of one run: evaluates the static checks, and applies what the project accepts of them."""

from __future__ import annotations

import datetime

from . import checks
from .compose.comments import find_ignores
from .gates import configuration
from .ignores import Ignores
from .ledger import Ledger
from .plan import Plan
from .preparation import Preparation
from .reading.unmatched import unmatched
from .settings import Settings
from .waivers import in_force_result


def prove(plan: Plan, preparation: Preparation, settings: Settings, ledger: Ledger, today: datetime.date) -> None:
    """Answer every planned check of the condition ``configuration`` into the ledger."""
    project = preparation.project
    ignores = Ignores(
        find_ignores(preparation.selection, project, settings.root), {check.id for check in checks.every()}
    )
    ledger.accept = ignores.apply
    configuration.evaluate(
        plan.checks,
        preparation.resolution,
        settings.checks,
        ledger.record,
        () if project is None else unmatched(settings, project),
        preparation.environments,
        settings.timeout_s,
    )
    ledger.record(ignores.result(ledger.results))
    ledger.record(in_force_result(settings.waivers, today))
