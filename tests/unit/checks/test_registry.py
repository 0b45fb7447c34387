"""The catalogue of static checks is complete and in one form."""

from __future__ import annotations

import re

import pytest

from pytest_infragate import catalogue
from pytest_infragate.checks import BY_ID, CHECKS
from pytest_infragate.checks.base import Check
from pytest_infragate.checks.examples import examples
from pytest_infragate.results import Severity
from pytest_infragate.settings import Level

WEIGHT = {Severity.INFO: 0, Severity.WARNING: 1, Severity.ERROR: 2}


def test_ids_and_names_are_unique_and_no_live_checks() -> None:
    assert len(BY_ID) == len(CHECKS)
    assert len({check.name for check in CHECKS}) == len(CHECKS)
    assert not set(BY_ID) & set(catalogue.NAMES)
    assert not {check.name for check in CHECKS} & {live.name for live in catalogue.NAMES.values()}


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_form(check: Check) -> None:
    assert re.fullmatch(r"IG[1-8]\d\d", check.id)
    assert re.fullmatch(r"[a-z]+(-[a-z]+)+", check.name)
    assert check.summary.endswith(".") or len(check.documentation.splitlines()) > 1
    dev, default, strict = (WEIGHT[check.severities[level]] for level in Level)
    assert dev <= default <= strict


WITHOUT_EXAMPLE = {"IG120", "IG221", "IG223"}
"""Files cannot show that Docker Compose is not installed, nor what a linter says of a Dockerfile."""


@pytest.mark.parametrize(
    "check", [check for check in CHECKS if check.id not in WITHOUT_EXAMPLE], ids=lambda check: check.id
)
def test_documentation_has_both_examples(check: Check) -> None:
    found = examples(check.documentation)
    assert {example.flagged for example in found} == {True, False}
    assert all("services" in example.text for example in found)


def test_examples_are_dedented_and_know_their_profiles() -> None:
    text = "Say.\n\nFlagged::\n\n    # docker compose --profile a\n    services:\n      x: 1\n\nAccepted::\n\n    services: {}\n"
    flagged, accepted = examples(text)
    assert flagged.text == "# docker compose --profile a\nservices:\n  x: 1\n"
    assert (flagged.flagged, flagged.profiles, accepted.flagged, accepted.profiles) == (True, ("a",), False, ())
