"""What a run remembers for later ones: the stack as it was when it was last proven good."""

from __future__ import annotations

import datetime
import hashlib
import json
import os
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path

from ..diagnosis import lastgood
from ..diagnosis.lastgood import Snapshot
from ..plan import Stage
from ..preparation import Preparation
from ..settings import Settings
from ..stack.state import ContainerState
from .recollection import Memory

_LARGEST_BYTES = 1 << 20
"""Larger files are data, not configuration."""


class LastGood:
    """The record of the last good run of one stack: the same Compose files and profiles in the same stage.

    ``versions`` are those of the engine and Compose, by name.
    """

    def __init__(
        self, memory: Memory, settings: Settings, preparation: Preparation, versions: Mapping[str, str]
    ) -> None:
        self._memory = memory
        self._settings = settings
        self._preparation = preparation
        self._versions = versions
        self._key = f"last-good-{_digest(settings, preparation)}"
        self._before = lastgood.read(memory.load(self._key))

    def changes(self, service: str, containers: Iterable[ContainerState]) -> str:
        """Say in one line what changed for a service since the last good run; empty when there was none."""
        return "" if self._before is None else lastgood.told(self._before, self._snapshot(containers), service)

    def keep(self, containers: Iterable[ContainerState]) -> None:
        """Take note that the stack as it is now was proven good."""
        now = datetime.datetime.now().astimezone()
        record = lastgood.make(self._snapshot(containers), f"{now:%Y-%m-%d %H:%M}", secrets.token_hex(8))
        self._memory.save(self._key, record.to_json())

    def _snapshot(self, containers: Iterable[ContainerState]) -> Snapshot:
        return Snapshot(
            project=self._preparation.selection.project,
            services=self._preparation.resolution.written,
            images={state.service: state.image_id for state in containers},
            mounted=_mounted(self._preparation),
            files=_own_files(self._settings, self._preparation),
            versions=self._versions,
        )


def _digest(settings: Settings, preparation: Preparation) -> str:
    """Return a name for the stack, the same in every run on the same files and profiles."""
    chosen = preparation.selection
    stage = Stage.STATIC if settings.static else Stage.FULL
    text = json.dumps([chosen.files, chosen.profiles, stage.value])
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _own_files(settings: Settings, preparation: Preparation) -> dict[str, str]:
    """Return the content of the files that say what the stack is and what is asked of it."""
    chosen = preparation.selection
    default = () if chosen.env_files else (str(Path(chosen.directory) / ".env"),)
    paths = [*chosen.files, *chosen.env_files, *default, *filter(None, (settings.file,))]
    return _contents(paths, settings.root)


def _mounted(preparation: Preparation) -> dict[str, dict[str, str]]:
    """Return the content of the files that each service is given."""
    project = preparation.project
    if project is None:
        return {}
    found: dict[str, dict[str, str]] = {}
    for name, service in project.services.items():
        binds = [mount.source for mount in service.mounts if mount.kind == "bind" and mount.source]
        secrets_ = [project.secrets[key].file for key in service.secrets if key in project.secrets]
        configs = [project.configs[key].file for key in service.configs if key in project.configs]
        found[name] = _contents([path for path in (*binds, *secrets_, *configs) if path], project.directory)
    return found


def _contents(paths: Iterable[str], base: str) -> dict[str, str]:
    """Return the content of those paths that are files of a readable size, by their paths relative to ``base``."""
    return {os.path.relpath(path, base): text for path in paths if (text := _content(Path(path))) is not None}


def _content(path: Path) -> str | None:
    try:
        if not path.is_file() or path.stat().st_size > _LARGEST_BYTES:
            return None
        return path.read_text(errors="replace")
    except OSError:
        return None
