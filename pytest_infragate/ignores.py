"""Applies the comments ``# infragate: ignore[…]`` of the Compose files: what they cover is kept and shown as waived."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from . import catalogue
from .compose.comments import Ignore
from .results import CheckResult, Finding, Location, Outcome, Severity, failed, passed
from .suggest import did_you_mean

_Key = tuple[str, str, int]
"""Check, file and line."""


class Ignores:
    """The comments of one project; ``known`` are the ids of the checks that look at files."""

    def __init__(self, comments: Sequence[Ignore] = (), known: Collection[str] = ()) -> None:
        self._comments = comments
        self._known = known
        self._reasons = {
            (check, comment.location.file, comment.line): comment.reason
            for comment in comments
            if not comment.problem
            for check in comment.checks
        }

    def apply(self, result: CheckResult) -> CheckResult:
        """Mark the findings of a result that a comment on their line, or above it, covers."""
        if not self._reasons or not result.findings:
            return result
        return replace(result, findings=tuple(map(self._covered, result.findings)))

    def _covered(self, finding: Finding) -> Finding:
        reason = self._reasons.get(_key(finding))
        return finding if reason is None else replace(finding, waived=True, waived_by=f"comment: {reason}")

    def result(self, results: Iterable[CheckResult]) -> CheckResult:
        """Return whether every comment can be used; one that covers nothing in these results is a warning."""
        check = catalogue.ignores_sound()
        findings = tuple(self._findings(tuple(results)))
        if any(finding.severity is Severity.ERROR for finding in findings):
            return failed(check, "", findings)
        return passed(check, "", findings)

    def _findings(self, results: Sequence[CheckResult]) -> Iterator[Finding]:
        seen = {_key(finding) for result in results for finding in result.findings}
        open_checks = {result.check.id for result in results if result.outcome in (Outcome.ERROR, Outcome.NOT_RUN)}
        for comment in self._comments:
            if comment.problem:
                yield _finding(Severity.ERROR, comment.problem, "Complete the comment, or remove it.", comment.location)
            for check in comment.checks:
                yield from self._unknown(check, comment)
                unused = check in self._known and not comment.problem and check not in open_checks
                if unused and (check, comment.location.file, comment.line) not in seen:
                    yield _unused(check, comment)

    def _unknown(self, check: str, comment: Ignore) -> Iterator[Finding]:
        if check in self._known:
            return
        if check in catalogue.NAMES:
            message = f"{check} does not look at files, so a comment cannot accept its failure"
            yield _finding(Severity.ERROR, message, "Write a waiver with reason and day.", comment.location)
            return
        message = f"no check has the id {check!r}{did_you_mean(check, self._known)}"
        yield _finding(
            Severity.ERROR, message, "Correct the id; `pytest --infragate-list` shows all.", comment.location
        )


def _key(finding: Finding) -> _Key:
    place = finding.location or Location("")
    return (finding.check, place.file, place.line or 0)


def _unused(check: str, comment: Ignore) -> Finding:
    message = f"the comment ignores {check}, which finds nothing in line {comment.line}"
    remedy = "Remove it, or put it on the line of the finding or the line above."
    return _finding(Severity.WARNING, message, remedy, comment.location)


def _finding(severity: Severity, message: str, remedy: str, place: Location) -> Finding:
    check = catalogue.ignores_sound()
    return Finding(check.id, check.name, severity, check.subject, message, remedy, place)
