"""How well edges are inferred: precision and recall against labels made by hand on real projects.

    python bench/edges.py CORPUS [--show] [--only TEXT]

CORPUS holds ``MANIFEST.tsv`` with the columns ``id``, ``stratum``, ``path`` (working directory) and ``entry_files``, and
the files themselves, which are read and never executed. The labels are in ``edge_labels.tsv`` beside this file: project, caller, target and port,
one edge a row; the port is empty where the files do not say it, and caller and target are where a project has no edge.
They were made by reading the files, before any inference was looked at. Every profile is active.

Pairs (caller, target) are counted first. Of ports only those edges count that name one, in the labels for recall, in
what is inferred for precision. The exit status is 1 where a goal is missed.
"""

from __future__ import annotations

import argparse
import csv
import os
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from pytest_infragate.compose.model import Project
from pytest_infragate.compose.places import find_places
from pytest_infragate.compose.references import infer_edges
from pytest_infragate.compose.resolution.alone import resolve_alone
from pytest_infragate.compose.resolve import build_project
from pytest_infragate.compose.selection import Selection
from pytest_infragate.compose.trees import load_trees

GOAL = 0.95
LABELS = Path(__file__).with_name("edge_labels.tsv")
Pair: TypeAlias = "tuple[str, str]"
Ported: TypeAlias = "tuple[str, str, int]"


@dataclass
class Count:
    """What was inferred, what is labelled, and what is in both."""

    inferred: int = 0
    labelled: int = 0
    right: int = 0

    def add(self, inferred: set[Pair] | set[Ported], labelled: set[Pair] | set[Ported]) -> None:
        """Count one project."""
        self.inferred += len(inferred)
        self.labelled += len(labelled)
        self.right += len(inferred & labelled)

    @property
    def precision(self) -> float:
        """How much of what is inferred is right."""
        return self.right / self.inferred if self.inferred else 1.0

    @property
    def recall(self) -> float:
        """How much of what is labelled is inferred."""
        return self.right / self.labelled if self.labelled else 1.0


@dataclass(frozen=True)
class Edges:
    """The edges of one project, whoever says them."""

    pairs: set[Pair]
    ports: set[Ported]


def main(arguments: Sequence[str]) -> int:
    """Measure and print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--show", action="store_true", help="print what is inferred wrongly or missed")
    parser.add_argument("--only", default="", help="only projects with this text in their name")
    options = parser.parse_args(arguments)
    counts: dict[str, tuple[Count, Count, list[str]]] = defaultdict(lambda: (Count(), Count(), []))
    labels = _labels()
    for name, stratum, project in _projects(options.corpus, {key for key in labels if options.only in key}):
        labelled, inferred = labels[name], _inferred(project)
        for stratum_or_all in (stratum, "all"):
            pairs, ports, names = counts[stratum_or_all]
            pairs.add(inferred.pairs, labelled.pairs)
            ports.add(inferred.ports, labelled.ports)
            names.append(name)
        if options.show:
            _show(name, project, labelled, inferred)
    return _table(counts)


def _labels() -> dict[str, Edges]:
    found: dict[str, Edges] = {}
    with LABELS.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            edges = found.setdefault(row["path"], Edges(set(), set()))
            if row["caller"]:
                edges.pairs.add((row["caller"], row["target"]))
            if row["port"]:
                edges.ports.add((row["caller"], row["target"], int(row["port"])))
    return found


def _projects(corpus: Path, wanted: set[str]) -> Iterator[tuple[str, str, Project]]:
    """Yield each project with its name and stratum, read without Compose; what is missing in a file is left out."""
    with (corpus / "MANIFEST.tsv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            if row["id"] in wanted:
                yield row["id"], row["stratum"], _project(corpus / row["id"].partition("::")[0] / row["path"], row)


def _project(folder: Path, row: dict[str, str]) -> Project:
    files = tuple(os.path.normpath(folder / name) for name in row["entry_files"].split(","))
    selection = Selection(str(folder), files, profiles=("*",), project="edges")
    trees = load_trees(files, str(folder))
    model = resolve_alone(selection, {}, str(folder), trees).model
    return build_project(model, selection, find_places(trees, files, str(folder)))


def _inferred(project: Project) -> Edges:
    edges = infer_edges(project)
    ports = {(edge.source, edge.target, edge.port) for edge in edges if edge.port is not None}
    return Edges({(edge.source, edge.target) for edge in edges}, ports)


def _show(name: str, project: Project, labelled: Edges, inferred: Edges) -> None:
    why = {(edge.source, edge.target): f"{edge.why} ({edge.location})" for edge in infer_edges(project)}
    lines = [f"  wrong  {a} -> {b}  {why[a, b]}" for a, b in sorted(inferred.pairs - labelled.pairs)]
    lines += [f"  missed {a} -> {b}" for a, b in sorted(labelled.pairs - inferred.pairs)]
    both = inferred.pairs & labelled.pairs
    lines += [f"  wrong port  {a} -> {b}:{c}" for a, b, c in sorted(inferred.ports - labelled.ports) if (a, b) in both]
    lines += [f"  missed port {a} -> {b}:{c}" for a, b, c in sorted(labelled.ports - inferred.ports) if (a, b) in both]
    if lines:
        print("\n".join([name, *lines]))


def _table(counts: dict[str, tuple[Count, Count, list[str]]]) -> int:
    print("| stratum | projects | pairs: labelled | precision | recall | ports: labelled | precision | recall |")
    print("|---|---|---|---|---|---|---|---|")
    for stratum, (pairs, ports, names) in counts.items():
        cells = (stratum, str(len(names)), *_cells(pairs), *_cells(ports))
        print(f"| {' | '.join(cells)} |")
    return int(any(_misses_goal((pairs, ports)) for pairs, ports, _ in counts.values()))


def _cells(count: Count) -> tuple[str, str, str]:
    return str(count.labelled), f"{count.precision:.3f}", f"{count.recall:.3f}"


def _misses_goal(counts: Iterable[Count]) -> bool:
    return any(min(count.precision, count.recall) < GOAL for count in counts)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
