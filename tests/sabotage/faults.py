"""Every fault, in the order of a run."""

from __future__ import annotations

from .after_up import AFTER_UP
from .at_up import AT_UP
from .before_up import BEFORE_UP
from .database import DATABASE_FAULTS
from .during_tests import DURING_TESTS

FAULTS = (*BEFORE_UP, *AT_UP, *AFTER_UP, *DATABASE_FAULTS, *DURING_TESTS)
