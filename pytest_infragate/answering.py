"""Answers a static run from pytest's cache where nothing has changed; otherwise has its answer kept there."""

from __future__ import annotations

import datetime
import os

import pytest

from . import cache, fixtures, handover, intake, options
from .answers import Answers
from .owner import Owner
from .recalled import RecalledGate
from .results import Json
from .settings import Settings

_REPORT = "infragate_report"
"""The one option that says nothing about what is found."""


def owner(config: pytest.Config) -> Owner:
    """Return what drives a static run that collects no tests. Raises ``pytest.UsageError`` for wrong settings."""
    intake.demand_right_root(config)
    environ = dict(os.environ)
    answers = Answers(cache.memory(config), _question(config), environ)
    kept = answers.find(datetime.datetime.now(datetime.timezone.utc))
    config.stash[fixtures.HANDOVER_PATH] = path = handover.new_path()
    if kept is not None:
        return Owner(config, RecalledGate(kept, Settings(str(config.rootpath), static=True, report=_report(config))))
    with answers.noting():
        settings = intake.read(config)
    from .keeping import KeepingGate

    return Owner(config, KeepingGate(settings, environ, path, answers))


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
