"""How many planted faults a static run finds, against other checkers of Compose files, and how often each is wrong.

    python bench/planted.py [--dclint PROGRAM] [--compose-lint PROGRAM]

The projects are those of ``tests/planted``: one fault each, and sound ones that look like them. We answer in this process, as
the tests do; every other contender is a process of its own in the project's folder. A fault counts as found by us when the check that is meant tells it, and as stopped when
that closes the gate; by another checker when it says anything that it does not say of a plain sound project, order
and quoting style apart. The exit status is 1 when we find fewer than 64 or fail a sound project at level default.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from pytest_infragate.results import CheckResult, Severity  # noqa: E402
from pytest_infragate.settings import Level  # noqa: E402
from tests.planted import CONTROLS, FAULTS  # noqa: E402
from tests.planted.judging import judge  # noqa: E402
from tests.planted.project import COMPOSE, Fault, Project, service  # noqa: E402

PLAIN = Project("plain", "a plain sound service", {COMPOSE: service("")})
STYLE = ("-order", "require-quotes-in-ports", "no-quotes-in-volumes")
"""What dclint's rules about looks end in."""
WANTED = 64
TOLD = "infragate, told at any severity"
ENVIRON = {name: value for name, value in os.environ.items() if not name.startswith("COMPOSE_")}
Say = Callable[[Path, Project], set[str]]


@dataclass(frozen=True)
class Told:
    """What a contender said of each project, by the project's id."""

    name: str
    says: Mapping[str, set[str]]

    def found(self) -> list[str]:
        """Return the faults of which it said anything; of ours, what is meant."""
        return [fault.id for fault in FAULTS if self.says[fault.id] & self._meant(fault)]

    def wrong(self) -> list[str]:
        """Return the sound projects of which it said anything; hints of ours do not count."""
        return [control.id for control in CONTROLS if self.says[control.id] and self.name != TOLD]

    def _meant(self, fault: Fault) -> set[str]:
        return {fault.check} if self.name.startswith("infragate") else self.says[fault.id]


def main(arguments: Sequence[str]) -> int:
    """Ask everybody, print who found which fault, and the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--dclint")
    parser.add_argument("--compose-lint")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as parent:
        told = [ask(name, say, Path(parent)) for name, say in contenders(given.dclint, given.compose_lint).items()]
    by_name = {one.name: one for one in told}
    for one in told:
        print(
            f"\n{one.name}\n  found: {' '.join(one.found())}\n  sound projects flagged: {' '.join(one.wrong()) or 'none'}"
        )
    others = set().union(*(one.found() for one in told if not one.name.startswith("infragate")))
    print(f"\n| checker | of {len(FAULTS)} faults | of {len(CONTROLS)} sound projects flagged |\n|---|---|---|")
    for one in told:
        print(f"| {one.name} | {len(one.found())} | {len(one.wrong())} |")
    print(f"| all others together | {len(others)} | |")
    good = len(by_name[TOLD].found()) >= WANTED and not by_name["infragate, level default"].wrong()
    return 0 if good else 1


def contenders(dclint: str | None, compose_lint: str | None) -> dict[str, Say]:
    """Return how each contender is asked."""
    found: dict[str, Say] = {
        "infragate, level default": lambda folder, project: infragate(folder, project, Level.DEFAULT, {Severity.ERROR}),
        "infragate, level strict": lambda folder, project: infragate(folder, project, Level.STRICT, {Severity.ERROR}),
        TOLD: lambda folder, project: infragate(folder, project, Level.DEFAULT, set(Severity)),
        "docker compose config -q": compose_config,
    }
    if dclint:
        found["dclint"] = lambda folder, project: ask_dclint(dclint, folder, project)
    if compose_lint:
        found["compose-lint"] = lambda folder, project: ask_compose_lint(compose_lint, folder, project)
    return found


def ask(name: str, say: Say, parent: Path) -> Told:
    """Ask one contender about every project, less what it says of the plain one."""
    says = {}
    for project in (PLAIN, *FAULTS, *CONTROLS):
        folder = parent / project.id
        project.write(folder)
        says[project.id] = say(folder, project)
    ours = name.startswith("infragate")
    return Told(name, says if ours else {key: said - says["plain"] for key, said in says.items()})


def infragate(folder: Path, project: Project, level: Level, severities: set[Severity]) -> set[str]:
    """Return the checks with findings of these severities."""
    results = judged(folder, project)[level]
    return {finding.check for result in results for finding in result.findings if finding.severity in severities}


@cache
def judged(folder: Path, project: Project) -> Mapping[Level, Sequence[CheckResult]]:
    """Return the results of every static check at each level."""
    return judge(project, folder, ENVIRON)


def compose_config(folder: Path, project: Project) -> set[str]:
    """Return whether Compose refuses the files or warns of them."""
    chosen = [word for file in project.chosen for word in ("-f", file)] if len(project.chosen) > 1 else []
    done = run(("docker", "compose", *chosen, "config", "-q"), folder)
    return {"refused"} if done.returncode else {"warning"} if "level=warning" in done.stderr else set()


def ask_dclint(program: str, folder: Path, project: Project) -> set[str]:
    """Return the rules that dclint names, its rules about looks left out."""
    done = run((program, "-f", "json", *project.chosen), folder)
    rules = {message["rule"] for file in json.loads(done.stdout) for message in file["messages"]}
    return {rule for rule in rules if not rule.endswith(STYLE)}


def ask_compose_lint(program: str, folder: Path, project: Project) -> set[str]:
    """Return the rules that compose-lint names, and ``refused`` where it could not read the files."""
    document = json.loads(run((program, "check", "--format", "json", *project.chosen), folder).stdout)
    return {one["rule_id"] for one in document["findings"]} | ({"refused"} if document["errors"] else set())


def run(command: Sequence[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a program in a project's folder."""
    return subprocess.run(command, cwd=folder, env=ENVIRON, capture_output=True, text=True, check=False, timeout=120)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
