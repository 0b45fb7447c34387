"""What the command line and the ini file said, and how it is read with the parsers of the settings file."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from ..compose.node import Node, NodeKind
from ..past_runs import OPTION, BaselineUse
from ..results import Location
from ..settings import Level
from .problems import Context, Parser, Problem, Trail, attempt
from .schema import list_of
from .values import choice, deadline, file, flag, new_folder, project, text

COMMAND_LINE = "command line"
INI = "ini"


@dataclass(frozen=True)
class Said:
    """The value of one option and who said it: ``command line`` or ``ini``."""

    value: str | bool | tuple[str, ...]
    source: str = COMMAND_LINE


@dataclass(frozen=True)
class RawOptions:
    """Every option as it was said, unchecked; ``None`` when nobody said it."""

    config: Said | None = None
    files: Said | None = None
    profiles: Said | None = None
    env_files: Said | None = None
    level: Said | None = None
    project: Said | None = None
    attach: Said | None = None
    keep: Said | None = None
    report: Said | None = None
    timeout: Said | None = None
    static: Said | None = None
    accept: Said | None = None
    baseline: Said | None = None


@dataclass(frozen=True)
class _Option:
    """The names of an option and the parser of its value."""

    flag: str
    parse: Parser[Any]

    def label(self, source: str) -> str:
        """Return the option's name as its author wrote it."""
        return self.flag if source == COMMAND_LINE else f"the ini value {self.flag.lstrip('-').replace('-', '_')}"


_OPTIONS = {
    "config": _Option("--infragate-config", file),
    "files": _Option("--infragate-file", list_of(file, "file names")),
    "profiles": _Option("--infragate-profile", list_of(text, "profile names")),
    "env_files": _Option("--infragate-env-file", list_of(file, "file names")),
    "level": _Option("--infragate-level", choice(Level)),
    "project": _Option("--infragate-project", project),
    "attach": _Option("--infragate-attach", flag),
    "keep": _Option("--infragate-keep", flag),
    "report": _Option("--infragate-report", new_folder),
    "timeout": _Option("--infragate-timeout", deadline),
    "static": _Option("--infragate-static", flag),
    "baseline": _Option(OPTION, choice(BaselineUse)),
    "accept": _Option("--infragate-accept-findings", flag),
}


def read_options(options: RawOptions, folders: dict[str, Path], problems: list[Problem]) -> dict[str, Any]:
    """Return the options that somebody said, by field of RawOptions; note what is wrong in ``problems``.

    ``folders`` gives for each source the folder that relative paths start from.
    """
    values: dict[str, Any] = {}
    for field in fields(options):
        said: Said | None = getattr(options, field.name)
        if said is not None:
            option = _OPTIONS[field.name]
            trail = Trail(Context(folders[said.source], problems=problems), option.label(said.source))
            values[field.name] = attempt(option.parse, _node(said.value), trail, None)
    return {name: value for name, value in values.items() if value is not None}


def _node(value: str | bool | tuple[str, ...]) -> Node:
    """Return the value as a node without place."""
    nowhere = Location("")
    if isinstance(value, tuple):
        return Node(NodeKind.SEQUENCE, nowhere, elements=tuple(_node(element) for element in value))
    return Node(NodeKind.SCALAR, nowhere, value, str(value))
