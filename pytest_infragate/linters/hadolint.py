"""Asks hadolint about Dockerfiles, with the configuration that it finds by itself.

Options, output and the places of its configuration are those of hadolint 2.15, each tried with the program.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from .. import sightings
from ..process import Completed, run
from .remark import Dockerfile, LinterError, Remark

PROGRAM = "hadolint"
_TIMEOUT_S = 60.0
_KEEP_BYTES = 32 * 1024 * 1024
_MOST_FILES = 500
"""So many are asked about at once; a command line has an end."""
_ENDINGS = ("yaml", "yml")
_OF_SHELLCHECK = re.compile(r"SC\d+")
_UNREADABLE = "DL1000"
_BROKEN_CONFIGURATION = re.compile(r"Error parsing your config file in\s+'([^']+)'")
"""What it says of a configuration that it cannot read, before it goes on without one."""


def is_installed(environ: Mapping[str, str]) -> bool:
    """Return whether the program is on the ``PATH`` of an environment."""
    return shutil.which(PROGRAM, path=environ.get("PATH", "")) is not None


def remarks(files: Sequence[Dockerfile], root: str, environ: Mapping[str, str]) -> tuple[Remark, ...]:
    """Return what hadolint says of some Dockerfiles when it is called in the folder ``root``.

    Raises ``LinterError`` when it says nothing that can be read, or cannot read its own configuration.
    """
    paths = [file.path for file in files]
    for path in (*paths, *map(str, _configurations(root, environ))):
        sightings.content_matters(path)
    parts = [paths[start : start + _MOST_FILES] for start in range(0, len(paths), _MOST_FILES)]
    return tuple(remark for part in parts for remark in _asked(part, root, environ))


def _configurations(root: str, environ: Mapping[str, str]) -> Iterator[Path]:
    """Yield every place where it looks for its configuration."""
    home = Path(environ.get("HOME", "/"))
    further = Path(environ.get("XDG_CONFIG_HOME") or home / ".config")
    for ending in _ENDINGS:
        yield Path(root, f".hadolint.{ending}")
        yield further / f"hadolint.{ending}"
        yield home / f".hadolint.{ending}"
        yield from (home / ".hadolint" / f"{name}.{ending}" for name in ("hadolint", "config"))


def _asked(paths: Sequence[str], root: str, environ: Mapping[str, str]) -> Iterator[Remark]:
    done = run(
        (PROGRAM, "--no-color", "--format", "json", *paths),
        directory=root,
        environment=environ,
        timeout_s=_TIMEOUT_S,
        keep_bytes=_KEEP_BYTES,
    )
    _demand_sound(done)
    return map(_remark, _listed(done))


def _demand_sound(done: Completed) -> None:
    """Raise ``LinterError`` when it was cut short or has crashed; 1 says that there are remarks."""
    if done.cut_short:
        raise LinterError(f"hadolint did not end within {_TIMEOUT_S:g} s. Call it by hand to see why.")
    if done.exit_code not in (0, 1):
        raise LinterError(
            f"hadolint ended with {done.exit_code}: {_first_line(done.stderr)}. Call it by hand to see why."
        )
    if broken := _BROKEN_CONFIGURATION.search(done.stderr):
        raise LinterError(f"hadolint cannot read its configuration {broken[1]}. Correct that file.")


def _listed(done: Completed) -> list[dict[str, Any]]:
    """Return the list in its output; where its configuration names another format too, that stands around it."""
    for line in done.stdout.split("\n"):
        if line.startswith("["):
            found = _json(line)
            if isinstance(found, list) and all(isinstance(one, dict) for one in found):
                return found
    said = _first_line(done.stderr) or _first_line(done.stdout) or "nothing"
    raise LinterError(f"hadolint did not print JSON, but {said!r}. Call it by hand to see why.")


def _json(line: str) -> object:
    try:
        return json.JSONDecoder().raw_decode(line)[0]
    except ValueError:
        return None


def _remark(one: dict[str, Any]) -> Remark:
    try:
        rule = str(one["code"])
        text = " ".join(str(one["message"]).split())
        return Remark(
            str(one["file"]), int(one["line"]), int(one["column"]), PROGRAM, rule, str(one["level"]), text, _page(rule)
        )
    except (KeyError, TypeError, ValueError):
        raise LinterError("hadolint printed JSON that is no list of its findings. Update it, or this plugin.") from None


def _page(rule: str) -> str:
    if _OF_SHELLCHECK.fullmatch(rule):
        return f"https://www.shellcheck.net/wiki/{rule}"
    return "" if rule == _UNREADABLE else f"https://github.com/hadolint/hadolint/wiki/{rule}"


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0]
