"""A program run inside the container, which is ready when the program ends with 0."""

from __future__ import annotations

from ..settings import ProbeSettings
from .base import ProbeResult, Target, shown

_CANNOT_START = (126, 127)


def probe(target: Target, settings: ProbeSettings, timeout_s: float) -> ProbeResult:
    """Run the argument list in the container, as the container's user and with its environment.

    Raises EngineError when the container does not run.
    """
    timeout_s = settings.timeout_s or timeout_s
    done = target.inside.engine.execute(target.container.id, settings.argv, timeout_s=timeout_s)
    where = f"exec in {target.container.name}"
    if done.exit_code == 0:
        return ProbeResult(ok=True, message="exit code 0", duration_s=done.duration_s, detail=where)
    if done.timed_out:
        message = f"did not end within {timeout_s:g} s"
    elif done.exit_code in _CANNOT_START:
        message = f"could not be started (exit code {done.exit_code}): {_last_line(done.text)}"
    else:
        message = f"exit code {done.exit_code}: {_last_line(done.text)}"
    return ProbeResult(ok=False, message=message, duration_s=done.duration_s, detail=where)


def _last_line(text: str) -> str:
    lines = text.splitlines()
    return shown(lines[-1].encode()) if lines else "no output"
