"""How far the engine's clock and ours are apart."""

from __future__ import annotations

import datetime
import time
from dataclasses import dataclass, replace

from .interruptions import MeantInterruption

_NANOSECONDS = 1e9


@dataclass(frozen=True)
class ClockDifference:
    """The engine's clock minus ours, in seconds: somewhere between ``low_s`` and ``high_s``.

    ``steady`` as long as all measurements agree; after one of the clocks was set, the two limits hold all that was seen.
    """

    low_s: float
    high_s: float
    steady: bool = True

    @classmethod
    def measured(cls, asked: float, told: datetime.datetime, answered: float) -> ClockDifference:
        """Return what one question shows: the engine told its time between our times ``asked`` and ``answered``."""
        engine_s = told.timestamp()
        return cls(engine_s - answered, engine_s - asked)

    def joined(self, other: ClockDifference) -> ClockDifference:
        """Return what both measurements show together: the difference that both allow, where there is one."""
        low_s, high_s = max(self.low_s, other.low_s), min(self.high_s, other.high_s)
        if self.steady and low_s <= high_s:
            return ClockDifference(low_s, high_s)
        return ClockDifference(min(self.low_s, other.low_s), max(self.high_s, other.high_s), steady=False)

    def now_ns(self) -> int:
        """Return the engine's time since 1970 in nanoseconds, as far as it is known."""
        return time.time_ns() + int((self.low_s + self.high_s) / 2 * _NANOSECONDS)

    def here(self, moment: datetime.datetime) -> tuple[float, float]:
        """Return the earliest and the latest time by our clock, since 1970, that a time of the engine's can mean."""
        return moment.timestamp() - self.high_s, moment.timestamp() - self.low_s

    def there(self, meant: MeantInterruption) -> MeantInterruption:
        """Return an interruption, written down by our clock, in the engine's time: as long as it may have been."""
        begin = meant.begin + datetime.timedelta(seconds=self.low_s)
        end = None if meant.end is None else meant.end + datetime.timedelta(seconds=self.high_s)
        return replace(meant, begin=begin, end=end)
