"""What a run tells while it lasts; the gate speaks to this protocol and knows nothing of terminals."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Receives what happens, as it happens; may be called from several threads."""

    def phase(self, text: str) -> None:
        """A phase begins."""

    def change(self, subject: str, text: str) -> None:
        """The state of a service (or of the stack, ``*``) changed."""

    def waiting(self, text: str) -> None:
        """What is being waited for now; replaces what was said before, and is nothing to keep."""


class Silent:
    """Progress that nobody wants to see."""

    def phase(self, text: str) -> None:
        """Say nothing."""

    def change(self, subject: str, text: str) -> None:
        """Say nothing."""

    def waiting(self, text: str) -> None:
        """Say nothing."""
