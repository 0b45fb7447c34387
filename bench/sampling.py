"""How true the samples of containers are, and what taking them costs, from control groups and from the engine.

    python bench/sampling.py [COUNT ...]

First a container whose use of CPU and memory is known: what it was told to use, what the kernel's own files say (read here,
file by file), what the sampler makes of its control group and of the engine's answers, and what ``docker stats`` shows.
Then so many containers at once (1, 20 and 48), one round a second for 20 s each way:

- round: how long one look at all of them takes, median and worst;
- ours, engine: CPU time of this process, and of ``dockerd``, ``containerd`` and their shims, in per cent of one core, less
  what the same processes took in as many seconds without any sampling;
- ``docker stats --no-stream`` over the same containers, once.

The machine should be idle. The exit status is 1 when a goal is missed, by control groups: 2 % of one core for 20 containers, all
processes together; 0.5 s for a round over 48. Asking the engine is for engines on other machines: it collects once a second in
its own time, and whoever asks waits for that, half a second on average. The engine must run on this machine. Needs the images of ``python tools/prepare_engine.py``.
"""

from __future__ import annotations

import os
import secrets
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from docker.models.containers import Container

from pytest_infragate.stack.cgroup import ControlGroups
from pytest_infragate.stack.engine import Engine
from pytest_infragate.stack.inspection import NUMBER_LABEL, ONE_OFF_LABEL, PROJECT_LABEL, SERVICE_LABEL
from pytest_infragate.stack.sampling import INTERVAL_S, Sampler
from pytest_infragate.stack.stats import Sample

IMAGE = "infragate/services:1"
COUNTS = (1, 20, 48)
ROUNDS = 20
NOWHERE = ControlGroups("/nowhere")
"""Knows nobody, so that the engine is asked."""
CPUS, HELD_MIB = 0.3, 64
BUSY = f"held = bytearray({HELD_MIB} * 2**20)\nwhile True: pass"
WATCH_S = 10.0
ENGINE_PROGRAMS = ("dockerd", "containerd", "containerd-shim")
GOALS = (
    # so many containers, what, at most
    (20, "control groups: CPU", 2.0),
    (48, "control groups: round", 0.5),
)


def main(counts: tuple[int, ...]) -> int:
    """Measure and print everything."""
    engine = Engine.connect(os.environ)
    with containers(engine, 1, ["python3", "-c", BUSY], nano_cpus=int(CPUS * 1e9)) as project:
        print_accuracy(engine, project)
    figures: dict[tuple[int, str], float] = {}
    for count in counts:
        with containers(engine, count, ["sleep", "3600"]) as project:
            time.sleep(5)
            figures |= {(count, what): value for what, value in overhead(engine, project)}
    results = [met(figures, *goal) for goal in GOALS if (goal[0], goal[1]) in figures]
    return 0 if all(results) else 1


@contextmanager
def containers(engine: Engine, count: int, command: list[str], nano_cpus: int | None = None) -> Iterator[str]:
    """Run containers of one project, and remove them."""
    project = f"igb-{secrets.token_hex(4)}"
    made: list[Container] = []
    try:
        for number in range(count):
            labels = {PROJECT_LABEL: project, SERVICE_LABEL: f"s{number}", NUMBER_LABEL: "1", ONE_OFF_LABEL: "False"}
            name = f"{project}-s{number}-1"
            made.append(
                engine.client.containers.run(
                    IMAGE, command, name=name, detach=True, init=True, labels=labels, nano_cpus=nano_cpus
                )
            )
        yield project
    finally:
        for one in made:
            one.remove(force=True, v=True)


def print_accuracy(engine: Engine, project: str) -> None:
    """Print what each of those who look says of one container, over the same seconds."""
    (state,) = engine.containers(project)
    groups = ControlGroups()
    if not groups.knows(state):
        sys.exit("The engine does not run on this machine, or its control groups cannot be read.")
    time.sleep(2)
    ways: dict[str, Callable[[], Sample | None]] = {
        "control groups": lambda: groups.sample(state),
        "engine": lambda: taken(engine, project),
    }
    before = {name: look() for name, look in ways.items()}
    kernel = (time.time(), kernel_cpu_s(state.id))
    time.sleep(WATCH_S)
    share = (kernel_cpu_s(state.id) - kernel[1]) / (time.time() - kernel[0])
    print(f"{'told to use':16s} CPU {CPUS:.3f} cores   memory {HELD_MIB} MiB and the interpreter")
    print(f"{'kernel':16s} CPU {share:.3f} cores   memory {kernel_memory_mib(state.id):.1f} MiB with page cache")
    for name, look in ways.items():
        first, last = before[name], look()
        if first is None or last is None:
            sys.exit(f"{name}: no sample")
        used = (last.cpu_total_ns - first.cpu_total_ns) / 1e9 / (last.time - first.time)
        print(f"{name:16s} CPU {used:.3f} cores   memory {last.memory_working_set / 2**20:.1f} MiB")
    shown = docker_stats([state.name], "{{.CPUPerc}}, {{.MemUsage}}")
    print(f"{'docker stats':16s} {shown.strip()}")


def taken(engine: Engine, project: str) -> Sample | None:
    """Take one sample through the engine."""
    sampler = Sampler(engine, engine.containers(project), groups=NOWHERE)
    sampler.take()
    return next(iter(sampler.series().values()))[0].samples[-1][1]


def kernel_cpu_s(container_id: str) -> float:
    """Return the CPU seconds of a container as the kernel's file says, under cgroup v1 or v2."""
    for file in group_files(container_id, "cpuacct.usage"):
        return int(file.read_text()) / 1e9
    for file in group_files(container_id, "cpu.stat"):
        return int(file.read_text().split()[1]) / 1e6
    sys.exit("The control group of the container cannot be found.")


def kernel_memory_mib(container_id: str) -> float:
    """Return the memory of a container as the kernel's file says."""
    files = (*group_files(container_id, "memory.usage_in_bytes"), *group_files(container_id, "memory.current"))
    return int(files[0].read_text()) / 2**20


def group_files(container_id: str, name: str) -> list[Path]:
    """Return the files of this name in the control groups of a container."""
    return sorted(Path("/sys/fs/cgroup").glob(f"**/*{container_id}*/{name}"))


def overhead(engine: Engine, project: str) -> Iterator[tuple[str, float]]:
    """Measure and print what rounds over all containers cost, each way; yield the figures that have goals."""
    states = engine.containers(project)
    idle_s = engine_cpu_s(lambda: time.sleep(ROUNDS * INTERVAL_S))
    for name, groups in (("control groups", ControlGroups()), ("engine", NOWHERE)):
        sampler = Sampler(engine, states, groups=groups)
        sampler.take()
        time.sleep(INTERVAL_S)
        own, rounds = time.process_time(), list[float]()
        begun = time.monotonic()
        engine_s = engine_cpu_s(partial(spaced, sampler, rounds)) - idle_s
        length = time.monotonic() - begun
        ours, theirs = (time.process_time() - own) / length * 100, max(engine_s, 0) / length * 100
        sampler.stop()
        middle, worst = statistics.median(rounds), max(rounds)
        print(
            f"{len(states):3d} containers, {name:14s}: round {middle:.3f} s (worst {worst:.3f} s), ours {ours:.2f} %, "
            f"engine {theirs:.2f} % of one core",
            flush=True,
        )
        yield f"{name}: CPU", ours + theirs
        yield f"{name}: round", middle
    begun = time.monotonic()
    docker_stats([state.name for state in states], "{{.Name}}")
    print(f"{len(states):3d} containers, docker stats --no-stream: {time.monotonic() - begun:.2f} s", flush=True)


def spaced(sampler: Sampler, rounds: list[float]) -> None:
    """Take rounds, spaced as the sampler spaces them."""
    for _ in range(ROUNDS):
        begun = time.monotonic()
        sampler.take()
        rounds.append(time.monotonic() - begun)
        time.sleep(max(INTERVAL_S - rounds[-1], 0))


def engine_cpu_s(act: Callable[[], None]) -> float:
    """Return how much CPU time the engine's processes take while something is done."""
    before = cpu_seconds()
    act()
    after = cpu_seconds()
    return sum(seconds - before.get(process, 0.0) for process, seconds in after.items())


def cpu_seconds() -> dict[str, float]:
    """Return the CPU time of each process of the engine so far."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            name, _, rest = (folder / "stat").read_text().partition("(")[2].rpartition(")")
        except OSError:
            continue
        if name in ENGINE_PROGRAMS:
            fields = rest.split()
            found[folder.name] = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return found


def docker_stats(names: list[str], form: str) -> str:
    """Return what the command of the engine's makers shows."""
    return subprocess.run(
        ["docker", "stats", "--no-stream", "--format", form, *names], capture_output=True, text=True, check=True
    ).stdout


def met(figures: dict[tuple[int, str], float], count: int, what: str, goal: float) -> bool:
    """Print and return whether a goal is met."""
    value = figures[count, what]
    print(f"{count} containers, {what}: {value:.3f} (at most {goal:g}) {'' if value <= goal else 'MISSED'}")
    return value <= goal


if __name__ == "__main__":
    sys.exit(main(tuple(map(int, sys.argv[1:])) or COUNTS))
