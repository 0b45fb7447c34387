"""Everything that a static verdict depends on, as one digest: equal only where nothing of it has changed."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import shutil
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TypeAlias

from .. import __version__, sightings
from ..results import Json

States: TypeAlias = "list[tuple[str, str, str]]"
"""Paths, what of each matters, and its state: see ``sightings``."""

PROGRAMS = (("docker", "compose"), ("hadolint",))
"""How the argument lists of the programs begin that are known as tools; what others say may change at any time."""
_PLUGIN = "docker-compose"
_PLUGIN_FOLDERS = (
    "/usr/local/lib/docker/cli-plugins",
    "/usr/local/libexec/docker/cli-plugins",
    "/usr/lib/docker/cli-plugins",
    "/usr/libexec/docker/cli-plugins",
)
"""Where the docker CLI looks for its plugins beside the user's own folder."""
_ALWAYS = frozenset({"HOME", "XDG_CONFIG_HOME", "LANG", "LC_ALL"})
_PREFIXES = ("COMPOSE_", "DOCKER_", "BUILDKIT_", "BUILDX_", "HADOLINT_")
"""Variables that Compose and our own reading obey, whether a file names them or not."""


def digest(question: Json, surroundings: Json, states: States, variables: Json, answer: Json) -> str:
    """Return one digest of a question, of all that its answer depends on, and of the answer.

    It is one for everything, so that nobody can guess the value of a single variable from it.
    """
    parts = [question, surroundings, sorted(states), variables, answer]
    return hashlib.sha256(json.dumps(parts).encode("utf-8", "surrogateescape")).hexdigest()


def states_now(seen: Iterable[tuple[str, str]]) -> States:
    """Return the present states of some paths, each with what of it matters: see ``sightings``."""
    return [(path, what, sightings.state(path, what)) for path, what in seen]


def surroundings(environ: Mapping[str, str]) -> Json:
    """Return what is known of our own code, of Python, of this machine, and of the programs that are asked."""
    return [*_versions(), *_machine(), *_tools(environ)]


def variables(words: Collection[str], environ: Mapping[str, str]) -> Json:
    """Return the variables that matter with their values: those that a file names, and those that Compose obeys."""
    names = (name for name in environ if name in words or name in _ALWAYS or name.startswith(_PREFIXES))
    return [[name, environ[name]] for name in sorted(names)]


def _versions() -> Iterator[Json]:
    """Yield what is known of our own code and of what reads for it; an editable installation changes with its files."""
    reader = importlib.util.find_spec("yaml")
    yield from (__version__, sys.version, _stamp(reader.origin if reader and reader.origin else ""))
    yield from _code(Path(__file__).parents[1])


def _machine() -> Iterator[Json]:
    """Yield the facts that the checks of what services ask for compare with, and where they would be answered."""
    here = os.uname()
    yield from (here.sysname, here.machine, os.cpu_count(), os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))


def _code(folder: str | os.PathLike[str]) -> Iterator[Json]:
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            if entry.is_dir():
                if entry.name != "__pycache__":
                    yield from _code(entry.path)
            else:
                found = entry.stat()
                yield [entry.name, found.st_size, found.st_mtime_ns]


def _tools(environ: Mapping[str, str]) -> Iterator[Json]:
    """Yield what is known of the programs that are asked; their files stand for their versions."""
    own = Path(environ.get("DOCKER_CONFIG") or Path(environ.get("HOME", "~")) / ".docker")
    yield sightings.state(own / "config.json", sightings.CONTENT)
    folders = (str(own / "cli-plugins"), *_extra_folders(own / "config.json"), *_PLUGIN_FOLDERS)
    yield from (_stamp(os.path.join(folder, _PLUGIN)) for folder in folders)  # noqa: PTH118 - texts, and many
    for program in PROGRAMS:
        yield _stamp(shutil.which(program[0], path=environ.get("PATH")) or "")


def _extra_folders(file: Path) -> tuple[str, ...]:
    try:
        folders = json.loads(file.read_bytes())["cliPluginsExtraDirs"]
    except (OSError, ValueError, KeyError, TypeError):
        return ()
    return tuple(map(str, folders)) if isinstance(folders, list) else ()


def _stamp(path: str) -> Json:
    try:
        found = os.stat(path)  # noqa: PTH116 - a text, and many
    except OSError:
        return sightings.ABSENT
    return [path, found.st_size, found.st_mtime_ns, found.st_ino]
