"""Reads the file of the performance baseline: the runs that were recorded, by stack, class of machine, service and metric."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from .. import sightings
from ..compose.node import Node, NodeKind
from ..compose.source import load_yaml
from ..errors import InfragateError, SettingsError
from ..limits import METRICS
from ..past_runs import (
    FILE_NAME,
    OPTION,
    PERCENTS,
    SCHEMA,
    UPDATE,
    BaselineSettings,
    BaselineUse,
    Distribution,
    MetricKey,
    PastRun,
    PastRuns,
)
from ..results import Location
from ..suggest import did_you_mean, listed
from .options import COMMAND_LINE, INI, RawOptions
from .problems import Context, ContradictionError, InvalidError, Problem, Trail, attempt, told
from .schema import Key, Table, list_of, mapping_of
from .values import whole

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_SCHEMA_NAME = re.compile(r"infragate\.performance-baseline/\d+")
_REMEDY = f"restore the file from version control, or remove it and record it anew with {UPDATE}"


def refused_uses(options: RawOptions) -> list[Problem]:
    """Return what is wrong with the option where its value is right in itself: where it stands, and with what else."""
    said = options.baseline
    if said is None or said.value == BaselineUse.OFF.value:
        return []
    if said.source == COMMAND_LINE and options.static is not None:
        sentence = f"{OPTION} is about what a running stack measures, and --infragate-static starts none: leave out one"
    elif said.source == INI and said.value == BaselineUse.UPDATE.value:
        sentence = "the ini value infragate_baseline is 'update': a run that only records itself finds nothing; give it on the command line"
    else:
        return []
    return [Problem(Location(""), sentence)]


def with_past_runs(settings: BaselineSettings, folder: Path, root: str, *, wanted: bool) -> BaselineSettings:
    """Return the settings with the file that is used and what it says.

    ``folder`` is where the file is by default: that of the settings file, else ``root``. Not ``wanted``: no stack is measured.
    Raises ``SettingsError`` that tells every mistake in the file, or that a named one does not exist.
    """
    if settings.use is BaselineUse.OFF or not wanted:
        return replace(settings, file=None)
    path = settings.file or str(folder / FILE_NAME)
    name = os.path.relpath(path, root)
    if sightings.is_file(path):
        return replace(settings, file=path, past=read_past_runs(path, name))
    if settings.use is BaselineUse.UPDATE:
        _demand_folder(path, name)
        return replace(settings, file=path)
    if settings.file is None:
        return settings
    remedy = f"record it with {UPDATE}, or remove the key"
    raise SettingsError([f"{settings.location}: performance.baseline is {name}, which does not exist: {remedy}"])


def read_past_runs(path: str, name: str) -> PastRuns:
    """Return what a file holds; ``name`` is what messages call it. Raises ``SettingsError``."""
    problems: list[Problem] = []
    try:
        node = load_yaml(Path(path), name)
    except InfragateError as error:
        raise SettingsError([f"{error} ({_REMEDY})"]) from None
    runs = attempt(_FILE, node, Trail(Context(Path(path).parent, problems=problems)), PastRuns())
    if problems:
        raise SettingsError([*told(problems)[:-1], f"{told(problems)[-1]} ({_REMEDY})"])
    return runs


def _demand_folder(path: str, name: str) -> None:
    if sightings.exists(path) or not sightings.is_dir(str(Path(path).parent)):
        raise SettingsError(
            [f"The performance baseline {name} cannot be written: expected a file in a folder that exists"]
        )


def _number(node: Node, _: Trail) -> float:
    value = node.scalar
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < math.inf:
        raise InvalidError("expected a number, 0 or more")
    return float(value)


def _time(node: Node, _: Trail) -> str:
    if node.kind is not NodeKind.SCALAR or not _TIME.fullmatch(node.text):
        raise InvalidError("expected when the run began, such as 2027-03-31T12:00:00Z")
    return node.text


def _schema(node: Node, _: Trail) -> str:
    if node.text == SCHEMA:
        return SCHEMA
    if _SCHEMA_NAME.fullmatch(node.text):
        raise InvalidError(f"this version reads {SCHEMA}; the file is of another version of pytest-infragate")
    raise InvalidError(f"expected {SCHEMA}")


_QUANTILES = tuple(f"p{percent}" for percent in PERCENTS)


def _run(run: str, samples: int, p50: float, independent: float | None = None, **others: float) -> PastRun:
    """Return one run; of a single sample the value alone is written. Raises ContradictionError where numbers contradict."""
    told = {"p50": p50, **others, **({} if independent is None else {"independent": independent})}
    absent = [name for name in ("independent", *_QUANTILES) if name not in told]
    if samples > 1 and absent:
        raise ContradictionError(f"{samples} samples, but no {listed(absent)}: expected all of them")
    values = tuple(told.get(name, p50) for name in _QUANTILES)
    worth = float(samples) if independent is None else independent
    if list(values) != sorted(values):
        raise ContradictionError(f"the quantiles do not rise: expected {' <= '.join(_QUANTILES)}")
    if not 1 <= worth <= samples:
        raise ContradictionError(f"{worth:g} independent of {samples} samples: expected 1 to {samples}")
    return PastRun(run, Distribution(samples, worth, values))


_RUN = Table(
    _run,
    (
        Key("run", _time, missing="expected when the run began"),
        Key("samples", whole(1), missing="expected how many there were"),
        Key("independent", _number),
        *(Key(name, _number, missing="expected the median" if name == "p50" else "") for name in _QUANTILES),
    ),
)
_RUNS = list_of(_RUN, "runs, each with its time and quantiles")


def _metrics(node: Node, trail: Trail) -> Mapping[str, tuple[PastRun, ...]]:
    """Return the runs of each metric of one service."""
    for key, _ in node.entries:
        if key.text not in METRICS:
            trail.note(
                key.location, f"{trail.path} has {key.text!r}, which is no metric{did_you_mean(key.text, METRICS)}"
            )
    return mapping_of(_RUNS, "metrics, each with a list of runs")(node, trail)


def _services(node: Node, trail: Trail) -> Mapping[MetricKey, tuple[PastRun, ...]]:
    services = mapping_of(_metrics, "services, each with metrics")(node, trail)
    return {(service, metric): runs for service, metrics in services.items() for metric, runs in metrics.items()}


_FILE = Table(
    lambda schema, stacks: PastRuns(stacks),  # noqa: ARG005  (read first, so that another version is told)
    (
        Key("schema", _schema, missing=f"expected {SCHEMA}"),
        Key(
            "stacks",
            mapping_of(mapping_of(_services, "classes of machines"), "stacks, by their Compose files"),
            missing="expected the recorded runs",
        ),
    ),
)
