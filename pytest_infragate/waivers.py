"""Waivers: what somebody accepts, why, and until when. What is waived is kept and shown, never dropped."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import replace

from . import catalogue
from .results import WHOLE_STACK, CheckResult, Finding, Outcome, Severity, failed, passed
from .settings import Waiver


def in_force(waivers: Iterable[Waiver], today: datetime.date) -> tuple[Waiver, ...]:
    """Return the waivers whose last day has not passed."""
    return tuple(waiver for waiver in waivers if waiver.expires >= today)


def expired(waivers: Iterable[Waiver], today: datetime.date) -> tuple[Waiver, ...]:
    """Return the waivers whose last day has passed."""
    return tuple(waiver for waiver in waivers if waiver.expires < today)


def in_force_result(waivers: Iterable[Waiver], today: datetime.date) -> CheckResult:
    """Return whether every waiver is still in force; each that is not is a finding."""
    check = catalogue.waiver_expired()
    findings = tuple(
        Finding(
            check.id,
            check.name,
            Severity.ERROR,
            waiver.subject,
            f"the waiver of {waiver.check} expired on {waiver.expires.isoformat()} (its reason: {waiver.reason})",
            "Mend what it covered, or give it a new day with a reason that still holds.",
            waiver.location,
        )
        for waiver in expired(waivers, today)
    )
    return failed(check, "", findings) if findings else passed(check)


def unused_finding(waiver: Waiver) -> Finding:
    """Return the warning about a waiver that covered nothing."""
    return Finding(
        waiver.check,
        "unused-waiver",
        Severity.WARNING,
        waiver.subject,
        f"the waiver of {waiver.check} for {waiver.subject} matched nothing in this run",
        "Remove it, or correct its check and subject.",
        waiver.location,
    )


def apply_waivers(result: CheckResult, waivers: Sequence[Waiver]) -> CheckResult:
    """Mark what the waivers cover in one result.

    A failed check is waived when a waiver names it with its subject, or when every finding that closes the gate is
    waived. Missing evidence (``error``, ``not-run``) cannot be waived: nobody knows what would be accepted.
    """
    findings = tuple(_waive_finding(finding, waivers) for finding in result.findings)
    closing = [finding for finding in findings if finding.severity is Severity.ERROR]
    why = _why(waivers, *result.check.key)
    covered = bool(why) or (bool(closing) and all(finding.waived for finding in closing))
    if not covered or result.outcome is not Outcome.FAILED:
        return replace(result, findings=findings)
    reasons = dict.fromkeys(finding.waived_by for finding in closing if finding.waived_by)
    return replace(result, findings=findings, waived=True, waived_by=why or "; ".join(reasons))


def unused(waivers: Sequence[Waiver], results: Iterable[CheckResult]) -> tuple[Waiver, ...]:
    """Return the waivers that covered nothing in this run."""
    used = {key for result in results for key in _waived_keys(result)}
    return tuple(waiver for waiver in waivers if not _matches_any(waiver, used))


def _waive_finding(finding: Finding, waivers: Sequence[Waiver]) -> Finding:
    why = finding.waived_by or _why(waivers, finding.check, finding.subject)
    return replace(finding, waived=True, waived_by=why) if why else finding


def _why(waivers: Sequence[Waiver], check: str, subject: str) -> str:
    """Return what accepts a check about a subject, and why; nothing where no waiver does."""
    covering = (waiver for waiver in waivers if _matches_any(waiver, {(check, subject)}))
    return next((f"waiver until {one.expires.isoformat()}: {one.reason}" for one in covering), "")


def _matches_any(waiver: Waiver, keys: set[tuple[str, str]]) -> bool:
    return any(check == waiver.check and waiver.subject in (subject, WHOLE_STACK) for check, subject in keys)


def _waived_keys(result: CheckResult) -> list[tuple[str, str]]:
    keys = [(finding.check, finding.subject) for finding in result.findings if finding.waived]
    return [*keys, result.check.key] if result.waived else keys
