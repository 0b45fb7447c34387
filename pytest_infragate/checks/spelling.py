"""Checks of values without quotes that are read as something else than they look like (IG111, IG112)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import reduce

from ..compose.node import Node, NodeKind
from ..results import Severity
from . import written
from .base import Draft, Material, check_of_material

_TEXT_SECTIONS = (("environment",), ("labels",), ("build", "args"))
"""Where Compose turns a number back into text, in its own spelling."""
_NUMBER = re.compile(r"[-+]?(?:0[xXbBoO]?[\da-fA-F_]+|[\d_]+|[\d_]*\.[\d_]*(?:[eE][-+]?\d+)?|[\d_.]+[eE][-+]?\d+)")
_OLD_WORDS = {
    **{word: "true" for text in ("y", "yes", "on") for word in (text, text.capitalize(), text.upper())},
    **{word: "false" for text in ("n", "no", "off") for word in (text, text.capitalize(), text.upper())},
}
_OLD_SEXAGESIMAL = re.compile(r"[-+]?[1-9]\d*(?::[0-5]?\d)+")


@check_of_material("IG111", Severity.WARNING, dev=Severity.INFO, strict=Severity.ERROR)
def number_respelled(material: Material) -> Iterator[Draft]:
    """A value without quotes is read as a number, and reaches the service in another spelling.

    ``3.10`` becomes ``3.1``, ``0755`` becomes ``493``, ``1.0`` becomes ``1`` and ``1e3`` becomes ``1000``, in environment,
    labels and build arguments.

    References: YAML 1.2 core schema; Compose documentation on environment.

    Flagged::

        services:
          app:
            image: ours:1.0
            environment:
              PYTHON_VERSION: 3.10

    Accepted::

        services:
          app:
            image: ours:1.0
            environment:
              PYTHON_VERSION: "3.10"
              WORKERS: 4
              RATIO: 0.5
    """
    for section in _TEXT_SECTIONS:
        for found in written.assignments(material.resolution, *section):
            node = found.node
            spelled = None if node.text != found.value or node.quoted else _respelled(node)
            if spelled is not None:
                message = f"{found.name}: {node.text} is read as a number and reaches the service as {spelled}."
                yield Draft(found.service, message, f'Put quotes around it: "{node.text}".', found.location)


@check_of_material("IG112", Severity.WARNING, dev=Severity.INFO)
def yaml_versions_disagree(material: Material) -> Iterator[Draft]:
    """A word without quotes is text for Compose, but something else for programs that read YAML 1.1.

    ``NO`` and ``on`` are truth values there, ``22:22`` is the number 1342. Compose reads them as they look; linters,
    deployment tools and scripts that read the same file may not.

    References: YAML 1.1 types bool and int.

    Flagged::

        services:
          app:
            image: ours:1.0
            environment:
              COUNTRY: NO

    Accepted::

        services:
          app:
            image: ours:1.0
            environment:
              COUNTRY: "NO"
    """
    for service, node in written.services(material.resolution):
        for scalar in _plain_scalars(node):
            meaning = _old_meaning(scalar.text)
            if meaning is not None:
                message = f"{scalar.text} has no quotes: programs that read YAML 1.1 take it for {meaning}."
                yield Draft(service, message, f'Put quotes around it: "{scalar.text}".', scalar.location)


def _old_meaning(text: str) -> str | None:
    """Return what YAML 1.1 makes of a text that is a text for Compose."""
    if _OLD_SEXAGESIMAL.fullmatch(text):
        first, *digits = text.lstrip("+-").split(":")
        number = reduce(lambda total, digit: 60 * total + int(digit), digits, int(first))
        return f"the number {'-' if text[0] == '-' else ''}{number}"
    return _OLD_WORDS.get(text)


def _respelled(node: Node) -> str | None:
    """Return what Compose makes of a number, where that is not what was written."""
    value = node.scalar
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not _NUMBER.fullmatch(node.text):
        return None
    shown = _shown(value)
    return None if shown == node.text else shown


def _shown(value: float) -> str:
    """Return a number as Compose writes it: no fraction of nothing, an exponent below 0.0001 and from a million on."""
    if isinstance(value, int):
        return str(value)
    exact = Decimal(repr(value)).normalize()
    power = exact.adjusted()
    if not exact or -5 < power < 6:
        return f"{exact:f}"
    digits = str(abs(exact.scaleb(-power)))
    return f"{'-' if value < 0 else ''}{digits}e{'-' if power < 0 else '+'}{abs(power):02d}"


def _plain_scalars(node: Node) -> Iterator[Node]:
    """Yield the values below a node that have no quotes."""
    if node.kind is NodeKind.SCALAR and not node.quoted and isinstance(node.scalar, str):
        yield node
    for _, value in node.entries:
        yield from _plain_scalars(value)
    for element in node.elements:
        yield from _plain_scalars(element)
