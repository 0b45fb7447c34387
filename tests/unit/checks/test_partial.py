"""Of files that cannot be used everything is told that does not follow from what is broken in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_infragate.checks import BY_ID
from pytest_infragate.checks.partial import OF_ABSENCE, OF_ONE_VALUE
from pytest_infragate.compose import cli
from pytest_infragate.compose.resolve import resolve
from pytest_infragate.compose.selection import Selection
from pytest_infragate.errors import EngineError
from pytest_infragate.gates import configuration
from pytest_infragate.results import CheckResult, Outcome, Severity
from pytest_infragate.settings import CheckSettings


@pytest.fixture(autouse=True)
def without_compose(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_arguments: object) -> None:
        raise EngineError("Docker Compose was not found")

    monkeypatch.setattr(cli, "config", missing)
    monkeypatch.setattr(cli, "known_profiles", missing)


def results(folder: Path, *texts: str) -> dict[str, CheckResult]:
    """Return the results of all checks of some files, the first with the name ``0.yaml``."""
    for number, text in enumerate(texts):
        (folder / f"{number}.yaml").write_text(text, encoding="utf-8")
    files = tuple(str(folder / f"{number}.yaml") for number in range(len(texts)))
    resolution = resolve(Selection(str(folder), files, project="igt"), {"PATH": "", "HOME": "/home/x"})
    assert resolution.project is None
    found: list[CheckResult] = []
    configuration.evaluate(configuration.plan(CheckSettings()), resolution, CheckSettings(), found.append)
    return {result.check.id: result for result in found}


def told(folder: Path, *texts: str) -> set[str]:
    """Return the ids of the checks with findings, each with the service; what concerns the refusal is left out."""
    return {
        f"{key} {finding.subject}"
        for key, result in results(folder, *texts).items()
        for finding in result.findings
        if key not in ("IG101", "IG120", "IG116")
    }


def test_the_lists_name_checks() -> None:
    assert {*OF_ONE_VALUE, *OF_ABSENCE} <= BY_ID.keys()
    assert not OF_ONE_VALUE & OF_ABSENCE


BROKEN = "  broken: {image: 'x:1', user: 5}\n"
PORTS = "services:\n  a: {image: 'x:1', ports: ['80:80']}\n  b: {image: 'x:1', ports: ['80:81']}\n"


def test_services_without_a_problem_are_checked_against_each_other(tmp_path: Path) -> None:
    assert {one.partition(" ")[0] for one in told(tmp_path, PORTS + BROKEN)} >= {"IG301", "IG524", "IG710"}


def test_an_error_closes_its_check_and_nothing_is_proven(tmp_path: Path) -> None:
    found = results(tmp_path, PORTS + BROKEN)
    assert found["IG301"].outcome is Outcome.FAILED
    assert (found["IG524"].outcome, bool(found["IG524"].findings)) == (Outcome.NOT_RUN, True)
    assert all(found[key].outcome is not Outcome.PASSED for key in BY_ID)
    assert all(one.severity is not Severity.ERROR for one in found["IG524"].findings)


@pytest.mark.parametrize(
    ("service", "expected"),
    [
        ("user: 5, privileged: true", {"IG401 web"}),
        ("privileged: [x]", set()),
        ("healthcheck: [x], image: nginx", {"IG201 web"}),
        ("network_mode: [host], ports: ['5432:5432'], image: postgres:16", set()),
        ("deploy: {resources: [x]}, mem_limit: 1m", {"IG720 web"}),
    ],
)
def test_of_a_broken_service_only_sound_values_are_judged(tmp_path: Path, service: str, expected: set[str]) -> None:
    image = "" if "image" in service else "image: 'x:1', "
    assert told(tmp_path, f"services:\n  web: {{{image}{service}}}\n") == expected


@pytest.mark.parametrize(
    "text",
    [
        # the healthcheck that another service waits for
        "services:\n  db: {image: 'x:1', healthcheck: [x]}\n  web: {image: 'x:1', depends_on: {db: {condition: service_healthy}}}\n",
        # the alias that another service calls
        "services:\n  db: {image: 'x:1', networks: {front: {aliases: store}}}\n  web: {image: 'x:1', networks: [front], environment: {DB_HOST: store}}\nnetworks: {front: }\n",
        # the network that both are on
        "services:\n  db: {image: 'x:1', expose: [5432], networks: [back]}\n  web: {image: 'x:1', networks: [front], environment: {DB: 'postgres://db:5432/'}}\nnetworks: {back: , front: {labels: 5}}\n",
        # the volume that holds the data
        "services:\n  db: {image: 'postgres:16', volumes: [5]}\nvolumes: {data: }\n",
    ],
)
def test_nothing_is_told_that_follows_from_the_broken_part(tmp_path: Path, text: str) -> None:
    found = results(tmp_path, text)
    ids = {key for key, result in found.items() if any(one.severity is not Severity.INFO for one in result.findings)}
    assert ids - {"IG101", "IG120"} <= {"IG511"}


def test_where_a_file_is_lost_only_written_values_are_judged(tmp_path: Path) -> None:
    text = "services:\n  web: {image: nginx, privileged: true, environment: {A: 'http://cachee/'}, depends_on: [db]}\n"
    assert told(tmp_path, text, "services:\n  cache: {image: 'x\n") == {"IG201 web", "IG401 web"}


def test_a_key_that_is_given_twice_loses_nothing(tmp_path: Path) -> None:
    text = "services:\n  web: {image: 'x:1', depends_on: [db], privileged: true}\nservices:\n  db: {image: 'y:1', ports: ['1:1', '1:1/udp']}\n"
    found = results(tmp_path, text)
    assert [one.message for one in found["IG101"].findings] == [
        "The Compose configuration cannot be used: The key 'services' is already given at 0.yaml:1:1."
    ]
    assert found["IG401"].findings


def test_a_link_to_a_service_that_there_is_not_breaks_no_check(tmp_path: Path) -> None:
    text = "services: {api: {image: 'api:1', links: [db], environment: {DB_URL: 'postgres://db/app'}}}"
    broken = [one.check.id for one in results(tmp_path, text).values() if one.outcome is Outcome.ERROR]
    assert broken == []
