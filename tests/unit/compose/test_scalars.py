from __future__ import annotations

import math

import pytest

from pytest_infragate.compose.scalars import Scalar, resolve

RESOLVED: tuple[tuple[str, Scalar], ...] = (
    ("22:22", "22:22"),
    ("NO", "NO"),
    ("on", "on"),
    ("yes", "yes"),
    ("y", "y"),
    ("TRUE", True),
    ("true", True),
    ("False", False),
    ("~", None),
    ("Null", None),
    ("", None),
    ("0755", 493),
    ("-0755", -493),
    ("0o17", 15),
    ("089", 89.0),
    ("0_7", 7),
    ("0x1F", 31),
    ("0x", "0x"),
    ("0xg", "0xg"),
    ("0b11", 3),
    ("0B11", 3),
    ("1_000", 1000),
    ("1__0", 10),
    ("_1", "_1"),
    ("0", 0),
    ("+5", 5),
    ("-5", -5),
    (".5", 0.5),
    ("1.", 1.0),
    ("1e3", 1000.0),
    ("12e03", 12000.0),
    ("1e400", "1e400"),
    (".1.2", ".1.2"),
    ("1.2.3", "1.2.3"),
    ("123456789012345678901234567890", 1.2345678901234568e29),
    ("2027-03-31", "2027-03-31"),
    ("=", "="),
    ("nginx:1.27", "nginx:1.27"),
    ("-", "-"),
    ("+", "+"),
)


@pytest.mark.parametrize(("text", "value"), RESOLVED)
def test_a_plain_scalar_means_what_compose_makes_of_it(text: str, value: Scalar) -> None:
    assert resolve(text) == value
    assert type(resolve(text)) is type(value)


@pytest.mark.parametrize(("text", "value"), [(".inf", math.inf), ("+.Inf", math.inf), ("-.INF", -math.inf)])
def test_infinity_has_a_notation(text: str, value: float) -> None:
    assert resolve(text) == value


def test_not_a_number_has_a_notation() -> None:
    value = resolve(".NaN")
    assert isinstance(value, float)
    assert math.isnan(value)
