"""Reads the settings of a pytest run; what is wrong with them ends it at once, with exit status 4."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .options import Chosen, chosen

if TYPE_CHECKING:
    from .reading.options import Said
    from .settings import Settings

_FIELDS = {
    "config": "infragate_config",
    "files": "infragate_file",
    "profiles": "infragate_profile",
    "env_files": "infragate_env_file",
    "level": "infragate_level",
    "project": "infragate_project",
    "attach": "infragate_attach",
    "keep": "infragate_keep",
    "report": "infragate_report",
    "timeout": "infragate_timeout",
    "static": "infragate_static",
}
"""Fields of ``RawOptions`` and the options that fill them."""


def read(config: pytest.Config) -> Settings:
    """Return the settings of this run. Raises ``pytest.UsageError`` that tells every mistake at once."""
    from . import catalogue, checks
    from .errors import SettingsError
    from .reading.options import RawOptions
    from .reading.settings import read_settings

    given = chosen(config)
    said = {field: _said(given[name]) for field, name in _FIELDS.items() if name in given}
    known = {check.id for check in checks.CHECKS} | set(catalogue.NAMES)
    try:
        return read_settings(
            config.rootpath,
            RawOptions(**said),
            known_checks=known,
            invocation_dir=config.invocation_params.dir,
        )
    except SettingsError as error:
        raise pytest.UsageError("\n".join(error.problems)) from None


def _said(value: Chosen) -> Said:
    from .reading.options import Said

    plain = tuple(value.value) if isinstance(value.value, list) else value.value
    return Said(plain, value.source)
