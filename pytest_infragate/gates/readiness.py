"""Whether a service is ready, judged from what the engine says of its containers; asks only through its arguments."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from .. import catalogue, words
from ..results import Finding, Severity
from ..stack.state import ContainerState
from ..units import format_size
from . import healthcheck, symptoms
from .roles import Life, Role

ENGINE_HEALTHCHECK = "healthcheck, run by the engine"
OWN_TEST = "its own healthcheck test, run by exec before the engine's first run of it"
DECLARED_PROBE = "declared probe"
WEAKER = "weaker evidence: it runs, was not restarted and listens"
ENDED = "ended with exit code 0"
SILENT_S = 20.0
"""How long a healthy service may run without listening where it says that it listens."""

Containers = Sequence[ContainerState]
"""The containers of one service, at least one."""
Ask = Callable[[Containers], tuple[bool, str]]
"""Asks something of a service; returns whether the answer is good, and the answer in words."""


class State(str, Enum):
    """Where a service stands; only ``READY`` proves anything."""

    PENDING = "pending"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True)
class Readiness:
    """Where a service stands and why; ``message`` follows the service's name."""

    state: State
    message: str
    remedy: str = ""
    findings: tuple[Finding, ...] = ()
    proof: str = ""
    """How it was proven, when it is ready."""
    waits_for: str | None = None
    """The service because of which this one was not started."""


@dataclass(frozen=True)
class Look:
    """What is known beyond the containers' states, and how to ask for more."""

    listening: Ask
    probe: Ask
    steady_s: Callable[[ContainerState], float]
    """How long a container was seen running without a restart, in seconds."""
    first_look_s: float = 2.0
    up_done: bool = True
    """Whether everything that will be started has been."""
    silent: Callable[[Containers], str] = lambda _containers: ""
    """What is wrong with the ports of a service that should listen; empty too where that cannot be told."""
    own_test: Callable[[ContainerState], bool] = lambda _state: False
    """Whether the container's own healthcheck test has passed although the engine has not run it yet."""


def judge_all(roles: Mapping[str, Role], containers: Sequence[ContainerState], look: Look) -> dict[str, Readiness]:
    """Return where every service stands; one that was not started says which dependency it waits for."""
    by_service = {name: [one for one in containers if one.service == name] for name in roles}
    found = {name: judge(role, by_service[name], look) for name, role in roles.items()}
    return {name: _with_cause(roles[name], by_service[name], found) for name in found}


def judge(role: Role, containers: Sequence[ContainerState], look: Look) -> Readiness:
    """Return where one service stands: as bad as its worst container, ready only with a proof."""
    if role.replicas == 0:
        text = "is scaled to 0 containers, so nothing of it runs"
        return Readiness(State.READY, text, findings=(warning(role, text, "Remove it, or give it a replica."),))
    if len(containers) < role.replicas:
        return _too_few(role, len(containers), look)
    found = [_judge_container(role, one, look) for one in containers]
    for state in (State.FAILED, State.PENDING):
        for one in found:
            if one is not None and one.state is state:
                return one
    if all(_ended_well(one) for one in containers):
        return _ended(role)
    return _proven_running(role, containers, look)


def finding(role: Role, severity: Severity, message: str, remedy: str) -> Finding:
    """Return a finding about a service's readiness at the place where the service is written."""
    check = catalogue.service_ready(role.service)
    return Finding(check.id, check.name, severity, role.service, f"{role.service} {message}", remedy, role.location)


def warning(role: Role, message: str, remedy: str) -> Finding:
    """Return a warning about a service."""
    return finding(role, Severity.WARNING, message, remedy)


def _failed(message: str, remedy: str = "") -> Readiness:
    return Readiness(State.FAILED, message, remedy)


def _pending(message: str) -> Readiness:
    return Readiness(State.PENDING, message)


def _too_few(role: Role, count: int, look: Look) -> Readiness:
    has = "has no container" if count == 0 else f"has {count} of {role.replicas} containers"
    if look.up_done:
        return _failed(f"{has} although everything was started", "See what `docker compose up` said about it.")
    return _pending(f"{has} yet" if count else "is not created yet")


def _with_cause(role: Role, containers: Sequence[ContainerState], found: Mapping[str, Readiness]) -> Readiness:
    """Name the dependency that kept a service from being started."""
    own = found[role.service]
    never_started = all(one.started_at is None and not one.error for one in containers)
    if own.state is State.READY or not never_started:
        return own
    for name, wanted in role.needs:
        other = found.get(name)
        if other is not None and (other.state is not State.READY or _lacks_healthcheck(other, wanted)):
            cause = f"which {other.message}" if other.state is not State.READY else "which has no healthcheck"
            return replace(own, message=f"was not started: it waits for {name}, {cause}", waits_for=name)
    return own


def _lacks_healthcheck(other: Readiness, wanted: str) -> bool:
    """Whether Compose waits in vain for a service that runs but will never be called healthy."""
    return wanted == "service_healthy" and other.proof in (WEAKER, DECLARED_PROBE)


def _judge_container(role: Role, state: ContainerState, look: Look) -> Readiness | None:
    """Return what is wrong with one container, or still missing; ``None`` when nothing is."""
    if state.restart_count > role.restarts:
        return _crash_loop(role, state)
    if state.status in ("exited", "dead"):
        return _of_ended(role, state)
    if state.status == "created":
        return _of_created(role, state, look)
    if state.status != "running":
        return _pending(_named(role, state, symptoms.condition(state)))
    return _of_running(role, state, look)


def _of_created(role: Role, state: ContainerState, look: Look) -> Readiness:
    """Return what a container that does not run yet means."""
    if state.error or look.up_done:
        return _failed(_named(role, state, symptoms.condition(state)), "See what `docker compose up` said about it.")
    return _pending("is created")


def _crash_loop(role: Role, state: ContainerState) -> Readiness:
    allowed = f"{role.restarts} allowed" if role.restarts else "none allowed"
    ended = words.exit_code(state.exit_code, oom_killed=state.oom_killed)
    last = f"; its last end: {ended}" if state.status in ("restarting", "exited") else ""
    return _failed(
        _named(role, state, f"crashed and was restarted {symptoms.times(state.restart_count)} ({allowed}){last}"),
        "Make it start at the first attempt (see its log), or allow the restarts: "
        f"`services: {{{role.service}: {{restarts: {state.restart_count}}}}}`.",
    )


def _of_ended(role: Role, state: ContainerState) -> Readiness | None:
    """Return what is wrong with a container that has ended."""
    if not _ended_well(state):
        return _failed(_named(role, state, symptoms.condition(state)), _end_remedy(state))
    if role.life is Life.LONG_RUNNING:
        return _failed(
            _named(role, state, f"{symptoms.condition(state)}, but it is meant to run ({role.why})"),
            "Keep its main process in the foreground, or declare it: "
            f"`services: {{{role.service}: {{kind: one-shot}}}}`.",
        )
    return None


def _of_running(role: Role, state: ContainerState, look: Look) -> Readiness | None:
    """Return what speaks against a running container; an ``unhealthy`` from the engine always wins."""
    if state.oom_killed:
        return _failed(_named(role, state, "lost a process: killed, out of memory"), _memory_remedy(state))
    if role.life is Life.ONE_SHOT:
        return _pending(_named(role, state, "is still running"))
    if state.health == "unhealthy" or healthcheck.cannot_run(state):
        return _unhealthy(role, state)
    if state.health == "starting" and role.probe is None and not look.own_test(state):
        return _pending(_named(role, state, symptoms.condition(state)))
    return None


def _unhealthy(role: Role, state: ContainerState) -> Readiness:
    """Say why the engine's healthcheck does not succeed."""
    program = healthcheck.missing_program(state)
    if program:
        text = f"cannot be checked: the program of its healthcheck is missing in the image ({program})"
        remedy = f"Install {program} in the image {state.image}, or write the healthcheck with a program that is there."
        return _failed(_named(role, state, text), remedy)
    said = healthcheck.last_output(state)
    text = f"is unhealthy: {said}" if said else "is unhealthy"
    return _failed(_named(role, state, text), "Make its healthcheck succeed, or correct the healthcheck.")


def _ended(role: Role) -> Readiness:
    """Return the readiness of a service whose containers have all ended with 0."""
    if role.life is Life.ONE_SHOT:
        return Readiness(State.READY, f"has ended with 0 ({role.why})", proof=ENDED)
    remedy = f"Declare it: `services: {{{role.service}: {{kind: one-shot}}}}`."
    text = "has ended with 0 and nothing needs it running, so it is taken for a one-shot; nobody declares it as one"
    if role.strict:
        return _failed(f"{text}, which level strict demands", remedy)
    return Readiness(State.READY, text, findings=(warning(role, text, remedy),), proof=ENDED)


def _proven_running(role: Role, containers: Sequence[ContainerState], look: Look) -> Readiness:
    """Prove a service whose containers run: by its probe, its healthcheck, or weaker evidence."""
    if role.probe is not None:
        good, answer = look.probe(containers)
        return (
            Readiness(State.READY, f"is ready: {answer}", proof=DECLARED_PROBE)
            if good
            else _pending(f"does not answer its probe yet: {answer}")
        )
    health = {one.health for one in containers if one.running}
    if health <= {"healthy", "starting"}:
        return _not_silent(containers, look, OWN_TEST if "starting" in health else ENGINE_HEALTHCHECK)
    return _weakly_proven(role, containers, look)


def _not_silent(containers: Sequence[ContainerState], look: Look, proof: str) -> Readiness:
    """Prove a service whose healthcheck passes, unless nothing listens where it says that it listens."""
    silent = look.silent(containers)
    if not silent:
        return Readiness(State.READY, "is healthy", proof=proof)
    if any(look.steady_s(one) < SILENT_S for one in containers if one.running):
        return _pending(f"is healthy, but {silent}")
    return _failed(
        f"is healthy by its own healthcheck, but {silent}",
        "Let the healthcheck ask that port, or correct the port in `ports` or `expose`.",
    )


def _weakly_proven(role: Role, containers: Sequence[ContainerState], look: Look) -> Readiness:
    """Prove a service without a healthcheck by what can be seen from outside, and say that this is weaker."""
    watched = all(look.steady_s(one) >= look.first_look_s for one in containers if one.running)
    if role.needs_healthcheck and (watched or role.life is not Life.UNDECIDED):
        return _failed("has no healthcheck and no probe, which this level demands", _give_healthcheck(role))
    if not watched:
        return _pending(f"runs, and is watched for {look.first_look_s:g} s because it has no healthcheck")
    good, answer = look.listening(containers)
    if not good:
        return _pending(f"runs, but {answer}")
    text = "has no healthcheck: only weaker evidence shows that it works"
    told = "runs without a restart and has no healthcheck"
    return Readiness(
        State.READY,
        f"{told} ({answer})" if answer else told,
        findings=(warning(role, text, _give_healthcheck(role)),),
        proof=WEAKER,
    )


def _give_healthcheck(role: Role) -> str:
    declared = f"`services: {{{role.service}: {{probe: …}}}}`"
    if role.life is Life.UNDECIDED:
        return f"Give it a healthcheck, or a probe: {declared}; if it is meant to end, declare `kind: one-shot` there."
    return f"Give it a healthcheck, or a probe: {declared}."


def _ended_well(state: ContainerState) -> bool:
    return state.status == "exited" and state.exit_code == 0 and not state.oom_killed


def _named(role: Role, state: ContainerState, text: str) -> str:
    """Say which container is meant where a service has several."""
    return text if role.replicas == 1 else f"{text} (container {state.name})"


def _end_remedy(state: ContainerState) -> str:
    return _memory_remedy(state) if state.oom_killed or symptoms.may_be_oom(state) else symptoms.SEE_LOG


def _memory_remedy(state: ContainerState) -> str:
    limit = f" (now {format_size(state.memory_limit)})" if state.memory_limit else ""
    return f"Raise its memory limit{limit}, or make it need less."
