"""Parses ``scaling``: how many containers a service is tried with, and what is asked and demanded of them."""

from __future__ import annotations

from typing import Any

from ..bounds import Limit
from ..compose.node import Node
from ..limits import parse_limit
from ..scaling_settings import MOST_LOAD_S, MOST_REPLICAS, SCALE_METRICS, ScalingSettings
from ..settings import ProbeSettings
from .notation import target
from .probes import probe
from .problems import ContradictionError, InvalidError, Trail
from .schema import Key, Table, list_of
from .values import deadline, text, whole


def _limit(node: Node, trail: Trail) -> Limit:
    """Return a limit on a metric of scaling."""
    return parse_limit(text(node, trail), node.location, SCALE_METRICS)


def _load(node: Node, trail: Trail) -> float:
    """Return for how long requests are made, in seconds."""
    seconds = deadline(node, trail)
    if seconds > MOST_LOAD_S:
        raise InvalidError(f"expected at most {MOST_LOAD_S:g}s")
    return seconds


def _network_probe(node: Node, trail: Trail) -> ProbeSettings:
    """Return a probe that is asked over the network, from other containers."""
    read = probe(node, trail)
    if read.protocol == "exec":
        raise InvalidError("requests come from other containers: expected a URL such as http://:8000/items")
    return read


def _build(**values: Any) -> ScalingSettings:
    """Return the settings. Raises ContradictionError for two limits on one metric and aggregation that say the same."""
    made = ScalingSettings(**values)
    texts = [limit.text for limit in made.limits]
    twice = sorted({one for one in texts if texts.count(one) > 1})
    if twice:
        raise ContradictionError(f"limit {twice[0]!r} is there twice; remove one of them")
    return made


scaling = Table(
    _build,
    (
        Key("replicas", whole(1, MOST_REPLICAS), missing="expected how many containers the service gets"),
        Key("within", deadline, "within_s"),
        Key("load", _load, "load_s"),
        Key("probe", _network_probe),
        Key("via", target),
        Key("limits", list_of(_limit, "limits such as 'scale.up: max < 30s'")),
    ),
    located=True,
)
"""The table of one service under ``scaling``."""
