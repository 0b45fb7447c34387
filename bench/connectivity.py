"""How long it takes to prove every edge of a healthy stack from inside its callers, against asking with ``docker compose exec``.

    python bench/connectivity.py [ROUNDS [IMAGE ...]]

A stack of 48 services, each an HTTP server of busybox, is started once for each image: ``services`` has python3 in it,
``tiny`` nothing but the server, so that a helper container asks beside each caller. Measured on top of it, in turn, in every round: 120 edges and 60 edges proven by the plugin,
until its helper containers are gone; the difference is what a further edge costs. The states of the containers are known, as they are in a run when it
has waited for its services. For ``tiny`` also what is left where the helpers stand already, as they do in a run that had to wait for a service. Once: the same 120 edges, each asked
with ``docker compose exec … nc -z``, one after the other, which is what people write; not in
``tiny``, where there is nothing to execute.

The exit status is 1 when a goal is missed or an edge was not proven. The images of ``python tools/prepare_engine.py``
must be there.
"""

from __future__ import annotations

import os
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from pytest_infragate.compose.model import Project
from pytest_infragate.compose.resolve import resolve
from pytest_infragate.compose.selection import Selection
from pytest_infragate.gates import connectivity, edge_plan
from pytest_infragate.gates.live import LiveStack
from pytest_infragate.results import Outcome
from pytest_infragate.settings import ConnectivityPolicy, ConnectivitySettings, EdgeSettings
from pytest_infragate.stack.engine import Engine
from pytest_infragate.stack.inside import Inside

IMAGES = {"services": "infragate/services:1", "tiny": "infragate/tiny:1"}
SERVICES = 48
EDGES = 120
FEWER = 60
PORT = 8080
DEFAULT_ROUNDS = 3
LONGEST_S = 300.0
WHOLE_S = 4.0
"""At most this long for all edges on two cores."""
FURTHER_S = 0.06
NAIVE_RATIO = 8.0


def main(rounds: int, *kinds: str) -> int:
    """Measure with each image and print the table and the goals."""
    met = [_measure(kind, rounds) for kind in kinds or IMAGES]
    return 0 if all(met) else 1


def _measure(kind: str, rounds: int) -> bool:
    with _stack(IMAGES[kind]) as project, closing(Engine.connect(os.environ)) as engine:
        live = LiveStack(engine.containers(project.name))
        taken: dict[int, list[float]] = {EDGES: [], FEWER: []}
        ahead: list[float] = []
        for _ in range(rounds):
            for number, seconds in taken.items():
                seconds.append(_prove(engine, project, _edges(number), live))
            if kind == "tiny":
                ahead.append(_prove(engine, project, _edges(EDGES), live, ahead=True))
        naive = _timed(lambda: _ask_naively(project, _edges(EDGES))) if kind == "services" else None
    for number, seconds in taken.items():
        shown = " ".join(f"{one:.2f}" for one in seconds)
        print(f"{kind:9s} {number:3d} edges, plugin              {statistics.median(seconds):7.2f} s   ({shown})")
    if ahead:
        shown = " ".join(f"{one:.2f}" for one in ahead)
        print(f"{kind:9s} {EDGES:3d} edges, the helpers stand     {statistics.median(ahead):7.2f} s   ({shown})")
    whole, fewer = (statistics.median(taken[number]) for number in (EDGES, FEWER))
    met = [
        _met(kind, f"all {EDGES} edges", whole, WHOLE_S, "s"),
        _met(kind, "a further edge", (whole - fewer) / (EDGES - FEWER), FURTHER_S, "s"),
    ]
    if naive is not None:
        print(f"{kind:9s} {EDGES:3d} edges, docker compose exec {naive:7.2f} s")
        met.append(_met(kind, "of docker compose exec", whole / naive, 1 / NAIVE_RATIO, ""))
    sys.stdout.flush()
    return all(met)


def _met(kind: str, what: str, value: float, limit: float, unit: str) -> bool:
    print(f"{kind:9s} {what:32s} {value:7.3f} {unit:1s} (at most {limit:.3f}) {'met' if value <= limit else 'MISSED'}")
    return value <= limit


def _timed(work: Callable[[], None]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _edges(number: int) -> tuple[tuple[str, str], ...]:
    """Return so many pairs of services, spread evenly over the callers."""
    steps = range(1, SERVICES)
    pairs = ((f"s{one}", f"s{(one + step) % SERVICES}") for step in steps for one in range(SERVICES))
    return tuple(pair for pair, _ in zip(pairs, range(number), strict=False))


def _prove(
    engine: Engine, project: Project, edges: Sequence[tuple[str, str]], live: LiveStack, *, ahead: bool = False
) -> float:
    """Prove the edges as a run does, from the plan until the helpers are gone; return the seconds.

    With ``ahead`` the helpers are started before that.
    """
    with closing(Inside(engine, project.name)) as inside:
        if ahead:
            for state in live.containers:
                inside.prepare(state)
        begun = time.perf_counter()
        _demand_proof(inside, project, edges, live)
        inside.close()
        return time.perf_counter() - begun


def _demand_proof(inside: Inside, project: Project, edges: Sequence[tuple[str, str]], live: LiveStack) -> None:
    expect = tuple(EdgeSettings(source, target, PORT) for source, target in edges)
    planned = edge_plan.plan(project, ConnectivitySettings(policy=ConnectivityPolicy.DECLARED, expect=expect))
    results = connectivity.evaluate(planned, live, inside)
    bad = [result.message for result in results if result.outcome is not Outcome.PASSED]
    if bad or len(results) != len(edges):
        sys.exit(f"{len(results)} of {len(edges)} edges answered; not proven: {bad[:3]}")


def _ask_naively(project: Project, edges: Sequence[tuple[str, str]]) -> None:
    for source, target in edges:
        _run(("docker", "compose", "-p", project.name, "exec", "-T", source, "nc", "-z", "-w", "3", target, str(PORT)))


@contextmanager
def _stack(image: str) -> Iterator[Project]:
    """Start the stack, wait until every server answers, and take it down in any case."""
    with tempfile.TemporaryDirectory() as folder:
        name = f"infragate-bench-{secrets.token_hex(4)}"
        file = Path(folder, "compose.yaml")
        file.write_text(_compose(image), encoding="utf-8")
        command = ("docker", "compose", "-f", str(file), "-p", name)
        try:
            _run((*command, "up", "--detach", "--wait", "--pull", "never"))
            found = resolve(Selection(folder, (str(file),), project=name)).project
            if found is None:
                sys.exit("the stack of the benchmark cannot be resolved")
            yield found
        finally:
            _run((*command, "down", "--volumes", "--timeout", "0"))


def _compose(image: str) -> str:
    command = f', command: [busybox, httpd, -f, -p, "{PORT}"]' if image == IMAGES["services"] else ""
    return "services:\n" + "".join(f'  s{number}: {{image: "{image}"{command}}}\n' for number in range(SERVICES))


def _run(command: Sequence[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=LONGEST_S, check=False)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr[-2000:]}")


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if sys.argv[1:] else DEFAULT_ROUNDS, *sys.argv[2:]))
