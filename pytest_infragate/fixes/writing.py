"""Writes edited files: all of them or none, each in one step, with mode and owner kept."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..errors import InfragateError
from .planner import FileEdit

_PREFIX = ".infragate-fix-"


class WriteError(InfragateError):
    """The edits could not be written; every file is as it was."""


def write(files: Sequence[FileEdit]) -> None:
    """Write the edited files. Raises ``WriteError``; then nothing has been written."""
    for file in files:
        _demand_unchanged(file)
        _demand_writable(file)
    with contextlib.ExitStack() as temporaries:
        prepared = [
            (
                file,
                temporaries.enter_context(_temporary(file, file.after)),
                temporaries.enter_context(_temporary(file, file.before)),
            )
            for file in files
        ]
        for file in files:
            _demand_unchanged(file)
        _replace_all(prepared)


def _demand_unchanged(file: FileEdit) -> None:
    try:
        current = file.path.read_bytes()
    except OSError as error:
        raise WriteError(f"{file.name} cannot be read any more: {error.strerror}. Nothing was written.") from None
    if current != file.before or file.path.is_symlink():
        raise WriteError(
            f"{file.name} has changed on disk since it was read. Nothing was written; run --infragate-fix again."
        )


def _demand_writable(file: FileEdit) -> None:
    """A file without permission to write is meant to stay, also where its folder would let us replace it."""
    if not file.path.stat().st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH) or not os.access(file.path, os.W_OK):
        raise WriteError(f"{file.name} is read-only. Nothing was written; make it writable, or edit it by hand.")


@contextlib.contextmanager
def _temporary(file: FileEdit, data: bytes) -> Iterator[Path]:
    """Yield a complete file beside another one, with its mode and owner; what is left of it at the end is removed."""
    try:
        handle, name = tempfile.mkstemp(dir=file.path.parent, prefix=_PREFIX)
    except OSError as error:
        raise WriteError(_failure(file, error)) from None
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        shutil.copymode(file.path, name)
        _keep_owner(file.path, name)
        yield Path(name)
    except OSError as error:
        raise WriteError(_failure(file, error)) from None
    finally:
        with contextlib.suppress(OSError):
            Path(name).unlink()


def _keep_owner(path: Path, copy: str) -> None:
    found = path.stat()
    if (found.st_uid, found.st_gid) != (os.geteuid(), os.getegid()):
        with contextlib.suppress(OSError):
            os.chown(copy, found.st_uid, found.st_gid)


def _replace_all(prepared: Sequence[tuple[FileEdit, Path, Path]]) -> None:
    """Put every edited file in place of its original; whatever interrupts this puts back what was replaced."""
    replaced: list[tuple[FileEdit, Path]] = []
    try:
        for file, edited, original in prepared:
            replaced.append((file, original))
            _replace(file, edited)
    except BaseException:
        for file, original in replaced:
            with contextlib.suppress(OSError):
                original.replace(file.path)
        raise


def _replace(file: FileEdit, edited: Path) -> None:
    try:
        edited.replace(file.path)
    except OSError as error:
        raise WriteError(_failure(file, error)) from None


def _failure(file: FileEdit, error: OSError) -> str:
    return f"{file.name} cannot be written: {error.strerror}. Nothing was written."
