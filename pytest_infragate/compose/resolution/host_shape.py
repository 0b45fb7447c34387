"""``extra_hosts``: names with their addresses."""

from __future__ import annotations

from ...results import Json
from ..node import Node
from . import merging
from .shapes import Reading


def hosts(node: Node, name: str, reading: Reading) -> Json:
    """``host:address``, ``host=address`` or a mapping; printed as ``host=address``, sorted."""
    if not (node.is_sequence or node.is_mapping):
        reading.unexpected(node, name, "a list or a mapping")
        return None
    if node.is_mapping and not _are_addresses(node, name, reading):
        return None
    found = (_host(element, name, reading) for element in merging.as_host_elements(node).elements)
    printed: list[Json] = [*sorted({one for one in found if one is not None})]
    return printed


def _are_addresses(node: Node, name: str, reading: Reading) -> bool:
    """Whether every host has an address or a list of them; what is none is a problem."""
    others = [
        one
        for _, value in node.entries
        for one in (value.elements if value.is_sequence else (value,))
        if not isinstance(one.scalar, str)
    ]
    for one in others:
        reading.unexpected(one, name, "a text or a list of texts for each host")
    return not others


def _host(element: Node, name: str, reading: Reading) -> str | None:
    if not isinstance(element.scalar, str):
        reading.unexpected(element, name, "a list of texts such as 'name:address'")
        return None
    host, separator, address = element.text.partition("=" if "=" in element.text else ":")
    if not separator:
        reading.refuse(f"`{name}` has {element.text!r}, expected NAME:ADDRESS", element.location)
        return None
    return f"{host}={address.strip().removeprefix('[').removesuffix(']')}"
