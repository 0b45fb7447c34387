"""Sees to it that the stack of one run is removed whatever ends the run: a claim on the engine, and a reaper process."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from .. import identity, private_folder, process
from ..companions import Detached
from ..compose.model import Project
from ..errors import EngineError, OwnershipError, ProcessError
from ..progress import Progress
from ..stack import claim
from ..stack import sweep as sweeping
from ..stack.claim import Claim
from ..stack.engine import Engine
from ..stack.ownership import Before, objects_of
from ..stack.removal import built_images
from . import reaper

_PARTING_S = 2.0
"""How long the reaper gets to end after the goodbye; it takes some hundredths of a second."""
_START = "import sys; sys.path.append(sys.argv[1]); from pytest_infragate.run.reaper import main; main(*sys.argv[2:])"
_MEASURED = ("COV_CORE_", "COVERAGE_PROCESS_")
"""Variables by which coverage measures every Python program; the reaper is none of the user's."""


class Custody:
    """The custody of one stack: ``begin`` before anything of it is started, ``end`` after it was removed."""

    def __init__(self, engine: Engine, folder: Path | None) -> None:
        self._engine = engine
        self._folder = folder
        self._reaper: _Reaper | None = None
        self._claim: Claim | None = None

    def guard(self) -> None:
        """Start the reaper alone, for what a run makes beside a stack that is not its own."""
        if self._reaper is None and os.name == "posix":
            with contextlib.suppress(ProcessError):
                self._reaper = _Reaper(self._engine.environment, self._folder)

    def begin(self, project: Project, before: Before, *, reused: bool) -> None:
        """Claim the project. Raises ``OwnershipError`` when another run has claimed it, and ``EngineError``.

        ``reused``: what is there under its name was kept by an earlier run, and stays whatever happens to this one.
        """
        self.guard()
        reaper_is = identity.of(self._reaper.pid) if self._reaper else None
        kept = reused and bool(objects_of(self._engine, project.name))
        images = tuple(name for name in built_images(project) if name not in before.images)
        self._claim = Claim(project.name, identity.mine(), reaper_is, kept, images)
        try:
            claim.make(self._engine, self._claim)
        except OwnershipError:
            self._claim = None
            raise

    def end(self, *, clean: bool) -> None:
        """Give the claim back and dismiss the reaper.

        Unless everything is ``clean``, the claim stays and the reaper goes on when this process has ended.
        """
        if clean:
            clean = self._release()
        if self._reaper is not None:
            self._reaper.dismiss(clean=clean)
        self._reaper = None

    def _release(self) -> bool:
        """Return whether the claim is gone."""
        try:
            if self._claim is not None:
                claim.release(self._engine, self._claim)
        except EngineError:
            return False
        self._claim = None
        return True


def sweep(engine: Engine, project: str, progress: Progress) -> None:
    """Remove what killed runs left on this engine and in the temporary directory, and tell what that was.

    ``project`` is the name that this run needs. What cannot be removed is told and keeps no good stack from starting.
    """
    private_folder.sweep()
    try:
        swept = sweeping.sweep(engine, project)
    except EngineError as error:
        progress.phase(f"what killed runs may have left could not be looked for: {error}")
        return
    if swept.cleared:
        progress.phase(f"removed what killed runs had left: {', '.join(map(str, swept.cleared))}")
    if swept.elsewhere:
        progress.phase(
            f"left alone: {claim.told(swept.elsewhere)}; whether these runs still live cannot be seen from here"
        )


class _Reaper:
    """The owner's side of the reaper: tells it which programs run."""

    def __init__(self, engine: Mapping[str, str], folder: Path | None) -> None:
        environment = {name: value for name, value in os.environ.items() if not name.startswith(_MEASURED)}
        here = str(Path(__file__).resolve().parents[2])
        words = (here, identity.mine().text(), str(folder or ""))
        self._process = Detached((sys.executable, "-c", _START, *words), {**environment, **engine})
        self.pid = self._process.pid
        process.listeners.append(self)

    def starting(self, mark: str) -> None:
        """Tell that a program is about to be started."""
        self._process.tell(f"{reaper.STARTING} {mark}")

    def begun(self, mark: str, pid: int) -> None:
        """Tell that it runs."""
        self._process.tell(f"{reaper.BEGUN} {mark} {pid}")

    def ended(self, pid: int) -> None:
        """Tell that it has ended."""
        self._process.tell(f"{reaper.ENDED} {pid}")

    def dismiss(self, *, clean: bool) -> None:
        """Say goodbye and wait for its end; or, unless all is clean, leave it to what is left."""
        process.listeners.remove(self)
        if clean:
            self._process.tell(reaper.BYE)
        self._process.part(_PARTING_S if clean else 0.0)
