"""What the machine has that the stack is going to run on, as far as it can be told without an engine."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass

ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64", "armv7l": "arm", "i686": "386", "x86-64": "amd64"}
"""Docker's names of architectures that others call differently."""


@dataclass(frozen=True)
class Machine:
    """Memory in bytes, processors and architecture in Docker's word; zero and empty: unknown."""

    memory: int = 0
    processors: int = 0
    architecture: str = ""


def this_machine(environ: Mapping[str, str] = os.environ) -> Machine:
    """Return what this machine has; nothing is known where the engine is on another one or in a virtual one.

    Docker Desktop gives its machine less memory and fewer processors than the computer has, so only Linux counts.
    """
    if platform.system() != "Linux" or not environ.get("DOCKER_HOST", "unix://").startswith("unix://"):
        return Machine()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    name = platform.machine().lower()
    return Machine(memory, os.cpu_count() or 0, ARCHITECTURES.get(name, name))
