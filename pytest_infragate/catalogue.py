"""Ids and names of the checks that look at the run itself; the static ones are registered in ``checks``.

An id is never used again.
"""

from __future__ import annotations

from .results import WHOLE_STACK, Condition, PlannedCheck


def waiver_expired() -> PlannedCheck:
    """Plan the check that no waiver has passed its last day."""
    return PlannedCheck("IG107", "waiver-expired", Condition.CONFIGURATION)


def ignores_sound() -> PlannedCheck:
    """Plan the check that every comment ``# infragate: ignore[…]`` names checks that exist and gives a reason."""
    return PlannedCheck("IG109", "ignore-comment-unusable", Condition.CONFIGURATION)


def engine_reachable() -> PlannedCheck:
    """Plan the check that engine and Compose answer."""
    return PlannedCheck("IG901", "engine-reachable", Condition.LIFECYCLE)


def stack_started() -> PlannedCheck:
    """Plan the check that build, pull and ``docker compose up`` succeeded."""
    return PlannedCheck("IG902", "stack-started", Condition.LIFECYCLE)


def service_started(service: str) -> PlannedCheck:
    """Plan the check that every container of a service was created and started."""
    return PlannedCheck("IG903", "service-started", Condition.LIFECYCLE, service)


def stack_removed() -> PlannedCheck:
    """Plan the check that nothing of the stack is left behind (kept: still stands; attached: untouched)."""
    return PlannedCheck("IG904", "stack-removed", Condition.LIFECYCLE)


def service_ready(service: str) -> PlannedCheck:
    """Plan the check that a service is healthy before the first test."""
    return PlannedCheck("IG911", "service-ready", Condition.HEALTH, service)


def service_stayed_healthy(service: str) -> PlannedCheck:
    """Plan the check that a service was healthy from then on until after the last test."""
    return PlannedCheck("IG912", "service-stayed-healthy", Condition.HEALTH, service)


def watch_complete() -> PlannedCheck:
    """Plan the check that the engine's event stream has no gap."""
    return PlannedCheck("IG913", "watch-complete", Condition.HEALTH)


def log_clean(service: str) -> PlannedCheck:
    """Plan the check that a service wrote no log line that is fatal or that the settings forbid."""
    return PlannedCheck("IG914", "log-clean", Condition.HEALTH, service)


def edge_open(edge: str) -> PlannedCheck:
    """Plan the check that a caller reaches what it needs (``api -> db:5432``)."""
    return PlannedCheck("IG921", "edge-open", Condition.CONNECTIVITY, edge)


def edge_closed(edge: str) -> PlannedCheck:
    """Plan the check that a forbidden edge cannot be used."""
    return PlannedCheck("IG922", "edge-closed", Condition.CONNECTIVITY, edge)


def published_port_answers(port: str) -> PlannedCheck:
    """Plan the check that something listens behind a published port (``web:80/tcp``)."""
    return PlannedCheck("IG923", "published-port-answers", Condition.CONNECTIVITY, port)


def limit_kept(service: str, limit: str) -> PlannedCheck:
    """Plan the check that a metric of a service stays within its limit."""
    return PlannedCheck("IG931", "limit-kept", Condition.PERFORMANCE, f"{service} {limit}")


def scaling_proven(service: str) -> PlannedCheck:
    """Plan the check that a service can be scaled as the settings want it."""
    return PlannedCheck("IG932", "scaling-proven", Condition.PERFORMANCE, service)


def baseline_at_hand() -> PlannedCheck:
    """Plan the check that runs were recorded on machines of this class, where the settings demand them."""
    return PlannedCheck("IG937", "baseline-at-hand", Condition.PERFORMANCE)


def baseline_held(service: str, metric: str) -> PlannedCheck:
    """Plan the check that a metric of a service is not worse than in the runs that were recorded."""
    return PlannedCheck("IG938", "baseline-held", Condition.PERFORMANCE, f"{service} {metric}")


def command_passed(name: str) -> PlannedCheck:
    """Plan the check that a validation command of the project exits as declared."""
    return PlannedCheck("IG941", "command-passed", Condition.COMMANDS, name)


NAMES = {
    planned.id: planned
    for planned in (
        waiver_expired(),
        ignores_sound(),
        engine_reachable(),
        stack_started(),
        service_started(WHOLE_STACK),
        stack_removed(),
        service_ready(WHOLE_STACK),
        service_stayed_healthy(WHOLE_STACK),
        watch_complete(),
        log_clean(WHOLE_STACK),
        edge_open(WHOLE_STACK),
        edge_closed(WHOLE_STACK),
        published_port_answers(WHOLE_STACK),
        PlannedCheck("IG931", "limit-kept", Condition.PERFORMANCE),
        scaling_proven(WHOLE_STACK),
        baseline_at_hand(),
        PlannedCheck("IG938", "baseline-held", Condition.PERFORMANCE),
        command_passed(WHOLE_STACK),
    )
}
"""Every check of this module by id, for listings and for the validation of settings."""
