"""Command line options and their ini twins as one table; the only place that registers any.

Named tuples, because every run of pytest pays for this module, and a dataclass costs more to make.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest


class Option(NamedTuple):
    """One option. ``kind``: ``flag``, ``text``, ``list``, ``seconds`` or ``level``; ``ini`` is false for actions."""

    flag: str
    kind: str
    help: str
    metavar: str | None = None
    ini: bool = True

    @property
    def name(self) -> str:
        """Destination on the command line and name of the ini twin, ``infragate_level``."""
        return self.flag.lstrip("-").replace("-", "_")


OPTIONS = (
    Option("--infragate", "flag", "prove the Compose stack good before, during and after the tests; fail otherwise"),
    Option("--infragate-static", "flag", "prove only what needs no engine; runs no tests unless paths are given"),
    Option(
        "--infragate-config", "text", "settings file (default: infragate.yaml, else pyproject.toml)", metavar="FILE"
    ),
    Option("--infragate-file", "list", "Compose file, repeatable (default: what Compose would pick)", metavar="FILE"),
    Option("--infragate-profile", "list", "Compose profile to activate, repeatable", metavar="NAME"),
    Option("--infragate-env-file", "list", "env file for Compose, repeatable", metavar="FILE"),
    Option("--infragate-level", "level", "how strict the static checks are: dev, default or strict", metavar="LEVEL"),
    Option(
        "--infragate-project",
        "text",
        "Compose project name (default: unique per checkout and run; with keep per checkout)",
        metavar="NAME",
    ),
    Option("--infragate-attach", "flag", "gate a stack that is already up; starts, stops and alters nothing of it"),
    Option("--infragate-keep", "flag", "leave the stack up; a later run reuses it when its configuration is unchanged"),
    Option("--infragate-report", "text", "write verdict.json and the other reports into this folder", metavar="DIR"),
    Option(
        "--infragate-timeout",
        "seconds",
        "deadline from the end of pull and build until the stack is proven (default: 180)",
        metavar="SECONDS",
    ),
    Option(
        "--infragate-skip-without-engine",
        "flag",
        "without --infragate and outside CI: skip the tests that need the stack where no engine answers",
    ),
    Option(
        "--infragate-baseline",
        "text",
        "hold the run against recorded runs (check, default where there are any), add it to them (update), or neither (off)",
        metavar="USE",
    ),
    Option(
        "--infragate-accept-findings",
        "flag",
        "write what the static checks find now into the file of checks.baseline; from then on only new findings fail",
        ini=False,
    ),
    Option("--infragate-explain", "text", "print the documentation of one check and exit", metavar="CHECK", ini=False),
    Option("--infragate-list", "flag", "list all checks and exit", ini=False),
    Option("--infragate-diff", "flag", "show the certain fixes of the Compose files as a diff and exit", ini=False),
    Option("--infragate-fix", "flag", "apply the certain fixes to the Compose files and exit", ini=False),
)


def add_options(parser: pytest.Parser) -> None:
    """Register every option of the table with its ini twin."""
    group = parser.getgroup("infragate", "infragate: no green suite on infrastructure that is not proven good")
    for option in OPTIONS:
        group.addoption(option.flag, dest=option.name, help=option.help, **_argparse(option))
        if option.ini:
            parser.addini(option.name, f"{option.help} (as {option.flag})", type=_INI_TYPES[option.kind], default=None)


_INI_TYPES: dict[str, Any] = {
    "flag": "bool",
    "text": "string",
    "list": "linelist",
    "seconds": "string",
    "level": "string",
}


def _argparse(option: Option) -> dict[str, Any]:
    if option.kind == "flag":
        return {"action": "store_true", "default": None}
    action = "append" if option.kind == "list" else "store"
    return {"action": action, "default": None, "metavar": option.metavar}


class Chosen(NamedTuple):
    """The value of one option and who said it: ``command line`` or ``ini``."""

    value: Any
    source: str


def chosen(config: pytest.Config) -> dict[str, Chosen]:
    """Return the options that the user gave, by name; what nobody gave is left out."""
    values: dict[str, Chosen] = {}
    for option in OPTIONS:
        value = config.getoption(option.name, default=None)
        if value is not None:
            values[option.name] = Chosen(value, "command line")
        elif option.ini and (ini := config.getini(option.name)) not in (None, [], "", False):
            values[option.name] = Chosen(ini, "ini")
    return values


def stage(config: pytest.Config) -> str | None:
    """Return what is gated: ``full``, ``static``, or nothing (``None``); the command line comes before the ini file.

    Raises ``pytest.UsageError`` when both are asked for at the same place.
    """
    given = chosen(config)
    full, static = given.get("infragate"), given.get("infragate_static")
    if full and static and full.source == static.source:
        raise pytest.UsageError(
            "--infragate and --infragate-static contradict each other: the one proves everything, the other only what "
            "needs no engine; give one of them"
        )
    if full and (not static or full.source == "command line"):
        return "full"
    return "static" if static else None
