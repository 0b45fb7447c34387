"""Make sure that an engine, Compose v2 and the tests' images are there: ``python tools/prepare_engine.py``."""

from __future__ import annotations

import sys

from engine_setup.main import main

if __name__ == "__main__":
    sys.exit(main())
