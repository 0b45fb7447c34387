"""One service with more containers than it has: added, proven, asked, and looked at until they go."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from ..errors import InfragateError
from ..gates import connectivity, symptoms
from ..gates.edge_plan import ConnectivityPlan
from ..gates.incidents import incidents
from ..gates.live import LiveStack
from ..gates.own_tests import OwnTests
from ..gates.roles import Life
from ..gates.scaling import PlannedScaling, gain_is_close, needs_load
from ..gates.scaling_trial import Fault, Trial, failures_of_load, together
from ..gates.spread import BY_NAME, Spread
from ..gates.waiting import Asking, End, Wait, wait_ready
from ..progress import Progress
from ..results import Outcome
from ..settings import EdgeSettings
from ..stack import own_test
from ..stack.lifecycle import last_lines
from ..stack.state import ContainerState
from ..suggest import listed
from ..units import format_duration
from .moments import ready_at
from .requests_to_replicas import PATIENCE_S, Requests
from .site import Site

_SEE_LOGS = "See its log: what one container can do beside another one of its kind shows there."
_FIND_OUT = "Find out what more containers of the service did to it; its log shows the moment."
_MORE_LOADS = 2
"""So often it is measured again before a gain is judged that is near to a limit on it."""

Containers = Sequence[ContainerState]


class Attempt:
    """One trial; ``seen`` is what it has shown so far. What cannot be evaluated is noted, not raised."""

    def __init__(
        self, site: Site, planned: PlannedScaling, standing: Containers, progress: Progress, first_look_s: float
    ) -> None:
        self.seen = Trial(standing=tuple(standing))
        self._site = site
        self._planned = planned
        self._progress = progress
        self._first_look_s = first_look_s
        self._requests = Requests(site, planned)
        self._wait: Wait | None = None
        self._known = 0

    def carry_out(self) -> None:
        """Measure, add containers, prove them, and measure again; nothing is put back. Raises InfragateError."""
        self._site.watch.catch_up()
        self._known = self._site.watch.count
        self._measure_before()
        self._grow()
        containers = self._site.containers()
        replicas = [state for state in containers if state.service == self._planned.service]
        if not self.seen.faults:
            self._ask(containers, replicas)
        if not self.seen.faults:
            self._prove_edges(containers, "while scaled")
        self._watch(replicas)

    def end(self, down_s: float, changed: Sequence[Fault]) -> None:
        """Take note of how putting back went, and prove the edges of the service again. Raises InfragateError."""
        self.seen = replace(self.seen, down_s=down_s)
        self._blame(*changed)
        self._prove_edges(self._site.containers(), "after it was scaled back")

    def _blame(self, *faults: Fault) -> None:
        self.seen = replace(self.seen, faults=(*self.seen.faults, *faults))

    @contextlib.contextmanager
    def _noting(self, what: str) -> Iterator[None]:
        """Take note of what could not be learned."""
        try:
            yield
        except InfragateError as error:
            self.seen = replace(self.seen, troubles=(*self.seen.troubles, f"{what} could not be seen: {error}"))

    def _measure_before(self) -> None:
        if needs_load(self._planned):
            with self._noting("throughput before"):
                self._measure_standing(self._requests.askers(self._site.containers())[0])

    def _grow(self) -> None:
        """Add the containers and wait until all are ready, or it is certain that one will not be."""
        planned, engine = self._planned, self._site.engine
        deadline = time.monotonic() + planned.wish.within_s
        begun = engine.now()
        done = self._site.stack.scale(
            planned.service, planned.wish.replicas, planned.wish.within_s, self._progress.waiting
        )
        self._wait = wait = self._waited(deadline)
        known = {state.id for state in self.seen.standing}
        own = [state for state in wait.containers if state.service == planned.service]
        added = tuple(state for state in own if state.id not in known)
        moments = ready_at(wait, self._site.watch.events(planned.service), engine.clock)
        up_s = {one.name: (moments[one.id] - begun).total_seconds() for one in added if one.id in moments}
        self.seen = replace(self.seen, added=added, up_s={name: max(seconds, 0.0) for name, seconds in up_s.items()})
        if wait.end is not End.READY:
            self.seen = replace(self.seen, up_s={})
            self._blame(*self._unready(wait, own))
        if not done.ok and not self.seen.faults:
            self._blame(
                Fault(f"Compose did not scale {planned.service}:\n{last_lines(done)}", "See what Compose says.")
            )
        elif not done.ok:
            self.seen = replace(self.seen, details=last_lines(done))

    def _waited(self, deadline: float) -> Wait:
        site, service = self._site, self._planned.service
        role = replace(site.roles[service], replicas=self._planned.wish.replicas, life=Life.LONG_RUNNING)
        own_tests = (
            OwnTests(partial(own_test.run, site.engine), site.reachable, site.watch.nudge) if site.early else None
        )
        asking = Asking(
            site.listening,
            site.probe,
            silent=site.silent,
            own_tests=own_tests,
            first_look_s=self._first_look_s,
            on_change=self._progress.change,
            wake=self._wake,
        )
        try:
            return wait_ready(site.engine, site.stack.project, {service: role}, asking, deadline=deadline)
        finally:
            if own_tests is not None:
                own_tests.close()

    def _wake(self, seconds: float) -> None:
        self._progress.waiting(f"{self._planned.service} is being scaled to {self._planned.wish.replicas} containers")
        time.sleep(seconds)

    def _unready(self, wait: Wait, own: Containers) -> Iterator[Fault]:
        """Yield each replica that is not ready, else what is wrong with the service."""
        within = format_duration(self._planned.wish.within_s)
        bad = [state for state in own if not state.running or state.health in ("starting", "unhealthy")]
        self.seen = replace(self.seen, details=symptoms.details(bad, self._site.logs))
        for state in bad:
            late = f", {within} after the call to scale" if wait.end is End.DEADLINE else ""
            yield Fault(f"{state.name} {symptoms.condition(state)}{late}.", _SEE_LOGS)
        if not bad:
            readiness = wait.readiness[self._planned.service]
            yield Fault(
                f"{self._planned.service} {readiness.message} ({self._planned.wish.replicas} containers, {within} to be ready).",
                readiness.remedy or _SEE_LOGS,
            )

    def _prove_edges(self, containers: tuple[ContainerState, ...], when: str) -> None:
        """Prove every edge that begins or ends at the service, from every container of the caller."""
        ended = frozenset(state.service for state in containers if state.status == "exited" and not state.exit_code)
        live = LiveStack(containers, ended=ended)
        plan = ConnectivityPlan(edges=self._planned.edges)
        for result in connectivity.evaluate(plan, live, self._site.inside):
            if result.outcome is Outcome.FAILED:
                remedy = next((one.remedy for one in result.findings if one.remedy), "")
                self._blame(Fault(f"{result.check.subject} does not hold {when}: {result.message}", remedy))
            elif result.outcome is not Outcome.PASSED:
                self.seen = replace(self.seen, troubles=(*self.seen.troubles, f"{result.message} ({when})"))

    def _ask(self, containers: Containers, replicas: Containers) -> None:
        """Ask every replica, count how requests are spread, and measure throughput with all of them."""
        via = self._planned.wish.via
        if not self._requests.questions and via is None:
            return
        if not any(state.addresses for state in replicas):
            text = f"the containers of {self._planned.service} have no addresses of their own, so nobody can ask each of them"
            self.seen = replace(self.seen, troubles=(*self.seen.troubles, text))
            return
        askers = self._requests.askers(containers)
        if self._requests.questions:
            self._ask_each(askers, replicas)
        if via is not None and not self.seen.faults:
            with self._noting(f"where {via.text} passes requests on to"):
                self._note_spread(self._passed_on(via, containers, replicas), self._blame)
        if needs_load(self._planned) and not self.seen.faults:
            with self._noting("throughput with all replicas"):
                self._measure_in_turn(askers[0], replicas)
                self._note_failures()

    def _measure_standing(self, asker: ContainerState) -> None:
        load = self._requests.throughput(asker, self.seen.standing)
        self.seen = replace(self.seen, before=together([*filter(None, [self.seen.before]), load]))

    def _measure_all(self, asker: ContainerState, replicas: Containers) -> None:
        load = self._requests.throughput(asker, replicas)
        self.seen = replace(self.seen, after=together([*filter(None, [self.seen.after]), load]))

    def _measure_in_turn(self, asker: ContainerState, replicas: Containers) -> None:
        """Measure all replicas and those that stood before in turn: else what this machine does meanwhile counts as gain."""
        self._measure_all(asker, replicas)
        self._measure_standing(asker)
        self._measure_all(asker, replicas)
        for _ in range(_MORE_LOADS):
            if gain_is_close(self._planned, self.seen):
                self._measure_standing(asker)
                self._measure_all(asker, replicas)

    def _ask_each(self, askers: Containers, replicas: Containers) -> None:
        self.seen = replace(self.seen, askers=tuple(asker.name for asker in askers))
        with self._noting("whether every replica answers"):
            self._blame(*self._requests.unanswered(askers, replicas))
        for asker in askers:
            with self._noting(f"where the name leads {asker.name}"):
                self._note_spread(self._requests.by_name(asker, replicas), self._remark)

    def _passed_on(self, via: EdgeSettings, containers: Containers, replicas: Containers) -> Spread:
        """Return how requests through another service are spread; it has a moment to learn of new replicas."""
        until = time.monotonic() + PATIENCE_S
        spread = self._requests.through(via, containers, replicas)
        while spread.idle and time.monotonic() < until:
            spread = self._requests.through(via, containers, replicas)
        return spread

    def _note_spread(self, spread: Spread, tell: Callable[[Fault], None]) -> None:
        self.seen = replace(self.seen, spreads=(*self.seen.spreads, spread))
        if spread.left_out:
            names, service = ", ".join(spread.left_out), self._planned.service
            text = f"The name {service} does not lead {spread.asker} to {names}."
            self._blame(Fault(text, "Give all replicas of the service the same networks and aliases."))
        elif spread.idle:
            text = f"None of {spread.requests} requests of {spread.asker} reached {listed(spread.idle, 'and')} ({spread.way})."
            tell(Fault(text, _remedy_of_idle(spread)))

    def _remark(self, *faults: Fault) -> None:
        self.seen = replace(self.seen, remarks=(*self.seen.remarks, *faults))

    def _note_failures(self) -> None:
        fault = failures_of_load(self.seen.before, self.seen.after)
        if fault is not None:
            (self._blame if self.seen.after and self.seen.after.is_lost else self._remark)(fault)

    def _watch(self, replicas: Containers) -> None:
        """Note what happened to those that stood since the trial began, and to the others since they were ready."""
        self._site.watch.catch_up()
        names = {state.id: state.name for state in replicas}
        known = {state.id for state in self.seen.standing}
        wait = self._wait
        ready = wait.at if wait is not None and wait.end is End.READY else None
        events = [
            one
            for one in self._site.watch.events(self._planned.service)
            if one.number > self._known and (one.container_id in known or (ready is not None and one.time >= ready))
        ]
        for one in incidents(Life.LONG_RUNNING, events):
            name = names.get(one.event.container_id, self._planned.service)
            self._blame(Fault(f"{name} {one.what} while {self._planned.service} was scaled.", _FIND_OUT))


def ill(planned: PlannedScaling, standing: Containers) -> str:
    """Return why a service cannot be scaled now; empty when it can."""
    if len(standing) != planned.declared:
        return f"it has {len(standing)} containers, and the file declares {planned.declared}"
    bad = [state for state in standing if not state.running or state.paused or state.health == "unhealthy"]
    return f"{bad[0].name} {symptoms.condition(bad[0])}" if bad else ""


def not_as_before(before: Containers, now: Containers) -> list[Fault]:
    """Return how the containers of a service differ from those that stood before the trial."""
    there = {state.id: state for state in now}
    told = []
    for state in before:
        other = there.pop(state.id, None)
        if other is None:
            told.append(f"{state.name} is gone after {state.service} was scaled back.")
        elif not other.running or other.health == "unhealthy":
            told.append(f"{state.name} {symptoms.condition(other)} after {state.service} was scaled back.")
        elif (other.started_at, other.restart_count) != (state.started_at, state.restart_count):
            told.append(f"{state.name} was started anew while {state.service} was scaled.")
    told += [f"{state.name} is left after {state.service} was scaled back." for state in there.values()]
    return [Fault(text, _FIND_OUT) for text in told]


def _remedy_of_idle(spread: Spread) -> str:
    if spread.way == BY_NAME:
        return "Let callers try all addresses of the name in turn, or put a proxy before the replicas."
    return (
        f"Make {spread.asker} look the name up for every connection, or again after each change: many servers look it up once, "
        "when they start."
    )
