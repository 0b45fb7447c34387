"""Edges of real projects, in a reduced form of our own, against labels made by hand.

Each file in ``edges`` holds one project with what says anything of an edge, and under ``x-edges`` the edges that somebody
who read the project's own files found in them, as ``caller -> target:port``; without a port where the files name none.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import pytest

from pytest_infragate.compose.edges import Edge
from pytest_infragate.compose.places import find_places
from pytest_infragate.compose.references import infer_edges
from pytest_infragate.compose.resolution.alone import resolve_alone
from pytest_infragate.compose.resolve import build_project
from pytest_infragate.compose.selection import Selection
from pytest_infragate.compose.trees import load_trees

FOLDER = Path(__file__).with_name("edges")
PROJECTS = sorted(path.stem for path in FOLDER.glob("*.yaml"))
GOAL = 0.95

WRONG = {
    "elasticsearch-three-nodes": {"kibana -> es02", "kibana -> es03"},
    "kaneo": {"frontend -> backend"},
    "openpanel": {"op-worker -> op-api"},
    "otel-demo-full-observability-tests": {
        "flagd-ui -> flagd",
        "frontend -> image-provider",
        "frontend -> quote",
        "load-generator -> frontend",
    },
    "posthog-dev-full": {"temporal-ui -> db"},
    "posthog-hobby": {"temporal-ui -> db"},
    "rocketchat-database-traefik-monitoring": {"traefik-init -> grafana", "traefik-init -> rocketchat"},
}
"""Edges that are inferred and are none, by project: orders of start that nothing tells from needs, and that script."""

MISSED = {"rocketchat-database-traefik-monitoring": {"traefik -> grafana", "traefik -> rocketchat"}}
"""Edges that are not inferred, by project: a script of another service writes the proxy's file."""


@lru_cache
def inferred(name: str) -> tuple[Edge, ...]:
    file = str(FOLDER / f"{name}.yaml")
    selection = Selection(str(FOLDER), (file,), profiles=("*",), project="igt")
    trees = load_trees((file,), str(FOLDER))
    alone = resolve_alone(selection, {}, str(FOLDER), trees)
    assert not alone.problems
    return infer_edges(build_project(alone.model, selection, find_places(trees, (file,), str(FOLDER))))


@lru_cache
def labelled(name: str) -> frozenset[str]:
    (tree,) = load_trees((str(FOLDER / f"{name}.yaml"),), str(FOLDER))
    found = tree.root.get("x-edges")
    assert found is not None
    return frozenset(element.text for element in found.elements)


def pairs(edges: frozenset[str]) -> set[str]:
    return {edge.partition(":")[0] for edge in edges}


def ported(edges: frozenset[str]) -> set[str]:
    return {edge for edge in edges if ":" in edge}


@pytest.mark.parametrize("name", PROJECTS)
def test_the_pairs_of_a_project(name: str) -> None:
    found = {f"{edge.source} -> {edge.target}" for edge in inferred(name)}
    assert found - pairs(labelled(name)) == WRONG.get(name, set())
    assert pairs(labelled(name)) - found == MISSED.get(name, set())


@pytest.mark.parametrize("choose", [pairs, ported])
def test_precision_and_recall(choose: Callable[[frozenset[str]], set[str]]) -> None:
    right = found = there = 0
    for name in PROJECTS:
        ours, theirs = choose(frozenset(map(str, inferred(name)))), choose(labelled(name))
        right, found, there = right + len(ours & theirs), found + len(ours), there + len(theirs)
    assert right / found >= GOAL
    assert right / there >= GOAL


def test_the_sample_is_large() -> None:
    assert len(PROJECTS) >= 60
    assert sum(len(labelled(name)) for name in PROJECTS) >= 500
