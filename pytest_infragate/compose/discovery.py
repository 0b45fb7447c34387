"""Which Compose files, profiles and env files take part: what Compose itself would choose, with the user's options first.

The rules were read off ``docker compose config`` (2.40); ``tests/engine`` compares them with the real program.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from .. import sightings
from ..errors import ComposeError
from ..settings import ComposeSettings
from ..suggest import listed
from .dotenv import read_dotenv
from .selection import Selection

FILE_NAMES = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
"""The names that Compose looks for in each folder; the first wins."""
OVERRIDE_NAMES = (
    "compose.override.yml",
    "compose.override.yaml",
    "docker-compose.override.yml",
    "docker-compose.override.yaml",
)
"""The override that joins a file found by name; the first wins, whatever the name of the file."""

BY_COMPOSE = "Compose's own choice"
_SLUG_LENGTH = 30
_TRUE_WORDS = ("1", "t", "true")


@dataclass(frozen=True)
class _Chosen:
    """Values and who chose them."""

    values: tuple[str, ...]
    source: str


@dataclass(frozen=True)
class _Variable:
    """A ``COMPOSE_*`` variable's value and where it was set: the environment, or an env file."""

    value: str
    source: str


def discover(
    settings: ComposeSettings, start: Path, environ: Mapping[str, str], sources: Mapping[str, str] | None = None
) -> Selection:
    """Return the files, profiles and env files that ``docker compose`` run in ``start`` would use.

    ``sources`` says who chose what ``settings`` holds (``Settings.sources``). The project name of the result is that of
    the settings, else empty: ``COMPOSE_PROJECT_NAME`` is not used, a gate must not meet the developer's own stack.
    Raises ComposeError when there is no Compose file, or a chosen file is absent, a folder or unreadable.
    """
    start = start.absolute()
    named = sources or {}
    env_files = _env_files(settings, start, environ, named)
    variables = _variables(env_files.values or _default_env_file(start, environ), environ)
    files = _files(settings, start, variables, named)
    for file in files.values:
        _demand_file(file, f"the Compose file {file} (from {files.source})")
    directory = Path(files.values[0]).parent
    if not env_files.values:
        env_files = _found_env_files(start, directory, environ)
        variables = _variables(env_files.values or _default_env_file(directory, environ), environ)
    profiles = _profiles(settings, variables, named)
    return Selection(
        directory=str(directory),
        files=files.values,
        profiles=profiles.values,
        env_files=env_files.values,
        project=settings.project or "",
        sources=(("files", files.source), ("profiles", profiles.source), ("env_files", env_files.source)),
    )


def env_file_variables(selection: Selection, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the variables in the env files of a selection, else in the ``.env`` beside its files.

    Raises SourceError when one cannot be read.
    """
    read: dict[str, str] = {}
    for file in env_files_of(selection, environ):
        read |= read_dotenv(Path(file), environ)
    return read


def env_files_of(selection: Selection, environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return the env files of a selection, else the ``.env`` beside its files."""
    return selection.env_files or _default_env_file(Path(selection.directory), environ)


def project_name(directory: str, run_id: str) -> str:
    """Return a Compose project name that is unique per checkout and run."""
    return f"{kept_project_name(directory)}-{_slug(run_id)}"


def kept_project_name(directory: str) -> str:
    """Return a Compose project name that is unique per checkout, for stacks that are kept."""
    path = Path(directory).resolve()
    digest = hashlib.sha256(os.fsencode(path)).hexdigest()[:6]
    parts = ("infragate", _slug(path.name)[:_SLUG_LENGTH].strip("-_"), digest)
    return "-".join(part for part in parts if part)


def _slug(text: str) -> str:
    """Return the text with only what Compose allows in project names."""
    return re.sub(r"[^a-z0-9_]+", "-", text.lower()).strip("-_")


def _env_files(settings: ComposeSettings, start: Path, environ: Mapping[str, str], named: Mapping[str, str]) -> _Chosen:
    """Return the env files that were named; Compose takes ``COMPOSE_ENV_FILES`` from the environment only."""
    if settings.env_files:
        chosen = _Chosen(settings.env_files, named.get("env_files", "settings"))
    elif written := environ.get("COMPOSE_ENV_FILES"):
        chosen = _Chosen(_absolute(written.split(","), start), "COMPOSE_ENV_FILES")
    else:
        return _Chosen((), BY_COMPOSE)
    for file in chosen.values:
        _demand_file(file, f"the env file {file} (from {chosen.source})")
    return chosen


def _default_env_file(directory: Path, environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return the ``.env`` file that Compose reads unasked."""
    disabled = environ.get("COMPOSE_DISABLE_ENV_FILE", "").lower() in _TRUE_WORDS
    file = directory / ".env"
    return () if disabled or not sightings.is_file(file) else (str(file),)


def _found_env_files(start: Path, directory: Path, environ: Mapping[str, str]) -> _Chosen:
    """Return the env files to name where nobody named any: none when Compose finds the one by itself.

    Run below the project's folder Compose reads both ``.env`` files, and the nearer one wins. It no longer does so
    once it is told the project directory, so both are named then, the winner last.
    """
    near = _default_env_file(start, environ)
    if start == directory or not near:
        return _Chosen((), BY_COMPOSE)
    return _Chosen(_default_env_file(directory, environ) + near, BY_COMPOSE)


def _variables(env_files: Iterable[str], environ: Mapping[str, str]) -> dict[str, _Variable]:
    """Return the ``COMPOSE_*`` variables as Compose sees them: the environment before env files, later files first."""
    variables: dict[str, _Variable] = {}
    for file in env_files:
        read = read_dotenv(Path(file), environ)
        variables |= {name: _Variable(value, f"{name} in {file}") for name, value in read.items()}
    variables |= {name: _Variable(value, name) for name, value in environ.items()}
    return {name: variable for name, variable in variables.items() if name.startswith("COMPOSE_")}


def _files(
    settings: ComposeSettings, start: Path, variables: Mapping[str, _Variable], named: Mapping[str, str]
) -> _Chosen:
    """Return the Compose files: named ones, else those of ``COMPOSE_FILE``, else those found by name."""
    if settings.files:
        return _Chosen(settings.files, named.get("files", "settings"))
    chosen = variables.get("COMPOSE_FILE")
    if chosen is None:
        return _Chosen(_found_files(start), BY_COMPOSE)
    separator = variables["COMPOSE_PATH_SEPARATOR"].value if "COMPOSE_PATH_SEPARATOR" in variables else ""
    written = chosen.value.split(separator or os.pathsep)
    if "" in written:
        raise ComposeError(
            f"{chosen.source} is {chosen.value!r}: an empty part names no file; unset it or name the Compose files"
        )
    return _Chosen(_absolute(written, start), chosen.source)


def _found_files(start: Path) -> tuple[str, ...]:
    """Return the first Compose file by name in ``start`` or above, with its override file."""
    for folder in (start, *start.parents):
        file = _first(folder, FILE_NAMES)
        if file is not None:
            override = _first(folder, OVERRIDE_NAMES)
            return (file,) if override is None else (file, override)
    raise ComposeError(
        f"no Compose file was found: looked for {listed(FILE_NAMES)} in {start} and every folder above it; "
        "write one, or name it with --infragate-file, compose.files in infragate.yaml or COMPOSE_FILE"
    )


def _first(folder: Path, names: Iterable[str]) -> str | None:
    """Return the path of the first name that exists in a folder."""
    return next((str(folder / name) for name in names if sightings.exists(folder / name)), None)


def _profiles(settings: ComposeSettings, variables: Mapping[str, _Variable], named: Mapping[str, str]) -> _Chosen:
    """Return the active profiles; named ones replace those of ``COMPOSE_PROFILES``."""
    if settings.profiles:
        return _Chosen(settings.profiles, named.get("profiles", "settings"))
    chosen = variables.get("COMPOSE_PROFILES", _Variable("", BY_COMPOSE))
    return _Chosen(tuple(name.strip() for name in chosen.value.split(",") if name.strip()), chosen.source)


def _absolute(paths: Iterable[str], start: Path) -> tuple[str, ...]:
    """Return paths made absolute against the folder that Compose runs in."""
    return tuple(os.path.normpath(start / path) for path in paths)


_Test = Callable[[Path], bool]
_FAULTS: tuple[tuple[_Test, str], ...] = (
    (lambda path: not os.path.lexists(path), "does not exist"),
    (lambda path: path.is_symlink() and not path.exists(), "is a link that leads nowhere"),
    (Path.is_dir, "is a folder: name a file in it"),
    (lambda path: not os.access(path, os.R_OK), "cannot be read: permission denied"),
)


def fault_of_file(file: str) -> str | None:
    """Return what keeps a path from being a readable file (``does not exist`` …), or ``None``."""
    sightings.content_matters(file)
    return next((fault for applies, fault in _FAULTS if applies(Path(file))), None)


def _demand_file(file: str, subject: str) -> None:
    """Raise ComposeError unless ``file`` is a readable file."""
    fault = fault_of_file(file)
    if fault is not None:
        raise ComposeError(f"{subject} {fault}")
