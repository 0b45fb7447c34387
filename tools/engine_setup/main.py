"""The order of things: engine, Compose, base image, the images that are built from it, programs."""

from __future__ import annotations

import sys

from engine_setup.base_image import ensure_base_image
from engine_setup.built_images import ensure_built_images
from engine_setup.compose_plugin import ensure_compose
from engine_setup.engine import ensure_engine
from engine_setup.lock import only_one
from engine_setup.machine import Machine, this_machine
from engine_setup.programs import ensure_programs
from engine_setup.telling import MissingError, say


def main() -> int:
    """Make everything ready; return the exit status: 0 when ready, 1 when something is missing and was explained."""
    try:
        machine = this_machine()
        with only_one(machine.state):
            say(f"{prepare(machine)}: ready")
    except (MissingError, OSError) as missing:  # OSError: a file or folder of the system that cannot be used
        print(f"infragate tools: {missing}", file=sys.stderr, flush=True)
        return 1
    return 0


def prepare(machine: Machine) -> str:
    """Find or get each piece in turn; return what there is now."""
    engine = ensure_engine(machine)
    compose = ensure_compose(machine)
    base = ensure_base_image(machine)
    built = ensure_built_images(base)
    ensure_programs(machine)
    return f"engine {engine}, Compose {compose}, base image {base}, images {', '.join(built)}"
