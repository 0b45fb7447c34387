"""Parses ``performance.baseline``: the name of a file, or a table with more."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from types import MappingProxyType

from ..compose.node import Node
from ..limits import METRICS, parse_limit
from ..past_runs import BaselineSettings
from ..suggest import did_you_mean, listed
from .problems import InvalidError, Trail, attempt
from .schema import Key, Table, list_of, mapping_of
from .values import flag, path, text, whole

_MIDDLE = "med"
COMPARABLE = tuple(name for name, metric in METRICS.items() if _MIDDLE in metric.aggregations)
"""The metrics that have a value in the middle, which is what is compared."""
_MOST_RUNS = 50


def _metric(node: Node, trail: Trail) -> str:
    name = text(node, trail)
    if name not in COMPARABLE:
        raise InvalidError(
            f"expected a metric with values over time: {listed(COMPARABLE)}{did_you_mean(name, COMPARABLE)}"
        )
    return name


def _share(node: Node, trail: Trail) -> float:
    """Return the ratio of ``0.2`` or ``20%``."""
    written = text(node, trail) if isinstance(node.scalar, str) else node.text
    number = written.removesuffix("%").strip()
    try:
        share = float(number) / (100 if written.endswith("%") else 1)
    except ValueError:
        raise InvalidError("expected a share such as 0.2 or 20%") from None
    if not 0 < share <= 10:
        raise InvalidError("expected more than 0 and at most 10, such as 0.2 or 20%")
    return share


def _significance(node: Node, trail: Trail) -> float:
    share = _share(node, trail)
    if share > 0.5:
        raise InvalidError("expected how often chance may fail a run, at most 0.5, such as 0.02")
    return share


def _floors(node: Node, trail: Trail) -> Mapping[str, float]:
    """Return the floors by metric, each read as the bound of a limit on it."""
    found = mapping_of(lambda value, _: value, "metrics, each with a value such as 10ms")(node, trail)
    attempts = {
        metric: attempt(partial(_floor, metric), value, trail.below(metric), None) for metric, value in found.items()
    }
    return MappingProxyType({metric: floor for metric, floor in attempts.items() if floor})


def _floor(metric: str, node: Node, trail: Trail) -> float:
    if metric not in COMPARABLE:
        raise InvalidError(f"expected one of the metrics {listed(COMPARABLE)}{did_you_mean(metric, COMPARABLE)}")
    written = text(node, trail) if isinstance(node.scalar, str) else node.text
    floor = parse_limit(f"{metric}: {_MIDDLE} < {written}").bound
    if not floor:
        raise InvalidError("expected more than 0")
    return floor


_TABLE = Table(
    BaselineSettings,
    (
        Key("file", path),
        Key("required", flag),
        Key("runs", whole(1, _MOST_RUNS)),
        Key("shift", _share),
        Key("significance", _significance),
        Key("noise", _share),
        Key("metrics", list_of(_metric, "metrics such as http.latency")),
        Key("floors", _floors),
    ),
    located=True,
)


def performance_baseline(node: Node, trail: Trail) -> BaselineSettings:
    """Return what is said of the baseline; a text alone names its file."""
    if isinstance(node.scalar, str):
        return BaselineSettings(file=path(node, trail), location=node.location)
    return _TABLE(node, trail)
