"""Advice as a short table for a terminal; pure."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from ..advice.hint import Hint
from ..results import WHOLE_STACK

TITLE = "Advice, from what was measured; it closes nothing:"
_MISSING = "memory-limit-missing"
_ONLY_WITH_V = "too-few-samples"
_MOST_ROWS = 6
_MOST_MISSING = 8
_NARROWEST = 40


def lines(hints: Sequence[Hint], width: int, *, everything: bool = False) -> Iterator[str]:
    """Yield the lines of the table, none where nothing is worth saying; missing limits share a row.

    ``everything``: also what each proposal rests on, and what could not be advised on.
    """
    rows = [hint for hint in hints if hint.kind != _MISSING and (everything or hint.kind != _ONLY_WITH_V)]
    missing = [hint for hint in hints if hint.kind == _MISSING]
    if not rows and not missing:
        return
    yield TITLE
    named = [_name(hint) for hint in rows[:_MOST_ROWS]]
    column = max([len(name) for name in named], default=0)
    for name, hint in zip(named, rows, strict=False):
        basis = f" ({hint.basis})" if everything else ""
        yield from _row(name, f"{hint.seen} → {hint.proposal}{basis}", column, width)
    if len(rows) > _MOST_ROWS:
        yield f"  … and {len(rows) - _MOST_ROWS} more in verdict.json (--infragate-report DIR)"
    if missing:
        yield from _row("", _of_missing(missing, everything=everything), 0, width)


def _row(name: str, text: str, column: int, width: int) -> Iterator[str]:
    """Yield one row, wrapped below its own text."""
    head = f"  {name.ljust(column)}  " if column else "  "
    inside = max(width - len(head) - 1, _NARROWEST)
    first, *rest = textwrap.wrap(text, inside, break_long_words=False) or [""]
    yield f"{head}{first}"
    yield from (f"{' ' * len(head)}{line}" for line in rest)


def _name(hint: Hint) -> str:
    return "stack" if hint.subject == WHOLE_STACK else hint.subject


def _of_missing(missing: Sequence[Hint], *, everything: bool) -> str:
    shown = missing if everything else missing[:_MOST_MISSING]
    named = ", ".join(f"{hint.subject} {hint.proposal.rpartition(' ')[2]}" for hint in shown)
    more = f", … {len(missing) - len(shown)} more" if len(shown) < len(missing) else ""
    return f"Without a memory limit, and what would do: {named}{more}"
