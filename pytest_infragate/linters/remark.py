"""What a linter has to say about one line of a Dockerfile."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import InfragateError


class LinterError(InfragateError):
    """A linter crashed, did not end in time, or said what nobody can read; the text says which and what to do."""


@dataclass(frozen=True)
class Dockerfile:
    """One file that an image is built from; both paths are absolute."""

    path: str
    context: str


@dataclass(frozen=True)
class Remark:
    """One complaint in the linter's own words; ``path`` is absolute, lines and columns count from 1."""

    path: str
    line: int | None
    column: int | None
    tool: str
    rule: str
    level: str
    """The linter's own word: ``error``, ``warning``, ``info``, ``style``."""
    text: str
    page: str = ""
    """The address of the rule's documentation, where it has one."""

    @property
    def heavy(self) -> bool:
        """Whether the linter itself takes it for more than a matter of taste."""
        return self.level in ("error", "warning")
