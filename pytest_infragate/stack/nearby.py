"""Reads what the kernel says of a container's network namespace without asking the engine, where that is possible."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from .state import ContainerState

_PROC = Path("/proc")


def read(state: ContainerState, paths: Sequence[str]) -> str | None:
    """Return files below ``/proc/net``, one after the other, as the container sees them; ``None`` where it cannot be done.

    It can where the engine's processes are in our own PID namespace. The container's main process has its id in the
    path of its control group (Engine with cgroup v1 and v2, either driver); that is looked at before and after, because
    the number may belong to another process by now, or from the start, to one of our own namespace.
    """
    if not state.pid or not _is_of(state):
        return None
    texts = [_text(_PROC / str(state.pid) / Path(path).relative_to(_PROC)) for path in paths]
    return "".join(texts) if _is_of(state) and any(texts) else None


def _is_of(state: ContainerState) -> bool:
    return state.id in _text(_PROC / str(state.pid) / "cgroup")


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
