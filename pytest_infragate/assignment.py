"""What one run of a stack is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .comparing import Comparing
from .compose.model import Project
from .compose.selection import Selection
from .log_watch import LogFiles
from .memory import LastGood
from .planning import RunPlan
from .settings import Settings


@dataclass(frozen=True)
class Assignment:
    """What one run is about."""

    settings: Settings
    selection: Selection
    project: Project
    planned: RunPlan
    environ: Mapping[str, str]
    last_good: LastGood
    folder: Path | None = None
    """The run's temporary folder, which goes with it."""
    log_files: LogFiles | None = None
    """What the followed logs are written to; without it they are not followed, as for the fixture alone."""
    comparing: Comparing = field(default_factory=Comparing)
