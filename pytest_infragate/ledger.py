"""Receives every check result once: masked, waived, kept in order and told on."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Sequence

from .masking import Masker
from .results import CheckResult, PlannedCheck, not_run
from .settings import Waiver
from .verdict import closes_the_gate
from .waivers import apply_waivers, in_force


class Ledger:
    """The evidence of one run. ``tell`` hears of each result as it arrives."""

    def __init__(self, waivers: Sequence[Waiver], today: datetime.date, tell: Callable[[CheckResult], None]) -> None:
        self._waivers = in_force(waivers, today)
        self._tell = tell
        self._results: dict[tuple[str, str], CheckResult] = {}
        self.masker = Masker()
        self.accept: Callable[[CheckResult], CheckResult] = lambda result: result
        """Marks what the project accepts beside its waivers."""

    @property
    def results(self) -> tuple[CheckResult, ...]:
        """Everything received so far, in order of arrival."""
        return tuple(self._results.values())

    @property
    def keys(self) -> frozenset[tuple[str, str]]:
        """The identities of the checks that were answered."""
        return frozenset(self._results)

    @property
    def closed(self) -> bool:
        """Whether anything received so far rules out a complete verdict."""
        return any(map(closes_the_gate, self._results.values()))

    def record(self, result: CheckResult) -> None:
        """Keep one result; a second answer to the same check is a mistake of ours and is refused."""
        if result.check.key in self._results:
            raise ValueError(f"check {result.check.id} was answered twice for {result.check.subject}")
        kept = apply_waivers(self.masker.result(self.accept(result)), self._waivers)
        self._results[result.check.key] = kept
        self._tell(kept)

    def record_all(self, results: Iterable[CheckResult]) -> None:
        """Keep several results."""
        for result in results:
            self.record(result)

    def give_up(self, checks: Iterable[PlannedCheck], reason: str) -> None:
        """Answer every one of these checks that is still open with ``not-run`` and the reason."""
        self.record_all(not_run(check, reason) for check in checks if check.key not in self._results)
