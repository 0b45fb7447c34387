"""Chains are folded to their roots, and no failure is ever hidden."""

from __future__ import annotations

import datetime
import itertools

import pytest

from pytest_infragate.diagnosis.causes import Trouble, names, roots

START = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)


def waits(service: str, dependency: str) -> Trouble:
    return Trouble(service, waits_for=dependency)


def says(service: str, line: str, second: int | None = None) -> Trouble:
    return Trouble(service, said=(line,), at=None if second is None else START + datetime.timedelta(seconds=second))


def told(troubles: list[Trouble], **calls: str) -> dict[str, list[str]]:
    found = roots(troubles, {name: frozenset(targets.split()) for name, targets in calls.items()})
    return {root.trouble.service: [one.trouble.service for one in root.consequences] for root in found}


@pytest.mark.parametrize(
    ("troubles", "calls", "expected"),
    [
        ([], {}, {}),
        ([Trouble("db")], {}, {"db": []}),
        ([Trouble("db"), waits("api", "db"), waits("web", "api")], {}, {"db": ["api", "web"]}),
        ([waits("web", "api"), waits("api", "db"), Trouble("db")], {}, {"db": ["web", "api"]}),
        # two roots: the one with more consequences first
        ([Trouble("cache"), Trouble("db"), waits("api", "db")], {}, {"db": ["api"], "cache": []}),
        # what it waits for is well (it has no healthcheck): nothing else explains it
        ([waits("api", "db")], {}, {"api": []}),
        ([Trouble("cache"), says("api", "cannot connect to cache:6379")], {"api": "cache"}, {"cache": ["api"]}),
        # no evidence in what it said
        ([Trouble("cache"), says("api", "KeyError: TOKEN")], {"api": "cache"}, {"cache": [], "api": []}),
        # it says so, but nothing tells that it calls that service
        ([Trouble("cache"), says("api", "cannot connect to cache:6379")], {}, {"cache": [], "api": []}),
        # the one it blames failed only later
        (
            [says("cache", "", 9), says("api", "cannot connect to cache:6379", 2)],
            {"api": "cache"},
            {"cache": [], "api": []},
        ),
        (
            [says("cache", "", 1), says("api", "cannot connect to cache:6379", 2), waits("web", "api")],
            {"api": "cache"},
            {"cache": ["web", "api"]},
        ),
        # circles
        ([waits("a", "b"), waits("b", "a")], {}, {"a": ["b"]}),
        ([waits("a", "a")], {}, {"a": []}),
        (
            [says("api", "worker:1 refused", 5), says("worker", "api:1 refused", 4), waits("web", "api")],
            {"api": "worker", "worker": "api"},
            {"worker": ["web", "api"]},
        ),
    ],
)
def test_roots(troubles: list[Trouble], calls: dict[str, str], expected: dict[str, list[str]]) -> None:
    assert told(troubles, **calls) == expected
    assert list(told(troubles, **calls)) == list(expected)


def test_a_service_with_two_broken_dependencies_is_told_under_one_and_named_under_the_other() -> None:
    api = Trouble("api", waits_for="db", needs=("db", "cache", "well"))
    db, cache = roots([Trouble("db"), Trouble("cache"), api, waits("web", "api")], {})
    assert ([one.trouble.service for one in db.consequences], db.also_blocks) == (["api", "web"], ())
    assert ([one.trouble.service for one in cache.consequences], cache.also_blocks) == ([], ("api",))


def test_whatever_blames_whatever_no_trouble_is_lost_or_told_twice() -> None:
    services = ("a", "b", "c", "d")
    for blamed in itertools.product((None, *services), repeat=len(services)):
        troubles = [Trouble(name, waits_for=other) for name, other in zip(services, blamed, strict=True)]
        found = roots(troubles, {})
        named = [root.trouble.service for root in found]
        named += [one.trouble.service for root in found for one in root.consequences]
        assert sorted(named) == list(services)


def test_the_evidence_is_the_last_line_that_names_the_cause() -> None:
    api = Trouble("api", said=("cache:6379 refused", "db: connection refused", "giving up"))
    (root, _) = roots([Trouble("db"), Trouble("cache"), api], {"api": frozenset({"db", "cache"})})
    assert root.trouble.service == "db"
    assert [(one.evidence, one.certain) for one in root.consequences] == [("db: connection refused", False)]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Could not connect to Redis at cache:6379: Name or service not known", True),
        ('could not translate host name "cache" to address: Name or service not known', True),
        ("dial tcp 172.20.0.2:6379: connect: connection refused", True),
        ("dial tcp: lookup cache on 127.0.0.11:53: no such host", True),
        ("getaddrinfo ENOTFOUND cache", True),
        ("http://cache/items: timed out", True),
        ("cache miss", False),
        ("warming the cache", False),
        ("cannot connect to cache.example.com", False),
        ("cannot connect to my-cache", False),
        ("cannot connect to cache-2", False),
        ("dial tcp 172.20.0.22:6379: connect: connection refused", False),
    ],
)
def test_a_line_names_a_service_that_cannot_be_reached(line: str, expected: bool) -> None:
    assert names(line, "cache", frozenset({"172.20.0.2"})) == expected
