"""Writes down what one run was: the evidence of its stack and its reports, and what is to be said of both."""

from __future__ import annotations

import datetime
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ..compose.resolve import Resolution
from ..compose.selection import Selection
from ..errors import InfragateError
from ..masking import Masker
from ..plan import Stage
from ..recall.recollection import COMPOSE, ENGINE
from ..results import Overridden
from ..settings import Settings
from ..verdict import Verdict

if TYPE_CHECKING:
    from ..advice.hint import Hint
    from ..gates.trend import TrendRow
    from ..reports.document import Report, RunFacts
    from ..reports.folder import ReportFolder
    from .live import LiveRun


class Recording:
    """The record of one run. ``notes`` are lines for the user; ``versions`` those of engine and Compose, once known."""

    def __init__(self, settings: Settings) -> None:
        self.started = datetime.datetime.now(datetime.timezone.utc)
        self.notes: list[str] = []
        self.versions: Mapping[str, str] = {}
        self.folder: ReportFolder | None = None
        self.answered: datetime.datetime | None = None
        """When the verdict was found, where an earlier run has found it."""
        self.resolved_by = ""
        """What read the Compose files."""
        self.overrides: tuple[Overridden, ...] = ()
        """What the settings say of checks in place of the level."""
        self.trend: tuple[TrendRow, ...] = ()
        """How the metrics went over the last runs."""
        self.advice: tuple[Hint, ...] = ()
        """What could be better about the stack."""
        self._settings = settings
        self._not_asked = ""
        self._clock = time.monotonic()

    def begin(self) -> None:
        """Put an incomplete verdict into the report folder. Raises ``SettingsError`` when it cannot be used."""
        if self._settings.report:
            from ..reports.folder import ReportFolder

            self.folder = ReportFolder(Path(self._settings.report))
            self.folder.write_reports(self._report(Selection("", ()), None, Masker()))

    def collect(self, live: LiveRun, environ: Mapping[str, str], masker: Masker) -> None:
        """Write the evidence of a stack that still stands."""
        if self.folder is None:
            return
        from . import evidence

        write = self.folder.write
        try:
            write("evidence/compose.json", evidence.configuration(live.selection, environ, masker))
            evidence.collect(live.site.engine, live.site.containers(), live.site.watch.events(), masker, write)
            live.logs.finish()
        except (InfragateError, OSError) as error:
            self.notes.append(f"The evidence could not be collected: {error}")

    def resolved(self, resolution: Resolution) -> None:
        """Note who read the Compose files; where Compose was not asked, the user is told."""
        self.resolved_by, self._not_asked = resolution.resolved_by, resolution.not_asked
        if resolution.not_asked:
            self.notes.append(
                "The Compose files were read without Docker Compose, so that it is not proven that Compose accepts them (IG120)."
            )

    def write(self, verdict: Verdict, selection: Selection, masker: Masker) -> str:
        """Write the reports; return why they could not be written."""
        if self.folder is None:
            return ""
        try:
            self.folder.write_reports(self._report(selection, verdict, masker))
        except OSError as error:
            trouble = f"the reports could not be written to {self._settings.report}: {error}"
            self.notes.append(f"The run is not complete: {trouble}")
            return trouble
        self.notes.append(f"Reports: {self._settings.report}")
        return ""

    def _report(self, selection: Selection, verdict: Verdict | None, masker: Masker) -> Report:
        from ..reports.document import Report
        from ..reports.paths import paths_of

        return Report(self._facts(selection), paths_of(Path(self._settings.root)), verdict, masker)

    def _facts(self, selection: Selection) -> RunFacts:
        from ..reports.document import RunFacts

        return RunFacts(
            stage=Stage.STATIC if self._settings.static else Stage.FULL,
            project=selection.project,
            started=self.started,
            duration_s=time.monotonic() - self._clock,
            engine_version=self.versions.get(ENGINE),
            compose_version=self.versions.get(COMPOSE),
            sources=(*self._settings.sources.items(), *selection.sources),
            file=selection.files[0] if selection.files else "",
            answered=self.answered,
            resolved_by=self.resolved_by,
            not_asked=self._not_asked,
            overrides=self.overrides,
            trend=self.trend,
            advice=self.advice,
        )
