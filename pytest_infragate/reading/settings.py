"""Combines command line, ini, settings file and defaults into one Settings, or tells everything that is wrong with them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

from .. import sightings
from ..compose.credentials import is_literal, option_values
from ..compose.node import Node
from ..compose.source import SourceError, load_yaml
from ..errors import SettingsError
from ..past_runs import BaselineUse
from ..settings import Level, Settings
from .baseline import read_baseline
from .options import COMMAND_LINE, INI, RawOptions, read_options
from .past_runs import refused_uses, with_past_runs
from .problems import Context, Problem, Trail, attempt, told

FILE_NAMES = ("infragate.yaml", "infragate.yml")
_TABLE = ("tool", "infragate")
_PLACES_IN_FILE = {
    "files": ("compose", "files"),
    "profiles": ("compose", "profiles"),
    "env_files": ("compose", "env_files"),
    "project": ("compose", "project"),
    "level": ("checks", "level"),
    "timeout": ("timeout",),
}
"""The options that the settings file can give as well."""
_NOT_ALONE = {
    "keep": "a kept stack is the one that plain `docker compose up` would start, names and host ports included; leave "
    "out one of them",
    "attach": "a stack that is already up has its names and host ports; leave out one of them",
}


@dataclass(frozen=True)
class _File:
    """The settings file: its path, its name in messages, and what it says."""

    path: Path
    name: str
    node: Node

    def gives(self, *keys: str) -> bool:
        """Return whether the file has a value for a key; an empty list leaves the choice to Compose."""
        node = self.node.get(*keys)
        return node is not None and not node.is_null and not (node.is_sequence and not node.elements)


def read_settings(
    root: Path,
    options: RawOptions,
    *,
    known_checks: Collection[str],
    fixed_checks: Collection[str] = (),
    invocation_dir: Path | None = None,
) -> Settings:
    """Return the settings of a run: command line before ini before settings file before defaults.

    ``root`` is pytest's root directory (ini paths start there), ``invocation_dir`` what paths of the command line
    start from, ``fixed_checks`` those of the known checks that no setting turns off. Raises SettingsError with one sentence for every mistake.
    """
    root = root.absolute()
    problems: list[Problem] = []
    folders = {COMMAND_LINE: (invocation_dir or root).absolute(), INI: root}
    values = read_options(options, folders, problems)
    try:
        file = _find_file(root, values.pop("config", None), options)
    except (SourceError, SettingsError) as error:
        raise SettingsError([*told(problems), str(error)]) from None
    settings = Settings(root=str(root))
    if file is not None:
        from .schema import Table
        from .tree import KEYS

        context = Context(file.path.parent, known_checks, fixed_checks, problems)
        table = Table(partial(Settings, root=str(root), file=str(file.path)), KEYS)
        settings = attempt(table, file.node, Trail(context), settings)
    problems += refused_uses(options)
    if problems:
        raise SettingsError(told(problems))
    combined = _combined(settings, values, _sources(options, file))
    if file is not None:
        _demand_disposable(combined, file)
    accepted = read_baseline(combined.checks, str(root))
    past = with_past_runs(
        combined.performance.baseline, file.path.parent if file else root, str(root), wanted=not combined.static
    )
    performance = replace(combined.performance, baseline=past)
    return replace(combined, checks=replace(combined.checks, accepted=accepted), performance=performance)


def _find_file(root: Path, named: str | None, options: RawOptions) -> _File | None:
    """Return the settings file that was named, or that stands in the root directory; ``None`` when there is none."""
    if named is not None:
        return _load(Path(named), root, demanded=True)
    if options.config is not None:
        return None
    found = [root / name for name in FILE_NAMES if sightings.exists(root / name)]
    if len(found) > 1:
        raise SettingsError([f"{root} holds both {' and '.join(FILE_NAMES)}: expected one of them; remove the other"])
    if found:
        return _load(found[0], root)
    pyproject = root / "pyproject.toml"
    return _load(pyproject, root) if sightings.is_file(pyproject) else None


def _load(path: Path, root: Path, *, demanded: bool = False) -> _File | None:
    """Return a settings file; a pyproject.toml without our table is none, unless the user named it."""
    name = str(path.relative_to(root)) if path.is_relative_to(root) else str(path)
    if path.suffix != ".toml":
        return _File(path, name, load_yaml(path, name))
    from .toml import load_toml_table

    node = load_toml_table(path, name, *_TABLE)
    if node is None and demanded:
        raise SettingsError([f"{name} has no table [{'.'.join(_TABLE)}]: add it, or name another file"])
    return None if node is None else _File(path, name, node)


def _demand_disposable(settings: Settings, file: _File) -> None:
    """Raise SettingsError when a stack is to be isolated that is not this run's alone."""
    key = file.node.get("compose", "isolate")
    option = "keep" if settings.keep else "attach" if settings.attach else ""
    if key is not None and settings.compose.isolate and option:
        problem = Problem(key.location, f"compose.isolate contradicts --infragate-{option}: {_NOT_ALONE[option]}")
        raise SettingsError([str(problem)])


def _sources(options: RawOptions, file: _File | None) -> Mapping[str, str]:
    """Return who chose each option; what nobody chose is left out, except what has a default of ours."""
    sources = {"level": "default", "timeout": "default"}
    if file is not None:
        sources |= {option: file.name for option, keys in _PLACES_IN_FILE.items() if file.gives(*keys)}
    said = {name: getattr(options, name) for name in RawOptions.__dataclass_fields__}
    return MappingProxyType(sources | {name: value.source for name, value in said.items() if value is not None})


def _combined(settings: Settings, values: Mapping[str, Any], sources: Mapping[str, str]) -> Settings:
    """Return the settings of the file with the options over them."""
    compose = {name: values[name] for name in ("files", "profiles", "env_files", "project") if name in values}
    direct = {name: values[name] for name in ("static", "attach", "keep", "report") if name in values}
    accept = bool(values.get("accept"))
    checks = replace(settings.checks, level=values.get("level", settings.checks.level), accept=accept)
    baseline = replace(settings.performance.baseline, use=values.get("baseline", BaselineUse.CHECK))
    health = settings.health
    if checks.level is Level.STRICT:
        health = replace(health, require_healthcheck=True)
    return replace(
        settings,
        **direct,
        timeout_s=values.get("timeout", settings.timeout_s),
        compose=replace(settings.compose, **compose),
        checks=checks,
        performance=replace(settings.performance, baseline=baseline),
        health=health,
        sources=sources,
        secret_values=_secret_values(settings),
    )


def _secret_values(settings: Settings) -> frozenset[str]:
    programs = (edge.probe.argv for edge in settings.connectivity.expect if edge.probe)
    options = (value for argv in programs if argv for _, value in option_values(argv) if is_literal(value))
    if not settings.commands:
        return frozenset(options)
    from .commands import secret_values

    return secret_values(settings.commands) | frozenset(options)
