"""The names of the images that the example and the tests use, in one place."""

from __future__ import annotations

import os
from collections.abc import Mapping

BASE_VARIABLE = "INFRAGATE_BASE_IMAGE"
BASE = "infragate/base:1"
SERVICES = "infragate/services:1"
TINY = "infragate/tiny:1"


def base_image(environ: Mapping[str, str] = os.environ) -> str:
    """Return the image that all others are built from: the user's choice or the default."""
    return environ.get(BASE_VARIABLE) or BASE
