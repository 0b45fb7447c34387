"""How many planted faults a static run finds, against other checkers of Compose files, and how often each is wrong.

    python bench/planted.py [--dclint PROGRAM] [--compose-lint PROGRAM]

The projects are those of ``tests/planted``: one fault each, and sound ones that look like them. We answer in this process, as
the tests do. A fault counts as found by us when the check that is meant tells it, at any severity or as what closes the gate;
by another checker when it says anything that it does not say of a plain sound project, order and quoting style apart. The exit status is 1 when we find fewer than 64 or fail a sound project at level default.
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

Said = dict[str, set[str]]
"""What a contender said, by the project's id."""
Say = Callable[[Path], Said]
PLAIN = Project("plain", "a plain sound service", {COMPOSE: service("")})
STYLE = ("-order", "require-quotes-in-ports", "no-quotes-in-volumes")
"""What dclint's rules about looks end in."""
WANTED = 64
TOLD = "infragate, told at any severity"
ENVIRON = {name: value for name, value in os.environ.items() if not name.startswith("COMPOSE_")}
PROJECTS: tuple[Project, ...] = (PLAIN, *FAULTS, *CONTROLS)


@dataclass(frozen=True)
class Told:
    """What a contender said of each project, by the project's id."""

    name: str
    says: Said

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
        for project in PROJECTS:
            project.write(Path(parent, project.id))
        asked = contenders(given.dclint, given.compose_lint)
        told = [Told(name, own(name, say(Path(parent)))) for name, say in asked.items()]
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


def own(name: str, said: Said) -> Said:
    """Return what a contender said less what it says of the plain project; of ours, all of it."""
    usual = set() if name.startswith("infragate") else said[PLAIN.id]
    return {key: rules - usual for key, rules in said.items()}


def contenders(dclint: str | None, compose_lint: str | None) -> dict[str, Say]:
    """Return how each contender is asked."""
    found: dict[str, Say] = {
        "infragate, level default": lambda parent: infragate(parent, Level.DEFAULT, {Severity.ERROR}),
        "infragate, level strict": lambda parent: infragate(parent, Level.STRICT, {Severity.ERROR}),
        TOLD: lambda parent: infragate(parent, Level.DEFAULT, set(Severity)),
        "docker compose config -q": lambda parent: {one.id: compose_config(parent / one.id, one) for one in PROJECTS},
    }
    if dclint:
        found["dclint"] = lambda parent: ask_dclint(dclint, parent)
    if compose_lint:
        found["compose-lint"] = lambda parent: ask_compose_lint(compose_lint, parent)
    return found


def infragate(parent: Path, level: Level, severities: set[Severity]) -> Said:
    """Return for each project the checks with findings of these severities."""
    return {
        project.id: {
            finding.check
            for result in judged(parent, project)[level]
            for finding in result.findings
            if finding.severity in severities
        }
        for project in PROJECTS
    }


@cache
def judged(parent: Path, project: Project) -> Mapping[Level, Sequence[CheckResult]]:
    """Return the results of every static check at each level."""
    return judge(project, parent / project.id, ENVIRON)


def compose_config(folder: Path, project: Project) -> set[str]:
    """Return whether Compose refuses the files or warns of them."""
    chosen = [] if COMPOSE in project.chosen else [word for file in project.chosen for word in ("-f", file)]
    done = run(("docker", "compose", *chosen, "config", "-q"), folder)
    return {"refused"} if done.returncode else {"warning"} if "level=warning" in done.stderr else set()


def ask_dclint(program: str, parent: Path) -> Said:
    """Return the rules that dclint names, its rules about looks left out."""
    # What dclint writes into a pipe ends after 64 KiB.
    run((program, "-f", "json", "-o", "dclint.json", *files()), parent)
    said: Said = {project.id: set() for project in PROJECTS}
    for file in json.loads((parent / "dclint.json").read_text()):
        rules = {message["rule"] for message in file["messages"]}
        said[Path(file["filePath"]).parent.name] |= {rule for rule in rules if not rule.endswith(STYLE)}
    return said


def ask_compose_lint(program: str, parent: Path) -> Said:
    """Return the rules that compose-lint names, and ``refused`` where it could not read a file."""
    document = json.loads(run((program, "check", "--format", "json", *files()), parent).stdout)
    said: Said = {project.id: set() for project in PROJECTS}
    for one in (*document["findings"], *document["errors"]):
        said[Path(one["file"]).parent.name].add(one.get("rule_id", "refused"))
    return said


def files() -> list[str]:
    """Return the Compose files of all projects, below the folder of them all."""
    return [f"{project.id}/{file}" for project in PROJECTS for file in project.chosen]


def run(command: Sequence[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a program in a folder."""
    return subprocess.run(command, cwd=folder, env=ENVIRON, capture_output=True, text=True, check=False, timeout=600)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
