"""What the user changes of single checks decides what they find."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_infragate.check_options import CheckOptions
from pytest_infragate.checks import BY_ID
from pytest_infragate.checks.base import Material
from pytest_infragate.compose.resolve import Resolution
from pytest_infragate.results import Severity

from ..stacks import project
from .looking import material


def found(id_: str, options: CheckOptions, **service: Any) -> bool:
    """Return whether a check finds anything in a stack of this service and a cache."""
    stack = project({"web": {"image": "ours:1.0", **service}, "cache": {"image": "redis:7.4"}})
    return bool(BY_ID[id_].findings(Material(Resolution(stack), options=options), Severity.ERROR))


@pytest.mark.parametrize(
    ("id_", "options", "service"),
    [
        ("IG201", CheckOptions(moving_tags=frozenset()), {"image": "theirs/web:latest"}),
        ("IG201", CheckOptions(floating_images=("ours/*",)), {"image": "ours/web"}),
        ("IG310", CheckOptions(known_hosts=("post*",)), {"environment": {"MAIL_URL": "smtp://postbox:25"}}),
        ("IG304", CheckOptions(known_hosts=("cahce",)), {"environment": {"REDIS_URL": "redis://cahce:6379"}}),
        ("IG338", CheckOptions(public_ports=frozenset({8080})), {"ports": [{"target": 80, "published": "8080"}]}),
        (
            "IG522",
            CheckOptions(slow_start=10),
            {"image": "elasticsearch:8.15.0", "healthcheck": {"test": ["CMD", "x"], "interval": "5s", "retries": 3}},
        ),
    ],
)
def test_what_an_option_allows_is_found_without_it_only(
    id_: str, options: CheckOptions, service: dict[str, Any]
) -> None:
    assert found(id_, CheckOptions(), **service)
    assert not found(id_, options, **service)


@pytest.mark.parametrize(
    ("id_", "options", "service"),
    [
        ("IG201", CheckOptions(moving_tags=frozenset({"1.0"})), {}),
        ("IG338", CheckOptions(public_ports=frozenset()), {"ports": [{"target": 80, "published": "80"}]}),
    ],
)
def test_what_an_option_forbids_is_found_with_it_only(id_: str, options: CheckOptions, service: dict[str, Any]) -> None:
    assert not found(id_, CheckOptions(), **service)
    assert found(id_, options, **service)


@pytest.mark.parametrize(
    ("image", "flagged"),
    [
        ("redis:7.4", False),
        ("registry.example/team/web:1.0@sha256:abc", False),
        ("redis:7.4-alpine", True),
        ("theirs/redis:7.4", True),
        ("registry.example.evil/web:1.0", True),
    ],
)
def test_only_allowed_images_may_be_used(image: str, flagged: bool) -> None:
    options = CheckOptions(allowed_images=("redis:7.4", "registry.example/*"))
    assert found("IG224", options, image=image) is flagged
    assert not found("IG224", CheckOptions(), image=image)


def test_what_is_built_here_needs_no_permission() -> None:
    options = CheckOptions(allowed_images=("redis:7.4",))
    assert not found("IG224", options, image="ours:2.0", build={"context": "/p"})


@pytest.mark.parametrize("id_", ["IG610", "IG611"])
def test_a_public_name_is_no_secret(id_: str) -> None:
    value = "example-only" if id_ == "IG610" else "${X:-example-only}"
    text = f"services: {{web: {{image: 'a:1', environment: {{MAPS_API_KEY: '{value}'}}}}}}"
    plain = material(text)
    told = Material(plain.resolution, options=CheckOptions(public_names=("MAPS_*",)))
    assert BY_ID[id_].findings(plain, Severity.ERROR)
    assert not BY_ID[id_].findings(told, Severity.ERROR)
