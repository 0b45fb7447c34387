"""Imports point one way: the rows of ARCHITECTURE.md, from values at the top to the pytest edge at the bottom."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "pytest_infragate"

ROWS = (
    ("__init__", "errors", "results", "units", "suggest", "words", "timeline", "sightings", "fingerprint"),
    ("selectors", "bounds", "check_options", "service_keys", "past_runs", "settings", "limits", "scaling_settings"),
    ("process", "companions", "output", "deferral", "identity", "uncollected"),
    ("compose",),
    ("reading",),
    ("linters",),
    ("catalogue", "runner", "checks", "live_pages", "manual"),
    ("stack",),
    ("probes",),
    ("diagnosis",),
    ("advice",),
    ("gates",),
    ("plan", "static_plan", "verdict", "waivers", "ignores", "baseline", "masking", "ledger"),
    ("reports",),
    ("progress", "private_folder", "preparation"),
    ("recall",),
    ("fixes",),
    ("run",),
    (
        "explain",
        "options",
        "hookspecs",
        "further",
        "environment",
        "intake",
        "markers",
        "fixtures",
        "xdist",
        "cache",
        "reporting",
        "screen",
        "terminal",
        "signals",
        "owner",
        "answering",
        "provider",
        "plugin",
    ),
)
RANK = {part: rank for rank, row in enumerate(ROWS) for part in row}
EDGE = ROWS[-1]
HEAVY = ("docker", "testcontainers", "yaml", "requests", "urllib3")


def modules() -> dict[str, ast.Module]:
    """Return every module of the package by its dotted name below it."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)
        found[name] = ast.parse(path.read_text())
    return found


MODULES = modules()


def part_of(module: str) -> str:
    return module.partition(".")[0]


def imported(name: str, tree: ast.Module, *, at_import_time: bool = False) -> set[str]:
    """Return the package's own modules that a module imports; those for typing alone do not count."""
    found: set[str] = set()
    for node in _import_nodes(tree, at_import_time=at_import_time):
        if isinstance(node, ast.ImportFrom) and node.level:
            found |= _targets(name, node)
    return found


def _import_nodes(tree: ast.Module, *, at_import_time: bool) -> list[ast.stmt]:
    found: list[ast.stmt] = []
    queue: list[ast.AST] = [tree]
    while queue:
        node = queue.pop()
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            continue
        if at_import_time and isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            continue
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            found.append(node)
        queue.extend(ast.iter_child_nodes(node))
    return found


def _targets(name: str, node: ast.ImportFrom) -> set[str]:
    is_package = (PACKAGE / Path(*name.split("."))).is_dir()
    base = name.split(".") if is_package else name.split(".")[:-1]
    base = base[: len(base) - (node.level - 1)] if node.level > 1 else base
    if name == "__init__":
        base = []
    stem = [*base, *(node.module.split(".") if node.module else [])]
    candidates = {".".join([*stem, alias.name]) for alias in node.names}
    return {one if one in MODULES else ".".join(stem) for one in candidates} - {""}


@pytest.mark.parametrize("name", sorted(MODULES))
def test_every_module_has_its_row(name: str) -> None:
    assert part_of(name) in RANK, f"{name} is in no row: add it to ROWS and to ARCHITECTURE.md"


def test_the_rows_are_those_of_the_architecture_page() -> None:
    page = (PACKAGE.parent / "ARCHITECTURE.md").read_text()
    table = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `")]
    told = [{name.rstrip("/") for name in re.findall(r"`([^`]+)`", cell)} for cell in table]
    assert told == [set(row) - {"__init__"} for row in ROWS]


@pytest.mark.parametrize("name", sorted(MODULES))
def test_a_module_imports_only_from_its_own_row_and_those_above(name: str) -> None:
    upwards = {target for target in imported(name, MODULES[name]) if RANK[part_of(target)] > RANK[part_of(name)]}
    assert upwards == set()


def test_no_module_imports_itself_in_a_circle() -> None:
    graph = {name: imported(name, tree, at_import_time=True) for name, tree in MODULES.items()}
    done: set[str] = set()

    def visit(name: str, path: tuple[str, ...]) -> None:
        assert name not in path, " -> ".join((*path, name))
        if name not in done:
            for target in sorted(graph[name]):
                visit(target, (*path, name))
            done.add(name)

    for name in graph:
        visit(name, ())


@pytest.mark.parametrize("name", sorted(name for name in MODULES if part_of(name) not in EDGE))
def test_pytest_is_known_only_at_the_edge(name: str) -> None:
    assert not {root for root in _outside(MODULES[name]) if root in ("pytest", "_pytest", "xdist")}


def test_loading_the_plugin_imports_nothing_heavy() -> None:
    reached = loaded_with("plugin")
    assert heavy(reached) == set()
    assert reached <= {"plugin", "options", "hookspecs", "markers", "fixtures", "xdist", "__init__"}


def test_reading_the_files_does_not_wait_for_the_client_of_the_engine() -> None:
    assert {root for _, root in heavy(loaded_with("run.gate"))} == {"yaml"}


def test_an_answer_from_the_cache_waits_for_no_check_and_no_reader_of_files() -> None:
    reached = loaded_with("answering")
    assert heavy(reached) == set()
    unwanted = ("checks", "gates", "stack", "reading", "compose", "settings", "masking", "process", "private_folder")
    assert not {name for name in reached if part_of(name) in unwanted}


def test_a_static_run_waits_for_nothing_that_only_a_running_stack_or_a_fix_needs() -> None:
    reached = loaded_with("run.keeping") | loaded_with("answering")
    assert not {name for name in reached if part_of(name) in ("stack", "probes", "diagnosis", "fixes")}
    assert not reached & {"run.live", "run.planning"}
    assert {name for name in reached if part_of(name) == "gates"} == {"gates.configuration", "gates.overrides"}
    resolution = {name for name in reached if name.startswith("compose.resolution")}
    assert resolution == {"compose.resolution.template"}


def test_what_proves_a_stack_is_loaded_while_compose_starts_it() -> None:
    reached = loaded_with("run.live") | loaded_with("run.planning")
    later = {name for name in MODULES if part_of(name) in ("probes", "advice")}
    later |= {
        f"run.{name}" for name in ("proving", "measuring", "rechecking", "windows", "advising", "scaling", "trial")
    }
    later |= {
        f"gates.{name}" for name in ("connectivity", "edge_check", "performance", "measures", "health", "scaling")
    }
    later |= {"gates.compared", "gates.comparisons", "stack.inside", "stack.exchange", "reports.folder"}
    assert not reached & later
    assert {"gates.connectivity", "gates.performance", "gates.health", "advice.start"} <= loaded_with("run.proving")


def loaded_with(first: str) -> set[str]:
    """Return the modules that are loaded when one of them is."""
    reached: set[str] = set()
    queue = [first]
    while queue:
        name = queue.pop()
        if name not in reached:
            reached.add(name)
            queue += imported(name, MODULES[name], at_import_time=True)
    return reached


def heavy(reached: set[str]) -> set[tuple[str, str]]:
    return {(name, root) for name in reached for root in _outside(MODULES[name], at_import_time=True) if root in HEAVY}


def test_only_one_module_starts_programs() -> None:
    assert {name for name, tree in MODULES.items() if "subprocess" in _outside(tree)} <= {
        "process",
        "companions",
        "output",
    }


def test_only_the_runner_catches_everything() -> None:
    broad = {
        name
        for name, tree in MODULES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler) and _catches_everything(node) and not _raises_again(node)
    }
    assert broad == {"runner"}


def _catches_everything(node: ast.ExceptHandler) -> bool:
    return node.type is None or getattr(node.type, "id", "") in ("Exception", "BaseException")


def _raises_again(node: ast.ExceptHandler) -> bool:
    last = node.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


def _outside(tree: ast.Module, *, at_import_time: bool = False) -> set[str]:
    roots: set[str] = set()
    for node in _import_nodes(tree, at_import_time=at_import_time):
        if isinstance(node, ast.Import):
            roots |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            roots.add(node.module.partition(".")[0])
    return roots
