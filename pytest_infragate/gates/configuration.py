"""Proves the condition ``configuration``: Compose accepts the files, and they break no check that fails."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from .. import checks
from ..checks.base import Check, Material
from ..checks.partial import findings_in_refused
from ..compose.resolve import Resolution
from ..linters.linting import Linting
from ..reading.unmatched import Unmatched
from ..results import CheckResult, Finding, Outcome, PlannedCheck, Severity, failed, not_run, passed
from ..runner import evaluate as evaluated
from ..scaling_settings import ScalingSettings
from ..settings import DEFAULT_TIMEOUT_S, CheckSettings
from .overrides import Overrides


def plan(settings: CheckSettings) -> tuple[PlannedCheck, ...]:
    """Return one check for each rule that is not disabled; its subject is the whole stack."""
    return tuple(check.planned for check in checks.every() if check.id not in settings.off)


def evaluate(  # noqa: PLR0913  (what the checks look at, in one call)
    planned: Sequence[PlannedCheck],
    resolution: Resolution,
    settings: CheckSettings,
    on_result: Callable[[CheckResult], None],
    unmatched: Sequence[Unmatched] = (),
    *,
    environments: Sequence[tuple[str, Resolution]] = (),
    timeout_s: float = DEFAULT_TIMEOUT_S,
    overrides: Overrides | None = None,
    linting: Linting | None = None,
    scaling: Mapping[str, ScalingSettings] = MappingProxyType({}),
    isolate: bool = False,
) -> list[CheckResult]:
    """Evaluate the planned checks of this condition in order, and tell each result as it comes.

    ``unmatched`` are the policies that match nothing, ``environments`` what Compose made of the named ones,
    ``timeout_s`` is for how long the gate waits for the whole stack, ``overrides`` what the user wants of severities,
    ``linting`` who is asked about Dockerfiles, ``scaling`` how many containers are wanted of services, ``isolate`` whether
    names and host ports are taken out of the stack. A check fails iff it has a finding of severity ``error``; waivers are the
    verdict's business.
    """
    material = Material(
        resolution,
        tuple(unmatched),
        tuple(environments),
        budget=settings.budget,
        timeout_s=timeout_s,
        options=settings.options,
        linting=linting or Linting(),
        scaling=scaling,
        isolate=isolate,
    )
    known = {check.id: check for check in checks.every()}
    wanted = overrides or Overrides(settings)
    results = []
    for item in planned:
        check = known.get(item.id)
        if check is None:
            continue

        def look(item: PlannedCheck = item, check: Check = check) -> CheckResult:
            severity = check.severities[settings.level]
            return _result(item, material, lambda: wanted.applied(_found(check, material, severity)))

        result = evaluated(item, look)
        on_result(result)
        results.append(result)
    return results


def _found(check: Check, material: Material, severity: Severity) -> tuple[Finding, ...]:
    if material.resolution.project is None:
        return findings_in_refused(check, material, severity)
    return check.findings(material, severity)


def _result(item: PlannedCheck, material: Material, look: Callable[[], tuple[Finding, ...]]) -> CheckResult:
    """Look, and judge what was found; where Compose refused the files, only a finding says anything."""
    findings = look()
    result = _judged(item, findings)
    if material.resolution.project is not None or result.outcome is not Outcome.PASSED:
        return result
    return replace(not_run(item, _refusal(material.resolution)), findings=findings)


def _refusal(resolution: Resolution) -> str:
    return f"the Compose configuration cannot be used: {' '.join(resolution.error.split())}"


def _judged(item: PlannedCheck, findings: tuple[Finding, ...]) -> CheckResult:
    """Return the result that some findings mean; the message tells the first error and how many there are."""
    errors = [finding for finding in findings if finding.severity is Severity.ERROR]
    if not errors:
        return passed(item, f"{len(findings)} shown, none of them an error" if findings else "", findings)
    first = next((finding for finding in errors if not finding.waived), errors[0])
    place = f"{first.location}: " if first.location else ""
    subject = "" if first.subject == item.subject else f"{first.subject}: "
    more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    return failed(item, f"{place}{subject}{first.message}{more}", findings)
