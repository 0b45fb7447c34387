"""Reaches the engine and Compose while the files are still read: both are slow to load and to answer."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from ..compose import cli
from ..uncollected import uncollected

if TYPE_CHECKING:
    from ..stack.engine import Engine


class Connecting:
    """Begins when it is made, in threads of its own."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        pool = ThreadPoolExecutor(2, thread_name_prefix="infragate-connect")
        self._compose = pool.submit(cli.version, environ)
        self._engine = pool.submit(_connect, environ)
        pool.shutdown(wait=False)

    def result(self) -> tuple[Engine, str]:
        """Return the engine and the version of Compose. Raises ``InfragateError`` when one of them does not answer."""
        return self._engine.result(), self._compose.result()


def _connect(environ: Mapping[str, str]) -> Engine:
    """Return the engine; what the live part of the run is made of is loaded here too."""
    with uncollected():
        from ..stack.engine import Engine

        engine = Engine.connect(environ)
        importlib.import_module(".live", __package__)
    return engine
