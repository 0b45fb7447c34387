"""Reads a container's control group without asking the engine, where the engine runs on this machine.

The engine takes its statistics from the same files, but lets nobody have them twice in a second, and one answer costs
both sides more than a millisecond of CPU time; the files cost a tenth of that. Their meaning is that of the kernel's
documents ``admin-guide/cgroup-v1`` and ``admin-guide/cgroup-v2.rst``; network counters are those of ``/proc/PID/net/dev``.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from .state import ContainerState
from .stats import FILE_CACHE, Sample

_MICRO = 1000
_CONTROLLERS = ("memory", "cpuacct", "cpu", "pids", "blkio")
_INTERFACE = re.compile(rb"^ *(\S+):((?: +\d+){16})$", re.MULTILINE)
_RECEIVED, _SENT = 0, 8
_ERRORS, _DROPS = (2, 10), (3, 11)


@dataclass(frozen=True)
class _Folders:
    """The folders of one container, by controller under cgroup v1, under ``""`` with v2."""

    by_controller: Mapping[str, str]

    def read(self, controller: str, name: str) -> bytes:
        return _bytes(f"{self.by_controller[controller if self.is_first_version else '']}/{name}")

    @property
    def is_first_version(self) -> bool:
        return "" not in self.by_controller


class Network(NamedTuple):
    """What went over the interfaces since they were made; drops are errors too."""

    errors: int
    drops: int
    received: int
    sent: int


class ControlGroups:
    """The control groups of containers, found by the process of each; ``root`` is the folder that holds ``proc``."""

    def __init__(self, root: str = "") -> None:
        self._root = root
        self._cpus = os.cpu_count() or 1
        self._mounts: Mapping[str, str] | None = None
        self._found: dict[str, _Folders] = {}

    def knows(self, container: ContainerState) -> bool:
        """Whether the control group of a container can be read here; its main process leads to it.

        The path of the group holds the container's id, so that a number that belongs to another process is noticed.
        A container that is started again has the same path.
        """
        if container.id not in self._found and container.pid:
            folders = self._folders(container)
            if folders is not None:
                self._found[container.id] = folders
        return container.id in self._found

    def sample(self, container: ContainerState) -> Sample | None:
        """Return how things stand with a container that is known, ``None`` when it does not run."""
        folders = self._found[container.id]
        try:
            of_version = _first_version if folders.is_first_version else _second_version
            return replace(of_version(folders, self._network(folders)), online_cpus=self._cpus)
        except (OSError, ValueError, IndexError):
            # A group that vanishes while it is read, or is empty because its last process has just ended.
            return None

    def _folders(self, container: ContainerState) -> _Folders | None:
        try:
            if self._mounts is None:
                self._mounts = mounts(_bytes(f"{self._root}/proc/self/mountinfo").decode())
            membership = _bytes(f"{self._root}/proc/{container.pid}/cgroup").decode()
        except OSError:
            return None
        found = {name: self._root + place for name, place in places(membership, self._mounts, container.id).items()}
        return _Folders(found) if found and all(map(os.path.isdir, found.values())) else None

    def _network(self, folders: _Folders) -> Network:
        """Return the network counters, which any of the container's processes sees."""
        return network(_bytes(f"{self._root}/proc/{_first_process(folders)}/net/dev"))


def mounts(mountinfo: str) -> Mapping[str, str]:
    """Return where whole hierarchies of control groups are mounted: by controller, the one of v2 under ``""``."""
    found: dict[str, str] = {}
    for line in mountinfo.splitlines():
        fields, _, rest = line.partition(" - ")
        kind, _, options = rest.split(" ", 2)
        below, place = fields.split(" ")[3:5]
        if kind in ("cgroup", "cgroup2") and below == "/":
            names = options.split(",") if kind == "cgroup" else [""]
            found.update(dict.fromkeys(names, place))
    return found


def places(membership: str, mounted: Mapping[str, str], container_id: str) -> Mapping[str, str]:
    """Return the folders of a container by controller, from ``/proc/PID/cgroup``; nothing unless they are its own.

    Where v1 has the memory controller, v2 has none that counts ("hybrid").
    """
    paths: dict[str, str] = {}
    for line in membership.splitlines():
        _, names, path = line.split(":", 2)
        own = _own(path, container_id)
        if own:
            paths.update(dict.fromkeys(names.split(","), own))
    wanted = _CONTROLLERS if "memory" in paths else ("",)
    found = {name: mounted[name] + paths[name] for name in wanted if name in paths and name in mounted}
    return found if len(found) == len(wanted) else {}


def _own(path: str, container_id: str) -> str:
    """Return the group of the whole container, which is named after it; nothing where the path leads to none from here.

    A main process such as systemd may have gone into a group of its own below, which holds a part of it and no limits.
    """
    above, found, below = path.partition(container_id)
    if not found or ".." in above.split("/"):
        return ""
    return above + found + below.partition("/")[0]


def _first_process(folders: _Folders) -> str:
    """Return the number of a process of the container, from its group or one below. Raises IndexError when there is none."""
    processes = folders.read("pids", "cgroup.procs").split()
    if not processes:
        below = Path(folders.by_controller["pids" if folders.is_first_version else ""]).glob("*/**/cgroup.procs")
        processes = [number for file in below for number in file.read_bytes().split()]
    return processes[0].decode()


def _first_version(folders: _Folders, network: Network) -> Sample:
    stat, cpu = _table(folders.read("memory", "memory.stat")), _table(folders.read("cpu", "cpu.stat"))
    usage = int(folders.read("memory", "memory.usage_in_bytes"))
    return Sample(
        time=time.time(),
        cpu_total_ns=int(folders.read("cpuacct", "cpuacct.usage")),
        online_cpus=1,
        periods=cpu[b"nr_periods"],
        throttled_periods=cpu[b"nr_throttled"],
        memory_working_set=_working_set(usage, stat, FILE_CACHE[0]),
        memory_limit=min(stat[b"hierarchical_memory_limit"], _machine_memory()),
        pids=int(folders.read("pids", "pids.current")),
        net_errors=network.errors,
        io_written=None,
        io_read=_read_under_first_version(folders.read("blkio", "blkio.throttle.io_service_bytes_recursive")),
        net_drops=network.drops,
        net_received=network.received,
        net_sent=network.sent,
    )


def _read_under_first_version(text: bytes) -> int | None:
    """Return the bytes read, from lines such as ``8:0 Read 4096``; without any device nothing is counted at all."""
    rows = [line.split() for line in text.splitlines()]
    found = [int(row[2]) for row in rows if row[1:2] == [b"Read"]]
    return sum(found) if found else None


def _second_version(folders: _Folders, network: Network) -> Sample:
    stat, cpu = _table(folders.read("", "memory.stat")), _table(folders.read("", "cpu.stat"))
    limit = folders.read("", "memory.max").strip()
    moved = _moved(folders)
    return Sample(
        time=time.time(),
        cpu_total_ns=cpu[b"usage_usec"] * _MICRO,
        online_cpus=1,
        # Absent where the cpu controller is not handed down to the group, which then cannot have a limit either.
        periods=cpu.get(b"nr_periods", 0),
        throttled_periods=cpu.get(b"nr_throttled", 0),
        memory_working_set=_working_set(int(folders.read("", "memory.current")), stat, FILE_CACHE[1]),
        memory_limit=_machine_memory() if limit == b"max" else min(int(limit), _machine_memory()),
        pids=int(folders.read("", "pids.current")),
        net_errors=network.errors,
        io_written=moved[1],
        io_read=moved[0],
        net_drops=network.drops,
        net_received=network.received,
        net_sent=network.sent,
    )


def _moved(folders: _Folders) -> tuple[int | None, int | None]:
    """Return the bytes read and written, from lines such as ``8:0 rbytes=4096 wbytes=0``; unknown without the controller."""
    try:
        words = folders.read("", "io.stat").split()
    except OSError:
        return None, None
    read, written = (
        sum(int(word.partition(b"=")[2]) for word in words if word.startswith(mark))
        for mark in (b"rbytes=", b"wbytes=")
    )
    return read, written


def network(text: bytes) -> Network:
    """Return the sums over all interfaces but loopback, as ``/proc/PID/net/dev`` has them."""
    rows = [[int(one) for one in match[2].split()] for match in _INTERFACE.finditer(text) if match[1] != b"lo"]

    def total(*columns: int) -> int:
        return sum(row[column] for row in rows for column in columns)

    return Network(total(*_ERRORS, *_DROPS), total(*_DROPS), total(_RECEIVED), total(_SENT))


def _working_set(usage: int, stat: Mapping[bytes, int], cache: tuple[str, str]) -> int:
    return max(usage - sum(stat.get(name.encode(), 0) for name in cache), 0)


def _table(text: bytes) -> dict[bytes, int]:
    """Return the numbers of a file with a name and a number in each line."""
    words = text.split()
    return {name: int(number) for name, number in zip(words[::2], words[1::2], strict=True)}


def _bytes(path: str) -> bytes:
    """Return a small file of the kernel; reading it through ``open`` takes four times as long."""
    number = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return os.read(number, 1 << 16)
    finally:
        os.close(number)


def _machine_memory() -> int:
    """Return the bytes of memory of this machine, which an unlimited container has."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
