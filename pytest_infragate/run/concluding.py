"""The end of a run: what it comes to, what of it is kept for later runs, and the reports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..ledger import Ledger
from ..plan import Plan
from ..preparation import Preparation
from ..results import Finding
from ..settings import Waiver
from ..verdict import Verdict, decide
from ..waivers import unused, unused_finding
from .recording import Recording

if TYPE_CHECKING:
    from .comparing import Comparing


@dataclass(frozen=True)
class Conclusion:
    """What a run owed and what it received."""

    plan: Plan
    ledger: Ledger
    recording: Recording
    waivers: Sequence[Waiver]
    remarks: Sequence[Finding]
    """What is said beside the checks."""

    def reach(
        self, preparation: Preparation, comparing: Comparing | None, broken_off: str | None, *, tests_failed: bool
    ) -> Verdict:
        """Decide, keep what was measured and write the reports; a run of which one fails is not complete.

        ``broken_off`` says why the run did not reach its end.
        """
        verdict = self._decided(broken_off)
        if comparing is not None:
            kept = comparing.keep(verdict, self.recording.started, preparation.project, tests_failed=tests_failed)
            self.recording.notes += kept.notes
            self.recording.trend = kept.trend
            broken_off = broken_off or kept.trouble or None
            verdict = self._decided(broken_off)
        trouble = self.recording.write(verdict, preparation.selection, self.ledger.masker)
        return self._decided(broken_off or trouble) if trouble else verdict

    def _decided(self, broken_off: str | None) -> Verdict:
        idle = map(unused_finding, unused(self.waivers, self.ledger.results))
        return decide(self.plan, self.ledger.results, broken_off, [*self.remarks, *idle])
