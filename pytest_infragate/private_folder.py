"""The temporary folder of one run, which says whose it is, so that a later run can remove what a killed one left."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import tempfile
from pathlib import Path

from . import identity
from .identity import Identity, Life

_PREFIX = "infragate-"
_OWNER = "owner.json"


def make() -> Path:
    """Return a new folder that only this user may enter."""
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    (folder / _OWNER).write_text(identity.mine().text(), encoding="utf-8")
    return folder


def remove(folder: Path) -> None:
    """Remove the folder when nothing but its owner's name is left in it."""
    (folder / _OWNER).unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        folder.rmdir()


def sweep() -> None:
    """Remove the folders in the temporary directory whose run is proven dead; what cannot be removed stays."""
    for folder in sorted(Path(tempfile.gettempdir()).glob(f"{_PREFIX}*")):
        owner = _owner(folder)
        if owner is not None and identity.life(owner) is Life.DEAD:
            clear(folder)


def clear(folder: Path) -> None:
    """Remove the folder with all that is in it; links in it are not followed."""
    if _is_own(folder):
        shutil.rmtree(folder, ignore_errors=True)


def _is_own(folder: Path) -> bool:
    """Return whether this is a real folder, named as ours are, that belongs to this user."""
    try:
        found = folder.lstat()
    except OSError:
        return False
    return folder.name.startswith(_PREFIX) and stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid()


def _owner(folder: Path) -> Identity | None:
    """Return whose folder it is, ``None`` where that is not said in it."""
    if not _is_own(folder):
        return None
    try:
        return Identity.read((folder / _OWNER).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        return None
