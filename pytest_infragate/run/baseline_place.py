"""Where a run belongs among the recorded ones: its stack, and the class of its machine."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from ..compose.selection import Selection


@dataclass(frozen=True)
class Place:
    """Where a run belongs in the file: its stack and class of machines; ``root`` is pytest's root directory."""

    stack: str = ""
    machine: str = ""
    root: str = ""


def stack_name(selection: Selection, root: str) -> str:
    """Return what makes a stack another one: its Compose files, relative to pytest's root directory, and its profiles."""
    files = ", ".join(Path(os.path.relpath(file, root)).as_posix() for file in selection.files)
    return f"{files} ({', '.join(sorted(selection.profiles))})" if selection.profiles else files
