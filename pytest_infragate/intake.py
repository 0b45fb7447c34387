"""Reads the settings of a pytest run; what is wrong with them ends it at once, with exit status 4."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from .options import Chosen, chosen, stage

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
    "accept": "infragate_accept_findings",
    "baseline": "infragate_baseline",
}
"""Fields of ``RawOptions`` and the options that fill them."""


def read(config: pytest.Config) -> Settings:
    """Return the settings of this run. Raises ``pytest.UsageError`` that tells every mistake at once."""
    demand_right_root(config)
    from . import catalogue, checks, further
    from .errors import SettingsError
    from .reading.options import RawOptions
    from .reading.settings import read_settings

    given = chosen(config)
    if stage(config) == "full":
        given.pop("infragate_static", None)
    said = {field: _said(given[name]) for field, name in _FIELDS.items() if name in given}
    further.collect(config)
    static = {check.id for check in checks.every()}
    try:
        return read_settings(
            config.rootpath,
            RawOptions(**said),
            known_checks=static | set(catalogue.NAMES),
            fixed_checks=set(catalogue.NAMES) - static,
            invocation_dir=config.invocation_params.dir,
        )
    except SettingsError as error:
        raise pytest.UsageError("\n".join(error.problems)) from None


_PATH_OPTIONS = ("--infragate-config", "--infragate-file", "--infragate-env-file", "--infragate-report")


def demand_right_root(config: pytest.Config) -> None:
    """Refuse an option with a path as a separate word, when that path has led pytest to another root directory.

    pytest looks for its root directory before it knows the options of plugins, so it takes such a path for that of a
    test; neither the project's pytest settings nor its infragate.yaml would be found.
    """
    start = config.invocation_params.dir
    if config.rootpath == start or config.getoption("rootdir", None) or config.getoption("inifilename", None):
        return
    words = [str(word) for word in config.invocation_params.args]
    for option, value in itertools.pairwise(words):
        path = (start / value).resolve()
        if option in _PATH_OPTIONS and path.exists() and not path.is_relative_to(start.resolve()):
            raise pytest.UsageError(
                f"{option} {value}: pytest took this path for that of a test and made {config.rootpath} its root "
                f"directory; write it as one word: {option}={value}"
            )


def _said(value: Chosen) -> Said:
    from .reading.options import Said

    plain = tuple(value.value) if isinstance(value.value, list) else value.value
    return Said(plain, value.source)
