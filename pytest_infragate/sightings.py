"""Takes note of what a verdict depends on outside this process: files read, files looked for, programs run.

What decides about a verdict is looked at through this module alone, so that a later run can tell whether anything of
it has changed. Where nobody takes note, the functions only do what their names say.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

CONTENT, KIND, NAMES, SIZE = "content", "kind", "names", "size"
"""What of a path matters: its bytes, whether and as what it exists, the names in a folder, or how large it is."""
ABSENT, FILE, FOLDER, OTHER = "absent", "file", "folder", "other"
_OF_PYTEST = frozenset({".pytest_cache", "__pycache__"})
"""What a run makes itself is no change of a folder."""
_WORD = re.compile(rb"[A-Za-z_][A-Za-z0-9_]*")


class Sightings:
    """What was looked at in one run, as it was when it was first looked at."""

    def __init__(self) -> None:
        self.seen: dict[tuple[str, str], str] = {}
        """State by path and what of it matters."""
        self.words: set[bytes] = set()
        """Every word in the files that were read: a variable that matters is named in one of them."""
        self.programs: set[tuple[str, ...]] = set()
        """The argument lists of the programs that were run."""
        self.unknown: list[str] = []
        """Why nobody can tell later whether anything has changed."""

    def note(self, path: str | os.PathLike[str], what: str, state: str) -> None:
        """Take note of a state, unless there is an earlier one."""
        self.seen.setdefault((str(Path(path).absolute()), what), state)


_noting: list[Sightings] = []


@contextlib.contextmanager
def noting(sightings: Sightings) -> Iterator[None]:
    """Take note of everything that is looked at meanwhile, in whatever thread."""
    _noting.append(sightings)
    try:
        yield
    finally:
        _noting.remove(sightings)


@contextlib.contextmanager
def unnoted() -> Iterator[None]:
    """Take no note of what is looked at meanwhile: copies of files that will be gone."""
    paused = list(_noting)
    _noting.clear()
    try:
        yield
    finally:
        _noting.extend(paused)


def exists(path: str | os.PathLike[str]) -> bool:
    """Return whether something is there; a link that leads nowhere is nothing."""
    return _kind(path) != ABSENT


def is_file(path: str | os.PathLike[str]) -> bool:
    """Return whether a file is there, or a link to one."""
    return _kind(path) == FILE


def is_dir(path: str | os.PathLike[str]) -> bool:
    """Return whether a folder is there, or a link to one."""
    return _kind(path) == FOLDER


def read_bytes(path: str | os.PathLike[str]) -> bytes:
    """Return the content of a file. Raises ``OSError``."""
    try:
        content = Path(path).read_bytes()
    except OSError:
        content_matters(path)
        raise
    _note(path, _digest(content), content)
    return content


def read_at_most(path: str | os.PathLike[str], limit: int) -> bytes | None:
    """Return the content of a file of at most ``limit`` bytes; ``None`` for a larger one and for what cannot be read."""
    size = _size(path)
    if not size.isdigit() or int(size) > limit:
        for sightings in _noting:
            sightings.note(path, SIZE, size)
        return None
    try:
        return read_bytes(path)
    except OSError:
        return None


def names_in(path: str | os.PathLike[str]) -> tuple[str, ...]:
    """Return the names in a folder, sorted, without the folders that pytest makes; none where there is no folder that can be read."""
    for sightings in _noting:
        sightings.note(path, NAMES, state(path, NAMES))
    return _names(path)


def content_matters(path: str | os.PathLike[str]) -> None:
    """Take note of a file that another program reads for us."""
    if _noting:
        _note(path, *_read(path))


def program_run(argv: Sequence[str]) -> None:
    """Take note of a program that is run."""
    for sightings in _noting:
        sightings.programs.add(tuple(argv))


def cannot_be_known(reason: str) -> None:
    """Take note that something matters of which nobody can tell later whether it has changed."""
    for sightings in _noting:
        sightings.unknown.append(reason)


def state(path: str | os.PathLike[str], what: str) -> str:
    """Return what is there now, as a text to compare with an earlier one."""
    if what == KIND:
        return _kind_of(path)
    if what == SIZE:
        return _size(path)
    return _digest("\n".join(_names(path)).encode()) if what == NAMES else _read(path)[0]


def _kind(path: str | os.PathLike[str]) -> str:
    kind = _kind_of(path)
    for sightings in _noting:
        sightings.note(path, KIND, kind)
    return kind


def _kind_of(path: str | os.PathLike[str]) -> str:
    try:
        mode = os.stat(path).st_mode  # noqa: PTH116 - a path may be a text here
    except (OSError, ValueError):
        return ABSENT
    return FILE if stat.S_ISREG(mode) else FOLDER if stat.S_ISDIR(mode) else OTHER


def _size(path: str | os.PathLike[str]) -> str:
    """Return the bytes of a file, else what is there instead."""
    kind = _kind_of(path)
    try:
        return str(os.stat(path).st_size) if kind == FILE else kind  # noqa: PTH116 - a path may be a text here
    except OSError:
        return ABSENT


def _note(path: str | os.PathLike[str], told: str, content: bytes) -> None:
    for sightings in _noting:
        sightings.note(path, CONTENT, told)
        sightings.words.update(_WORD.findall(content))


def _read(path: str | os.PathLike[str]) -> tuple[str, bytes]:
    """Return the state of a content and the content; what is no file that can be read has a state as well."""
    kind = _kind_of(path)
    if kind != FILE:
        return kind, b""
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        return f"error {error.errno}", b""
    return _digest(content), content


def _names(path: str | os.PathLike[str]) -> tuple[str, ...]:
    try:
        return tuple(sorted(set(os.listdir(path)) - _OF_PYTEST))  # noqa: PTH208 - names are wanted, not paths
    except OSError:
        return ()


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
