"""One piece of advice."""

from __future__ import annotations

from dataclasses import dataclass

from ..results import Json, Location


@dataclass(frozen=True)
class Hint:
    """What was seen of ``subject`` (a service, or ``*``), what to do, and what that rests on."""

    kind: str
    """``memory-limit-tight``, ``startup-critical-path`` …"""
    subject: str
    seen: str
    """What was seen, to follow the subject."""
    proposal: str
    """What to write or do; empty where there is nothing that is certainly right."""
    basis: str
    """How the proposal was found: samples, window, margin."""
    location: Location | None = None
    gain_s: float | None = None
    """How many seconds a start would save, where that is what it is about."""

    def to_dict(self) -> dict[str, Json]:
        """Return it in the shape of ``verdict.json``."""
        place = self.location or Location("")
        gain: dict[str, Json] = {} if self.gain_s is None else {"gain_s": round(self.gain_s, 3)}
        return {
            "kind": self.kind,
            "subject": self.subject,
            "seen": self.seen,
            "proposal": self.proposal or None,
            "basis": self.basis,
            "file": place.file or None,
            "line": place.line,
            **gain,
        }
