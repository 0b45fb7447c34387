"""Plans, applies and plans again the fixes of real Compose projects, in copies: no crash, nothing left to fix.

    python bench/fixes.py CORPUS [--stratum product] [--show]

``CORPUS`` holds ``MANIFEST.tsv`` with the columns ``id``, ``stratum``, ``path`` (a folder) and ``entry_files``. Needs the
Compose plugin of the docker CLI, and no engine. Exit status 1 when a project does not end as it should.
"""

from __future__ import annotations

import argparse
import collections
import csv
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pytest_infragate.errors import InfragateError
from pytest_infragate.fixes.planner import FixPlan, plan_fixes
from pytest_infragate.fixes.writing import write
from pytest_infragate.settings import ComposeSettings, Settings

_KEPT = ("PATH", "HOME", "DOCKER_CONFIG")


@dataclass
class Tally:
    """What came of all projects."""

    projects: int = 0
    unusable: int = 0
    edited: int = 0
    fixes: collections.Counter[str] = field(default_factory=collections.Counter)
    refusals: collections.Counter[str] = field(default_factory=collections.Counter)
    wrong: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def lines(self) -> Iterator[str]:
        """Yield what is printed at the end."""
        yield f"{self.projects} projects, {self.unusable} that Compose refuses as they lie, {self.edited} edited"
        for title, counts in (("fixes", self.fixes), ("refused", self.refusals)):
            yield f"{title}: {sum(counts.values())}"
            yield from (f"  {count:>5}  {what}" for what, count in counts.most_common())
        ordered = sorted(self.seconds) or [0.0]
        yield f"seconds for a plan: median {ordered[len(ordered) // 2]:.2f}, longest {ordered[-1]:.2f}"
        yield from (f"WRONG {line}" for line in self.wrong)


def main() -> int:
    """Run over the corpus and print the counts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--stratum", default="product")
    parser.add_argument("--show", action="store_true", help="print every fix and refusal")
    arguments = parser.parse_args()
    tally = Tally()
    with (arguments.corpus / "MANIFEST.tsv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream, delimiter="\t"):
            if row["stratum"] == arguments.stratum:
                look(arguments.corpus, row, tally, show=arguments.show)
    sys.stdout.write("".join(f"{line}\n" for line in tally.lines()))
    return 1 if tally.wrong else 0


def look(corpus: Path, row: dict[str, str], tally: Tally, *, show: bool) -> None:
    """Fix one project in a copy of its repository, and look whether it stays fixed."""
    tally.projects += 1
    repository = row["id"].partition("::")[0]
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / repository
        shutil.copytree(corpus / repository, copy, symlinks=True, copy_function=shutil.copyfile)
        settings = settings_of(copy, row)
        begun = time.monotonic()
        try:
            plan = plan_fixes(settings, environment())
        except InfragateError:
            tally.unusable += 1
            return
        tally.seconds.append(time.monotonic() - begun)
        note(plan, row["id"], tally, show=show)
        write(plan.files)
        again = plan_fixes(settings, environment())
        if again.fixes:
            tally.wrong.append(f"{row['id']}: {len(again.fixes)} left after the fixes: {again.fixes[0].description}")


def settings_of(repository: Path, row: dict[str, str]) -> Settings:
    """Return the settings that choose the row's files."""
    files = tuple(os.path.normpath(repository / row["path"] / name) for name in row["entry_files"].split(",") if name)
    return Settings(root=str(repository), compose=ComposeSettings(files=files))


def environment() -> dict[str, str]:
    """Return a clean environment, so that no variable of the caller changes what the files mean."""
    return {name: os.environ[name] for name in _KEPT if name in os.environ}


def note(plan: FixPlan, name: str, tally: Tally, *, show: bool) -> None:
    """Count what was planned."""
    tally.edited += bool(plan.files)
    tally.fixes.update(fix.check for fix in plan.fixes)
    tally.refusals.update(refusal.reason.partition(":")[0] for refusal in plan.refusals)
    if show:
        for fix in plan.fixes:
            sys.stdout.write(f"{name}\t{fix.location}\t{fix.description}\n")
        for refusal in plan.refusals:
            sys.stdout.write(f"{name}\t{refusal.location}\tREFUSED {refusal.description}: {refusal.reason}\n")


if __name__ == "__main__":
    raise SystemExit(main())
