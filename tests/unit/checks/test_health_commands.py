"""A healthcheck's test is read as the shell or the engine reads it."""

from __future__ import annotations

import pytest

from pytest_infragate.checks.health_commands import commands, script


@pytest.mark.parametrize(
    ("test", "text"),
    [
        (("CMD-SHELL", "a && b"), "a && b"),
        (("CMD-SHELL", "a", "b"), "a"),
        (("CMD", "sh", "-c", "a || b"), "a || b"),
        (("CMD", "/bin/bash", "-e", "-c", "a"), "a"),
        (("CMD", "/bin/sh", "-ec", "a"), "a"),
        (("CMD", "curl", "-c", "jar"), None),
        (("CMD", "sh", "script"), None),
        (("CMD", "sh"), None),
    ],
)
def test_script(test: tuple[str, ...], text: str | None) -> None:
    assert script(test) == text


@pytest.mark.parametrize(
    ("test", "programs"),
    [
        (("CMD", "curl", "-f", "http://x/"), [("curl", "-f", "http://x/")]),
        (("CMD-SHELL", "curl -f http://x/ || exit 1"), [("curl", "-f", "http://x/"), ("exit", "1")]),
        (("CMD-SHELL", "A=1 pg_isready -U 'a b' | grep ok"), [("pg_isready", "-U", "a b"), ("grep", "ok")]),
        (("CMD-SHELL", "if ! a; then b; fi"), [("a",), ("b",), ("fi",)]),
        (("CMD-SHELL", "a 'not closed"), []),
        (("CMD-SHELL", ""), []),
        (("NONE",), []),
        ((), []),
    ],
)
def test_commands(test: tuple[str, ...], programs: list[tuple[str, ...]]) -> None:
    assert list(commands(test)) == programs
