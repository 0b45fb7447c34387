"""The hooks that a project's ``conftest.py`` and other plugins may implement."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .checks.base import Check


@pytest.hookspec
def pytest_infragate_checks(config: pytest.Config) -> Sequence[Check]:  # type: ignore[empty-body]
    """Return further static checks, made with ``pytest_infragate.checks.base.check``.

    They are planned, evaluated and told like the package's own, in every stage. Their ids are capital letters with a
    number, ``ACME001``; those that begin with ``IG`` are the package's. An exception in one is outcome ``error``.
    """
