"""A finding keeps its fingerprint when lines move, and loses it when it says something else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_infragate.fingerprint import fingerprints
from pytest_infragate.results import Finding, Location, Severity

FINDING = Finding(
    "IG301",
    "host-port-conflict",
    Severity.ERROR,
    "web",
    "The host port 80/tcp is also published by 'api' (compose.yaml:7:13).",
    "Give one of them another.",
    Location("compose.yaml", 12, 5),
)


def of(finding: Finding) -> str:
    return fingerprints([finding])[0]


@pytest.mark.parametrize(
    "moved",
    [
        replace(FINDING, location=Location("compose.yaml", 40, 9)),
        replace(FINDING, message=FINDING.message.replace(":7:13", ":19:3")),
        replace(FINDING, message=FINDING.message.replace(":7:13", ":19")),
        replace(FINDING, remedy="Say it otherwise.", waived=True, severity=Severity.WARNING),
    ],
)
def test_lines_remedy_waiver_and_severity_do_not_matter(moved: Finding) -> None:
    assert of(moved) == of(FINDING)


@pytest.mark.parametrize(
    "other",
    [
        replace(FINDING, check="IG302"),
        replace(FINDING, subject="api"),
        replace(FINDING, message=FINDING.message.replace("80/tcp", "81/tcp")),
        replace(FINDING, location=Location("other.yaml", 12, 5)),
        replace(FINDING, location=None),
    ],
)
def test_whatever_else_is_said_does(other: Finding) -> None:
    assert of(other) != of(FINDING)


def test_equal_findings_are_told_apart_by_their_order() -> None:
    twice = fingerprints([FINDING, replace(FINDING, location=Location("compose.yaml", 99, 1))])
    assert len(set(twice)) == 2
    assert twice[0] == of(FINDING)


def test_ports_of_hosts_are_no_lines() -> None:
    assert of(replace(FINDING, message="names db:5432")) != of(replace(FINDING, message="names db:5433"))
