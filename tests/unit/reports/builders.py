"""A verdict with one of everything that reports must tell."""

from __future__ import annotations

import datetime
from dataclasses import replace
from pathlib import Path

from pytest_infragate import catalogue
from pytest_infragate.plan import Plan, Stage
from pytest_infragate.reports.document import Report, RunFacts
from pytest_infragate.reports.paths import Paths
from pytest_infragate.results import (
    CheckResult,
    Condition,
    Finding,
    Fix,
    Location,
    PlannedCheck,
    Replacement,
    Severity,
    failed,
    not_run,
    passed,
    unevaluated,
)
from pytest_infragate.verdict import Verdict, decide

STARTED = datetime.datetime(2027, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc)
FACTS = RunFacts(Stage.FULL, "shop", STARTED, 1.5, file="/repo/shop/compose.yaml")
PATHS = Paths(Path("/repo/shop"), Path("/repo"))

PORT = PlannedCheck("IG301", "host-port-conflict", Condition.CONFIGURATION)
TAG = PlannedCheck("IG201", "floating-image-tag", Condition.CONFIGURATION)
FOREIGN = PlannedCheck("ACME7", "label-missing", Condition.CONFIGURATION)
COMMAND = catalogue.command_passed("lint, 100%")
READY = catalogue.service_ready("db")
ENGINE = catalogue.engine_reachable()

PLACE = Location("compose.yaml", 12, 5)
ERROR = Finding(PORT.id, PORT.name, Severity.ERROR, "web", "Port 80: twice.", "Change it.", PLACE)
WARNING = replace(
    ERROR, check=TAG.id, name=TAG.name, severity=Severity.WARNING, message="No tag.", location=Location("a b.yaml", 3)
)
INFO = replace(WARNING, severity=Severity.INFO, message="Said.", location=Location("/elsewhere/x.yaml", 1, 1))
WAIVED = replace(ERROR, subject="api", waived=True)
PLACELESS = replace(ERROR, check=FOREIGN.id, name=FOREIGN.name, subject="*", message="No label.", location=None)
FIX = Fix(
    "Quote it.", (Replacement(Location("compose.yaml", 12, 5), Location("compose.yaml", 12, 9), '"80"'),), "None."
)

RESULTS = (
    failed(PORT, "Port 80: twice.", (replace(ERROR, fixes=(FIX,)), WAIVED)),
    passed(TAG, "2 shown", (WARNING, INFO)),
    failed(FOREIGN, "No label.", (PLACELESS,)),
    failed(COMMAND, "lint exited with 2\nline: two"),
    not_run(READY, "the gate was closed"),
    unevaluated(ENGINE, "no engine answers"),
)


def verdict(*results: CheckResult) -> Verdict:
    others = dict.fromkeys(Condition, "nothing to prove here")
    return decide(Plan(Stage.FULL, tuple(result.check for result in results), others), results)


def report(*results: CheckResult) -> Report:
    return Report(FACTS, PATHS, verdict(*(results or RESULTS)))
