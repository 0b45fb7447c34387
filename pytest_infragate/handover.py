"""What the owner of a stack tells the processes that run the tests: one small file, written once.

Under xdist the tests run in workers, which start nothing and hold nothing of the stack.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Handover:
    """Where the stack is, or why there is none (``problem``, one line)."""

    project: str = ""
    services: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    """What the suite gets: ``COMPOSE_*``, ``DOCKER_HOST``, ``INFRAGATE_ACTIVE``."""
    journal: str = ""
    problem: str = ""

    def write(self, path: Path) -> None:
        """Write the file in one step, so that no reader sees a part of it."""
        temporary = path.with_suffix(".new")
        temporary.write_text(json.dumps(asdict(self)), encoding="utf-8")
        os.replace(temporary, path)

    @classmethod
    def read(cls, path: Path) -> Handover | None:
        """Return what the owner wrote, or ``None`` where it wrote nothing (yet)."""
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        return cls(**{**data, "services": tuple(data["services"])})
