from __future__ import annotations

from pytest_infragate.gates.crowding import told
from pytest_infragate.stack.neighbours import Network


def networks(**counts: int) -> list[Network]:
    return [Network(f"{name}_{n}", name, ("10.1.0.0/24",)) for name, count in counts.items() for n in range(count)]


def test_projects_of_which_nothing_runs_come_first_then_those_with_most() -> None:
    found = [*networks(shop=5, dead=1, old=2), Network("host", ""), Network("bridge", "", ("172.17.0.0/16",))]
    assert told(found, {"shop"}) == (
        "Each network gets an address range of its own from the engine's pools, and none is left: 9 networks have one "
        "(old 2 (nothing of it runs), dead 1 (nothing of it runs), shop 5, no Compose project 1)."
    )


def test_a_crowd_is_counted() -> None:
    many = networks(**{f"p{number:02}": 2 for number in range(12)})
    assert told(many, {network.project for network in many}).endswith("p07 2, 4 more projects 8).")
