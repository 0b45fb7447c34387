"""Makes ready to ask from inside callers while services are still waited for: what needs a helper container gets it then."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..stack.state import ContainerState

if TYPE_CHECKING:
    from ..stack.inside import Inside

_AT_ONCE = 2
"""Services that still start need the machine as well."""


@dataclass
class AskingAhead:
    """Looks at each container of the callers once, in threads of its own."""

    inside: Inside
    callers: frozenset[str]
    _pool: ThreadPoolExecutor
    _seen: set[tuple[str, object]] = field(default_factory=set)

    def consider(self, containers: Iterable[ContainerState]) -> None:
        """Begin with those containers of callers that run by now."""
        for state in containers:
            key = (state.id, state.started_at)
            if state.service in self.callers and state.running and key not in self._seen:
                self._seen.add(key)
                self._pool.submit(self.inside.prepare, state)


@contextlib.contextmanager
def asking_ahead(inside: Inside, callers: frozenset[str]) -> Iterator[AskingAhead]:
    """Give what makes ready; at the end, what is begun is waited for and the rest is left to those who ask."""
    pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="infragate-ahead")
    try:
        yield AskingAhead(inside, callers, pool)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
