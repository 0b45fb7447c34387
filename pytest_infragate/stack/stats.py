"""The engine's one-shot statistics as typed samples; pure.

Fields are those of ``GET /containers/ID/stats`` in the engine's API reference; cgroup v1 and v2 name some differently.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from .inspection import parse_time

_FILE_CACHE = (("total_inactive_file", "total_active_file"), ("inactive_file", "active_file"))
"""Page cache, under cgroup v1 and v2: the kernel drops it before it kills anything, so it is no use that counts.

The active half too: one small program that reads a file of 58 MB twice under a limit of 64 MB fills 95 % with it.
Files in memory (tmpfs, shared memory) are in neither, so they count.
"""
_NET_TROUBLE = ("rx_errors", "tx_errors", "rx_dropped", "tx_dropped")


@dataclass(frozen=True)
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
    io_written: int


def convert(raw: Mapping[str, Any]) -> Sample | None:
    """Return the sample of one answer of the engine; ``None`` when the container did not run."""
    read = parse_time(raw.get("read"))
    cpu, memory = raw.get("cpu_stats") or {}, raw.get("memory_stats") or {}
    usage = cpu.get("cpu_usage") or {}
    if read is None or "usage" not in memory or not usage.get("total_usage"):
        return None
    throttling = cpu.get("throttling_data") or {}
    return Sample(
        time=read.timestamp(),
        cpu_total_ns=int(usage["total_usage"]),
        online_cpus=int(cpu.get("online_cpus") or len(usage.get("percpu_usage") or ()) or 1),
        periods=int(throttling.get("periods") or 0),
        throttled_periods=int(throttling.get("throttled_periods") or 0),
        memory_working_set=_working_set(memory),
        memory_limit=int(memory.get("limit") or 0),
        pids=int((raw.get("pids_stats") or {}).get("current") or 0),
        net_errors=_net_errors(raw.get("networks") or {}),
        io_written=_written((raw.get("blkio_stats") or {}).get("io_service_bytes_recursive") or ()),
    )


def merged(earlier: Sample, later: Sample) -> Sample:
    """Return one sample for two that follow each other: counters of the later, peaks of both."""
    return replace(
        later,
        memory_working_set=max(earlier.memory_working_set, later.memory_working_set),
        pids=max(earlier.pids, later.pids),
    )


def _working_set(memory: Mapping[str, Any]) -> int:
    details = memory.get("stats") or {}
    names = next((names for names in _FILE_CACHE if any(name in details for name in names)), ())
    cache = sum(int(details.get(name) or 0) for name in names)
    usage = int(memory["usage"])
    return usage - cache if cache < usage else 0


def _net_errors(networks: Mapping[str, Mapping[str, Any]]) -> int:
    return sum(int(counters.get(name) or 0) for counters in networks.values() for name in _NET_TROUBLE)


def _written(entries: Iterable[Mapping[str, Any]]) -> int:
    """Sum the bytes written to all block devices; cgroup v2 writes the operation in lower case."""
    return sum(int(entry["value"]) for entry in entries if str(entry.get("op")).lower() == "write")
