"""Answers a static run from pytest's cache where nothing has changed; otherwise has its answer kept there."""

from __future__ import annotations

import datetime
import os

import pytest

from . import cache, intake, options, terminal
from .owner import Owner
from .recall.answers import Answers
from .recall.recollection import Forgetful
from .results import Json
from .run.recalled import Asked, RecalledGate

_REPORT = "infragate_report"
"""The one option that says nothing about what is found."""


def owner(config: pytest.Config) -> Owner:
    """Return what drives a static run that collects no tests. Raises ``pytest.UsageError`` for wrong settings.

    No test runs, so that no file has to tell tests where the stack is.
    """
    intake.demand_right_root(config)
    environ = dict(os.environ)
    memory = cache.memory(config)
    if isinstance(memory, Forgetful):
        from .run.gate import Gate

        return Owner(config, Gate(intake.read(config), environ))
    answers = Answers(memory, _question(config), environ)
    whole = terminal.shows_everything(config) or _report(config) is not None
    kept = answers.find(datetime.datetime.now(datetime.timezone.utc), whole=whole)
    if kept is not None:
        return Owner(config, RecalledGate(kept, Asked(str(config.rootpath), _report(config))))
    with answers.noting():
        settings = intake.read(config)
    from .run.keeping import KeepingGate

    return Owner(config, KeepingGate(settings, environ, answers))


def _question(config: pytest.Config) -> Json:
    """Return what is asked: the options with who said them, and the folders that their paths start from."""
    said: list[Json] = [
        [name, one.value, one.source] for name, one in sorted(options.chosen(config).items()) if name != _REPORT
    ]
    return [str(config.rootpath), str(config.invocation_params.dir), said]


def _report(config: pytest.Config) -> str | None:
    """Return the folder of the reports as the settings would have it."""
    said = options.chosen(config).get(_REPORT)
    if said is None:
        return None
    start = config.invocation_params.dir if said.source == "command line" else config.rootpath
    return os.path.normpath(start / str(said.value))
