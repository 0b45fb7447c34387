from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import pytest

from pytest_infragate.probes import exposition, scraping
from pytest_infragate.probes.exposition import ExposedSample, Fetch
from pytest_infragate.probes.scraping import Exposed, Scraper
from pytest_infragate.settings import ProbeSettings
from pytest_infragate.stack.exchange import Answer, Exchange, Failure, Judgement, Question
from pytest_infragate.stack.speech import HungUpError
from pytest_infragate.stack.state import ContainerState
from tests.unit.states import running

TEXT = r"""# HELP http_requests_total The total number of HTTP requests.
# TYPE http_requests_total counter
http_requests_total{method="post",code="200"} 1027 1395066363000
http_requests_total{method="post",code="400",}    3 1395066363000

# Escaping in label values:
msdos_file_access_time_seconds{path="C:\\DIR\\FILE.TXT",error="Cannot find } file:\n\"FILE.TXT\""} 1.458255915e9
metric_without_timestamp_and_labels 12.47
something_weird{problem="division by zero"} +Inf -3982045
nothing_yet NaN
# TYPE in_flight gauge
in_flight{ } 4
  http_requests_total 9
http_requests_total_more 1
broken{ 3
exemplar_bucket{le="0.1"} 8 # {trace_id="a"} 0.054 123
"""
"""The example of Prometheus' documentation, and what else occurs."""


def found(*names: str) -> list[ExposedSample]:
    return list(exposition.samples(TEXT, names))


@pytest.mark.parametrize(
    ("name", "labels", "value"),
    [
        ("metric_without_timestamp_and_labels", {}, 12.47),
        ("in_flight", {}, 4),
        ("something_weird", {"problem": "division by zero"}, math.inf),
        (
            "msdos_file_access_time_seconds",
            {"path": r"C:\DIR\FILE.TXT", "error": 'Cannot find } file:\n"FILE.TXT"'},
            1458255915,
        ),
        ("exemplar_bucket", {"le": "0.1"}, 8),
    ],
)
def test_a_sample_is_read(name: str, labels: dict[str, str], value: float) -> None:
    assert found(name) == [ExposedSample(name, labels, value)]


def test_only_what_is_wanted_is_read() -> None:
    assert [one.value for one in found("http_requests_total")] == [1027, 3]
    assert found("nothing_yet", "broken", "absent") == []


def test_gauges_and_names_are_told() -> None:
    assert exposition.gauges(TEXT) == {"in_flight"}
    assert {"in_flight", "http_requests_total", "something_weird"} <= exposition.names(TEXT)


def spoken(*heard: bytes | None) -> Any:
    """Return how a fetch ends that hears this; ``None``: the peer hangs up."""
    talk = Fetch(ProbeSettings("http", 9100, "/metrics"), "10.0.0.2")()
    assert b"GET /metrics HTTP/1.1" in bytes(next(talk))  # type: ignore[arg-type]
    try:
        for one in heard:
            talk.throw(HungUpError("gone")) if one is None else talk.send(one)
    except StopIteration as end:
        return end.value
    return None


def test_the_body_is_fetched_whole() -> None:
    assert spoken(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabc", b" 1\n") == b"abc 1\n"
    assert spoken(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\na 1\r\n0\r\n\r\n") == b"a 1"


@pytest.mark.parametrize(
    ("heard", "words"),
    [
        ((b"HTTP/1.1 404 Not Found\r\n\r\n",), "gives 404"),
        ((b"HTTP/1.1 200 OK\r\nContent-Le", None), "closed before"),
        ((b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",), "empty"),
        ((b"HTTP/1.1 200 OK\r\nContent-Length: 2000000\r\n\r\n", b"x" * 2_000_000), "more than"),
    ],
)
def test_what_is_no_exposition_says_why(heard: tuple[bytes | None, ...], words: str) -> None:
    judgement = spoken(*heard)
    assert isinstance(judgement, Judgement)
    assert words in judgement.message


API = running("api", addresses={"net": "10.0.0.2"})
MOVED = running("api", addresses={"net": "10.0.0.7"})
LIMITED = 'prometheus.http_requests_total{code="200"}'


class Inside:
    """Answers with one text after the other; looked up anew, the service has another address."""

    engine = SimpleNamespace(inspect_if_there=lambda _: MOVED)

    def __init__(self, *texts: str | Answer) -> None:
        self.texts = list(texts)
        self.hosts: list[str] = []

    def ask(self, _: ContainerState, questions: list[Question], *, beside: bool) -> tuple[Exchange, ...]:
        assert beside
        self.hosts.append(questions[0].host)
        told = self.texts.pop(0)
        answer = told if isinstance(told, Answer) else Answer("10.0.0.2", reply=told.encode())
        return (Exchange(questions[0], answers=(answer,)),)


def told(inside: Inside, *metrics: str, phases: tuple[str, ...] = ("idle",)) -> Exposed:
    scraper = Scraper(inside, {"api": ProbeSettings("http", 9100)}, {"api": list(metrics)}, [API])  # type: ignore[arg-type]
    for phase in phases:
        scraper.mark(phase)
        scraper._round()
    return scraper.exposed()["api"]


def values(exposed: Exposed, metric: str) -> list[list[float]]:
    return [[value for _, _, value in one.points] for one in exposed.series.get(metric, ())]


def test_each_series_that_fits_is_kept_by_itself() -> None:
    inside = Inside(TEXT, TEXT)
    exposed = told(inside, LIMITED, "prometheus.http_requests_total", "prometheus.in_flight", phases=("idle", "suite"))
    assert values(exposed, LIMITED) == [[1027, 1027]]
    assert values(exposed, "prometheus.http_requests_total") == [[1027, 1027], [3, 3]]
    assert exposed.series["prometheus.in_flight"][0].is_gauge
    assert [phase for _, phase, _ in exposed.series[LIMITED][0].points] == ["idle", "suite"]
    assert not exposed.series[LIMITED][0].from_zero


def test_a_series_that_appears_later_has_counted_from_nothing() -> None:
    exposed = told(
        Inside("a 1\n", 'a 1\nerrors_total{code="500"} 2\n'), "prometheus.errors_total", phases=("idle",) * 2
    )
    (series,) = exposed.series["prometheus.errors_total"]
    assert series.from_zero


@pytest.mark.parametrize(
    ("metric", "words"),
    [
        ("prometheus.http_request_total", "did you mean 'http_requests_total'?"),
        ('prometheus.http_requests_total{code="500"}', "labels of another kind, or no number"),
    ],
)
def test_what_is_not_told_is_missing(metric: str, words: str) -> None:
    assert words in told(Inside(TEXT), metric).missing[metric]


def test_too_many_series_are_no_measurement(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scraping, "MOST_SERIES", 1)
    metric = "prometheus.http_requests_total"
    assert "more than 1 series" in told(Inside(TEXT), metric).missing[metric]


def test_a_service_that_listens_on_loopback_alone_is_asked_there_from_then_on() -> None:
    refused = Answer("10.0.0.2", failure=Failure.REFUSED, detail="refused")
    inside = Inside(refused, TEXT, TEXT)
    exposed = told(inside, LIMITED, phases=("idle", "idle"))
    assert inside.hosts == ["10.0.0.2", "127.0.0.1", "127.0.0.1"]
    (asked,) = exposed.fetches
    assert (asked.looks, asked.failures, [phase for _, phase in asked.told]) == ({"idle": 2}, {}, ["idle"] * 2)


def test_what_cannot_be_fetched_is_counted_and_says_why() -> None:
    bad = Answer("10.0.0.2", judgement=Judgement(False, "GET /metrics gives 404"))
    exposed = told(Inside(bad, bad, TEXT), LIMITED, phases=("idle", "suite"))
    (asked,) = exposed.fetches
    assert (asked.failures, asked.trouble) == ({"idle": 1}, "GET /metrics gives 404")


@pytest.mark.parametrize("text", ["<html><body>502</body></html>", '{"status": "ok"}', "\n\nlogin first\n"])
def test_a_page_is_no_exposition(text: str) -> None:
    (asked,) = told(Inside(TEXT, text), LIMITED, phases=("suite",) * 2).fetches
    assert asked.failures == {"suite": 1}
    assert asked.trouble.startswith("the answer is not in Prometheus' text format: '")


@pytest.mark.parametrize("text", ["# EOF\n", "\n# HELP a b\n", ' a{b="c d"} 1 2\n', 'a NaN # {x="y"} 1\n'])
def test_little_of_an_exposition_is_one(text: str) -> None:
    assert exposition.fault(text) == ""


GAUGE = "# TYPE up gauge\nup 1\n"


@pytest.mark.parametrize(
    ("texts", "gone"),
    [
        ((GAUGE, "other 1\n", "other 1\n"), 2),
        (("other 1\n", GAUGE, GAUGE), 0),
        (("# TYPE up counter\nup 1\n", "other 1\n", "other 1\n"), 0),
    ],
    ids=["a gauge", "one that appears later", "a counter, which begins anew with the service"],
)
def test_a_gauge_that_is_told_no_more_is_counted(texts: tuple[str, ...], gone: int) -> None:
    exposed = told(Inside(*texts), "prometheus.up", phases=("suite",) * 3)
    assert exposed.fetches[0].gone.get(("prometheus.up", "suite"), 0) == gone


def test_who_was_started_anew_is_asked_at_its_new_address() -> None:
    refused = Answer("10.0.0.2", failure=Failure.REFUSED, detail="refused")
    inside = Inside(TEXT, refused, TEXT, TEXT)
    exposed = told(inside, LIMITED, phases=("idle",) * 4)
    assert inside.hosts == ["10.0.0.2", "10.0.0.2", "10.0.0.7", "10.0.0.7"]
    assert values(exposed, LIMITED) == [[1027] * 3]
