"""IG625: of two mounts of one list at one place Compose makes the last alone."""

from __future__ import annotations

import pytest

from .looking import findings, material


def flagged(volumes: str, override: str = "") -> list[str]:
    text = "services: {{app: {{image: x, volumes: {}}}}}\n"
    texts = [text.format(one) for one in (volumes, override) if one]
    return [one.message for one in findings("IG625", material(*texts))]


@pytest.mark.parametrize(
    "volumes",
    [
        '["data:/v", "seed:/v"]',
        '["data:/v", "seed:/v/"]',
        '["data:/v:ro", {type: bind, source: ./x, target: /v}]',
        '["/v", "data:/v"]',
    ],
)
def test_the_first_is_told(volumes: str) -> None:
    assert flagged(volumes) == ["/v is given to another mount in line 1, so this one is not made."]


@pytest.mark.parametrize(
    "volumes",
    [
        '["data:/v", "seed:/v/seed"]',
        '["data:/v", "data:/v:ro"]',
        '["${A:-data}:/v", "seed:/v"]',
        '["data:${WHERE}", "seed:${WHERE}"]',
        '["C:/data:/v:ro", "D:/data:/v:ro"]',
        "[]",
    ],
)
def test_what_is_left_alone(volumes: str) -> None:
    assert flagged(volumes) == []


def test_an_override_may_replace() -> None:
    assert flagged('["data:/v"]', '["seed:/v"]') == []
