"""Collects the checks that other plugins and the project itself add."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import pytest

from . import checks, runner
from .catalogue import NAMES
from .checks.base import Check

_ID = re.compile(r"(?!IG\d)[A-Z][A-Z0-9]*\d")
_HOOK = "pytest_infragate_checks"


def collect(config: pytest.Config) -> None:
    """Register what the hook returns for this run. Raises ``pytest.UsageError`` that tells everything wrong with it."""
    told, trouble = runner.attempt(lambda: config.hook.pytest_infragate_checks(config=config))
    if told is None:
        raise pytest.UsageError(f"the hook {_HOOK} {trouble}")
    found = [check for some in told for check in some]
    if problems := list(_problems(found)):
        raise pytest.UsageError("\n".join(problems))
    checks.register(found)


def _problems(found: Sequence[object]) -> Iterator[str]:
    ids = {check.id for check in checks.CHECKS} | set(NAMES)
    names = {check.name for check in checks.CHECKS} | {check.name for check in NAMES.values()}
    for check in found:
        if not isinstance(check, Check):
            yield f"{_HOOK} returned {check!r}: expected functions decorated with pytest_infragate.checks.base.check"
            continue
        if not _ID.fullmatch(check.id):
            yield f"{_HOOK} returned a check {check.id!r}: expected capital letters with a number, not beginning with IG"
        if check.id in ids or check.name in names:
            yield f"{_HOOK} returned {check.id} {check.name}: another check has this id or name already"
        ids.add(check.id)
        names.add(check.name)
