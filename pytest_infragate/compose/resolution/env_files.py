"""Reads the env files that Compose files name, with what is wrong in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from ...results import Location
from ..discovery import fault_of_file
from ..dotenv import EnvText, parse_dotenv, parse_raw
from ..source import SourceError, read_text
from ..trees import shown
from .problems import Problems


class EnvFiles:
    """Reads env files; ``base`` is what places name files relative to."""

    def __init__(self, base: str, problems: Problems) -> None:
        self._base = base
        self._problems = problems
        self._texts: dict[str, str] = {}

    def read(
        self, path: str, lookup: Callable[[str], str | None], named_at: Location | None, *, raw: bool = False
    ) -> Mapping[str, str]:
        """Return what a file says; what cannot be read or is no assignment is a problem."""
        fault = fault_of_file(path)
        name = shown(Path(path), self._base)
        if fault is not None:
            self._problems.add(f"The env file {name} {fault}.", named_at)
            return {}
        found = self._parsed(path, name, lookup, raw=raw)
        for problem in found.problems:
            self._problems.add(f"{problem.text[:1].upper()}{problem.text[1:]}.", Location(name, problem.line))
        for variable in found.unset:
            self._problems.unset(variable, Location(name))
        return found.values

    def _parsed(self, path: str, name: str, lookup: Callable[[str], str | None], *, raw: bool) -> EnvText:
        try:
            if path not in self._texts:
                self._texts[path] = read_text(Path(path), name)
        except SourceError as error:
            self._problems.add(f"{error.problem[:1].upper()}{error.problem[1:]}.", error.location)
            return EnvText({})
        return parse_raw(self._texts[path]) if raw else parse_dotenv(self._texts[path], lookup)
