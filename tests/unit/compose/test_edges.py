from __future__ import annotations

from dataclasses import replace

from pytest_infragate.compose.edges import Edge, merged
from pytest_infragate.results import Location

HERE = Location("compose.yaml", 1)


def edge(source: str, target: str, port: int | None = None, why: str = "x") -> Edge:
    return Edge(source, target, port, why, HERE)


def test_an_edge_reads_as_in_the_settings() -> None:
    assert str(edge("api", "db", 5432)) == "api -> db:5432"
    assert str(edge("api", "db")) == "api -> db"


def test_one_with_a_port_swallows_the_same_without() -> None:
    found = merged([edge("api", "db"), edge("api", "db", 2), edge("api", "db", 1), edge("b", "db"), edge("api", "c")])
    assert [str(item) for item in found] == ["api -> c", "api -> db:1", "api -> db:2", "b -> db"]


def test_of_duplicates_the_first_one_stays() -> None:
    assert [item.why for item in merged([edge("a", "b", 1, "first"), edge("a", "b", 1, "second")])] == ["first"]


def test_every_name_of_an_edge_is_kept() -> None:
    called = [
        replace(edge("a", "b", port), hosts=(host,)) for port, host in ((1, "x"), (1, "y"), (None, "z"), (1, "x"))
    ]
    assert [item.hosts for item in merged(called)] == [("x", "y", "z")]
