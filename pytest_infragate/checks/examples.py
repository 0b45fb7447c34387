"""Reads the examples out of a check's documentation; the test suite executes them."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass

_BLOCK = re.compile(r"^(?P<kind>Flagged|Accepted)::\n\n(?P<body>(?:[ ]{4,}.*\n|\n)+)", re.MULTILINE)
_PROFILE = re.compile(r"^# docker compose --profile (\S+)", re.MULTILINE)


@dataclass(frozen=True)
class Example:
    """One Compose file of a documentation page, and whether the check must flag it."""

    text: str
    flagged: bool

    @property
    def profiles(self) -> tuple[str, ...]:
        """Profiles that the example's first comment activates."""
        return tuple(_PROFILE.findall(self.text))


def examples(documentation: str) -> tuple[Example, ...]:
    """Return the examples under ``Flagged::`` and ``Accepted::`` in the order of the page."""
    return tuple(
        Example(textwrap.dedent(match["body"]).strip("\n") + "\n", match["kind"] == "Flagged")
        for match in _BLOCK.finditer(documentation + "\n")
    )
