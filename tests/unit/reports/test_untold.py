"""What closes the gate without a finding is told once, and never not at all."""

from __future__ import annotations

from dataclasses import replace

from pytest_infragate import catalogue
from pytest_infragate.plan import Plan, Stage
from pytest_infragate.reports.untold import Untold, untold
from pytest_infragate.results import failed, not_run, passed
from pytest_infragate.verdict import decide

from .builders import COMMAND, ENGINE, ERROR, PORT, READY, TAG, verdict


def test_what_was_not_run_is_no_wall_beside_what_failed() -> None:
    told = untold(
        verdict(failed(PORT, "", (ERROR,)), *(not_run(catalogue.service_ready(f"s{n}"), "closed") for n in range(50)))
    )
    assert told == ()


def test_what_was_not_run_alone_is_told_once_for_each_reason() -> None:
    told = untold(verdict(not_run(READY, "one"), not_run(ENGINE, "one"), not_run(COMMAND, "two")))
    assert told == (Untold("IG911", READY.title, "one"), Untold("IG941", COMMAND.title, "two"))


def test_a_run_that_was_broken_off_is_never_silent() -> None:
    made = decide(Plan(Stage.STATIC, (TAG,)), [passed(TAG)], "the run was interrupted")
    assert untold(made) == (Untold("", "infragate", "the run was interrupted"),)


def test_a_good_run_has_nothing_untold() -> None:
    waived = replace(failed(TAG, "x"), waived=True)
    assert untold(decide(Plan(Stage.STATIC, (PORT, TAG)), [passed(PORT), waived])) == ()
