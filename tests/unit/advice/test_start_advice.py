from __future__ import annotations

from pytest_infragate.advice.start import hints, steps

from ..stacks import project

SHOP = project(
    {
        "db": {},
        "migrate": {"depends_on": {"db": {"condition": "service_healthy"}}},
        "api": {"depends_on": {"migrate": {"condition": "service_completed_successfully"}, "cache": {"condition": "service_started"}}},
        "cache": {},
        "web": {"depends_on": {"api": {"condition": "service_healthy"}, "off": {"condition": "service_healthy"}}},
    }
)  # fmt: skip
TIMES = {"db": (0.0, 6.0), "migrate": (6.2, 8.0), "api": (8.1, 9.0), "cache": (0.0, 3.0), "web": (9.1, 9.4)}


def test_conditions_of_dependencies_are_told_apart() -> None:
    found = steps(SHOP, TIMES)
    assert {one.service: one.until_ready for one in found["api"].needs} == {"migrate": True, "cache": False}
    assert [one.service for one in found["web"].needs] == ["api"]


def test_a_service_that_was_not_started_is_no_step() -> None:
    times = {name: at for name, at in TIMES.items() if name != "db"}
    found = steps(SHOP, times)
    assert "db" not in found
    assert found["migrate"].needs == ()


def test_who_makes_everybody_wait_is_named_with_what_it_costs() -> None:
    first, second = hints(SHOP, steps(SHOP, TIMES))
    assert (first.subject, first.kind) == ("db", "startup-critical-path")
    assert first.seen == (
        "takes 6 s until it is ready and 3 services (migrate, api, web) wait for it; the whole start takes 9.4 s"
    )
    assert first.proposal.startswith("ready at once, the start would take 3.4 s: let it do less before it is ready, or")
    assert first.basis.startswith("critical path db → migrate → api → web;")
    assert first.gain_s is not None
    assert round(first.gain_s, 3) == 6
    assert first.location is not None
    assert second.subject == "migrate"


def test_a_quick_start_is_not_worth_a_word() -> None:
    quick = {name: (begun / 10, ready / 10) for name, (begun, ready) in TIMES.items()}
    assert list(hints(SHOP, steps(SHOP, quick))) == []


def test_a_small_part_of_a_long_start_is_not_worth_a_word() -> None:
    long = {**TIMES, "db": (0.0, 60.0), "migrate": (60.0, 62.0), "api": (62.0, 62.5), "web": (62.5, 62.9)}
    assert [one.subject for one in hints(SHOP, steps(SHOP, long))] == ["db"]


def test_one_that_waits_is_named_alone() -> None:
    (hint,) = hints(SHOP, steps(SHOP, {"db": (0.0, 6.0), "migrate": (6.2, 6.4)}))
    assert hint.seen == "takes 6 s until it is ready and migrate waits for it; the whole start takes 6.4 s"
