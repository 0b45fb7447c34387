from __future__ import annotations

from pytest_infragate.run.advising import pools

from ..stacks import project


def test_services_bound_to_the_same_processors_are_a_pool() -> None:
    found = project({"api": {"cpuset": "0-2,5"}, "db": {"cpuset": "0-2,5"}, "web": {"cpuset": "1"}, "free": {}})
    assert pools(found, 8) == {
        "": (("api", "db", "free", "web"), 8),
        "0-2,5": (("api", "db"), 4),
        "1": (("web",), 1),
    }
