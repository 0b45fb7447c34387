"""Runs programs: argument lists, a deadline, output captured. Nothing here goes through a shell."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine_setup.telling import MissingError

LAST_LINES = 15


@dataclass(frozen=True)
class Finished:
    """A program that ended: its exit code and its output (both streams together)."""

    code: int
    output: str

    @property
    def ok(self) -> bool:
        """Whether it exited with 0."""
        return self.code == 0


def attempt(
    argv: Sequence[str], *, seconds: float, env: Mapping[str, str] | None = None, cwd: Path | None = None
) -> Finished:
    """Run ``argv`` and return how it ended; an absent program is code 127, an overrun one 124."""
    try:
        done = subprocess.run(
            list(argv),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=seconds,
            env={**os.environ, **(env or {})},
            cwd=cwd,
            check=False,
        )
    except FileNotFoundError:
        return Finished(127, f"{argv[0]}: program not found")
    except subprocess.TimeoutExpired as late:
        return Finished(124, f"{_text(late.stdout)}\n{argv[0]}: no end after {seconds:.0f} s")
    return Finished(done.returncode, done.stdout)


def must(argv: Sequence[str], *, seconds: float, env: Mapping[str, str] | None = None, cwd: Path | None = None) -> str:
    """Run ``argv`` and return its output; raise `MissingError` with its last lines when it failed."""
    done = attempt(argv, seconds=seconds, env=env, cwd=cwd)
    if not done.ok:
        raise MissingError(
            f"`{' '.join(argv)}` ended with {done.code}. Its last lines:\n{last_lines(done.output)}",
            "Repair that and run this again; what is already there is kept.",
        )
    return done.output


def last_lines(text: str, count: int = LAST_LINES) -> str:
    """Return the last ``count`` lines of ``text``, indented."""
    return "\n".join(f"    {line}" for line in text.strip().splitlines()[-count:])


def _text(raw: bytes | str | None) -> str:
    return raw.decode(errors="replace") if isinstance(raw, bytes) else raw or ""
