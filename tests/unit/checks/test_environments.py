"""IG108: each named environment must be usable on its own."""

from __future__ import annotations

from pytest_infragate.checks import BY_ID
from pytest_infragate.checks.base import Material
from pytest_infragate.compose.messages import UnsetVariable
from pytest_infragate.compose.resolve import Resolution
from pytest_infragate.results import Location, Severity
from tests.unit.stacks import project

CHECK = BY_ID["IG108"]
GOOD = Resolution(project({"api": {"image": "x:1"}}))
PLACE = Location("prod.yaml", 3, 5)


def test_a_usable_environment_is_silent() -> None:
    assert CHECK.findings(Material(GOOD, environments=(("production", GOOD),)), Severity.ERROR) == ()


def test_a_refused_environment_is_named_with_the_place_of_its_error() -> None:
    refused = Resolution(None, "additional properties\n'imagee' not allowed", PLACE)
    [finding] = CHECK.findings(Material(GOOD, environments=(("production", refused),)), Severity.ERROR)
    assert (finding.subject, finding.location) == ("production", PLACE)
    assert finding.message == "Environment production cannot be used: additional properties 'imagee' not allowed"


def test_a_variable_without_a_value_in_one_environment_is_found() -> None:
    unset = Resolution(GOOD.project, unset=(UnsetVariable("TAG", PLACE),))
    [finding] = CHECK.findings(Material(GOOD, environments=(("staging", unset),)), Severity.ERROR)
    assert finding.message == "In environment staging the variable TAG is not set."
