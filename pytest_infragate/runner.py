"""Evaluates planned checks; an error inside a check never opens the gate."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from .errors import InfragateError
from .results import CheckResult, PlannedCheck, unevaluated

T = TypeVar("T")


def evaluate(check: PlannedCheck, function: Callable[[], CheckResult]) -> CheckResult:
    """Call ``function`` and return its result with its duration; any exception becomes outcome ``error``."""
    begun = time.monotonic()
    result, trouble = attempt(function)
    return (result or unevaluated(check, trouble)).lasting(time.monotonic() - begun)


def evaluate_all(
    checks: Sequence[PlannedCheck], function: Callable[[], Sequence[CheckResult]]
) -> tuple[CheckResult, ...]:
    """Call a function that answers several checks at once; any exception makes all of them outcome ``error``."""
    results, trouble = attempt(function)
    return tuple(unevaluated(check, trouble) for check in checks) if results is None else tuple(results)


def attempt(function: Callable[[], T]) -> tuple[T | None, str]:
    """Return what ``function`` returns, or nothing and what went wrong.

    This is the one broad ``except`` of the package: whatever breaks inside a check is missing evidence.
    """
    try:
        return function(), ""
    except InfragateError as error:
        return None, str(error)
    except Exception as error:  # noqa: BLE001 - see above
        return None, f"could not be evaluated: {type(error).__name__}: {error}"
