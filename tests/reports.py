"""``verdict.json`` as the tests read it: by its published shape alone."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CONDITIONS = ("configuration", "health", "connectivity", "performance", "commands", "lifecycle")


@dataclass(frozen=True)
class Complaint:
    """One reason why a condition is not proven: a check that is open, or a finding that closes the gate."""

    condition: str
    subject: str
    outcome: str
    message: str
    """What is wrong; for a finding, followed by what to do."""


@dataclass(frozen=True)
class Report:
    """One verdict."""

    data: dict[str, Any]

    @classmethod
    def read(cls, path: Path) -> Report:
        """Read the file; fails when it does not have the shape that is promised."""
        data = json.loads(path.read_text(encoding="utf-8"))
        assert data["schema"] == "infragate.verdict/1"
        assert tuple(sorted(data["conditions"])) == tuple(sorted(CONDITIONS))
        return cls(data)

    @property
    def verdict(self) -> str:
        """``complete`` or ``incomplete``."""
        return str(self.data["verdict"])

    @property
    def outcomes(self) -> dict[str, str]:
        """The outcome of each condition."""
        return {name: condition["outcome"] for name, condition in self.data["conditions"].items()}

    @property
    def broken(self) -> set[str]:
        """The conditions that were evaluated and not proven; one that was not reached is none of them."""
        return {name for name, outcome in self.outcomes.items() if outcome in ("failed", "error")}

    @property
    def complaints(self) -> tuple[Complaint, ...]:
        """Every reason in checks and findings, in the order of the report."""
        return (*self._open_checks(), *self._closing_findings())

    def message(self, name: str) -> str:
        """Return what the one check of this name says; fails where there is not exactly one."""
        (check,) = (check for check in self.data["checks"] if check["name"] == name)
        return str(check["message"])

    def about(self, condition: str, subject: str) -> tuple[Complaint, ...]:
        """Return the complaints of one condition about one subject; a limit's subject begins with its service."""
        return tuple(
            complaint
            for complaint in self.complaints
            if complaint.condition == condition and f"{complaint.subject} ".startswith(f"{subject} ")
        )

    def _open_checks(self) -> tuple[Complaint, ...]:
        return tuple(
            Complaint(check["condition"], check["subject"], check["outcome"], check["message"])
            for check in self.data["checks"]
            if check["outcome"] != "passed" and not check["waived"]
        )

    def _closing_findings(self) -> tuple[Complaint, ...]:
        conditions = {check["id"]: check["condition"] for check in self.data["checks"]}
        return tuple(
            Complaint(
                conditions[finding["check"]], finding["subject"], "failed", f"{finding['message']} {finding['remedy']}"
            )
            for finding in self.data["findings"]
            if finding["severity"] == "error" and not finding["waived"]
        )
