from __future__ import annotations

import pytest

from pytest_infragate.units import UnitError, format_duration, format_size, parse_duration, parse_size


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1m30s", 90),
        ("10s", 10),
        ("500ms", 0.5),
        ("1h5m30s20ms", 3930.02),
        ("250us", 0.00025),
        ("250µs", 0.00025),
        ("5ns", 5e-9),
        ("1.5h", 5400),
        (".5s", 0.5),
        ("1d", 86400),
        ("1w2d", 777600),
        ("180", 180),
        ("0", 0),
        ("0s", 0),
        ("  10s ", 10),
        (12, 12),
        (0.25, 0.25),
    ],
)
def test_a_duration_is_read_as_seconds(text: str | float, seconds: float) -> None:
    assert parse_duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "text",
    ["", " ", "s", "10 s", "10x", "1m 30s", "-5s", "-5", "+5s", "1e3s", "ten", "10s,", "1m30", "True", "nan", "inf"],
)
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(UnitError, match=r"^expected a duration such as 500ms, 10s or 1m30s$"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("0", 0),
        ("65536", 65536),
        (65536, 65536),
        ("1b", 1),
        ("512k", 512 * 1024),
        ("512m", 512 * 1024**2),
        ("512M", 512 * 1024**2),
        ("512mb", 512 * 1024**2),
        ("1gb", 1024**3),
        ("1.5GiB", 3 * 1024**3 // 2),
        ("1.5 GiB", 3 * 1024**3 // 2),
        ("2t", 2 * 1024**4),
        ("1PiB", 1024**5),
    ],
)
def test_a_size_is_read_as_bytes(text: str | float, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "m", "1ib", "1x", "-1m", "1,5g", "1 g b", "50%", "1e6"])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(UnitError, match=r"^expected a size such as 65536, 512m or 1.5GiB$"):
        parse_size(text)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (0.0004, "0.4 ms"),
        (0.25, "250 ms"),
        (0.9999, "1 s"),
        (1, "1 s"),
        (12.34, "12.3 s"),
        (99.96, "1 min 40 s"),
        (185, "3 min 5 s"),
        (180, "3 min"),
        (3599.6, "1 h"),
        (7800, "2 h 10 min"),
    ],
)
def test_a_duration_is_told_as_people_say_it(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (512, "512 B"),
        (1023, "1023 B"),
        (1024, "1 KiB"),
        (1536 * 1024**2, "1.5 GiB"),
        (1024**2 - 1, "1 MiB"),
        (5 * 1024**5, "5 PiB"),
        (5 * 1024**6, "5120 PiB"),
        (-2048, "-2 KiB"),
    ],
)
def test_a_size_is_told_as_people_say_it(size: float, text: str) -> None:
    assert format_size(size) == text
