"""The tree of keys of the settings file, as tables; each table builds one dataclass of ``settings``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..check_options import Budget
from ..compose.node import Node, NodeKind
from ..results import WHOLE_STACK
from ..service_keys import is_pattern, keys_for
from ..settings import (
    CheckSettings,
    ComposeSettings,
    ConnectivityPolicy,
    ConnectivitySettings,
    Environment,
    HealthSettings,
    Kind,
    Level,
    LogSettings,
    ServiceSettings,
    Waiver,
)
from ..suggest import listed
from .check_options import check_options
from .commands import commands
from .edges import expected_edge, forbidden_edge
from .notation import edge
from .overrides import overrides
from .performance import PERFORMANCE
from .probes import probe
from .problems import ContradictionError, Trail
from .scaling import scaling
from .schema import Key, Table, list_of, mapping_of
from .values import (
    adjustable_check_id,
    check_id,
    choice,
    day,
    deadline,
    duration,
    file,
    flag,
    path,
    pattern,
    processors,
    project,
    size,
    text,
    whole,
)

_FILES = list_of(file, "file names")
_PROFILES = list_of(text, "profile names")
_EDGES = "edges such as 'api -> db:5432'"
_PATTERNS = list_of(pattern, "regular expressions")

_SERVICE = Table(
    ServiceSettings,
    (Key("kind", choice(Kind)), Key("probe", probe), Key("restarts", whole(0)), Key("checks", overrides)),
    located=True,
)
_CHECKS_KEY = "checks"


def _services(node: Node, trail: Trail) -> Mapping[str, ServiceSettings]:
    """Return what is said of each service; what patterns and ``*`` say holds wherever the service itself says nothing."""
    values = dict(node.items())
    if any(map(is_pattern, values)):
        entries = tuple((key, _filled(key.text, value, values)) for key, value in node.entries)
        node = Node(NodeKind.MAPPING, node.location, entries=entries)
    return mapping_of(_SERVICE, "services")(node, trail)


def _filled(name: str, own: Node, values: Mapping[str, Node]) -> Node:
    """Return a service's mapping with the keys that only its patterns have; a pattern's with those of ``*``."""
    wider = [WHOLE_STACK] if is_pattern(name) else [key for key in keys_for(name, values) if key != name]
    for key in wider:
        if key in values:
            own = _over(own, values[key])
    return own


def _over(own: Node, every: Node) -> Node:
    """Return a service's mapping with the keys that only the other has; overrides are looked up check by check."""
    if own is every or not every.is_mapping or not (own.is_mapping or own.is_null):
        return own
    added = tuple(entry for entry in every.entries if own.key(entry[0].text) is None and entry[0].text != _CHECKS_KEY)
    return Node(NodeKind.MAPPING, own.location, entries=own.entries + added)


def _build_checks(disable: tuple[str, ...] = (), **rest: Any) -> CheckSettings:
    """Return the settings of the static checks. Raises ContradictionError when a check is off and has a severity."""
    settings = CheckSettings(disable=frozenset(disable), **rest)
    both = sorted(settings.disable & settings.severity.keys())
    if both:
        raise ContradictionError(
            f"{listed(both, 'and')} in severity and in disable: expected one of them; remove the other"
        )
    return settings


_COMPOSE = Table(
    ComposeSettings,
    (
        Key("files", _FILES),
        Key("profiles", _PROFILES),
        Key("env_files", _FILES),
        Key("project", project),
        Key("isolate", flag),
    ),
)
_HEALTH = Table(
    HealthSettings, (Key("stable_for", duration, "stable_for_s"), Key("require_healthcheck", flag), Key("early", flag))
)
_CONNECTIVITY = Table(
    ConnectivitySettings,
    (
        Key("expect", list_of(expected_edge, _EDGES)),
        Key("forbid", list_of(forbidden_edge, _EDGES)),
        Key("ignore", list_of(edge, _EDGES)),
        Key("policy", choice(ConnectivityPolicy)),
        Key("helper_image", text),
    ),
)
_LOGS = Table(LogSettings, (Key("forbid", _PATTERNS), Key("allow", _PATTERNS)))
_CHECKS = Table(
    _build_checks,
    (
        Key("level", choice(Level)),
        Key("severity", overrides),
        Key("disable", list_of(adjustable_check_id, "check ids")),
        Key("baseline", path),
        Key("budget", Table(Budget, (Key("memory", size), Key("cpus", processors)))),
        Key("options", check_options),
    ),
)
_ENVIRONMENT = Table(Environment, (Key("files", _FILES), Key("env_files", _FILES)))
_WAIVER = Table(
    Waiver,
    (
        Key("check", check_id, missing="expected the id of the check that is waived"),
        Key("subject", text, missing="expected the service or other subject of the finding"),
        Key("reason", text, missing="expected why the finding is accepted"),
        Key("expires", day, missing="expected the last day on which it holds, such as 2027-03-31"),
    ),
    located=True,
)

KEYS = (
    Key("compose", _COMPOSE),
    Key("timeout", deadline, "timeout_s"),
    Key("services", _services),
    Key("health", _HEALTH),
    Key("connectivity", _CONNECTIVITY),
    Key("performance", PERFORMANCE),
    Key("logs", _LOGS),
    Key("commands", commands),
    Key("checks", _CHECKS),
    Key("environments", mapping_of(_ENVIRONMENT, "environments")),
    Key("scaling", mapping_of(scaling, "services")),
    Key("waivers", list_of(_WAIVER, "waivers, each with check, subject, reason and expires")),
)
"""The top level of the settings; ``Settings`` has a field for each."""
