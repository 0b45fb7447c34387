"""Puts variables into the values of a document; keys are left as they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ..node import Node, NodeKind
from .problems import Problems
from .template import TemplateError, substitute


def interpolated(node: Node, variables: Mapping[str, str], problems: Problems) -> Node:
    """Return the node with every reference in its values replaced; unchanged parts are shared with the old one.

    A value whose reference cannot be replaced stays as it is, so that the rest can be read; the problem says so.
    """
    if node.kind is NodeKind.SCALAR:
        return _scalar(node, variables, problems) if "$" in node.text and isinstance(node.scalar, str) else node
    if node.kind is NodeKind.SEQUENCE:
        elements = tuple(interpolated(element, variables, problems) for element in node.elements)
        same = all(new is old for new, old in zip(elements, node.elements, strict=True))
        return node if same else replace(node, elements=elements)
    entries = tuple((key, interpolated(value, variables, problems)) for key, value in node.entries)
    same = all(new[1] is old[1] for new, old in zip(entries, node.entries, strict=True))
    return node if same else replace(node, entries=entries)


def _scalar(node: Node, variables: Mapping[str, str], problems: Problems) -> Node:
    """Return a scalar with its references replaced. What comes of it is a text, whatever it looks like."""
    try:
        text = substitute(node.text, variables.get, lambda name: problems.unset(name, node.location))
    except TemplateError as error:
        problems.settle(f"The value cannot be interpolated: {error}.", node.location)
        return node
    return replace(node, scalar=text, text=text, quoted=True)
