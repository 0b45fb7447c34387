"""The logs of one run: followed, counted, judged, and written into the evidence folder as they come."""

from __future__ import annotations

import threading
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from .. import runner
from ..compose.model import Project
from ..gates import logs
from ..gates.log_tally import LogFlow, LogTally
from ..gates.logs import Excuses, LogReading
from ..gates.waiting import Wait
from ..masking import Masker
from ..results import CheckResult
from ..settings import LogSettings
from ..stack.engine import Engine
from ..stack.events import EventWatch
from ..stack.interruptions import Journal
from ..stack.log_follow import LogFollower
from ..stack.log_stream import LONGEST_LINE, LogLine
from ..stack.state import ContainerState
from ..words import printable

if TYPE_CHECKING:
    from ..reports.folder import ReportFolder
    from ..reports.rolling import RollingFile

NOT_READ = "the logs were not read to the end"


class LogFiles:
    """One file of the evidence folder for each container number, without secrets; ``folder`` is ``None``: none at all."""

    def __init__(self, folder: ReportFolder | None, masker: Masker) -> None:
        self.trouble = ""
        self._folder = folder
        self.masker = masker
        self._lock = threading.Lock()
        self._files: dict[str, RollingFile] = {}
        self._writers: dict[str, str] = {}
        self._begun: set[str] = set()

    def begin(self, container: ContainerState, unreadable: str = "") -> None:
        """Make sure that a container has its file, which says so if its log cannot be read."""
        if container.id not in self._begun:
            self._write(container, f"not available: {unreadable}" if unreadable else "")

    def write(self, container: ContainerState, line: LogLine) -> None:
        """Write one line of a container with its time."""
        if not line.continued:
            mask = self.masker.cut_line if line.size >= LONGEST_LINE else self.masker.text
            self._write(container, f"{line.stamp} {printable(mask(line.text))}")

    def _write(self, container: ContainerState, text: str) -> None:
        try:
            with self._lock:
                file = self._file(container)
            if file is not None and text:
                file.write(text)
        except OSError as error:
            self.trouble = f"the log of {container.service} could not be written: {error}"

    def _file(self, container: ContainerState) -> RollingFile | None:
        """Return the file of a container; one that was recreated goes on in that of the one before."""
        if self._folder is None or self.trouble:
            return None
        name = f"evidence/{container.service}-{container.number}.log"
        if name not in self._files:
            from ..reports.rolling import RollingFile  # loaded where a report folder is written

            self._files[name] = RollingFile(self._folder, name)
            self._writers[name] = container.id
        self._begun.add(container.id)
        if self._writers[name] != container.id:
            self._writers[name] = container.id
            self._files[name].write(f"[from here on container {container.id[:12]}]")
        return self._files[name]

    def close(self) -> None:
        """Close all files; nothing is written any more."""
        with self._lock:
            files, self._folder = tuple(self._files.values()), None
        for file in files:
            file.close()


class LogWatch:
    """Follows the logs of a stack from ``start`` to ``stop``; phases are those of the measuring.

    Without ``files`` it does nothing.
    """

    def __init__(
        self,
        engine: Engine,
        watch: EventWatch,
        project: Project,
        settings: LogSettings,
        journal: Journal,
        files: LogFiles | None,
    ) -> None:
        self._engine = engine
        self._project = project
        self._settings = settings
        self._journal = journal
        self._files = files
        self._follower = LogFollower(engine, project.name, watch, self._take)
        self._tally: LogTally | None = None
        self._trouble = ""

    def start(self) -> None:
        """Begin with phase ``startup``. Raises ``EngineError`` when the engine does not answer."""
        if self._files is None:
            return
        self._tally = LogTally(self._settings, self._files.masker.text)
        self.begin("startup")
        self._follower.start()

    def begin(self, phase: str) -> None:
        """Begin another phase: what is written from now on belongs to it."""
        if self._tally is not None:
            self._tally.mark(phase, self._now_ns())

    def catch_up(self) -> None:
        """Read and judge everything up to now. Raises ``EngineError`` when the engine does not answer."""
        if self._tally is None or self._files is None:
            return
        self._trouble = NOT_READ
        self._follower.catch_up()
        for container in self._follower.containers:
            self._files.begin(container, self._follower.unreadable.get(container.service, ""))
        self._trouble = self._tally.settle()

    def finish(self) -> None:
        """Write everything up to now. Raises ``EngineError`` when it cannot be read, ``OSError`` when not written."""
        self.catch_up()
        if self._files is not None and self._files.trouble:
            raise OSError(self._files.trouble)

    def final_results(self, before: Wait) -> tuple[CheckResult, ...]:
        """Judge each service by everything up to now; ``before`` is what the waiting has proven."""

        def judged() -> tuple[CheckResult, ...]:
            self.catch_up()
            return self.results(before)

        return runner.evaluate_all(logs.plan(self._project), judged)

    def results(self, before: Wait) -> tuple[CheckResult, ...]:
        """Judge each service by what was read so far."""
        planned = logs.plan(self._project)
        meant = tuple(map(self._engine.clock.there, self._journal.read()))
        excuses = Excuses.of(before.at, before.containers, meant)
        reading = LogReading(
            {check.subject: self._tally.written(check.subject) for check in planned} if self._tally else {},
            self._follower.unreadable,
            self._follower.missing,
            self._trouble,
        )
        places = {name: service.location for name, service in self._project.services.items()}
        return tuple(
            runner.evaluate(check, partial(logs.judge, check, reading, self._settings, excuses, places[check.subject]))
            for check in planned
        )

    def flows(self) -> dict[str, LogFlow]:
        """Return how much each service has written in each phase."""
        if self._tally is None:
            return {}
        troubles = {service: "; ".join(texts) for service, texts in self._follower.missing.items()}
        troubles |= {service: f"its log cannot be read: {why}" for service, why in self._follower.unreadable.items()}
        flows = self._tally.flows(tuple(self._project.services), self._now_ns())
        return {name: replace(flow, trouble=troubles.get(name, self._trouble)) for name, flow in flows.items()}

    @property
    def containers(self) -> tuple[ContainerState, ...]:
        """Every container that was seen so far, as it was then."""
        return self._follower.containers

    def last_lines(self, container: ContainerState) -> tuple[str, ...]:
        """Return the last lines of a container, which may be gone."""
        return self._tally.last_lines(container.id) if self._tally is not None else ()

    def stop(self) -> None:
        """End at once."""
        self._follower.stop()
        if self._tally is not None:
            self._tally.close()
        if self._files is not None:
            self._files.close()

    def _take(self, container: ContainerState, line: LogLine) -> None:
        if self._tally is not None and self._files is not None:
            self._files.write(container, line)
            self._tally.take(container, line)

    def _now_ns(self) -> int:
        """Return the time by the engine's clock, with which all lines are stamped."""
        return self._engine.clock.now_ns()
