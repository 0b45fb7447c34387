"""What one run of a stack is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..compose.model import Project
from ..compose.selection import Selection
from ..recall.memory import LastGood
from ..settings import Settings
from .comparing import Comparing
from .log_watch import LogFiles
from .planning import RunPlan


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
