"""Reads the examples out of a check's documentation; the test suite executes them."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass

COMPOSE_FILE = "compose.yaml"
_BLOCK = re.compile(r"^(?P<kind>Flagged|Accepted)::\n\n(?P<body>(?:[ ]{4,}.*\n|\n)+)", re.MULTILINE)
_PROFILE = re.compile(r"^# docker compose --profile (\S+)", re.MULTILINE)
_FILE = re.compile(r"^# file: (\S+)\n", re.MULTILINE)


@dataclass(frozen=True)
class Example:
    """The files of one example, by name (a folder's ends in ``/``), and whether the check must flag them."""

    files: Mapping[str, str]
    flagged: bool

    @property
    def text(self) -> str:
        """The Compose file."""
        return self.files[COMPOSE_FILE]

    @property
    def profiles(self) -> tuple[str, ...]:
        """Profiles that the example's first comment activates."""
        return tuple(_PROFILE.findall(self.text))


def examples(documentation: str) -> tuple[Example, ...]:
    """Return the examples under ``Flagged::`` and ``Accepted::`` in the order of the page.

    An example is a Compose file; a line ``# file: NAME`` begins a further file.
    """
    return tuple(
        Example(_files(textwrap.dedent(match["body"]).strip("\n") + "\n"), match["kind"] == "Flagged")
        for match in _BLOCK.finditer(documentation + "\n")
    )


def _files(text: str) -> Mapping[str, str]:
    first, *further = _FILE.split(text)
    return {COMPOSE_FILE: first, **dict(zip(further[::2], further[1::2], strict=True))}
