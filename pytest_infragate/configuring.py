"""Proves the configuration of one run: evaluates the static checks, and applies what the project accepts of them."""

from __future__ import annotations

import datetime
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from . import checks
from .baseline import Baseline
from .compose.comments import find_ignores
from .gates import configuration
from .ignores import Ignores
from .ledger import Ledger
from .offering import Offering
from .plan import Plan
from .preparation import Preparation
from .reading.unmatched import unmatched
from .results import Finding
from .settings import Settings
from .waivers import in_force_result


@dataclass(frozen=True)
class Beside:
    """What is to be told beside the results: remarks on the baseline, and lines for the user."""

    remarks: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()


def prove(
    plan: Plan,
    preparation: Preparation,
    settings: Settings,
    environ: Mapping[str, str],
    ledger: Ledger,
    today: datetime.date,
) -> Beside:
    """Answer every planned check of the condition ``configuration`` into the ledger, with fixes for the reports."""
    project = preparation.project
    comments = find_ignores(preparation.selection, project, settings.root)
    ignores = Ignores(comments, {check.id for check in checks.every()})
    baseline = Baseline(settings.checks.accepted, everything=settings.checks.accept)
    ledger.accept = lambda result: baseline.apply(ignores.apply(result))
    offering = Offering(settings, environ)
    configuration.evaluate(
        plan.checks,
        preparation.resolution,
        settings.checks,
        lambda result: ledger.record(offering.added(result)),
        () if project is None else unmatched(settings, project),
        preparation.environments,
        settings.timeout_s,
    )
    ledger.record(ignores.result(ledger.results))
    ledger.record(in_force_result(settings.waivers, today))
    return _beside(baseline, ledger, settings)


def _beside(baseline: Baseline, ledger: Ledger, settings: Settings) -> Beside:
    file = settings.checks.baseline
    if file is None:
        return Beside()
    name = os.path.relpath(file, settings.root)
    written = _write(Path(file), baseline, name) if settings.checks.accept else ""
    notes = tuple(note for note in (written, baseline.note(name)) if note)
    return Beside(tuple(baseline.gone(ledger.results)), notes)


def _write(file: Path, baseline: Baseline, name: str) -> str:
    """Write the baseline anew; return what came of it."""
    try:
        file.write_text(baseline.text(), encoding="utf-8")
    except OSError as error:
        return f"The baseline {name} could not be written: {error.strerror}."
    return f"The baseline {name} was written: look through it before you commit it."
