"""Finds the ordinary programs that the example's commands call, or installs them where that is allowed."""

from __future__ import annotations

import shutil

from engine_setup import apt
from engine_setup.machine import Machine
from engine_setup.telling import say

PROGRAMS = ("make",)


def ensure_programs(machine: Machine) -> None:
    """Install what is absent of `PROGRAMS`; each is in the distribution's package of the same name."""
    absent = [name for name in PROGRAMS if shutil.which(name) is None]
    if absent:
        machine.demand_permission(f"The example's commands need programs that are not on PATH: {', '.join(absent)}.")
        say(f"installing {' '.join(absent)}, which the example's commands call")
        apt.install(absent)
