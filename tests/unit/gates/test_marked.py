from __future__ import annotations

import pytest

from pytest_infragate.gates.marked import MarkerError, broken, demanded
from pytest_infragate.gates.measures import Measurements
from pytest_infragate.stack.sampling import Series
from pytest_infragate.stack.stats import Sample
from tests.unit.states import running

SERVICES = ("web-1", "web-2", "db")


def sample(at: float, memory: int) -> Sample:
    return Sample(at, int(at * 1e9), 2, 0, 0, memory, 100, 4, 0, 0)


def measured(*memory: int) -> Measurements:
    series = Series(running("db"), tuple(("test", sample(at, one)) for at, one in enumerate(memory)), {"test": 9})
    return Measurements(containers=(running("db"),), series={"db": (series,)})


def told(limit: str, found: Measurements) -> list[str]:
    return list(broken(demanded(("db", limit), SERVICES, ()), found, 1.25))


def test_a_marker_names_a_service_or_a_pattern_and_its_limits() -> None:
    found = demanded(("web-*", "memory.growth: last < 10m", "pids: max < 9"), SERVICES, ())
    assert [one.check.subject for one in found] == [
        f"{service} {limit}"
        for service in ("web-1", "web-2")
        for limit in ("memory.growth: last < 10m", "pids: max < 9")
    ]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "expected a service and at least one limit, such as 'api', 'http.latency: p(95) < 200ms'"),
        (("db",), "expected a service and at least one limit"),
        (("db", ["pids: max < 9"]), "expected a service and at least one limit"),
        (("dbb", "pids: max < 9"), "the stack has no service 'dbb': it has web-1, web-2 and db; did you mean 'db'?"),
        (("x-*", "pids: max < 9"), "the stack has no service 'x-*'"),
        (("db", "pid: max < 9"), "'pid: max < 9': unknown metric 'pid'; did you mean 'pids'?"),
        (("db", "suite.pids: max < 9"), "it holds while the test runs and has no other phase; leave out 'suite.'"),
        (("db", "image.size: max < 9m"), "image.size is not measured while a test runs: expected cpu.ratio"),
        (("db", "restarts: max < 1"), "restarts is not measured while a test runs"),
        (("web-*", "http.latency: max < 1s"), "http.* of web-2 is measured on a request that the settings declare"),
    ],
)
def test_what_a_marker_cannot_mean_is_told(arguments: tuple[object, ...], words: str) -> None:
    with pytest.raises(MarkerError) as caught:
        demanded(arguments, SERVICES, ("web-1",))
    assert words in str(caught.value)


def test_kept_limits_tell_nothing_and_broken_ones_a_sentence() -> None:
    assert told("memory.bytes: max < 100", measured(50, 60, 70)) == []
    (sentence,) = told("memory.growth: last < 10", measured(50, 60, 70))
    assert sentence == "db: memory.growth last is 20 B, limit < 10 B; 3 samples in 2.0 s, while the test ran"


@pytest.mark.parametrize(
    ("limit", "words"),
    [
        (
            "memory.bytes: p(95) < 9m",
            "p(95) needs 20 samples, there were only 2 of them. The test ran for 1.2 s: let it go on for longer or bound what needs few samples (`max`, `last`).",
        ),
        (
            "cpu.ratio: max < 200%",
            "max needs 2 samples, there were only 1 of them. The test ran for 1.2 s: let it go on for longer.",
        ),
    ],
)
def test_too_few_samples_say_how_many_it_takes_and_what_to_do(limit: str, words: str) -> None:
    (sentence,) = told(limit, measured(50, 60))
    assert sentence.endswith(words)


def test_a_one_shot_that_only_a_pattern_names_owes_nothing() -> None:
    ended = Measurements(containers=(running("db", running=False, status="exited", exit_code=0),))
    assert list(broken(demanded(("d*", "pids: max < 9"), SERVICES, ()), ended, 1.25)) == []
    assert told("pids: max < 9", ended) != []
    died = Measurements(containers=(running("db", running=False, status="exited", exit_code=1),))
    assert list(broken(demanded(("d*", "pids: max < 9"), SERVICES, ()), died, 1.25)) != []


def test_a_service_that_gave_no_samples_is_not_proven() -> None:
    (sentence,) = told("pids: max < 9", Measurements(containers=(running("db"),)))
    assert "max needs 2 samples, there were no samples" in sentence
