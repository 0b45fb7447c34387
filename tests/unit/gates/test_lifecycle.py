from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_infragate.errors import Collision, EngineError, OwnershipError, StartError
from pytest_infragate.gates import lifecycle, refusals, unstarted
from pytest_infragate.process import Completed
from pytest_infragate.results import CheckResult, Location, Outcome, Severity
from pytest_infragate.stack.state import ContainerState

from .builders import at, container, created, ended, project, service, waiting

PORT = "driver failed programming external connectivity on endpoint shop-web-1: Bind for 0.0.0.0:80 failed: port is already allocated"
NAME = 'Conflict. The container name "/web" is already in use by container "fce5f4".'
PROGRESS = " Network shop_default  Created\n Container shop-db-1  Started\n"


def up(stderr: str = "", code: int = 1, **changes: bool) -> Completed:
    return Completed(("docker",), code, "", stderr, 2.0, **changes)


def of(name: str, results: list[CheckResult]) -> CheckResult:
    return next(result for result in results if result.check.subject == name)


@pytest.mark.parametrize(
    "stderr, expected",
    [
        (f"{PROGRESS}Error response from daemon: {PORT}\n", PORT),
        (f"{PROGRESS} Container web  Error response from daemon: {NAME}\nError response from daemon: {NAME}", NAME),
        (
            f"{PROGRESS}dependency failed to start: container shop-db-1 is unhealthy\n",
            "dependency failed to start: container shop-db-1 is unhealthy",
        ),
        ("", "it ended with exit code 1 (a general failure) and said nothing of an error"),
        (PROGRESS, "it ended with exit code 1 (a general failure) and said nothing of an error"),
        (f"{PROGRESS} Container shop-web-1  Error while starting\n", "Container shop-web-1  Error while starting"),
    ],
)
def test_composes_own_error_is_found_behind_its_progress(stderr: str, expected: str) -> None:
    assert refusals.error_of(up(stderr)) == expected


def test_a_compose_that_was_killed_is_told_by_its_signal() -> None:
    assert refusals.error_of(up(PROGRESS, code=-9)) == "it was ended by SIGKILL and said nothing of an error"


@pytest.mark.parametrize(
    "done, error, outcome, said",
    [
        (up(code=0), None, Outcome.PASSED, "ended after 2 s"),
        (up("Error response from daemon: no"), None, Outcome.FAILED, "failed: no"),
        (up(code=-15, timed_out=True), None, Outcome.FAILED, "did not end within 2 s"),
        (up(code=-15, stopped=True), None, Outcome.NOT_RUN, "ended before it was done"),
        (None, StartError("Building web failed."), Outcome.FAILED, "Building web failed."),
        (None, None, Outcome.NOT_RUN, "not started"),
    ],
)
def test_the_start_of_the_stack(done: Completed | None, error: StartError | None, outcome: Outcome, said: str) -> None:
    result = lifecycle.started_result(done, error)
    assert result.outcome is outcome
    assert said in result.message


@pytest.mark.parametrize(
    "containers, stderr, outcome, said",
    [
        ([container("web")], "", Outcome.PASSED, "1 of 1"),
        ([ended("web", 1)], "", Outcome.PASSED, "1 of 1"),
        ([created("web", PORT)], "", Outcome.FAILED, "port is already allocated"),
        ([], f" Container shop-web-1  Error response from daemon: {NAME}", Outcome.FAILED, "already in use"),
        (
            [],
            " Container shop-web-1  Error response from daemon: No such image: shop/web:1",
            Outcome.FAILED,
            "No such image",
        ),
        ([], "Error response from daemon: No such image: shop/web:1", Outcome.FAILED, "No such image"),
        ([], "Error response from daemon: other", Outcome.NOT_RUN, "had failed before"),
        ([created("web")], " Container shop-web-1  Created\nother", Outcome.NOT_RUN, "had failed before"),
    ],
)
def test_the_start_of_a_service(containers: list[ContainerState], stderr: str, outcome: Outcome, said: str) -> None:
    made = project(service("web", image="shop/web:1"))
    result = of("web", lifecycle.service_results(made, containers, up(stderr)))
    assert result.outcome is outcome
    assert said in result.message


def test_a_refusal_has_a_place_and_a_remedy() -> None:
    result = of("web", lifecycle.service_results(project(service("web")), [created("web", PORT)], up()))
    (finding,) = result.findings
    assert "Free the port" in finding.remedy
    assert str(finding.location) == "compose.yaml:3"


@pytest.mark.parametrize(
    "condition, db, cause",
    [
        ("service_healthy", container("db", health="unhealthy"), "db, which is running and unhealthy"),
        ("service_healthy", container("db"), "db, which has no healthcheck"),
        ("service_started", ended("db", 1), "db, which has ended with exit code 1"),
        ("service_started", created("db", "no such file"), "db, which could not be started: no such file"),
        ("service_completed_successfully", ended("db", 4), "db, which has ended with exit code 4"),
    ],
)
def test_a_service_that_waits_was_not_run(condition: str, db: ContainerState, cause: str) -> None:
    made = project(service("db"), service("web", depends_on=waiting("db", condition)))
    result = of("web", lifecycle.service_results(made, [db, created("web")], up("x")))
    assert result.outcome is Outcome.NOT_RUN
    assert cause in result.message


def test_the_removal() -> None:
    assert lifecycle.removed_result(up(code=0), []).outcome is Outcome.PASSED
    left = lifecycle.removed_result(up("Error response from daemon: volume is in use"), ["volume shop_data"])
    assert left.outcome is Outcome.FAILED
    assert "volume shop_data (`docker compose down` failed: volume is in use)" in left.message
    assert lifecycle.removed_result(None, [], EngineError("gone")).outcome is Outcome.ERROR


@pytest.mark.parametrize(
    "now, said",
    [
        ([container()], ""),
        ([], "shop-db-1 is gone"),
        ([replace(container(), id="new", name="shop-db-2")], "shop-db-2 is new"),
        ([replace(container(), started_at=at(5))], "was started anew"),
        ([ended(code=1)], "has ended with exit code 1"),
    ],
)
def test_a_kept_and_an_attached_stack_are_compared(now: list[ContainerState], said: str) -> None:
    for result in (lifecycle.attached_result([container()], now), lifecycle.kept_result([container()], now, "down")):
        assert result.outcome is (Outcome.FAILED if said else Outcome.PASSED)
        assert said in result.message


def test_an_attached_stack_must_have_every_service() -> None:
    results = lifecycle.attached_results(project(service("db"), service("web")), [container("db")], ())
    assert [result.outcome for result in results] == [Outcome.PASSED, Outcome.FAILED]


def test_the_engine() -> None:
    assert lifecycle.engine_result("28", "2.40").outcome is Outcome.PASSED
    assert lifecycle.engine_result(error=EngineError("No engine answers.")).message == "No engine answers."


def test_the_plan() -> None:
    titles = [check.title for check in lifecycle.plan(project(service("db")))]
    assert titles == ["engine-reachable", "stack-started", "service-started[db]", "stack-removed"]


def test_collisions_are_told_by_service_with_place_and_remedy() -> None:
    made = project(service("web"), service("db"))
    place = Location("compose.yaml", 7, 9)
    error = OwnershipError(
        [
            Collision("the volume data exists.", "Rename it.", location=Location("compose.yaml", 20)),
            Collision("service web publishes the host port 80/tcp, which others have.", "Free it.", "web", place),
            Collision("the container name w is taken.", "Rename it.", "web", place),
        ]
    )
    started = lifecycle.started_result(None, error)
    assert started.message == "nothing was started: compose.yaml:20: the volume data exists. (and 2 more)"
    assert [finding.message for finding in started.findings] == ["the volume data exists."]
    [web] = unstarted.service_results(made, error)
    assert (web.check.subject, web.outcome) == ("web", Outcome.FAILED)
    assert [(finding.location, finding.remedy) for finding in web.findings] == [
        (place, "Free it."),
        (place, "Rename it."),
    ]


def test_who_uses_the_hosts_network_is_warned_that_it_is_not_isolated() -> None:
    place = Location("compose.yaml", 4, 5)
    made = project(service("web", network_mode="host", places={("network_mode",): place}), service("db"))
    [finding] = lifecycle.not_isolated(made)
    assert (finding.subject, finding.severity, finding.location) == ("web", Severity.WARNING, place)
