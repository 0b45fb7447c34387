"""Gives the findings of a run the fixes that put them right, where a report is written that can tell them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from .. import sightings
from ..errors import InfragateError
from ..results import CheckResult, Finding, Location
from ..settings import Settings

if TYPE_CHECKING:
    from ..fixes.offers import Offers

_FIXABLE = frozenset({"IG103", "IG112", "IG114", "IG340", "IG511", "IG523", "IG540"})


class Offering:
    """Plans the fixes when the first finding needs them; where they cannot be planned, findings have none."""

    def __init__(self, settings: Settings, environ: Mapping[str, str]) -> None:
        self._settings = settings
        self._environ = environ

    def added(self, result: CheckResult) -> CheckResult:
        """Return a result whose findings have their fixes."""
        if not self._settings.report or result.check.id not in _FIXABLE or not result.findings:
            return result
        return replace(result, findings=tuple(map(self._with_fixes, result.findings)))

    def _with_fixes(self, finding: Finding) -> Finding:
        from ..fixes.offers import mark

        return replace(finding, fixes=self._offers.get(mark(finding.check, finding.location or Location("")), ()))

    @cached_property
    def _offers(self) -> Offers:
        from ..fixes.planner import plan_fixes

        with sightings.unnoted():
            try:
                return plan_fixes(self._settings, self._environ).offers
            except InfragateError:
                return {}
