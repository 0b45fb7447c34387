"""The condition ``lifecycle``: engine reachable, stack started, and nothing left behind (or: still standing, untouched)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType

from .. import catalogue
from ..compose.isolation import on_host_network
from ..compose.model import Project, Service
from ..errors import InfragateError
from ..process import Completed
from ..results import (
    WHOLE_STACK,
    CheckResult,
    Finding,
    Location,
    PlannedCheck,
    Severity,
    failed,
    not_run,
    passed,
    unevaluated,
)
from ..stack.state import ContainerState
from ..suggest import listed
from ..units import format_duration
from . import refusals, remedies, symptoms, unstarted

Containers = Sequence[ContainerState]


def plan(project: Project) -> tuple[PlannedCheck, ...]:
    """Return the checks that every run owes an answer to."""
    return (
        catalogue.engine_reachable(),
        catalogue.stack_started(),
        *map(catalogue.service_started, project.services),
        catalogue.stack_removed(),
    )


def not_isolated(project: Project) -> tuple[Finding, ...]:
    """Return a warning for each service of which two runs at once may still collide, although they are isolated."""
    check = catalogue.stack_started()
    remedy = "Give it a network of the project, or make sure that only one run at a time starts it."
    return tuple(
        Finding(
            check.id,
            check.name,
            Severity.WARNING,
            service.name,
            f"{service.name} uses the network of the host, so its ports cannot be isolated.",
            remedy,
            service.place("network_mode"),
        )
        for service in on_host_network(project)
    )


def engine_result(version: str = "", compose: str = "", error: InfragateError | None = None) -> CheckResult:
    """Return whether engine and Compose answer; ``error`` is why not."""
    check = catalogue.engine_reachable()
    if error is not None:
        return failed(check, str(error))
    return passed(
        check, f"Docker Engine {version} and Docker Compose {compose} answer", engine=version, compose=compose
    )


def started_result(
    done: Completed | None, error: InfragateError | None = None, broken: Containers = (), explained: str = ""
) -> CheckResult:
    """Return whether the stack was built, pulled and started; ``error`` is what came before ``docker compose up``.

    What is the failure of single services is told by their own checks; ``broken`` are the containers of those that
    have one that fails. ``explained``: what the engine's refusal means on this engine.
    """
    check = catalogue.stack_started()
    if error is not None:
        return unstarted.stack_result(error)
    if done is None:
        return not_run(check, "the stack was not started")
    if done.ok:
        nothing = "everything stood already: nothing had to be started"
        return passed(
            check, f"`docker compose up` ended after {format_duration(done.duration_s)}" if done.argv else nothing
        )
    return _unfinished_result(check, done, broken, explained)


def _unfinished_result(check: PlannedCheck, done: Completed, broken: Containers, explained: str) -> CheckResult:
    """Return why ``docker compose up`` did not succeed."""
    if done.stopped:
        return not_run(
            check, "the start was ended before it was done: a service had failed for good, or the run was stopped"
        )
    if done.timed_out:
        return failed(check, f"`docker compose up` did not end within {format_duration(done.duration_s)}")
    blamed = refusals.blamed(done, broken)
    if blamed:
        said = refusals.error_of(done)
        return not_run(check, f"`docker compose up` gave up, because {listed(blamed, 'and')} failed: {said}")
    return _failed_start(check, done, explained)


def _failed_start(check: PlannedCheck, done: Completed, explained: str) -> CheckResult:
    """Return that Compose failed, with what to do where that concerns no single service."""
    text = f"`docker compose up` failed: {refusals.error_of(done)}" + (f". {explained}" if explained else "")
    advice = remedies.remedy_of_stack(refusals.error_of(done))
    findings = (_finding(check, WHOLE_STACK, text, advice, None),) if advice else ()
    return failed(check, text, findings, exit_code=done.exit_code)


def service_results(project: Project, containers: Containers, done: Completed) -> list[CheckResult]:
    """Return for each service whether all of its containers were created and started."""
    return [_service_result(project, service, containers, done) for service in project.services.values()]


def attached_results(project: Project, containers: Containers, outdated: Collection[str]) -> list[CheckResult]:
    """Return for each service whether the stack that somebody else started has its containers, as the files say.

    ``outdated`` are the names of containers that were started from another configuration.
    """
    return [_attached_result(service, containers, outdated) for service in project.services.values()]


def removed_result(
    done: Completed | None,
    left: Sequence[str],
    error: InfragateError | None = None,
    attached: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> CheckResult:
    """Return whether nothing of the stack is left; ``left`` names what is, after everything was tried.

    ``attached``: the containers of others that keep a network of the stack from being removed.
    """
    check = catalogue.stack_removed()
    if error is not None:
        return unevaluated(check, f"what is left of the stack could not be seen: {error}")
    if left:
        why = "" if done is None or done.ok else f" (`docker compose down` failed: {refusals.error_of(done)})"
        held = [
            f"network {network} is held by {', '.join(names)}, which this run did not create and does not touch"
            for network, names in attached.items()
        ]
        text = "; ".join([f"still there: {', '.join(left)}{why}", *held])
        return failed(check, text, _release(check, text, attached), left=list(left))
    return passed(check, "nothing of the stack is left on the engine")


def lost_result(networks: Sequence[str]) -> CheckResult:
    """Return that everything is removed but networks that the engine has lost track of, which is no fault of the stack."""
    check = catalogue.stack_removed()
    text = (
        f"everything is removed but {'networks' if networks[1:] else 'network'} {listed(networks, 'and')}, "
        "which the engine holds as if something were connected, although it shows no container there"
    )
    remedy = (
        "Nothing of the stack runs any more. The engine removes such a network after its next start: `docker network prune`."
        " A known defect of Docker Engine: https://github.com/moby/moby/issues/43286."
    )
    finding = Finding(check.id, check.name, Severity.WARNING, check.subject, f"{text[0].upper()}{text[1:]}.", remedy)
    return passed(check, text, (finding,))


def _release(check: PlannedCheck, text: str, attached: Mapping[str, Sequence[str]]) -> tuple[Finding, ...]:
    """Say how networks that others hold are got rid of; nothing where nobody holds one."""
    steps = [
        f"`docker network disconnect {network} {name}`" for network, names in attached.items() for name in names
    ] + [f"`docker network rm {network}`" for network in attached]
    if not steps:
        return ()
    remedy = f"Connect foreign containers to a network of their own (external), and now: {', '.join(steps)}."
    return (Finding(check.id, check.name, Severity.ERROR, check.subject, text, remedy),)


def kept_result(before: Containers, now: Containers, how_to_remove: str) -> CheckResult:
    """Return whether a stack that was to be kept still stands as it was proven."""
    check = catalogue.stack_removed()
    fallen = _differences(before, now)
    if fallen:
        return failed(check, f"the stack was to be kept, but {'; '.join(fallen)}")
    return passed(check, f"kept: {len(now)} containers still stand; remove them with: {how_to_remove}")


def attached_result(before: Containers, now: Containers) -> CheckResult:
    """Return whether a stack that somebody else started is as it was before."""
    check = catalogue.stack_removed()
    changed = _differences(before, now)
    if changed:
        return failed(check, f"the attached stack is not as it was: {'; '.join(changed)}")
    return passed(check, f"untouched: the same {len(now)} containers as before")


def _service_result(project: Project, service: Service, containers: Containers, done: Completed) -> CheckResult:
    check = catalogue.service_started(service.name)
    own = [state for state in containers if state.service == service.name]
    started = [state for state in own if state.started_at is not None]
    if len(started) >= service.replicas:
        return passed(check, f"{len(started)} of {service.replicas} containers started")
    refused = refusals.of_service(project, service, own, done)
    if refused:
        return _failed(check, service, f"{service.name} could not be started: {refused}", remedies.remedy(refused))
    waits = _waits_for(project, service, containers)
    if waits:
        return not_run(check, f"{service.name} was not started: it waits for {waits}")
    if not done.ok:
        return not_run(check, f"{service.name} was not started, because `docker compose up` had failed before")
    return _failed(check, service, f"{service.name} has {len(started)} of {service.replicas} containers", "")


def _attached_result(service: Service, containers: Containers, outdated: Collection[str]) -> CheckResult:
    check = catalogue.service_started(service.name)
    other = sorted(state.name for state in containers if state.service == service.name and state.name in outdated)
    if other:
        text = f"{', '.join(other)} was started from another configuration than the files have now"
        return _failed(check, service, text, "Bring the stack up to date with `docker compose up`, or name its files.")
    count = sum(state.service == service.name and state.started_at is not None for state in containers)
    if count >= service.replicas:
        return passed(check, f"{count} containers were there before this run")
    text = f"{service.name} has {count} of {service.replicas} containers in the stack that this run was attached to"
    return _failed(check, service, text, "Start it, or run without --infragate-attach.")


def _failed(check: PlannedCheck, service: Service, text: str, remedy: str) -> CheckResult:
    return failed(check, text, (_finding(check, service.name, text, remedy, service.location),))


def _finding(check: PlannedCheck, subject: str, text: str, remedy: str, location: Location | None) -> Finding:
    return Finding(check.id, check.name, Severity.ERROR, subject, text, remedy, location)


def _waits_for(project: Project, service: Service, containers: Containers) -> str:
    """Return the dependency that kept a service from being started, with its state; empty when none did."""
    for dependency in service.depends_on:
        other = project.services.get(dependency.service)
        if other is None:
            continue
        own = [state for state in containers if state.service == other.name]
        problem = next(filter(None, (_unfit(state, dependency.condition) for state in own)), "")
        if problem or len(own) < other.replicas:
            return f"{other.name}, which {problem or 'was not created'}"
    return ""


def _unfit(state: ContainerState, condition: str) -> str:
    """Say why a container does not fulfil a dependency's condition; empty when it does."""
    if state.started_at is None:
        return symptoms.condition(state)
    if condition == "service_completed_successfully":
        return "" if state.status == "exited" and state.exit_code == 0 else symptoms.condition(state)
    if condition == "service_healthy" and state.health is None:
        return "has no healthcheck"
    healthy = condition != "service_healthy" or state.health == "healthy"
    return "" if state.running and healthy else symptoms.condition(state)


def _differences(before: Containers, now: Containers) -> list[str]:
    """Say what became of the containers: gone, new, started anew, not running any more."""
    then: Mapping[str, ContainerState] = {state.id: state for state in before}
    here = {state.id: state for state in now}
    gone = [f"{then[one].name} is gone" for one in then.keys() - here.keys()]
    new = [f"{here[one].name} is new" for one in here.keys() - then.keys()]
    anew = [
        f"{here[one].name} was started anew"
        for one in then.keys() & here.keys()
        if here[one].started_at != then[one].started_at
    ]
    ended = [
        f"{here[one].name} {symptoms.condition(here[one])}"
        for one in then.keys() & here.keys()
        if then[one].running and not here[one].running
    ]
    return sorted([*gone, *new, *anew, *ended])
