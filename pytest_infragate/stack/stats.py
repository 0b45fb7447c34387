"""The engine's one-shot statistics as typed samples; pure.

Fields are those of ``GET /containers/ID/stats`` in the engine's API reference; cgroup v1 and v2 name some differently.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from .inspection import parse_time

FILE_CACHE = (("total_inactive_file", "total_active_file"), ("inactive_file", "active_file"))
"""Page cache, under cgroup v1 and v2: the kernel drops it before it kills anything, so it is no use that counts.

The active half too: one small program that reads a file of 58 MB twice under a limit of 64 MB fills 95 % with it.
Files in memory (tmpfs, shared memory) are in neither, so they count.
"""
_ERRORS = ("rx_errors", "tx_errors")
_DROPS = ("rx_dropped", "tx_dropped")
_COUNTED = ("cpu_total_ns", "periods", "throttled_periods")
"""Not those of the network, which fall as well when a container leaves one."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One look at one container; counters run since its start. Times in seconds since 1970, sizes in bytes."""

    time: float
    cpu_total_ns: int
    online_cpus: int
    periods: int
    throttled_periods: int
    memory_working_set: int
    memory_limit: int
    """The container's limit, else the engine's memory."""
    pids: int
    net_errors: int
    """Errors and drops on all interfaces."""
    io_written: int | None
    """Bytes written to block devices. ``None`` under cgroup v1, whose kernel charges nobody for writes through its cache."""
    io_read: int | None = None
    """``None`` where the kernel counts no block I/O at all."""
    net_drops: int = 0
    net_received: int = 0
    net_sent: int = 0


def convert(raw: Mapping[str, Any]) -> Sample | None:
    """Return the sample of one answer of the engine; ``None`` when the container did not run."""
    read = parse_time(raw.get("read"))
    cpu, memory = raw.get("cpu_stats") or {}, raw.get("memory_stats") or {}
    usage = cpu.get("cpu_usage") or {}
    if read is None or "usage" not in memory or not usage.get("total_usage"):
        return None
    throttling, networks = cpu.get("throttling_data") or {}, raw.get("networks") or {}
    first_version = any(name in (memory.get("stats") or {}) for name in FILE_CACHE[0])
    blocks = (raw.get("blkio_stats") or {}).get("io_service_bytes_recursive") or ()
    return Sample(
        time=read.timestamp(),
        cpu_total_ns=int(usage["total_usage"]),
        online_cpus=int(cpu.get("online_cpus") or len(usage.get("percpu_usage") or ()) or 1),
        periods=int(throttling.get("periods") or 0),
        throttled_periods=int(throttling.get("throttled_periods") or 0),
        memory_working_set=_working_set(memory),
        memory_limit=int(memory.get("limit") or 0),
        pids=int((raw.get("pids_stats") or {}).get("current") or 0),
        net_errors=_net(networks, *_ERRORS, *_DROPS),
        io_written=None if first_version else _transferred(blocks, "write"),
        io_read=None if first_version and not blocks else _transferred(blocks, "read"),
        net_drops=_net(networks, *_DROPS),
        net_received=_net(networks, "rx_bytes"),
        net_sent=_net(networks, "tx_bytes"),
    )


def began_anew(earlier: Sample, later: Sample) -> bool:
    """Whether the container was started anew between two samples: one that counts from 0 again has counted less of something."""
    return any(getattr(later, name) < getattr(earlier, name) for name in _COUNTED)


def merged(earlier: Sample, later: Sample) -> Sample:
    """Return one sample for two that follow each other: counters of the later, peaks of both."""
    return replace(
        later,
        memory_working_set=max(earlier.memory_working_set, later.memory_working_set),
        pids=max(earlier.pids, later.pids),
    )


def _working_set(memory: Mapping[str, Any]) -> int:
    details = memory.get("stats") or {}
    names = next((names for names in FILE_CACHE if any(name in details for name in names)), ())
    cache = sum(int(details.get(name) or 0) for name in names)
    usage = int(memory["usage"])
    return usage - cache if cache < usage else 0


def _net(networks: Mapping[str, Mapping[str, Any]], *names: str) -> int:
    return sum(int(counters.get(name) or 0) for counters in networks.values() for name in names)


def _transferred(entries: Iterable[Mapping[str, Any]], operation: str) -> int:
    """Sum the bytes over all block devices; cgroup v2 writes the operation in lower case."""
    return sum(int(entry["value"]) for entry in entries if str(entry.get("op")).lower() == operation)
