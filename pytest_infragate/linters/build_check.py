"""Asks BuildKit about Dockerfiles: ``docker buildx build --call=check``, which builds nothing but needs an engine.

The shape of what it prints is that of ``LintResults`` in BuildKit's package ``frontend/subrequests/lint``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..compose.cli import numbers
from ..errors import ProcessError
from ..process import Completed, run
from .remark import Dockerfile, LinterError, Remark

NAME = "docker build --check"
_OLDEST = (0, 15, 0)
"""The first buildx that has it."""
_VERSION = re.compile(r"\sv?(\d+\.\d+\.\d+)")
_VERSION_TIMEOUT_S = 10.0
_TIMEOUT_S = 120.0
"""For one Dockerfile; the base images' descriptions may come over the network."""
_KEEP_BYTES = 32 * 1024 * 1024
_SYNTAX = "BuildError"


def is_installed(environ: Mapping[str, str]) -> bool:
    """Return whether there is a buildx that can check."""
    try:
        done = run(("docker", "buildx", "version"), environment=environ, timeout_s=_VERSION_TIMEOUT_S)
    except ProcessError:
        return False
    version = _VERSION.search(done.stdout)
    return done.ok and version is not None and numbers(version[1]) >= _OLDEST


def remarks(files: Sequence[Dockerfile], root: str, environ: Mapping[str, str]) -> tuple[Remark, ...]:
    """Return what BuildKit says of some Dockerfiles. Raises ``LinterError`` when it says nothing that can be read."""
    return tuple(remark for file in files for remark in _asked(file, root, environ))


def _asked(file: Dockerfile, root: str, environ: Mapping[str, str]) -> Iterator[Remark]:
    done = run(
        ("docker", "buildx", "build", "--call=check,format=json", "--file", file.path, file.context),
        directory=root,
        environment=environ,
        timeout_s=_TIMEOUT_S,
        keep_bytes=_KEEP_BYTES,
    )
    if done.cut_short:
        raise LinterError(f"{NAME} of {file.path} did not end within {_TIMEOUT_S:g} s. Call it by hand to see why.")
    told = _told(done, file)
    try:
        yield from (_remark(one, file) for one in told.get("warnings") or [])
        if told.get("buildError"):
            yield _broken(told["buildError"], file)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise LinterError(f"{NAME} printed JSON that is no list of its warnings. Update it, or this plugin.") from None


def _told(done: Completed, file: Dockerfile) -> dict[str, Any]:
    """Return the object that it prints; it exits with 1 when there are warnings, and when it could not look."""
    try:
        told = json.loads(done.stdout)
    except ValueError:
        told = None
    if isinstance(told, dict) and ("warnings" in told or "buildError" in told):
        return told
    said = done.stderr.strip().splitlines()[-1:] or [done.stdout.strip()[:200] or "nothing"]
    raise LinterError(
        f"{NAME} of {file.path} ended with {done.exit_code} and said {said[0]!r}. Call it by hand to see why."
    )


def _remark(one: Mapping[str, Any], file: Dockerfile) -> Remark:
    text = str(one.get("detail") or one["description"])
    page = str(one.get("url") or "")
    return Remark(file.path, _line(one.get("location")), None, NAME, str(one["ruleName"]), "warning", text, page)


def _broken(error: Mapping[str, Any], file: Dockerfile) -> Remark:
    return Remark(file.path, _line(error.get("location")), None, NAME, _SYNTAX, "error", str(error["message"]))


def _line(location: Mapping[str, Any] | None) -> int | None:
    """Return the first line of a place; JSON leaves out what is zero."""
    ranges = (location or {}).get("ranges") or []
    return int(ranges[0]["start"]["line"]) if ranges else None
