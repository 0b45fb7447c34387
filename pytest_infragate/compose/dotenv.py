"""Reads env files as Compose does: quotes, escapes, comments, values over several lines, references to other names."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from .resolution.template import TemplateError, substitute
from .source import read_text

_KEY = re.compile(r"(?:export[ \t]+)?([^\s=:#'\"]+)[ \t]*(?:[=:][ \t]*|(?=\n)|\Z)")
_QUOTED = re.compile(r"""'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)\"""", re.DOTALL)
_COMMENT = re.compile(r"(?:^|\s+)#.*")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t", "$": "$$"}
_LINE = re.compile(r"[^\n]*")
_RAW = re.compile(r"([^=\s]+)=(.*)")


@dataclass(frozen=True)
class EnvProblem:
    """A line of an env file that is no assignment, or whose value cannot be had."""

    line: int
    text: str


@dataclass(frozen=True)
class EnvText:
    """What an env file says; ``unset`` are the names that it refers to and that have no value."""

    values: Mapping[str, str]
    unset: tuple[str, ...] = ()
    problems: tuple[EnvProblem, ...] = ()


def read_dotenv(path: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the names of an env file with their values, references replaced.

    References are looked up in ``environ`` first, as Compose does, then in earlier lines. Lines that are no assignment
    are left to Compose to refuse. Raises SourceError when the file cannot be read.
    """
    return dict(parse_dotenv(read_text(path), environ.get).values)


def parse_dotenv(text: str, lookup: Callable[[str], str | None]) -> EnvText:
    """Return what the text of an env file says; names come from ``lookup`` first, then from earlier lines.

    A name without a value takes that of ``lookup``, and is left out when there is none.
    """
    return _Reader(text.replace("\r\n", "\n"), lookup).read()


def parse_raw(text: str) -> EnvText:
    """Return what an env file of ``format: raw`` says: every value as it stands."""
    values, problems = {}, []
    for number, line in enumerate(text.splitlines(), 1):
        match = _RAW.fullmatch(line)
        if match:
            values[match[1]] = match[2]
        elif line.strip() and not line.lstrip().startswith("#"):
            problems.append(EnvProblem(number, "this line is no assignment NAME=value"))
    return EnvText(values, (), tuple(problems))


class _Reader:
    """Reads one text from its beginning to its end."""

    def __init__(self, text: str, lookup: Callable[[str], str | None]) -> None:
        self._text = text
        self._lookup = lookup
        self._position = 0
        self._values: dict[str, str] = {}
        self._unset: dict[str, str | None] = {}
        self._problems: list[EnvProblem] = []

    def read(self) -> EnvText:
        while self._skip_blank():
            self._statement()
        return EnvText(self._values, tuple(self._unset), tuple(self._problems))

    def _skip_blank(self) -> bool:
        """Go to the next statement; return whether there is one."""
        while self._position < len(self._text):
            if self._text[self._position] == "#":
                self._rest_of_line()
            elif not self._text[self._position].isspace():
                return True
            else:
                self._position += 1
        return False

    def _rest_of_line(self) -> str:
        match = _LINE.match(self._text, self._position)
        self._position = match.end() if match else len(self._text)
        return match[0] if match else ""

    def _statement(self) -> None:
        start = self._position
        match = _KEY.match(self._text, start)
        if match is None:
            self._rest_of_line()
            self._complain(start, "this line is no assignment NAME=value")
            return
        self._position = match.end()
        if match[0].rstrip()[-1] not in "=:":
            self._inherit(match[1])
            return
        try:
            self._values[match[1]] = self._value()
        except TemplateError as error:
            self._complain(start, f"the value of {match[1]} cannot be interpolated: {error}")

    def _inherit(self, name: str) -> None:
        value = self._lookup(name)
        if value is not None:
            self._values[name] = value

    def _value(self) -> str:
        """Return the value that begins here. Raises TemplateError."""
        quoted = _QUOTED.match(self._text, self._position)
        if quoted is None:
            return self._replaced(_COMMENT.sub("", self._rest_of_line()).rstrip())
        self._position = quoted.end()
        self._rest_of_line()
        if quoted[2] is None:
            return quoted[1]
        return self._replaced(_ESCAPE.sub(lambda match: _ESCAPED.get(match[1], match[1]), quoted[2]))

    def _replaced(self, text: str) -> str:
        return substitute(text, self._known, self._unset.setdefault)

    def _known(self, name: str) -> str | None:
        value = self._lookup(name)
        return self._values.get(name) if value is None else value

    def _complain(self, position: int, text: str) -> None:
        self._problems.append(EnvProblem(self._text.count("\n", 0, position) + 1, text))
