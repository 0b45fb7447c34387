"""The names of the images that the example and the tests use, in one place."""

from __future__ import annotations

import os
from collections.abc import Mapping

BASE_VARIABLE = "INFRAGATE_BASE_IMAGE"
BASE = "infragate/base:1"
SERVICES = "infragate/services:1"
TINY = "infragate/tiny:1"
SERVERS = "infragate/servers:1"
"""Built by the few tests that need it."""


def base_image(environ: Mapping[str, str] = os.environ) -> str:
    """Return the image that all others are built from: the user's choice or the default.

    The example's ``.env`` gives the variable the name of an image that is itself built from the base; a shell that read
    that file means the default here.
    """
    chosen = environ.get(BASE_VARIABLE, "")
    return BASE if chosen in {"", SERVICES, TINY} else chosen
