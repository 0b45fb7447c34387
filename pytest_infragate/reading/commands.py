"""Parses the declared validation commands."""

from __future__ import annotations

import re
from typing import Any

from ..compose.node import Node
from ..settings import CommandSettings, When
from .notation import arguments
from .problems import ContradictionError, InvalidError, Parser, Trail
from .schema import Key, Table, list_of, mapping_of
from .values import choice, deadline, folder, text, whole, word

_SECRET_NAME = re.compile(r"passw|secret|token|credential|(api|access|private|auth)_?key", re.IGNORECASE)
_MOST_EXIT_CODE = 255


def commands(node: Node, trail: Trail) -> tuple[CommandSettings, ...]:
    """Return the declared commands; their names are the subjects of checks and therefore unique."""
    read = list_of(_command, "commands, each with name and run")(node, trail)
    seen: set[str] = set()
    for command in read:
        if command.name in seen and command.location is not None:
            sentence = f"a second command is named {command.name!r}: expected a name of its own for each"
            trail.note(command.location, sentence)
        seen.add(command.name)
    return read


def secret_values(read: tuple[CommandSettings, ...]) -> frozenset[str]:
    """Return the values of variables whose names say that they are secret."""
    variables = (pair for command in read for pair in command.environment.items())
    return frozenset(value for name, value in variables if value and _SECRET_NAME.search(name))


def _command(node: Node, trail: Trail) -> CommandSettings:
    """Return one command; inside a service ``cwd`` is a folder of the container, elsewhere one that exists here."""
    return (_TABLE if node.get("service") is None else _INSIDE_TABLE)(node, trail)


def _run(node: Node, trail: Trail) -> str | tuple[str, ...]:
    """Return a line for the shell, or an argument list for no shell."""
    if node.is_sequence:
        return arguments(node, trail)
    if not isinstance(node.scalar, str) or not node.scalar.strip():
        raise InvalidError("expected a line for the shell, or a list of arguments")
    return node.scalar


def _build(service: str | None = None, when: When = When.AFTER_UP, **rest: Any) -> CommandSettings:
    """Return a command that can run when it is said to."""
    if service is not None and when is When.BEFORE_UP:
        raise ContradictionError(
            "before-up no service runs that a command could run in: expected after-up or after-tests"
        )
    return CommandSettings(service=service, when=when, **rest)


def _table(directory: Parser[str]) -> Table[CommandSettings]:
    """Return the keys of a command."""
    keys = (
        Key("name", text, missing="expected a name, which the reports show"),
        Key("run", _run, missing="expected a line for the shell, or a list of arguments"),
        Key("when", choice(When)),
        Key("service", text),
        Key("timeout", deadline, "timeout_s"),
        Key("exit_code", whole(0, _MOST_EXIT_CODE)),
        Key("cwd", directory, "directory"),
        Key("env", mapping_of(word, "names and values"), "environment"),
    )
    return Table(_build, keys, located=True)


_TABLE = _table(folder)
_INSIDE_TABLE = _table(text)
