"""What the owner of a stack tells the processes that run the tests: one small file, written once.

Under xdist the tests run in workers, which start nothing and hold nothing of the stack.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from .. import private_folder

WANTED_SUFFIX = ".wanted"
"""Suffix of the file by which an xdist worker says that it has a test that needs the stack."""
_NEW_SUFFIX = ".new"


def new_path() -> Path:
    """Return the path for a handover file in a private folder of its own; ``remove`` removes both."""
    return private_folder.make() / "handover.json"


def remove(path: Path) -> None:
    """Remove what this package writes beside a handover file, and the folder when nothing else is in it."""
    beside = (journal_path(path), override_path(path))
    for name in (path, path.with_suffix(WANTED_SUFFIX), path.with_suffix(_NEW_SUFFIX), *beside):
        name.unlink(missing_ok=True)
    private_folder.remove(path.parent)


def journal_path(path: Path) -> Path:
    """Return where interruptions that tests cause are written down."""
    return path.with_name("journal.jsonl")


def override_path(path: Path) -> Path:
    """Return where the Compose override of an isolated stack is written; it lives as long as the stack."""
    return path.with_name("isolated.yaml")


@dataclass(frozen=True)
class Handover:
    """Where the stack is, or why there is none (``problem``, one line)."""

    project: str = ""
    services: tuple[str, ...] = ()
    ended: tuple[str, ...] = ()
    """The one-shot services, which have ended with 0 and are meant to."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """What the suite gets: ``COMPOSE_*``, ``DOCKER_HOST``, ``INFRAGATE_ACTIVE``."""
    journal: str = ""
    early: bool = False
    """Whether a service's own healthcheck test may stand in for the engine's first run of it."""
    helper_image: str | None = None
    """The image that the settings name for asking beside callers that have nothing to ask with."""
    problem: str = ""
    skip: bool = False
    """Whether tests that need the stack are skipped because of the problem, as the user wishes, and do not fail."""

    def write(self, path: Path) -> None:
        """Write the file in one step, so that no reader sees a part of it."""
        temporary = path.with_suffix(_NEW_SUFFIX)
        temporary.write_text(json.dumps(asdict(self)), encoding="utf-8")
        temporary.replace(path)

    @classmethod
    def read(cls, path: Path) -> Handover | None:
        """Return what the owner wrote, or ``None`` where it wrote nothing (yet)."""
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        return cls(**{**data, "services": tuple(data["services"]), "ended": tuple(data["ended"])})
