"""Advice about limits of memory, processors and processes, and about services that compete for processors; pure.

Nothing is said from fewer than ``LEAST_SAMPLES`` samples, nothing proposed is below what was seen, and a limit is called
wide only from what was seen while tests ran, and never that of a database, which needs more when it has more data.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from ..compose.heaps import largest_heap
from ..compose.model import Service
from ..compose.stores import store
from ..compose.values import inner, size
from ..results import WHOLE_STACK, Location
from ..stack.sampling import Series
from ..suggest import listed
from ..units import format_duration, format_size
from .hint import Hint
from .usage import Usage, by_second

LEAST_SAMPLES = 10
MARGIN = 1.5
"""A proposed limit is so many times the peak that was seen."""
TIGHT = 0.8
"""A peak of so much of its limit leaves little for a run that is a bit different."""
WIDE = 4.0
"""A limit is wide when it is so many times the peak."""
HELD_BACK = 0.25
"""A CPU limit is tight when it held the service back in such a share of the time slices."""
BUSY = 0.9
"""Services compete when together they use so much of their processors in so many of the seconds (``OFTEN``)."""
OFTEN = 0.25
_PART = 0.2
"""Whoever uses so much of the processors in busy seconds takes part."""
_MEBI = 1024**2
_LEAST_MEMORY_MIB = 16
_HEAP_SHARE = 0.75
"""How much of its memory Java may take for the heap: the rest is threads, code and buffers."""
_SAVED_BYTES = 64 * _MEBI
_SAVED_CORES = 0.5
"""A wide limit is worth a word when so much would be saved."""
_LEAST_CORES = 0.1


def hints(service: Service, used: Usage) -> Iterator[Hint]:
    """Yield what is to be said about the limits of one service; nothing where too little was seen."""
    if used.samples >= LEAST_SAMPLES:
        yield from _memory(service, used)
        yield from _processors(service, used)
        yield from _processes(service, used)


def too_few(used: Mapping[str, Usage | None]) -> Iterator[Hint]:
    """Yield which services were seen too seldom for any advice; nothing where sampling is switched off."""
    few = {name: one.samples if one else 0 for name, one in used.items() if one is None or one.samples < LEAST_SAMPLES}
    if few and (any(few.values()) or len(few) < len(used)):
        named = listed([f"{name} ({count})" for name, count in few.items()], "and")
        yield Hint(
            "too-few-samples",
            WHOLE_STACK,
            f"too few samples for advice on the limits of {named}",
            f"performance: {{window: {2 * LEAST_SAMPLES}s}} measures longer",
            f"{LEAST_SAMPLES} samples of each container are needed",
        )


def competition(
    series: Mapping[str, Sequence[Series]], pools: Mapping[str, tuple[tuple[str, ...], int]]
) -> Iterator[Hint]:
    """Yield which services want the same processors at the same time; ``pools`` names services and number of processors."""
    seconds = by_second(series)
    for pool, (members, processors) in pools.items():
        sums = {at: {name: used.get(name, 0.0) for name in members} for at, used in seconds.items()}
        full = [used for used in sums.values() if sum(used.values()) >= BUSY * processors]
        if len(sums) < LEAST_SAMPLES or len(full) < OFTEN * len(sums):
            continue
        means = {name: sum(used[name] for used in full) / len(full) for name in members}
        part = sorted((name for name in members if means[name] >= _PART * processors), key=lambda name: -means[name])
        if len(part) > 1:
            named = listed([f"{name} ({means[name]:.2g})" for name in part], "and")
            which = f"the {processors} processors of the engine" if not pool else f"processors {pool}"
            yield Hint(
                "processors-shared",
                WHOLE_STACK,
                f"{named} compete for {which}: together they used {_percent(BUSY)} of them or more in {len(full)} of {len(sums)} s",
                "set cpus on the one that may wait, or run them one after the other",
                f"processors in use, over {len(sums)} s",
            )


def rounded_memory(size: float) -> int:
    """Return the next size that people would write, in MiB, for one in bytes: in eighths of a power of two, 16 at least."""
    wanted = max(size / _MEBI, _LEAST_MEMORY_MIB)
    step = 1 << max(math.floor(math.log2(wanted)) - 3, 0)
    return math.ceil(wanted / step) * step


def rounded_cores(cores: float) -> float:
    """Return the next tenth of a processor, one tenth at least."""
    return max(math.ceil(round(cores * 10, 6)) / 10, _LEAST_CORES)


def _memory(service: Service, used: Usage) -> Iterator[Hint]:
    peak, limit = used.memory_peak, used.memory_limit
    heap = largest_heap(service)
    wanted = max(rounded_memory(max(MARGIN * peak, heap / _HEAP_SHARE)), _in_mebis(service.memory_reservation or 0))
    proposal, place = _written(service, "mem_limit", "memory", f"{wanted}m")
    if 0 < (size(service.resolved, "memswap_limit") or 0) < wanted * _MEBI:
        proposal += f", memswap_limit: {wanted}m"
    basis = f"{MARGIN:g} times the peak of {format_size(peak)}; {_window(used)}"
    if heap:
        basis += f"; a heap of {format_size(heap)} (-Xmx) that fills, and a third more"
    keeps_data = store(service) is not None
    if limit and peak > TIGHT * limit:
        seen = f"memory limit {format_size(limit)} is tight: {_percent(peak / limit)} of it was in use"
        yield Hint("memory-limit-tight", service.name, seen, proposal, basis, place)
    elif limit > WIDE * peak and limit - wanted * _MEBI >= _SAVED_BYTES and _saw_tests(used) and not keeps_data:
        seen = f"memory limit {format_size(limit)} is {limit / max(peak, 1):.0f} times what was in use"
        yield Hint("memory-limit-wide", service.name, seen, proposal, basis, place)
    elif not limit:
        seen = f"has no memory limit, and used {format_size(peak)}"
        basis += "; a database needs more when it has more data" if keeps_data else ""
        yield Hint("memory-limit-missing", service.name, seen, proposal, basis, service.location)


def _in_mebis(count: int) -> int:
    return math.ceil(count / _MEBI)


def _processors(service: Service, used: Usage) -> Iterator[Hint]:
    limit, peak = used.cores_limit, used.cores_peak
    if not limit:
        return
    wanted = rounded_cores(MARGIN * max(peak, _LEAST_CORES))
    if used.throttled >= HELD_BACK:
        seen = (
            f"CPU limit {limit:g} is tight: it held the service back in {_percent(used.throttled)} of the time slices"
        )
        more = max(rounded_cores(MARGIN * limit), rounded_cores(peak))
        basis = f"{MARGIN:g} times the limit, because more than that cannot be seen; {_window(used)}"
        yield Hint("cpu-limit-tight", service.name, seen, *_with_place(service, more, basis))
    elif limit > WIDE * peak and limit - wanted >= _SAVED_CORES and _saw_tests(used):
        seen = f"CPU limit {limit:g} is far above the {peak:.2g} processors that were in use"
        basis = f"{MARGIN:g} times the peak of {peak:.2g}; {_window(used)}"
        yield Hint("cpu-limit-wide", service.name, seen, *_with_place(service, wanted, basis))


def _processes(service: Service, used: Usage) -> Iterator[Hint]:
    if used.pids_limit and used.pids_peak > TIGHT * used.pids_limit:
        seen = f"PIDs limit {used.pids_limit} is tight: {used.pids_peak} processes and threads ran"
        wanted = math.ceil(MARGIN * used.pids_peak)
        basis = f"{MARGIN:g} times the peak of {used.pids_peak}; {_window(used)}"
        proposal, place = _written(service, "pids_limit", "pids", str(wanted))
        yield Hint("pids-limit-tight", service.name, seen, proposal, basis, place)


def _written(service: Service, short: str, long: str, value: str) -> tuple[str, Location]:
    """Return a limit under the key that the file has for it, with the place where that is written."""
    path = ("deploy", "resources", "limits", long)
    if long in inner(service.resolved, *path[:-1]) and (short,) not in service.places:
        return f"{'.'.join(path)}: {value}", service.place(*path)
    return f"{short}: {value}", service.place(short)


def _with_place(service: Service, cores: float, basis: str) -> tuple[str, str, Location]:
    proposal, place = _written(service, "cpus", "cpus", f"{cores:g}")
    return proposal, basis, place


def _percent(share: float) -> str:
    return f"{share * 100:.0f} %"


def _saw_tests(used: Usage) -> bool:
    """Whether enough was seen while tests ran: what an idle service does not use, it may need."""
    return used.suite_samples >= LEAST_SAMPLES


def _window(used: Usage) -> str:
    return f"{used.samples} samples in {format_duration(used.seconds)}, {used.suite_samples} of them while tests ran"
