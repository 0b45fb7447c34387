"""The gate of a static run whose answer is kept for later runs."""

from __future__ import annotations

import datetime
from collections.abc import Mapping

from ..recall.answers import Answers
from ..recall.records import Answer
from ..reports.quoting import SourceLine
from ..settings import Settings
from ..verdict import Verdict
from .gate import Gate

_MOST_LINES = 1000
"""Of so many findings the source lines are kept too."""


class KeepingGate(Gate):
    """Takes note of what it looks at, and has what it found kept, unless the run was broken off."""

    def __init__(self, settings: Settings, environ: Mapping[str, str], answers: Answers) -> None:
        super().__init__(settings, environ)
        self._answers = answers

    def prepare(self) -> None:
        """Read the Compose files and fix the plan."""
        with self._answers.noting():
            super().prepare()

    def open(self) -> None:
        """Evaluate everything."""
        with self._answers.noting():
            super().open()

    def close(self, broken_off: str | None) -> Verdict:
        """Decide, write the reports, and have the answer kept."""
        notes = self.notes
        verdict = super().close(broken_off)
        if broken_off is None:
            now = datetime.datetime.now(datetime.timezone.utc)
            self._answers.keep(self._answer(verdict, notes), self.settings.waivers, now)
        return verdict

    def _answer(self, verdict: Verdict, notes: tuple[str, ...]) -> Answer:
        chosen = self._preparation.selection
        return Answer(
            planned=self.plan.checks,
            results=verdict.results,
            remarks=verdict.remarks,
            notes=notes,
            services=self.services or (),
            project=chosen.project,
            sources={**self.settings.sources, **dict(chosen.sources)},
            file=chosen.files[0] if chosen.files else "",
            resolved_by=self._preparation.resolution.resolved_by,
            lines=self._lines(verdict),
            overrides=self._beside.overrides,
        )

    def _lines(self, verdict: Verdict) -> dict[str, SourceLine]:
        places = {str(place): place for one in verdict.findings[:_MOST_LINES] if (place := one.location)}
        found = {name: self.source_lines.line(place) for name, place in places.items()}
        return {name: line for name, line in found.items() if line}
