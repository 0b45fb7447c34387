"""Asks the installed ``docker compose`` what a selection of files means; starts nothing and needs no engine.

``config --environment`` is never used: it prints the values of the caller's variables.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from ..errors import EngineError, ProcessError
from ..process import Completed, run
from ..results import Json
from .selection import Selection

PROGRAM = ("docker", "compose", "--ansi", "never")
"""The Compose plugin of the docker CLI, without colours."""
OLDEST_MAJOR = 2
_TIMEOUT_S = 60.0
_MODEL_BYTES = 256 * 1024 * 1024
_LOG_LINE = re.compile(r'^time="[^"]*" level=(?P<level>\w+) msg=(?P<text>"(?:[^"\\]|\\.)*"|\S*)\s*$')
_VERSION = re.compile(r"^v?(\d+)\.\S+$")
_NO_PLUGIN = (
    "Docker Compose version 2 or newer was not found: `docker compose version` fails. "
    "Install the Compose plugin of the docker CLI (the old `docker-compose` in Python is not enough)."
)


@dataclass(frozen=True)
class ConfigResult:
    """What ``docker compose config`` said; ``model`` is ``None`` when Compose refuses the files (see ``error``)."""

    model: dict[str, Json] | None
    exit_code: int
    error: str = ""
    warnings: tuple[str, ...] = ()


def command(selection: Selection, *words: str) -> tuple[str, ...]:
    """Return the argument list of one ``docker compose`` call for these files, profiles and env files."""
    return (*PROGRAM, *selection.arguments(), *words)


def version(environment: Mapping[str, str] | None = None) -> str:
    """Return the version of the installed Compose, for example ``2.40.3``.

    Raises ``EngineError`` when there is no docker CLI, no Compose plugin, or only version 1.
    """
    done = _ask((*PROGRAM, "version", "--short"), None, environment)
    found = done.stdout.strip()
    match = _VERSION.match(found)
    if not done.ok or match is None:
        raise EngineError(_NO_PLUGIN)
    if int(match[1]) < OLDEST_MAJOR:
        raise EngineError(f"Docker Compose {found} is too old: version {OLDEST_MAJOR} or newer is needed.")
    return found.removeprefix("v")


def numbers(version: str) -> tuple[int, ...]:
    """Return the leading numbers of a version, ``(2, 40, 3)`` of ``2.40.3-desktop.1``."""
    return tuple(map(int, re.findall(r"\d+", version)[:3]))


def config(selection: Selection, environment: Mapping[str, str] | None = None) -> ConfigResult:
    """Return the resolved model of the selection as Compose prints it, or Compose's own error.

    ``environment`` is the whole environment that values are interpolated from (``None``: ours).
    Raises ``EngineError`` when Compose itself is missing or does not answer.
    """
    done = _ask(command(selection, "config", "--format", "json"), selection, environment)
    warnings, error = read_messages(done.stderr)
    if not done.ok:
        version(environment)
        return ConfigResult(None, done.exit_code, error or _silent(done), warnings)
    model = _json_object(done.stdout)
    if model is None:
        return ConfigResult(None, done.exit_code, "Compose printed no model that can be read.", warnings)
    return ConfigResult(model, done.exit_code, error, warnings)


def known_profiles(selection: Selection, environment: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """Return every profile that a service of the files names, active or not, sorted."""
    return _names(selection, environment, "config", "--profiles")


def all_services(selection: Selection, environment: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """Return the names of the services under every profile, sorted."""
    done = _ask((*PROGRAM, *selection.arguments(), "--profile", "*", "config", "--services"), selection, environment)
    return tuple(sorted(done.stdout.split())) if done.ok else ()


def read_messages(stderr: str) -> tuple[tuple[str, ...], str]:
    """Split what Compose wrote to standard error into its warnings (each once) and the rest, its error."""
    warnings: dict[str, None] = {}
    rest = []
    for line in stderr.splitlines():
        match = _LOG_LINE.match(line)
        if match is None:
            rest.append(line)
        elif match["level"] == "warning":
            warnings[_unquoted(match["text"])] = None
        elif match["level"] in ("error", "fatal", "panic"):
            rest.append(_unquoted(match["text"]))
    return tuple(warnings), "\n".join(rest).strip()


def _unquoted(text: str) -> str:
    """Undo the quoting of Compose's log lines."""
    if not text.startswith('"'):
        return text
    try:
        return str(json.loads(text))
    except ValueError:
        return text[1:-1].replace('\\"', '"').replace("\\\\", "\\")


def _names(selection: Selection, environment: Mapping[str, str] | None, *words: str) -> tuple[str, ...]:
    done = _ask(command(selection, *words), selection, environment)
    return tuple(sorted(set(done.stdout.split()))) if done.ok else ()


def _ask(argv: tuple[str, ...], selection: Selection | None, environment: Mapping[str, str] | None) -> Completed:
    """Run Compose to its end; silence beyond the timeout and a missing docker CLI are errors."""
    directory = None if selection is None else selection.directory
    try:
        done = run(argv, directory=directory, environment=environment, timeout_s=_TIMEOUT_S, keep_bytes=_MODEL_BYTES)
    except ProcessError as error:
        raise EngineError(str(error)) from error
    if done.timed_out:
        raise EngineError(f"Docker Compose did not answer within {_TIMEOUT_S:g} s: {' '.join(argv[:2])} {argv[-1]}")
    return done


def _silent(done: Completed) -> str:
    return f"docker compose config ended with exit code {done.exit_code} and no message."


def _json_object(text: str) -> dict[str, Json] | None:
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
