"""Student's t against published tables, Holm's correction against its definition."""

from __future__ import annotations

import pytest

from pytest_infragate.gates.significance import holm, student_tail

TABLE = [
    (1, 0.05, 6.314),
    (1, 0.01, 31.821),
    (2, 0.025, 4.303),
    (5, 0.05, 2.015),
    (5, 0.005, 4.032),
    (6, 0.02, 2.612),
    (10, 0.01, 2.764),
    (10, 0.0005, 4.587),
    (30, 0.05, 1.697),
    (120, 0.01, 2.358),
    (1e6, 0.025, 1.960),
]
"""Critical values of Student's t as every textbook prints them: degrees of freedom, probability above, value."""


@pytest.mark.parametrize(("freedom", "above", "value"), TABLE)
def test_the_distribution_is_that_of_the_tables(freedom: float, above: float, value: float) -> None:
    assert student_tail(value, freedom) == pytest.approx(above, rel=2e-3)
    assert student_tail(-value, freedom) == pytest.approx(1 - above, rel=2e-3)


@pytest.mark.parametrize("freedom", [1, 6, 10, 1000])
def test_half_lies_above_the_middle_and_nothing_above_infinity(freedom: float) -> None:
    assert student_tail(0, freedom) == pytest.approx(0.5)
    assert student_tail(1e12, freedom) == pytest.approx(0, abs=1e-11)


def test_far_in_the_tail_the_closed_form_holds() -> None:
    assert student_tail(1000, 1) == pytest.approx(0.000318309780, rel=1e-6)
    assert student_tail(10, 2) == pytest.approx(0.004926228, rel=1e-5)


@pytest.mark.parametrize(
    ("raw", "adjusted"),
    [
        ([], ()),
        ([0.03], (0.03,)),
        ([0.01, 0.04, 0.03, 0.005], (0.03, 0.06, 0.06, 0.02)),
        ([0.5, 0.6], (1.0, 1.0)),
        ([0.02, 0.02], (0.04, 0.04)),
    ],
)
def test_many_tests_are_corrected_for_how_many_they_are(raw: list[float], adjusted: tuple[float, ...]) -> None:
    assert holm(raw) == pytest.approx(adjusted)
