from __future__ import annotations

import pytest

from pytest_infragate.diagnosis import lines

CURL = (
    "  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current\n"
    "                                 Dload  Upload   Total   Spent    Left  Speed\n"
    "\r  0     0    0     0    0     0      0      0 --:--:-- --:--:-- --:--:--     0"
    "\r  0     0    0     0    0     0      0      0 --:--:-- --:--:-- --:--:--     0\n"
    "curl: (7) Failed to connect to localhost port 80\n"
)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ([], ""),
        (["", "  "], ""),
        (["starting", "listening"], "listening"),
        (["KeyError: DATABASE_URL", "reading settings"], "KeyError: DATABASE_URL"),
        (["FATAL: no role", "retrying", "FATAL: gave up", "bye"], "FATAL: gave up"),
        (["errors: 0 so far", "terror"], "terror"),
    ],
)
def test_the_line_that_tells_most(written: list[str], expected: str) -> None:
    assert lines.telling(written) == expected


def test_curls_progress_meter_tells_nothing() -> None:
    assert lines.plain(CURL) == ("curl: (7) Failed to connect to localhost port 80",)
    assert lines.plain("a\n\n b \n") == ("a", "b")
    assert lines.plain("12 apples\n") == ("12 apples",)
