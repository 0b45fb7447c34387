"""The stack for the fixtures alone, in a run without the gate: started and removed, nothing else proven of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import InfragateError, MissingEngineError
from ..gates.commands import ACTIVE_VARIABLE
from ..results import Outcome
from .gate import Gate

if TYPE_CHECKING:
    from ..stack.engine import Engine


class ProvidingGate(Gate):
    """Starts the stack once and takes it down: ``provide``, then ``withdraw``."""

    def provide(self, *, skip_without_engine: bool = False) -> None:
        """Start the stack for the fixture alone: no verdict, no reports; why it failed is told once."""
        skip = False
        try:
            problem = self._start_only(self._begin_to_connect().result()[0])
        except InfragateError as error:
            problem = str(error)
            skip = skip_without_engine and isinstance(error, MissingEngineError)
        if problem:
            self.progress.phase(f"the stack cannot be used: {problem}")
        self._hand_over(problem.partition("\n")[0], skip=skip)
        if self._live is not None and not problem:
            own = self._live.environment
            self.environment = {name: value for name, value in own.items() if name != ACTIVE_VARIABLE}

    def withdraw(self) -> None:
        """Take the stack of the fixture down; what is left of it is told."""
        if self._live is not None:
            self._live.remove()
            left = self._ledger.results[-1]
            if left.outcome is not Outcome.PASSED or self._live.stays_up:
                self.progress.phase(left.message)

    def _start_only(self, engine: Engine) -> str:
        """Start the stack; return why it cannot be used, or nothing."""
        self._learn_secrets()
        if self._preparation.project is None:
            return self._preparation.resolution.error
        self._live = self._live_run(engine)
        if self._live is None:
            return ""
        self._live.start(proving=False)
        return "" if self._live.ready else self._first_problem()

    def _first_problem(self) -> str:
        open_results = [result for result in self._ledger.results if result.outcome is not Outcome.PASSED]
        worst_first = sorted(open_results, key=lambda result: result.outcome is Outcome.NOT_RUN)
        return worst_first[0].message if worst_first else "it was not proven ready"
