"""Proves the configuration of one run: evaluates the static checks, and applies what the project accepts of them."""

from __future__ import annotations

import datetime
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from .. import checks
from ..baseline import Baseline
from ..compose.comments import find_ignores
from ..gates import configuration
from ..gates.overrides import Overrides, summary
from ..ignores import Ignores
from ..ledger import Ledger
from ..linters.linting import Linting
from ..plan import Plan
from ..preparation import Preparation
from ..reading.unmatched import unmatched
from ..results import Finding, Overridden
from ..settings import Settings
from ..waivers import in_force_result
from .offering import Offering


@dataclass(frozen=True)
class Beside:
    """What is to be told beside the results: remarks on baseline and overrides, lines for the user, every override."""

    remarks: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()
    overrides: tuple[Overridden, ...] = ()


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
    overrides = Overrides(settings.checks, settings.services)
    configuration.evaluate(
        plan.checks,
        preparation.resolution,
        settings.checks,
        lambda result: ledger.record(offering.added(result)),
        () if project is None else unmatched(settings, project),
        environments=preparation.environments,
        timeout_s=settings.timeout_s,
        overrides=overrides,
        linting=Linting(settings.root, environ, engine=not settings.static),
        scaling=settings.scaling,
        isolate=settings.compose.isolate,
    )
    ledger.record(ignores.result(ledger.results))
    ledger.record(in_force_result(settings.waivers, today))
    told = tuple(replace(one, reason=ledger.masker.text(one.reason)) for one in overrides.told())
    about = Beside(tuple(overrides.unused(ledger.results)), tuple(summary(told)), told)
    return _with_baseline(about, baseline, ledger, settings)


def _with_baseline(about: Beside, baseline: Baseline, ledger: Ledger, settings: Settings) -> Beside:
    file = settings.checks.baseline
    if file is None:
        return about
    name = os.path.relpath(file, settings.root)
    written = _write(Path(file), baseline, name) if settings.checks.accept else ""
    notes = tuple(note for note in (written, baseline.note(name)) if note)
    remarks = (*about.remarks, *baseline.gone(ledger.results))
    return replace(about, remarks=remarks, notes=(*about.notes, *notes))


def _write(file: Path, baseline: Baseline, name: str) -> str:
    """Write the baseline anew; return what came of it."""
    try:
        file.write_text(baseline.text(), encoding="utf-8")
    except OSError as error:
        return f"The baseline {name} could not be written: {error.strerror}."
    return f"The baseline {name} was written: look through it before you commit it."
