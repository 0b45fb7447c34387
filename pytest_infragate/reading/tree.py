"""The tree of keys of the settings file, as tables; each table builds one dataclass of ``settings``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..compose.node import Node, NodeKind
from ..results import WHOLE_STACK, Severity
from ..settings import (
    Budget,
    CheckSettings,
    ComposeSettings,
    ConnectivityPolicy,
    ConnectivitySettings,
    Environment,
    HealthSettings,
    Kind,
    Level,
    LogSettings,
    PerformanceSettings,
    ServiceSettings,
    Waiver,
)
from ..suggest import did_you_mean
from .commands import commands
from .notation import edge, limit
from .probes import http_probe, probe
from .problems import Trail
from .schema import Key, Table, list_of, mapping_of
from .values import (
    FIXED_CHECK,
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
_EDGES = list_of(edge, "edges such as 'api -> db:5432'")
_LIMITS = list_of(limit, "limits such as 'memory.ratio: max < 0.9'")
_PATTERNS = list_of(pattern, "regular expressions")

_SERVICE = Table(
    ServiceSettings, (Key("kind", choice(Kind)), Key("probe", probe), Key("restarts", whole(0))), located=True
)


def _services(node: Node, trail: Trail) -> Mapping[str, ServiceSettings]:
    """Return what is said of each service; what ``*`` says holds wherever the service itself says nothing."""
    every = node.get(WHOLE_STACK)
    if every is not None and every.is_mapping:
        entries = tuple((key, _over(value, every)) for key, value in node.entries)
        node = Node(NodeKind.MAPPING, node.location, entries=entries)
    return mapping_of(_SERVICE, "services")(node, trail)


def _over(own: Node, every: Node) -> Node:
    """Return a service's mapping with the keys that only ``*`` has."""
    if own is every or not (own.is_mapping or own.is_null):
        return own
    added = tuple(entry for entry in every.entries if own.key(entry[0].text) is None)
    return Node(NodeKind.MAPPING, own.location, entries=own.entries + added)


def _severities(node: Node, trail: Trail) -> Mapping[str, Severity]:
    """Return severities by check id."""
    known = trail.context.known_checks
    for key, _ in node.entries:
        if key.text not in known:
            hint = did_you_mean(key.text, known)
            trail.note(key.location, f"{trail.path} names {key.text!r}: no check has this id{hint}")
        elif key.text in trail.context.fixed_checks:
            trail.note(key.location, f"{trail.path} names {key.text!r}: {FIXED_CHECK}")
    return mapping_of(choice(Severity), "check ids and severities")(node, trail)


def _build_checks(disable: tuple[str, ...] = (), **rest: Any) -> CheckSettings:
    """Return the settings of the static checks."""
    return CheckSettings(disable=frozenset(disable), **rest)


def _replicas(replicas: int) -> int:
    """Return the number of replicas of a service."""
    return replicas


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
        Key("expect", _EDGES),
        Key("forbid", _EDGES),
        Key("ignore", _EDGES),
        Key("policy", choice(ConnectivityPolicy)),
        Key("helper_image", text),
    ),
)
_PERFORMANCE = Table(
    PerformanceSettings,
    (
        Key("window", duration, "window_s"),
        Key("limits", mapping_of(_LIMITS, "services, each with a list of limits")),
        Key("probes", mapping_of(http_probe, "services, each with a URL")),
    ),
)
_LOGS = Table(LogSettings, (Key("forbid", _PATTERNS), Key("allow", _PATTERNS)))
_CHECKS = Table(
    _build_checks,
    (
        Key("level", choice(Level)),
        Key("severity", _severities),
        Key("disable", list_of(adjustable_check_id, "check ids")),
        Key("baseline", path),
        Key("budget", Table(Budget, (Key("memory", size), Key("cpus", processors)))),
    ),
)
_ENVIRONMENT = Table(Environment, (Key("files", _FILES), Key("env_files", _FILES)))
_SCALE = Table(_replicas, (Key("replicas", whole(1), missing="expected how many containers the service gets"),))
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
    Key("performance", _PERFORMANCE),
    Key("logs", _LOGS),
    Key("commands", commands),
    Key("checks", _CHECKS),
    Key("environments", mapping_of(_ENVIRONMENT, "environments")),
    Key("scaling", mapping_of(_SCALE, "services")),
    Key("waivers", list_of(_WAIVER, "waivers, each with check, subject, reason and expires")),
)
"""The top level of the settings; ``Settings`` has a field for each."""
