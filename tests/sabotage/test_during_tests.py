"""A fault that comes up while green tests run closes the gate, and the verdict names the condition and the service."""

from __future__ import annotations

import pytest

from ..projects import UserProject
from .during_tests import DURING_TESTS
from .fault import Fault
from .judging import demand_that_it_closes_the_gate
from .stack import tried


@pytest.mark.parametrize("fault", tried(DURING_TESTS), ids=lambda fault: fault.name)
def test_a_single_fault_closes_the_gate(project: UserProject, fault: Fault) -> None:
    demand_that_it_closes_the_gate(project, fault)
