"""Reads the baseline, the file of findings that a project accepts: file, subject, check, number."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from .. import sightings
from ..check_options import AcceptedFindings
from ..compose.node import Node
from ..compose.source import load_yaml
from ..errors import InfragateError, SettingsError
from ..settings import CheckSettings
from .problems import Context, Problem, Trail, attempt, told
from .schema import mapping_of
from .values import whole

_NUMBERS = mapping_of(whole(1), "check ids and numbers")
ACCEPT = "--infragate-accept-findings"


def read_baseline(settings: CheckSettings, root: str) -> tuple[AcceptedFindings, ...]:
    """Return the entries of the baseline that the settings name; none where it is about to be written.

    Raises ``SettingsError`` that tells every mistake in it, or that there is none.
    """
    if settings.baseline is None:
        if settings.accept:
            raise SettingsError([f"{ACCEPT} writes the baseline: name its file in the settings, checks.baseline"])
        return ()
    if settings.accept:
        _demand_writable(settings.baseline)
        return ()
    name = os.path.relpath(settings.baseline, root)
    if not sightings.is_file(settings.baseline):
        remedy = f"write it with `pytest --infragate-static {ACCEPT}`, or remove the key"
        raise SettingsError([f"checks.baseline is {name}, which does not exist: {remedy}"])
    problems: list[Problem] = []
    try:
        entries = tuple(_entries(load_yaml(Path(settings.baseline), name), problems))
    except InfragateError as error:
        raise SettingsError([str(error)]) from None
    if problems:
        raise SettingsError(told(problems))
    return entries


def _demand_writable(file: str) -> None:
    folder = str(Path(file).parent)
    if sightings.state(folder, sightings.KIND) != sightings.FOLDER:
        raise SettingsError([f"checks.baseline is {file}, but {folder} is no folder: make it, or correct the path"])


def _entries(root: Node, problems: list[Problem]) -> Iterator[AcceptedFindings]:
    trail = Trail(Context(Path(), problems=problems))
    for file, subjects in _inner(root, trail):
        for subject, checks in _inner(subjects, trail.below(file.text)):
            numbers = attempt(_NUMBERS, checks, trail.below(file.text).below(subject.text), {})
            for check, number in numbers.items():
                yield AcceptedFindings(file.text, subject.text, check, number, subject.location)


def _inner(node: Node, trail: Trail) -> tuple[tuple[Node, Node], ...]:
    if not node.is_mapping and not node.is_null:
        trail.note(node.location, f"{trail.path or 'the baseline'} is {node.described()}: expected a mapping")
    return node.entries
