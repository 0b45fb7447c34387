"""Stands in for the gate where the answer to a static run is known already: tells it, decides, writes the reports."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from ..plan import Plan
from ..progress import Progress, Silent
from ..recall.answers import Kept
from ..recall.recollection import Forgetful, Memory
from ..reports.problems import Problem, problems
from ..results import CheckResult, Location
from ..timeline import Timeline
from ..verdict import Verdict, closes_the_gate, decide

if TYPE_CHECKING:
    from ..advice.hint import Hint
    from .recording import Recording


class Asked(NamedTuple):
    """What is known of the settings without reading them: the root directory, and the folder of the reports."""

    root: str
    report: str | None
    static: bool = True


class RecalledGate:
    """Has of a ``Gate`` what its owner uses; looks at nothing and starts nothing."""

    def __init__(self, kept: Kept, settings: Asked) -> None:
        self.settings = settings
        self.progress: Progress = Silent()
        self.timeline = Timeline()
        self.memory: Memory = Forgetful()
        self.tell: Callable[[CheckResult], None] = lambda _result: None
        self.environment: dict[str, str] = {}
        self._kept = kept
        self._told: tuple[CheckResult, ...] = ()
        self._recording: Recording | None = None

    @property
    def plan(self) -> Plan:
        """What this run owes an answer to."""
        return self._kept.answer.plan

    @property
    def services(self) -> tuple[str, ...] | None:
        """The names of the services."""
        return self._kept.answer.services

    @property
    def notes(self) -> tuple[str, ...]:
        """What is to be said at the end, first of all that nothing was evaluated now."""
        written = tuple(self._recording.notes) if self._recording else ()
        return (self._from_cache(), *self._kept.answer.notes, *written)

    @property
    def unread(self) -> int:
        """How many findings for information were not read, because this run shows none."""
        return self._kept.answer.unread

    @property
    def advice(self) -> tuple[Hint, ...]:
        """No stack was measured."""
        return ()

    @property
    def closed(self) -> bool:
        """Whether something was told that rules out a complete verdict."""
        return any(map(closes_the_gate, self._told))

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What stands in the way of a complete verdict, root causes first."""
        return problems(self._told)

    def quoted(self, place: Location | None, width: int) -> tuple[str, ...]:
        """Return the source line at a place and a caret below it, as the earlier run would have shown them."""
        line = self._kept.answer.lines.get(str(place))
        return line.quoted(width) if line else ()

    def begin(self) -> None:
        """Put an incomplete verdict into the report folder. Raises ``SettingsError`` when it cannot be used."""
        if self.settings.report:
            from ..settings import Settings
            from .recording import Recording

            self._recording = Recording(Settings(self.settings.root, static=True, report=self.settings.report))
            self._recording.answered = self._kept.made
            self._recording.resolved_by = self._kept.answer.resolved_by
            self._recording.overrides = self._kept.answer.overrides
            self._recording.begin()

    def connect(self) -> None:
        """Reach nothing: a static run has no engine."""

    def prepare(self) -> None:
        """Read nothing: that nothing has changed is known."""

    def open(self) -> None:
        """Tell every result."""
        self.progress.phase(f"{len(self.plan.checks)} checks are answered from the cache: nothing has changed")
        self._told = self._kept.answer.results
        for result in self._told:
            self.tell(result)

    def prove_again(self, *, patient: bool) -> None:
        """Prove nothing again: there is no stack."""

    def close(self, broken_off: str | None) -> Verdict:
        """Decide and write the reports; ``broken_off`` says why the run did not reach its end."""
        verdict = self._decided(broken_off)
        if self._recording is None:
            return verdict
        from ..compose.selection import Selection
        from ..masking import Masker

        answer = self._kept.answer
        files = (answer.file,) if answer.file else ()
        selection = Selection("", files, project=answer.project, sources=tuple(answer.sources.items()))
        trouble = self._recording.write(verdict, selection, Masker())
        return self._decided(broken_off or trouble) if trouble else verdict

    def _decided(self, broken_off: str | None) -> Verdict:
        return decide(self.plan, self._told, broken_off, self._kept.answer.remarks)

    def _from_cache(self) -> str:
        made = self._kept.made.astimezone()
        return (
            f"Answered from pytest's cache: nothing that the verdict depends on has changed since {made:%Y-%m-%d %H:%M:%S} "
            "(--cache-clear evaluates anew)."
        )
