from __future__ import annotations

import pytest

from pytest_infragate.advice.schedule import Need, Step, Steps, bottlenecks, critical_path, whole_s


def after(*needs: str) -> tuple[Need, ...]:
    """Needs are written as ``db`` (until ready) or ``db?`` (until started)."""
    return tuple(Need(one.rstrip("?"), not one.endswith("?")) for one in needs)


CHAIN: Steps = {
    "db": Step(0, 6),
    "migrate": Step(6.2, 8, after("db")),
    "api": Step(8.1, 9, after("migrate")),
}
"""Each waits for the one before; ``migrate`` is a one-shot, ready when it has ended."""
BRANCHES: Steps = {
    "db": Step(0, 6),
    "cache": Step(0, 5),
    "api": Step(6.2, 8.2, after("db", "cache")),
    "web": Step(8.3, 9.3, after("api")),
}
"""Two branches meet: without ``db`` the start would wait for ``cache`` alone."""
STARTED: Steps = {"db": Step(0, 6), "api": Step(0.4, 2, after("db?"))}
"""``api`` waits for the start of ``db`` alone."""
OUTSIDE: Steps = {"api": Step(0.5, 1.5, after("gone"))}
ALONE: Steps = {"slow": Step(0, 4), "quick": Step(0, 1)}
DIAMOND: Steps = {
    "db": Step(0, 2),
    "left": Step(2, 5, after("db")),
    "right": Step(2, 5, after("db")),
    "top": Step(5, 6, after("left", "right")),
}
"""Both sides take as long: to speed up one of them brings nothing."""
EARLY: Steps = {"db": Step(0, 3), "api": Step(2.9, 4, after("db"))}
"""Clocks differ a little: ``api`` seems to have begun before ``db`` was ready."""


@pytest.mark.parametrize(
    ("steps", "whole", "path"),
    [
        ({}, 0.0, ()),
        (CHAIN, 9.0, ("db", "migrate", "api")),
        (BRANCHES, 9.3, ("db", "api", "web")),
        (STARTED, 6.0, ("db",)),
        (OUTSIDE, 1.5, ("api",)),
        (ALONE, 4.0, ("slow",)),
        (DIAMOND, 6.0, ("db", "left", "top")),
        (EARLY, 4.1, ("db", "api")),
    ],
)
def test_the_critical_path(steps: Steps, whole: float, path: tuple[str, ...]) -> None:
    assert whole_s(steps) == pytest.approx(whole)
    assert critical_path(steps) == path


def gains(steps: Steps) -> dict[str, float]:
    return {one.service: round(one.gain_s, 3) for one in bottlenecks(steps)}


@pytest.mark.parametrize(
    ("steps", "gained"),
    [
        ({}, {}),
        (CHAIN, {"db": 6.0, "migrate": 1.8, "api": 0.9}),
        (BRANCHES, {"api": 2.0, "db": 1.0, "web": 1.0}),
        (STARTED, {"db": 4.0}),
        (ALONE, {"slow": 3.0}),
        (DIAMOND, {"db": 2.0, "top": 1.0}),
    ],
)
def test_what_the_start_would_gain(steps: Steps, gained: dict[str, float]) -> None:
    assert gains(steps) == gained


def test_a_gain_ends_where_another_branch_takes_over() -> None:
    slower = {**BRANCHES, "cache": Step(0, 5.9)}
    assert gains(slower)["db"] == pytest.approx(0.1)


def test_who_would_have_been_started_sooner() -> None:
    by_service = {one.service: one for one in bottlenecks(BRANCHES)}
    assert by_service["db"].delayed == ("api", "web")
    assert by_service["db"].took_s == 6
    assert by_service["web"].delayed == ()


def test_the_same_start_whatever_the_order_of_the_services() -> None:
    backwards = {name: BRANCHES[name] for name in sorted(BRANCHES, reverse=True)}
    assert gains(backwards) == gains(BRANCHES)


def test_a_long_chain_needs_no_deep_stack() -> None:
    count = 3000
    chain = {str(at): Step(at, at + 1, after(str(at - 1)) if at else ()) for at in reversed(range(count))}
    assert whole_s(chain) == count
    assert len(critical_path(chain)) == count
