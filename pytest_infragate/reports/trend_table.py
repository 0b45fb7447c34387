"""How the metrics went over the last runs, as a table of ``summary.md``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..limits import METRICS

if TYPE_CHECKING:
    from ..gates.trend import TrendRow

_MOST_ROWS = 20
_STEPS = "▁▂▃▄▅▆▇█"


def trend_table(rows: Sequence[TrendRow]) -> list[str]:
    """Return the lines of the table: what has moved first, then by the size of the change; none without rows."""
    if not rows:
        return []
    ordered = sorted(rows, key=lambda row: (not row.moved, -abs(row.shift)))
    lines = ["", "## Trend", "", "| service | metric | runs | before | now | |", "|---|---|---|---|---|---|"]
    lines += map(_line, ordered[:_MOST_ROWS])
    if len(rows) > _MOST_ROWS:
        lines += ["", f"… and {len(rows) - _MOST_ROWS} more in `verdict.json`"]
    return lines


def _line(row: TrendRow) -> str:
    metric = METRICS[row.metric]
    share = f" ({(row.now / row.before - 1) * 100:+.0f} %)" if row.before else ""
    now = f"{metric.describe(row.now)}{share}"
    values = [value for _, value in row.points]
    return (
        f"| {row.service} | {row.metric} | {len(values)} | {metric.describe(row.before)} | "
        f"{f'**{now}**' if row.moved else now} | {sparkline(values)} |"
    )


def sparkline(values: Sequence[float]) -> str:
    """Return a bar for each value, from nothing to the largest of them."""
    top = max(values)
    return "".join(_STEPS[round(value / top * (len(_STEPS) - 1)) if top else 0] for value in values)
