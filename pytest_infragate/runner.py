"""Evaluates one planned check; an error inside a check never opens the gate."""

from __future__ import annotations

import time
from collections.abc import Callable

from .errors import InfragateError
from .results import CheckResult, PlannedCheck, unevaluated


def evaluate(check: PlannedCheck, function: Callable[[], CheckResult]) -> CheckResult:
    """Call ``function`` and return its result with its duration; any exception becomes outcome ``error``.

    This is the one broad ``except`` of the package: whatever breaks inside a check is missing evidence.
    """
    begun = time.monotonic()
    try:
        result = function()
    except InfragateError as error:
        result = unevaluated(check, str(error))
    except Exception as error:
        result = unevaluated(check, f"could not be evaluated: {type(error).__name__}: {error}")
    return result.lasting(time.monotonic() - begun)
