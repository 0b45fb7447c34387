"""Values without quotes: what reaches the service in another spelling, and what other readers of YAML take otherwise."""

from __future__ import annotations

import pytest

from .looking import findings, material


def flagged(id_: str, written: str) -> list[str]:
    """Return the messages on a service with one variable."""
    text = f"services:\n  a:\n    environment:\n      X: {written}\n"
    return [finding.message for finding in findings(id_, material(text))]


@pytest.mark.parametrize(
    ("written", "reaches"),
    [
        ("3.10", "3.1"),
        ("1.0", "1"),
        ("0755", "493"),
        ("0o17", "15"),
        ("0x1F", "31"),
        ("1e3", "1000"),
        ("1_000", "1000"),
        ("007", "7"),
        ("1234567.5", "1.2345675e+06"),
        ("1000000.0", "1e+06"),
        ("0.00001", "1e-05"),
        ("-3.0", "-3"),
        ("+5", "5"),
    ],
)
def test_number_respelled(written: str, reaches: str) -> None:
    [message] = flagged("IG111", written)
    assert message == f"X: {written} is read as a number and reaches the service as {reaches}."


@pytest.mark.parametrize(
    "written", ["4", "0.5", "-1", "123456789012", "'3.10'", '"0755"', "true", "1.2.3", "0.0001", "x", ""]
)
def test_number_as_it_looks(written: str) -> None:
    assert flagged("IG111", written) == []


def test_a_list_of_variables_holds_texts() -> None:
    assert findings("IG111", material("services:\n  a:\n    environment: [X=3.10, 1.10]\n")) == ()


@pytest.mark.parametrize(
    ("written", "meaning"),
    [
        ("NO", "false"),
        ("on", "true"),
        ("22:22", "the number 1342"),
        ("-1:30", "the number -90"),
        ("'NO'", None),
        ("north", None),
        ("true", None),
        ("80:80", None),
    ],
)
def test_yaml_versions_disagree(written: str, meaning: str | None) -> None:
    told = f"{written} has no quotes: programs that read YAML 1.1 take it for {meaning}."
    assert flagged("IG112", written) == ([told] if meaning else [])
