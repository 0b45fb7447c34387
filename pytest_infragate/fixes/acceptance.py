"""What the user accepts is not fixed: disabled checks, waivers in force, comments that ignore a finding."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from ..compose.comments import Ignore
from ..gates.overrides import Overrides
from ..ignores import Ignores
from ..results import CheckResult, Condition, Finding, Location, Outcome, PlannedCheck, Severity
from ..settings import Settings
from ..waivers import apply_waivers, in_force


@dataclass(frozen=True)
class Acceptance:
    """The settings and comments of one project; comments are those of the files as they are now."""

    settings: Settings
    comments: Sequence[Ignore]
    today: datetime.date

    @cached_property
    def _ignores(self) -> Ignores:
        return Ignores(self.comments)

    def accepts(self, check: str, subject: str, location: Location) -> bool:
        """Return whether a finding of a check at this place would be waived, or not looked for at all."""
        finding = Finding(check, "", Severity.ERROR, subject, "", location=location)
        if check in self.settings.checks.off:
            return True
        if Overrides(self.settings.checks, self.settings.services).applied((finding,))[0].waived:
            return True
        planned = PlannedCheck(check, "", Condition.CONFIGURATION)
        result = self._ignores.apply(CheckResult(planned, Outcome.FAILED, findings=(finding,)))
        waived = apply_waivers(result, in_force(self.settings.waivers, self.today))
        return waived.waived or waived.findings[0].waived
