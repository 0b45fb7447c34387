"""Merges documents key by key as Compose does: mappings below each other, lists one after the other, the later value wins.

Which keys deviate from that is the table at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from operator import is_

from ..node import Node, NodeKind
from .problems import Problems

Rule = Callable[[Node, Node, Problems], Node]
RESET, OVERRIDE = "!reset", "!override"


def joined(base: Node, over: Node, problems: Problems) -> Node:
    """Merge two values of a key without a rule of its own."""
    if over.is_null:
        return base
    if base.is_mapping and over.is_mapping:
        return _mappings(base, over, problems, {}, joined)
    if base.is_sequence and over.is_sequence:
        return replace(base, elements=base.elements + over.elements)
    if base.kind is not over.kind and not base.is_null:
        problems.settle(
            f"A {over.kind.value} cannot be merged with the {base.kind.value} at {base.location}.", over.location
        )
    return over


def replaced(base: Node, over: Node, problems: Problems) -> Node:  # noqa: ARG001  (the signature of a rule)
    """Let the later value stand alone."""
    return over


def without_resets(node: Node) -> Node:
    """Return a tree in which nothing is left that ``!reset`` takes out; for what is merged with nothing."""
    if node.kind is NodeKind.SCALAR:
        return node
    if node.is_sequence:
        elements = tuple(without_resets(element) for element in node.elements if element.tag != RESET)
        same = len(elements) == len(node.elements) and all(map(is_, elements, node.elements))
        return node if same else replace(node, elements=elements)
    entries = tuple((key, without_resets(value)) for key, value in node.entries if value.tag != RESET)
    same = len(entries) == len(node.entries) and all(
        new[1] is old[1] for new, old in zip(entries, node.entries, strict=True)
    )
    return node if same else replace(node, entries=entries)


def _mappings(base: Node, over: Node, problems: Problems, rules: Mapping[str, Rule], default: Rule) -> Node:
    """Merge two mappings; each key by its rule."""
    entries = {key.text: (key, value) for key, value in base.entries}
    for key, value in over.entries:
        old = entries.get(key.text)
        if value.tag == RESET:
            entries.pop(key.text, None)
        elif old is None or value.tag == OVERRIDE:
            entries[key.text] = (key, without_resets(value))
        else:
            entries[key.text] = (key, rules.get(key.text, default)(old[1], value, problems))
    return replace(base, entries=tuple(entries.values()))


def keyed(default: Rule = joined, **rules: Rule) -> Rule:
    """Return the rule of a mapping whose keys have rules of their own."""

    def merge(base: Node, over: Node, problems: Problems) -> Node:
        if base.is_mapping and over.is_mapping:
            return _mappings(base, over, problems, rules, default)
        return joined(base, over, problems)

    return merge


def _converted(convert: Callable[[Node], Node], rule: Rule) -> Rule:
    """Return a rule for values that may be written in two ways, which are brought to one first."""

    def merge(base: Node, over: Node, problems: Problems) -> Node:
        return base if over.is_null else rule(convert(base), convert(over), problems)

    return merge


def as_pairs(node: Node) -> Node:
    """Return ``[A=1, B]`` as ``{A: 1, B: }``, with places."""
    if not node.is_sequence or any(element.kind is not NodeKind.SCALAR for element in node.elements):
        return node
    entries = {}
    for element in node.elements:
        name, equals, value = element.text.partition("=")
        written = replace(element, scalar=value if equals else None, text=value)
        entries[name] = (replace(element, scalar=name, text=name), written)
    return Node(NodeKind.MAPPING, node.location, entries=tuple(entries.values()), tag=node.tag)


def _as_elements(node: Node) -> Node:
    """Return one text as a list of it."""
    if node.kind is not NodeKind.SCALAR:
        return node
    return Node(NodeKind.SEQUENCE, node.location, elements=(node,))


def as_host_elements(node: Node) -> Node:
    """Return ``{host: address}`` as ``[host=address]``."""
    if not node.is_mapping:
        return node
    elements = []
    for key, value in node.entries:
        for address in value.elements or (value,):
            text = f"{key.text}={address.text}"
            elements.append(replace(key, scalar=text, text=text, quoted=True))
    return Node(NodeKind.SEQUENCE, node.location, elements=tuple(elements))


def _named(fields: Mapping[str, str]) -> Callable[[Node], Node]:
    """Return a conversion of ``[name]`` to ``{name: fields}``; without fields the value is nothing."""

    def convert(node: Node) -> Node:
        if not node.is_sequence or any(element.kind is not NodeKind.SCALAR for element in node.elements):
            return node
        entries = tuple((element, _fields(element, fields)) for element in node.elements)
        return Node(NodeKind.MAPPING, node.location, entries=entries, tag=node.tag)

    return convert


def _fields(element: Node, fields: Mapping[str, str]) -> Node:
    if not fields:
        return Node(NodeKind.SCALAR, element.location)
    entries = tuple((_text(element, key), _text(element, value)) for key, value in fields.items())
    return Node(NodeKind.MAPPING, element.location, entries=entries)


def _text(place: Node, text: str) -> Node:
    return Node(NodeKind.SCALAR, place.location, text, text, quoted=True)


def as_build(node: Node) -> Node:
    """Return ``build: folder`` as ``{context: folder}``."""
    if node.kind is not NodeKind.SCALAR:
        return node
    return Node(NodeKind.MAPPING, node.location, entries=((_text(node, "context"), node),))


as_dependencies = _named({"condition": "service_started"})
as_memberships = _named({})


def _logging(base: Node, over: Node, problems: Problems) -> Node:
    """Options are merged only below one driver."""
    drivers = [node.get("driver") for node in (base, over)]
    if drivers[0] and drivers[1] and drivers[0].text != drivers[1].text:
        return over
    return joined(base, over, problems)


def _ulimit(base: Node, over: Node, problems: Problems) -> Node:
    return joined(base, over, problems) if base.is_mapping and over.is_mapping else over


_PAIRS = _converted(as_pairs, joined)
_TEXTS = _converted(_as_elements, joined)
_HOSTS = _converted(as_host_elements, joined)
_LABELLED = keyed(labels=_PAIRS)
_BUILD = keyed(args=_PAIRS, labels=_PAIRS, additional_contexts=_PAIRS, extra_hosts=_HOSTS)
merge_services = keyed(
    annotations=_PAIRS,
    build=_converted(as_build, _BUILD),
    command=replaced,
    depends_on=_converted(as_dependencies, joined),
    deploy=_LABELLED,
    dns=_TEXTS,
    dns_opt=_TEXTS,
    dns_search=_TEXTS,
    entrypoint=replaced,
    env_file=_TEXTS,
    environment=_PAIRS,
    extra_hosts=_HOSTS,
    healthcheck=keyed(test=replaced),
    label_file=_TEXTS,
    labels=_PAIRS,
    logging=_logging,
    models=_converted(as_memberships, joined),
    networks=_converted(as_memberships, joined),
    sysctls=_PAIRS,
    tmpfs=_TEXTS,
    ulimits=keyed(_ulimit),
)
"""Merges what two places say of one service."""
merge_documents = keyed(
    services=keyed(merge_services),
    networks=keyed(_LABELLED),
    volumes=keyed(_LABELLED),
    configs=keyed(),
    secrets=keyed(),
)
"""Merges two documents."""
