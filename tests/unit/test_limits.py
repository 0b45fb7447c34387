from __future__ import annotations

import pytest

from pytest_infragate.limits import METRICS, LimitError, Unit, parse_limit
from pytest_infragate.results import Location
from pytest_infragate.suggest import listed

DESIGNED = [
    "cpu.ratio",
    "cpu.throttled",
    "memory.ratio",
    "memory.bytes",
    "memory.growth",
    "pids",
    "restarts",
    "startup",
    "health.duration",
    "connect.latency",
    "http.latency",
    "http.failed",
    "http.rate",
    "network.errors",
    "log.errors",
    "log.rate",
    "disk.written",
    "image.size",
]
SHAPE = "expected 'metric: aggregation operator bound', such as 'http.latency: p(95) < 200ms'"
PLACE = Location("infragate.yaml", 3, 5)


def test_the_metrics_that_are_promised_are_there() -> None:
    assert set(DESIGNED) <= set(METRICS)


@pytest.mark.parametrize(
    ("text", "metric", "aggregation", "operator", "bound", "phase"),
    [
        ("memory.ratio: max < 0.9", "memory.ratio", "max", "<", 0.9, None),
        ("memory.ratio: max < 90%", "memory.ratio", "max", "<", 0.9, None),
        ("memory.ratio: max <= 1", "memory.ratio", "max", "<=", 1, None),
        ("health.ratio: max < 110%", "health.ratio", "max", "<", 1.1, None),
        ("memory.ratio:max<=.5", "memory.ratio", "max", "<=", 0.5, None),
        ("http.latency: p(95) < 200ms", "http.latency", "p(95)", "<", 0.2, None),
        ("http.latency: p(99.9) < 1.5s", "http.latency", "p(99.9)", "<", 1.5, None),
        ("suite.http.latency: med < 1m30s", "http.latency", "med", "<", 90, "suite"),
        ("startup.log.rate: avg < 2", "log.rate", "avg", "<", 2, "startup"),
        ("startup: max < 30s", "startup", "max", "<", 30, None),
        ("startup.startup: max < 30s", "startup", "max", "<", 30, "startup"),
        ("idle.memory.bytes: max < 1.5GiB", "memory.bytes", "max", "<", 1.5 * 1024**3, "idle"),
        ("memory.growth: last < 65536", "memory.growth", "last", "<", 65536, None),
        ("http.failed: rate < 1%", "http.failed", "rate", "<", 0.01, None),
        ("http.failed: count == 0", "http.failed", "count", "==", 0, None),
        ("http.rate: rate > 50", "http.rate", "rate", ">", 50, None),
        ("restarts: count != 3", "restarts", "count", "!=", 3, None),
        ('connect.latency{from="api"}: max < 5ms', 'connect.latency{from="api"}', "max", "<", 0.005, None),
        ("prometheus.in_flight: max < 5", "prometheus.in_flight", "max", "<", 5, None),
        (
            'prometheus.a_total{code="5: x}", b="c"}: rate < 0.5',
            'prometheus.a_total{code="5: x}", b="c"}',
            "rate",
            "<",
            0.5,
            None,
        ),
        ("suite.prometheus.a_total: count <= 3", "prometheus.a_total", "count", "<=", 3, "suite"),
        ("health.duration: max >= 0", "health.duration", "max", ">=", 0, None),
    ],
)
def test_a_limit_is_read(
    text: str, metric: str, aggregation: str, operator: str, bound: float, phase: str | None
) -> None:
    limit = parse_limit(text, PLACE)
    assert (limit.metric, str(limit.aggregation), limit.operator) == (metric, aggregation, operator)
    assert limit.bound == pytest.approx(bound)
    assert (limit.phase, limit.location) == (phase, PLACE)


def test_a_limit_shows_itself_as_written_without_its_phase() -> None:
    assert parse_limit("suite.http.latency: p(95) < 200ms").text == "http.latency: p(95) < 200ms"


NEVER = "nothing of {} is measured in the phase {!r}, so the limit could never be proven: expected {} in front of it, or no phase"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('connect.latency{to="api"}: max < 5ms', "connect.latency has no label 'to'"),
        ('memory.ratio{from="api"}: max < 1', "memory.ratio has no label 'from'"),
        ("connect.latency{from=api}: max < 5ms", SHAPE),
        ("prometheus.9lives: max < 1", "'prometheus.9lives' is no name of a metric"),
        ("startup.prometheus.a_total: max < 1", "is measured in the phase 'startup'"),
        ("prometheus.a_total: max < 1s", "expected a plain number"),
    ],
)
def test_a_name_with_labels_that_means_nothing_says_why(text: str, words: str) -> None:
    with pytest.raises(LimitError) as caught:
        parse_limit(text)
    assert words in str(caught.value)


GAUGE = "expected min, max, avg, med, p(N) or last"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", SHAPE),
        ("memory.ratio", SHAPE),
        ("memory.ratio < 0.9", SHAPE),
        ("memory.ratio: max <", SHAPE),
        ("memory.ratio: < 0.9", SHAPE),
        ("memory.ratio: max <> 0.9", "unknown operator '<>': expected <, <=, >, >=, == or !="),
        ("memory.ratio: max = 0.9", "unknown operator '=': expected <, <=, >, >=, == or !="),
        ("memory.ratio: mean < 0.9", f"memory.ratio has no aggregation 'mean': {GAUGE}"),
        ("memory.ratio: maxx < 0.9", f"memory.ratio has no aggregation 'maxx': {GAUGE}; did you mean 'max'?"),
        ("memory.ratio: max(3) < 0.9", f"memory.ratio has no aggregation 'max(3)': {GAUGE}; did you mean 'max'?"),
        ("http.failed: max < 0.9", "http.failed has no aggregation 'max': expected rate or count"),
        ("http.latency: p < 1s", "'p' is no percentile: expected p(N) with N between 0 and 100, such as p(95)"),
        (
            "http.latency: p(100) < 1s",
            "'p(100)' is no percentile: expected p(N) with N between 0 and 100, such as p(95)",
        ),
        ("http.latency: p(x) < 1s", "'p(x)' is no percentile: expected p(N) with N between 0 and 100, such as p(95)"),
        (
            "http.latency: max < 200",
            "the bound '200' does not fit: expected a duration with its unit, such as 200ms or 200s",
        ),
        ("http.latency: max < 2 GB", "the bound '2 GB' does not fit: expected a duration such as 500ms, 10s or 1m30s"),
        ("memory.bytes: max < 2s", "the bound '2s' does not fit: expected a size such as 65536, 512m or 1.5GiB"),
        ("memory.ratio: max < 2g", "the bound '2g' does not fit: expected a ratio such as 0.9 or 90%"),
        (
            "memory.ratio: max < 90",
            "the bound '90' does not fit: a ratio is at most 1, so 90 would never be reached: write 90% for 0.9",
        ),
        ("memory.ratio: max < -1", "the bound '-1' does not fit: expected a ratio such as 0.9 or 90%"),
        ("pids: max < 50%", "the bound '50%' does not fit: expected a plain number such as 0 or 100"),
    ],
)
def test_what_is_no_limit_is_refused_with_what_was_expected(text: str, message: str) -> None:
    with pytest.raises(LimitError) as caught:
        parse_limit(text)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("suite.image.size: last < 1g", "image.size has no phases: it holds for the whole run; leave out 'suite.'"),
        ("idle.restarts: max < 1", "restarts has no phases: it holds for the whole run; leave out 'idle.'"),
        ("startup.http.latency: max < 1s", NEVER.format("http.latency", "startup", "idle. or suite.")),
        ("suite.startup: max < 9s", NEVER.format("startup", "suite", "startup.")),
    ],
)
def test_a_phase_in_which_nothing_is_measured_is_told_when_the_limit_is_read(text: str, message: str) -> None:
    with pytest.raises(LimitError) as caught:
        parse_limit(text)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("http.latancy", "; did you mean 'http.latency'?"),
        ("suit.http.latency", "; did you mean 'suite.http.latency'?"),
        ("suite.http.latancy", "; did you mean 'suite.http.latency'?"),
        ("zzz", "."),
    ],
)
def test_an_unknown_metric_names_the_nearest_and_all(name: str, hint: str) -> None:
    with pytest.raises(LimitError) as caught:
        parse_limit(f"{name}: max < 1")
    begin, _, rest = str(caught.value).partition(" Known are ")
    assert begin == f"unknown metric {name!r}{hint}"
    assert rest.startswith(listed(METRICS, "and"))
    assert "behind a phase (startup., idle. or suite.), and what services tell themselves" in rest


@pytest.mark.parametrize(
    ("metric", "value", "text"),
    [
        ("http.latency", 0.25, "250 ms"),
        ("memory.bytes", 1024**3, "1 GiB"),
        ("memory.ratio", 0.9, "90 %"),
        ("memory.ratio", 0.12345, "12.3 %"),
        ("pids", 12.0, "12"),
    ],
)
def test_a_value_is_told_in_its_unit(metric: str, value: float, text: str) -> None:
    assert METRICS[metric].describe(value) == text


def test_failed_requests_can_be_counted() -> None:
    assert METRICS["http.failed"].unit_under("count") is Unit.COUNT
    assert METRICS["http.failed"].unit_under("rate") is Unit.RATIO
