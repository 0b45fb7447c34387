"""Small Compose projects with one fault each, and sound ones that look like them: what the static gate must and must not find."""

from __future__ import annotations

from . import files, health, networks, services
from .sound import CONTROLS

FAULTS = tuple(sorted((*networks.FAULTS, *health.FAULTS, *files.FAULTS, *services.FAULTS), key=lambda fault: fault.id))

__all__ = ["CONTROLS", "FAULTS"]
