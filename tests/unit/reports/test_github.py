"""Annotations as GitHub's runner reads them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_infragate.reports.github import lines
from pytest_infragate.results import Location, failed, passed
from pytest_infragate.terminal import is_read_by_github

from .builders import COMMAND, ERROR, PATHS, PORT, RESULTS, TAG, WAIVED, verdict


@pytest.mark.parametrize(
    ("environ", "wanted"), [({}, False), ({"GITHUB_ACTIONS": "false"}, False), ({"GITHUB_ACTIONS": "true"}, True)]
)
def test_only_a_step_of_github_wants_them(environ: dict[str, str], wanted: bool) -> None:
    assert is_read_by_github(environ) is wanted


def test_errors_come_first_then_what_has_no_finding_then_warnings() -> None:
    assert lines(verdict(*RESULTS), PATHS) == (
        "::error title=IG301 host-port-conflict,file=shop/compose.yaml,line=12,col=5::web: Port 80: twice. Change it.",
        "::error title=ACME7 label-missing::No label. Change it.",
        "::error title=IG941 command-passed[lint%2C 100%25]::lint exited with 2%0Aline: two",
        "::error title=IG901 engine-reachable::no engine answers",
        "::warning title=IG201 floating-image-tag,file=shop/a b.yaml,line=3::web: No tag. Change it.",
    )


def test_what_could_end_a_line_or_a_property_is_escaped() -> None:
    evil = replace(ERROR, message="100%\r\n::error::x", location=Location("a,b:c%\n.yaml", 1, 2))
    line = lines(verdict(failed(PORT, "", (evil,))), PATHS)[0]
    assert line == (
        "::error title=IG301 host-port-conflict,file=shop/a%2Cb%3Ac%25%0A.yaml,line=1,col=2"
        "::web: 100%25%0D%0A::error::x Change it."
    )


def test_a_good_run_has_none_nor_has_what_is_waived() -> None:
    assert lines(verdict(passed(TAG), replace(failed(COMMAND, "x"), waived=True)), PATHS) == ()
    assert lines(verdict(replace(failed(PORT, "", (WAIVED,)), waived=True)), PATHS) == ()
