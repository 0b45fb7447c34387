"""Parsers of single values: texts, numbers, durations, days, patterns, names of files."""

from __future__ import annotations

import datetime
import math
import os
import re
import warnings
from enum import Enum
from typing import TypeVar

from .. import sightings
from ..compose.discovery import fault_of_file
from ..compose.node import Node, NodeKind
from ..suggest import did_you_mean, listed
from ..units import parse_duration, parse_size
from .problems import InvalidError, Parser, Trail

E = TypeVar("E", bound=Enum)

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_PROJECT = re.compile(r"[a-z0-9][a-z0-9_-]*")
FIXED_CHECK = (
    "this check looks at the run itself, and its severity cannot be changed; to accept a failure of it for a while, "
    "write it under waivers with reason and day"
)
_OTHER_FLAGS = {"yes": "true", "on": "true", "y": "true", "no": "false", "off": "false", "n": "false"}


def text(node: Node, _: Trail) -> str:
    """Return a text that is not blank."""
    if node.is_mapping:
        raise InvalidError("expected a text; put quotes around one that holds a colon")
    if not isinstance(node.scalar, str) or not node.scalar.strip():
        raise InvalidError("expected a text")
    return node.scalar


def word(node: Node, _: Trail) -> str:
    """Return any scalar as it was written, ``5`` and ``true`` included: an argument or the value of a variable."""
    if node.kind is not NodeKind.SCALAR or node.is_null:
        raise InvalidError("expected a text or a number")
    return node.text


def flag(node: Node, _: Trail) -> bool:
    """Return true or false; YAML 1.2 has no other words for them."""
    if not isinstance(node.scalar, bool):
        meant = _OTHER_FLAGS.get(node.text.lower())
        raise InvalidError("expected true or false" + (f"; did you mean {meant!r}?" if meant else ""))
    return node.scalar


def whole(least: int, most: int | None = None) -> Parser[int]:
    """Return a parser of whole numbers within bounds."""
    expected = f"expected a whole number, {least} or more" if most is None else f"expected {least} to {most}"

    def parse_whole(node: Node, _: Trail) -> int:
        number = node.scalar
        if isinstance(number, bool) or not isinstance(number, int) or number < least or (most and number > most):
            raise InvalidError(expected)
        return number

    return parse_whole


def duration(node: Node, _: Trail) -> float:
    """Return seconds, zero included."""
    if node.kind is not NodeKind.SCALAR or node.is_null or isinstance(node.scalar, bool):
        raise InvalidError("expected a duration such as 500ms, 10s or 1m30s")
    return parse_duration(node.text)


def deadline(node: Node, trail: Trail) -> float:
    """Return seconds, more than zero."""
    seconds = duration(node, trail)
    if not seconds:
        raise InvalidError("expected more than 0: a deadline of nothing is always missed")
    return seconds


def size(node: Node, _: Trail) -> int:
    """Return bytes, more than zero."""
    if node.kind is not NodeKind.SCALAR or node.is_null or isinstance(node.scalar, bool):
        raise InvalidError("expected a size such as 65536, 512m or 1.5GiB")
    found = parse_size(node.text)
    if not found:
        raise InvalidError("expected more than 0")
    return found


def processors(node: Node, _: Trail) -> float:
    """Return a number of processors, more than zero."""
    number = node.scalar
    if isinstance(number, bool) or not isinstance(number, (int, float)) or not 0 < number < math.inf:
        raise InvalidError("expected a number of processors, more than 0, such as 4 or 1.5")
    return float(number)


def choice(kind: type[E]) -> Parser[E]:
    """Return a parser of the values of an enumeration."""
    names = [member.value for member in kind]

    def parse_choice(node: Node, _: Trail) -> E:
        if node.scalar not in names:
            raise InvalidError(f"expected {listed(names)}{did_you_mean(node.text, names)}")
        return kind(node.scalar)

    return parse_choice


def pattern(node: Node, trail: Trail) -> str:
    """Return a regular expression that compiles."""
    written = text(node, trail)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            re.compile(written)
    except re.error as error:
        raise InvalidError(f"expected a regular expression, but {error}") from None
    return written


def day(node: Node, _: Trail) -> datetime.date:
    """Return a day written as ``2027-03-31``."""
    try:
        if _DAY.fullmatch(node.text):
            return datetime.date.fromisoformat(node.text)
    except ValueError as error:
        raise InvalidError(f"expected a day such as 2027-03-31, but {error}") from None
    raise InvalidError("expected a day such as 2027-03-31")


def check_id(node: Node, trail: Trail) -> str:
    """Return the id of a check that exists."""
    known = sorted(trail.context.known_checks)
    if node.text not in known:
        raise InvalidError(f"no check has this id{did_you_mean(node.text, known)} (pytest --infragate-list shows all)")
    return node.text


def adjustable_check_id(node: Node, trail: Trail) -> str:
    """Return the id of a check that can be disabled or given another severity."""
    found = check_id(node, trail)
    if found in trail.context.fixed_checks:
        raise InvalidError(FIXED_CHECK)
    return found


def file(node: Node, trail: Trail) -> str:
    """Return the absolute path of a file that can be read."""
    path = _path(node, trail)
    fault = fault_of_file(path)
    if fault is not None:
        raise InvalidError(f"{path} {fault}")
    return path


def folder(node: Node, trail: Trail) -> str:
    """Return the absolute path of a folder that exists."""
    path = _path(node, trail)
    if not sightings.is_dir(path):
        raise InvalidError(f"{path} is no folder")
    return path


def new_folder(node: Node, trail: Trail) -> str:
    """Return the absolute path of a folder that may still have to be made."""
    path = _path(node, trail)
    # No verdict depends on the folder that it is written to, so nobody takes note of it.
    if os.path.lexists(path) and sightings.state(path, sightings.KIND) != sightings.FOLDER:
        raise InvalidError(f"{path} is no folder: name a folder, or a path where there is nothing yet")
    return path


def path(node: Node, trail: Trail) -> str:
    """Return an absolute path, whatever is there."""
    return _path(node, trail)


def project(node: Node, trail: Trail) -> str:
    """Return a project name that Compose accepts."""
    name = text(node, trail)
    if not _PROJECT.fullmatch(name):
        raise InvalidError(
            "expected lower-case letters, digits, '-' and '_', beginning with a letter or digit, as Compose does"
        )
    return name


def _path(node: Node, trail: Trail) -> str:
    """Return a path made absolute against the folder of the source."""
    return os.path.normpath(trail.context.folder / text(node, trail))
