"""Parses what the settings make of the findings of a check: another severity, or none at all, with a reason."""

from __future__ import annotations

from collections.abc import Mapping

from ..compose.node import Node
from ..results import Location, Severity
from ..settings import Override
from ..suggest import did_you_mean, listed
from .problems import ContradictionError, InvalidError, Trail
from .schema import Key, Table, mapping_of
from .values import FIXED_CHECK, text

_OFF = "off"
_WORDS = (*(severity.value for severity in Severity), _OFF)


def overrides(node: Node, trail: Trail) -> Mapping[str, Override]:
    """Return overrides by check id."""
    known = trail.context.known_checks
    for key, _ in node.entries:
        if key.text not in known:
            hint = did_you_mean(key.text, known)
            trail.note(key.location, f"{trail.path} names {key.text!r}: no check has this id{hint}")
        elif key.text in trail.context.fixed_checks:
            trail.note(key.location, f"{trail.path} names {key.text!r}: {FIXED_CHECK}")
    return mapping_of(_override, "check ids and severities")(node, trail)


def _override(node: Node, trail: Trail) -> Override:
    """Return one override, written as a severity or as a mapping of severity and reason."""
    if node.is_mapping:
        return _TABLE(node, trail)
    return _built(_word(node, trail), location=node.location)


def _word(node: Node, _: Trail) -> str:
    if node.scalar not in _WORDS:
        raise InvalidError(f"expected {listed(_WORDS)}{did_you_mean(node.text, _WORDS)}")
    return str(node.scalar)


def _built(severity: str, reason: str = "", **place: Location) -> Override:
    """Return an override. Raises ContradictionError when a check is switched off and nobody says why."""
    if severity == _OFF and not reason:
        raise ContradictionError('switches a check off without a reason: write {severity: "off", reason: "…"}')
    return Override(None if severity == _OFF else Severity(severity), reason, **place)


_TABLE = Table(
    _built,
    (Key("severity", _word, missing=f"expected {listed(_WORDS)}"), Key("reason", text)),
    located=True,
)
