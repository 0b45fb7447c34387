"""What proving a scaled service costs against Compose, which proves nothing of it, and how often what is said of it is true.

    python bench/scaling.py [RUNS] [LOAD]

Every run takes one stack twice: first Compose alone scales two of its services and back (``up --wait --no-recreate
--scale``), then ``pytest --infragate --infragate-keep`` starts it anew and tries all of its services. Their truth is known by
construction, and nothing in them needs a processor:

- ``two`` and ``four`` hold a lock of their own for 50 ms with each answer: so many replicas, so many times the throughput;
- ``shared`` asks one service that holds such a lock, so that a second replica gains nothing;
- the second replica of ``deaf`` listens on its own loopback alone, where its healthcheck finds it well;
- ``once`` passes requests on to ``behind``, whose name it has looked up when it started;
- when a replica of ``spoiled`` is stopped, those that stay answer with 503.

A run is right when exactly what is broken is told, by its own message, and when the kept stack has one container a service and
no volume of those that were added. Each run is done twice, too: with nothing beside it, then beside ``LOAD`` busy loops (default:
one a core; 0: without that part). The exit status is 1 when a judgement was wrong once. A run takes about 100 s for each of
the two. Needs the images of ``python tools/prepare_engine.py``.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from performance import busy
from scaled_services import BROKEN, COMPOSE, SETTINGS

DEFAULT_RUNS = 3
LONGEST_S = 600.0
COMPARED = {"two": 2, "four": 4}
"""The services that Compose scales too, with their replicas."""
REST, LEFT = "all other checks of the run", "nothing left of what was added"


@dataclass
class Figures:
    """What was seen of all runs that had the same beside them; seconds and gains by what they are of."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    gains: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    right: Counter[str] = field(default_factory=Counter)
    judged: Counter[str] = field(default_factory=Counter)

    def judge(self, what: str, trouble: str) -> None:
        """Count one judgement; ``trouble`` says what is wrong with it, nothing when it is right."""
        self.judged[what] += 1
        self.right[what] += not trouble
        if trouble:
            print(f"  WRONG {what}: {trouble}", flush=True)


def main(runs: int = DEFAULT_RUNS, load: int | None = None) -> int:
    """Carry out all runs and print what they come to."""
    loops = (os.cpu_count() or 1) if load is None else load
    situations = {"nothing beside it": 0, **({f"{loops} busy loops beside it": loops} if loops else {})}
    found = {name: Figures() for name in situations}
    for number in range(1, runs + 1):
        for name, beside in situations.items():
            print(f"run {number}, {name}, load {os.getloadavg()[0]:.1f}", flush=True)
            with tempfile.TemporaryDirectory() as folder, busy(beside):
                one_run(Path(folder), found[name])
    for name, figures in found.items():
        print(f"\n{name}:")
        tell(figures)
    return int(any(one.right != one.judged for one in found.values()))


def one_run(folder: Path, figures: Figures) -> None:
    """Let Compose, then the gate scale the same stack."""
    (folder / "compose.yaml").write_text(json.dumps(COMPOSE), encoding="utf-8")
    (folder / "infragate.yaml").write_text(json.dumps(SETTINGS), encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    (folder / "test_nothing.py").write_text("def test_nothing() -> None: ...\n", encoding="utf-8")
    rival(folder, figures)
    gate(folder, figures)


def rival(folder: Path, figures: Figures) -> None:
    """Scale services and back by Compose alone."""
    project = f"igb-{folder.name.lower().strip('_')}"
    up = ("-p", project, "up", "--detach", "--wait")
    with mounts(folder) as events:
        try:
            compose(folder, *up)
            for service, count in COMPARED.items():
                for what, replicas in (("up", count), ("back", 1)):
                    begun = time.monotonic()
                    compose(folder, *up, "--no-deps", "--no-recreate", "--scale", f"{service}={replicas}", service)
                    figures.seconds[f"{service} Compose {what}"].append(time.monotonic() - begun)
            print(f"  Compose leaves {len(left(events, project))} volumes of what it has added", flush=True)
        finally:
            remove(folder, events, project)


def gate(folder: Path, figures: Figures) -> None:
    """Let the gate try every service, and hold what it says against the truth."""
    options = ("-q", "-p", "no:cacheprovider", "--infragate", "--infragate-keep", "--infragate-report", "report")
    with mounts(folder) as events:
        ended = call(folder, sys.executable, "-m", "pytest", *options, good=(0, 1))
        file = folder / "report" / "verdict.json"
        if not file.exists():
            sys.exit(f"the gate has left no verdict:\n{ended[-3000:]}")
        verdict = json.loads(file.read_text(encoding="utf-8"))
        project = verdict["project"]
        try:
            note(verdict["checks"], figures)
            names = containers(folder, project, "{{.Names}}")
            strangers = sorted({*names} ^ {f"{project}-{service}-1" for service in COMPOSE["services"]})
            figures.judge(LEFT, " ".join([*strangers, *left(events, project)]))
        finally:
            remove(folder, events, project)


def note(checks: Sequence[dict[str, Any]], figures: Figures) -> None:
    """Judge what the gate has said of each check, and take its figures."""
    said = {one["subject"]: one for one in checks if one["id"] in ("IG931", "IG932")}
    for service, wish in SETTINGS["scaling"].items():
        for subject in (service, *(f"{service} {limit}" for limit in wish.get("limits", ()))):
            figures.judge(subject, wrong(said.pop(subject, None), BROKEN.get(subject)))
        evidence = next(one["evidence"] for one in checks if (one["id"], one["subject"]) == ("IG932", service))
        if evidence.get("gain"):
            figures.gains[service].append(evidence["gain"])
        if service in COMPARED and evidence.get("up_s"):
            figures.seconds[f"{service} gate up"].append(max(evidence["up_s"].values()))
            figures.seconds[f"{service} gate back"].append(evidence["down_s"])
    for one in checks:
        if one["id"] == "IG932" and one["subject"] in SETTINGS["scaling"]:
            figures.seconds[f"{one['subject']} trial"].append(one["duration_s"])
    others = [one for one in checks if one["id"] not in ("IG931", "IG932") or one["subject"] in said]
    alarms = [f"{one['id']} {one['subject']}: {one['message']}" for one in others if wrong(one, None)]
    figures.judge(REST, "; ".join(alarms))


def wrong(check: dict[str, Any] | None, fault: str | None) -> str:
    """Return what is wrong with the answer to one check; ``fault``: it has to fail and to say this."""
    if check is None:
        return "there is no answer"
    outcome, message = check["outcome"], check["message"]
    if fault is None:
        return "" if outcome == "passed" else f"{outcome}: {message}"
    return "" if outcome == "failed" and re.search(fault, message) else f"{outcome}, has to fail: {message}"


def tell(figures: Figures) -> None:
    """Print the judgements, the gains and what it cost."""
    for what, count in figures.judged.items():
        print(f"  {figures.right[what]:3d} of {count:3d} right: {what}{' (has to fail)' if what in BROKEN else ''}")
    for service, gains in figures.gains.items():
        print(f"  gain of {service}: median {statistics.median(gains):.2f}, {min(gains):.2f} to {max(gains):.2f}")
    middle = {what: statistics.median(seconds) for what, seconds in figures.seconds.items()}
    for service, count in COMPARED.items():
        up, back = (middle[f"{service} Compose {what}"] for what in ("up", "back"))
        trial = middle[f"{service} trial"]
        ours = ", ".join(
            f"{what} {middle.get(f'{service} gate {what}', float('nan')):.2f} s" for what in ("up", "back")
        )
        print(
            f"  {count} replicas: Compose up {up:.2f} s, back {back:.2f} s, both {up + back:.2f} s; "
            f"gate {ours}, whole trial {trial:.2f} s ({trial / (up + back):.2f} of Compose)"
        )
    print("  trials: " + ", ".join(f"{what} {middle[f'{what} trial']:.2f} s" for what in SETTINGS["scaling"]))


@contextlib.contextmanager
def mounts(folder: Path) -> Iterator[Path]:
    """Write down which containers are made and which volumes they mount; gives the file."""
    file = folder / "events"
    kinds = ("type=container", "type=volume", "event=create", "event=mount")
    command = ("docker", "events", "--format", "{{json .}}", *(word for kind in kinds for word in ("--filter", kind)))
    with file.open("w") as output:
        watching = subprocess.Popen(command, stdout=output)
        try:
            yield file
        finally:
            watching.kill()
            watching.wait()


def left(events: Path, project: str) -> list[str]:
    """Return the volumes that containers of a project have mounted, that exist, and that none of them mounts any more."""
    own, mounted = set(), set()
    for one in map(json.loads, events.read_text(encoding="utf-8").splitlines()):
        actor = one["Actor"]
        if actor["Attributes"].get("com.docker.compose.project") == project:
            own.add(actor["ID"])
        elif actor["Attributes"].get("container") in own:
            mounted.add(actor["ID"])
    ids = containers(events.parent, project, "{{.ID}}")
    used = call(events.parent, "docker", "inspect", "--format", "{{range .Mounts}}{{.Name}} {{end}}", *ids).split()
    known = call(events.parent, "docker", "volume", "ls", "--quiet").split()
    return sorted((mounted & {*known}) - {*used})


def remove(folder: Path, events: Path, project: str) -> None:
    """Take a stack down, with the volumes that nobody names any more."""
    orphans = left(events, project)
    compose(folder, "-p", project, "down", "--volumes", "--timeout", "2")
    if orphans:
        call(folder, "docker", "volume", "rm", *orphans)


def containers(folder: Path, project: str, form: str) -> list[str]:
    """Return one word of each container of a project."""
    name = f"label=com.docker.compose.project={project}"
    return call(folder, "docker", "ps", "--all", "--no-trunc", "--format", form, "--filter", name).split()


def compose(folder: Path, *words: str) -> None:
    """Run one command of Compose, which must succeed."""
    call(folder, "docker", "compose", *words)


def call(folder: Path, *command: str, good: Sequence[int] = (0,)) -> str:
    """Run a program to its end and return what it says; it must end with one of these numbers."""
    done = subprocess.run(
        command,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=LONGEST_S,
        check=False,
    )
    if done.returncode not in good:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout[-3000:]}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:3])))
