"""Why nothing was started: an image that cannot be had, or what others have already; told by each service once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from .. import catalogue
from ..compose.model import Project, Service
from ..errors import Collision, InfragateError, OwnershipError, StartError
from ..results import WHOLE_STACK, CheckResult, Finding, PlannedCheck, Severity, failed
from ..suggest import listed
from . import remedies


def stack_result(error: InfragateError) -> CheckResult:
    """Return that nothing was started; what concerns single services is told by their own checks."""
    check = catalogue.stack_started()
    if isinstance(error, StartError) and error.services:
        text = f"nothing was started: {listed(error.services, 'and')} could not be built or pulled"
        return replace(failed(check, text), because=error.services[0])
    return _refused(check, error.collisions) if isinstance(error, OwnershipError) else failed(check, str(error))


def service_results(project: Project, error: InfragateError) -> list[CheckResult]:
    """Return a failed result for each service because of which the start came to nothing."""
    if isinstance(error, OwnershipError):
        return _colliding(project, error.collisions)
    blamed = error.services if isinstance(error, StartError) else ()
    found = [project.services[name] for name in blamed if name in project.services]
    return [_of_service(one, str(error), found[0].name) for one in found]


def _of_service(service: Service, error: str, first: str) -> CheckResult:
    """Return the failure of one service; the whole text, which is about all of them, stands in that of the first."""
    check = catalogue.service_started(service.name)
    text, _, output = error.partition("\n")
    text = text.rstrip(":")
    remedy = remedies.remedy(error)
    finding = Finding(check.id, check.name, Severity.ERROR, service.name, text, remedy, service.location)
    if service.name != first:
        return replace(failed(check, text, (finding,)), because=first)
    return failed(check, f"{text}\n{output}" if output else text, (finding,))


def _colliding(project: Project, collisions: Sequence[Collision]) -> list[CheckResult]:
    """Return a failed result for each service that wants what others have."""
    results = []
    for name in project.services:
        own = [one for one in collisions if one.subject == name]
        if own:
            check = catalogue.service_started(name)
            results.append(failed(check, " ".join(one.message for one in own), _findings(check, own)))
    return results


def _refused(check: PlannedCheck, collisions: Sequence[Collision]) -> CheckResult:
    first, others = collisions[0], len(collisions) - 1
    place = f"{first.location}: " if first.location else ""
    more = f" (and {others} more)" if others else ""
    findings = _findings(check, [one for one in collisions if one.subject == WHOLE_STACK])
    result = failed(check, f"nothing was started: {place}{first.message}{more}", findings)
    return result if findings else replace(result, because=first.subject)


def _findings(check: PlannedCheck, collisions: Sequence[Collision]) -> tuple[Finding, ...]:
    return tuple(
        Finding(check.id, check.name, Severity.ERROR, one.subject, one.message, one.remedy, one.location)
        for one in collisions
    )
