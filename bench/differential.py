"""Resolves every entry of a corpus with Docker Compose and without it, and compares what comes of it.

``python bench/differential.py CORPUS [--stubs] [--answers FILE] [--only TEXT] [--show]``

CORPUS holds ``MANIFEST.tsv`` with the columns ``id``, ``stratum``, ``path`` (working directory) and ``entry_files``, and
the files themselves. Nothing of it is executed. ``--stubs`` gives demanded variables a value and declares undeclared
volumes in a further file where both refuse an entry, so that more of them can be compared. ``--answers`` keeps Compose's answers for the next run. Every difference
has to have one of the names below; one without a name ends the run with exit status 1.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import re
import resource
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pytest_infragate.compose.resolution.alone import Alone, resolve_alone
from pytest_infragate.compose.selection import Selection
from pytest_infragate.compose.source import SourceError
from pytest_infragate.compose.trees import load_trees

_TIME_LIMIT_S = 20
_MEMORY_LIMIT = 4 * 1024**3
_DEMANDED = re.compile(r"the variable (\w+) is required")
_UNDECLARED = re.compile(r"uses the volume '([^']+)'")
_PARTS = ("services", "networks", "volumes", "secrets", "configs")
_KEYS = (
    "image",
    "build",
    "command",
    "entrypoint",
    "environment",
    "ports",
    "expose",
    "volumes",
    "networks",
    "depends_on",
    "healthcheck",
    "deploy",
    "labels",
    "secrets",
    "configs",
    "restart",
)


@dataclass(frozen=True)
class Entry:
    """One invocation of Compose in the corpus."""

    id: str
    stratum: str
    folder: Path
    files: tuple[str, ...]

    @property
    def selection(self) -> Selection:
        """The entry's files with every profile active."""
        return Selection(str(self.folder), self.files, profiles=("*",), project="differential")


@dataclass(frozen=True)
class Answer:
    """What came of one way: a model, or why there is none."""

    model: dict[str, Any] | None
    error: str = ""


@dataclass(frozen=True)
class Difference:
    """One value that differs; ``name`` says why, empty when nothing explains it."""

    entry: str
    path: str
    compose: Any
    own: Any
    name: str


def entries(corpus: Path) -> Iterator[Entry]:
    """Return the entries of the manifest."""
    with (corpus / "MANIFEST.tsv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            repository = row["id"].partition("::")[0]
            folder = corpus / repository / row["path"]
            files = tuple(os.path.normpath(folder / name) for name in row["entry_files"].split(","))
            yield Entry(row["id"], row["stratum"], folder, files)


def ask_compose(entry: Entry, environ: dict[str, str]) -> Answer:
    """Return Compose's answer, within limits of time and memory and in a process group of its own."""
    argv = ["docker", "compose", *entry.selection.arguments(), "config", "--format", "json"]
    process = subprocess.Popen(
        argv,
        env=environ,
        cwd=entry.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=_limit_memory,  # noqa: PLW1509  (no threads here)
    )
    try:
        output, errors = process.communicate(timeout=_TIME_LIMIT_S)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        return Answer(None, "no answer in time")
    return Answer(json.loads(output)) if process.returncode == 0 else Answer(None, errors.strip().splitlines()[-1])


def _limit_memory() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_LIMIT, _MEMORY_LIMIT))


def ask_ourselves(entry: Entry, environ: dict[str, str]) -> Answer:
    """Return the answer of our own resolution."""
    base = str(entry.folder)
    signal.alarm(_TIME_LIMIT_S)
    try:
        found: Alone = resolve_alone(entry.selection, environ, base, load_trees(entry.files, base))
    except SourceError as error:
        return Answer(None, str(error))
    finally:
        signal.alarm(0)
    if found.problems:
        return Answer(None, " | ".join(f"{one.location}: {one.text}" for one in found.problems))
    return Answer(found.model)


def compare(entry: Entry, compose: Answer, own: Answer) -> list[Difference]:
    """Return every difference of two answers."""
    if compose.model is None or own.model is None:
        if compose.model is own.model:
            return []
        name = _named(VERDICTS, compose.error, own.error)
        return [Difference(entry.id, "(accepted)", compose.error or "accepted", own.error or "accepted", name)]
    found: list[Difference] = []
    for part in _PARTS:
        _walk(entry.id, part, _stripped(compose.model.get(part)), _stripped(own.model.get(part)), found)
    return found


def _stripped(value: Any) -> Any:
    """Return a value without what says nothing: nulls below names stay, empty keys go."""
    if isinstance(value, dict):
        below = {key: _stripped(one) for key, one in value.items()}
        return {key: one for key, one in below.items() if one not in (None, False, [], {})}
    return [_stripped(one) for one in value] if isinstance(value, list) else value


def _walk(entry: str, path: str, compose: Any, own: Any, found: list[Difference]) -> None:
    """Go down as far as both sides have the same keys, then note what differs."""
    if isinstance(compose, dict) and isinstance(own, dict):
        for key in sorted(compose.keys() | own.keys()):
            _walk(entry, f"{path}.{key}", compose.get(key), own.get(key), found)
    elif compose != own:
        found.append(Difference(entry, path, compose, own, _named(VALUES, path, compose, own)))


Rule = tuple[str, Callable[..., bool]]
VERDICTS: tuple[Rule, ...] = (
    ("a key that is newer than the Compose that was asked", lambda compose, _own: "'pre_start' not allowed" in compose),
)
"""Names of the reasons for which only one of the two accepts the files; each with whether it applies to both errors."""
VALUES: tuple[Rule, ...] = (
    (
        "Compose keeps `extends` of an empty service, from which nothing follows",
        lambda path, _compose, own: path.endswith(".extends") and own is None,
    ),
)
"""Names of the reasons for which a value differs; each with whether it applies to path and values."""


def _named(rules: tuple[Rule, ...], *facts: Any) -> str:
    return next((name for name, applies in rules if applies(*facts)), "")


def main() -> int:
    """Run the comparison and print a table; return the exit status."""
    options = _options()
    environ = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")}
    answers = json.loads(options.answers.read_text()) if options.answers and options.answers.exists() else {}
    counts: Counter[tuple[str, str]] = Counter()
    differences: list[Difference] = []
    folder = Path(tempfile.mkdtemp(prefix="differential-"))
    for entry in entries(options.corpus):
        if options.only not in entry.id:
            continue
        if entry.id not in answers:
            asked = ask_compose(entry, environ)
            answers[entry.id] = [asked.model, asked.error]
        compose, own = Answer(*answers[entry.id]), ask_ourselves(entry, environ)
        if options.stubs and compose.model is own.model:
            stubbed, values = with_stubs(entry, own, environ, folder)
            if stubbed != entry or values != environ:
                compose, own = ask_compose(stubbed, values), ask_ourselves(stubbed, values)
        found = compare(entry, compose, own)
        differences += found
        counts[entry.stratum, _outcome(compose, own, found)] += 1
    if options.answers:
        options.answers.write_text(json.dumps(answers))
    _print(counts, differences, show=options.show)
    return 1 if any(not one.name for one in differences) else 0


def with_stubs(entry: Entry, own: Answer, environ: dict[str, str], folder: Path) -> tuple[Entry, dict[str, str]]:
    """Return the entry and the environment with what our resolution says is missing."""
    demanded = dict.fromkeys(_DEMANDED.findall(own.error), "1")
    volumes = sorted(set(_UNDECLARED.findall(own.error)))
    if volumes:
        file = folder / f"{len(list(folder.iterdir()))}.yaml"
        file.write_text("volumes:\n" + "".join(f"  {json.dumps(name)}:\n" for name in volumes))
        entry = replace(entry, files=(*entry.files, str(file)))
    return entry, environ | demanded


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--answers", type=Path, help="file that keeps what Compose answered")
    parser.add_argument("--stubs", action="store_true", help="add missing variables and volumes where both refuse")
    parser.add_argument("--only", default="", help="entries whose id holds this text")
    parser.add_argument("--show", action="store_true", help="also show the differences that have a name")
    return parser.parse_args()


def _outcome(compose: Answer, own: Answer, found: list[Difference]) -> str:
    if found:
        return "different, explained" if all(one.name for one in found) else "different"
    return "refused by both" if compose.model is None and own.model is None else "same model"


def _print(counts: Counter[tuple[str, str]], differences: list[Difference], *, show: bool) -> None:
    for one in differences:
        if show or not one.name:
            values = " / ".join(json.dumps(value, default=str)[:300] for value in (one.compose, one.own))
            print(f"{one.name or '??'}: {one.entry} {one.path}: {values}")
    print("| stratum | outcome | entries |\n|---|---|---|")
    for (stratum, outcome), count in sorted(counts.items()):
        print(f"| {stratum} | {outcome} | {count} |")
    for name, count in Counter(one.name or "without a name" for one in differences).most_common():
        print(f"{count} times: {name}")


if __name__ == "__main__":
    sys.exit(main())
