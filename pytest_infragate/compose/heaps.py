"""How much memory a service lets Java take for its heap."""

from __future__ import annotations

import re

from ..units import parse_size
from .model import Service

_HEAP = re.compile(r"(?:^|[\s\"'=])-Xmx(\d+[kmgKMG]?)\b")


def largest_heap(service: Service) -> int:
    """Return the bytes of ``-Xmx`` in the command, else in the environment; 0 where neither says so."""
    for words in ((*service.entrypoint, *service.command), service.environment.values()):
        heaps = [parse_size(found) for word in words for found in _HEAP.findall(word)]
        if heaps:
            return max(heaps)
    return 0
