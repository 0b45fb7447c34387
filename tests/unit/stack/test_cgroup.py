from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from pytest_infragate.stack.cgroup import ControlGroups, Network, mounts, network, places
from pytest_infragate.stack.state import ContainerState
from pytest_infragate.stack.stats import Sample
from tests.unit.states import running

ID = "a41e74bc9bf2"
FIRST_MOUNTS = """\
31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:9 - cgroup cgroup rw,cpu,cpuacct
35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
38 31 0:35 / /sys/fs/cgroup/blkio rw,relatime - cgroup cgroup rw,blkio
39 31 0:36 / /sys/fs/cgroup/pids rw,relatime - cgroup cgroup rw,pids
41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
"""
FIRST_MEMBERSHIP = f"""\
8:pids:/docker/{ID}
7:blkio:/docker/{ID}
4:memory:/docker/{ID}
2:cpu,cpuacct:/docker/{ID}
0::/docker/{ID}
"""
SECOND_MOUNTS = "31 23 0:28 / /sys/fs/cgroup rw,relatime - cgroup2 cgroup2 rw,nsdelegate\n"
SECOND_MEMBERSHIP = f"0::/system.slice/docker-{ID}.scope\n"
NET = b"""\
Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:    5250      36    7    7    0     0          0         0     5250      36    0    0    0     0       0          0
  eth0:    1360      14    1    2    0     0          0         0      182       3    4    8    0     0       0          0
eth1@x:      40       1    0    0    0     0          0         0        2       1    0   16    0     0       0          0
"""
FIRST = {
    "sys/fs/cgroup/memory/docker/ID/memory.usage_in_bytes": "3000\n",
    "sys/fs/cgroup/memory/docker/ID/memory.stat": (
        "cache 9\ninactive_file 1\nhierarchical_memory_limit 10000\ntotal_inactive_file 700\ntotal_active_file 300\n"
    ),
    "sys/fs/cgroup/cpu,cpuacct/docker/ID/cpuacct.usage": "768597447\n",
    "sys/fs/cgroup/cpu,cpuacct/docker/ID/cpu.stat": "nr_periods 40\nnr_throttled 10\nthrottled_time 5\n",
    "sys/fs/cgroup/pids/docker/ID/pids.current": "5\n",
    "sys/fs/cgroup/pids/docker/ID/cgroup.procs": "77\n78\n",
    "sys/fs/cgroup/blkio/docker/ID/blkio.throttle.io_service_bytes_recursive": (
        "8:0 Read 1000\n8:0 Write 4096\n8:16 Read 24\n8:0 Total 5096\nTotal 5120\n"
    ),
}
SECOND = {
    "sys/fs/cgroup/system.slice/docker-ID.scope/memory.current": "3000\n",
    "sys/fs/cgroup/system.slice/docker-ID.scope/memory.stat": "anon 5\ninactive_file 700\nactive_file 300\n",
    "sys/fs/cgroup/system.slice/docker-ID.scope/memory.max": "10000\n",
    "sys/fs/cgroup/system.slice/docker-ID.scope/cpu.stat": "usage_usec 768597\nnr_periods 40\nnr_throttled 10\n",
    "sys/fs/cgroup/system.slice/docker-ID.scope/pids.current": "5\n",
    "sys/fs/cgroup/system.slice/docker-ID.scope/cgroup.procs": "77\n",
    "sys/fs/cgroup/system.slice/docker-ID.scope/io.stat": (
        "8:0 rbytes=1000 wbytes=4096 rios=1 wios=1 dbytes=9 dios=0\n8:16 rbytes=24 wbytes=4 rios=1 wios=1\n"
    ),
}


def machine(folder: Path, mountinfo: str, membership: str, files: Mapping[str, str]) -> ControlGroups:
    """Return a machine's control groups, with one container whose main process is number 77."""
    every = {"proc/self/mountinfo": mountinfo, "proc/77/cgroup": membership, "proc/77/net/dev": NET.decode(), **files}
    for name, text in every.items():
        path = folder / name.replace("ID", ID)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return ControlGroups(str(folder))


def api(**changes: object) -> ContainerState:
    return running("api", **{"id": ID, "pid": 77, **changes})


def told(sample: Sample | None) -> tuple[object, ...]:
    assert sample is not None
    names = ("cpu_total_ns", "periods", "throttled_periods", "memory_working_set", "memory_limit", "pids")
    return tuple(getattr(sample, name) for name in names)


@pytest.mark.parametrize(
    ("mountinfo", "membership", "files", "cpu", "moved"),
    [
        (FIRST_MOUNTS, FIRST_MEMBERSHIP, FIRST, 768597447, (1024, None)),
        (SECOND_MOUNTS, SECOND_MEMBERSHIP, SECOND, 768597000, (1024, 4100)),
    ],
    ids=["v1", "v2"],
)
def test_a_sample_is_what_the_kernel_says(
    tmp_path: Path, mountinfo: str, membership: str, files: Mapping[str, str], cpu: int, moved: tuple[int, int | None]
) -> None:
    groups = machine(tmp_path, mountinfo, membership, files)
    assert groups.knows(api())
    sample = groups.sample(api())
    assert told(sample) == (cpu, 40, 10, 2000, 10000, 5)
    assert sample is not None
    assert (sample.io_read, sample.io_written) == moved
    assert (sample.net_errors, sample.net_drops, sample.net_received, sample.net_sent) == (31, 26, 1400, 184)


def test_without_a_limit_the_memory_of_the_machine_is_the_limit(tmp_path: Path) -> None:
    unlimited = {name: "max\n" if name.endswith("max") else text for name, text in SECOND.items()}
    groups = machine(tmp_path, SECOND_MOUNTS, SECOND_MEMBERSHIP, unlimited)
    assert groups.knows(api())
    sample = groups.sample(api())
    assert sample is not None
    assert sample.memory_limit > 10000


@pytest.mark.parametrize(
    ("mountinfo", "membership", "container"),
    [
        (FIRST_MOUNTS, FIRST_MEMBERSHIP.replace(ID, "somebody-else"), api()),
        (FIRST_MOUNTS, FIRST_MEMBERSHIP, api(pid=0)),
        (FIRST_MOUNTS, FIRST_MEMBERSHIP, api(pid=78)),
        (FIRST_MOUNTS.replace(" / /sys/fs/cgroup/pids", " /docker/x /sys/fs/cgroup/pids"), FIRST_MEMBERSHIP, api()),
        (SECOND_MOUNTS, f"0::/../{ID[:5]}\n", api()),
    ],
    ids=["another process", "no process", "no such process", "part of a hierarchy", "another namespace"],
)
def test_what_is_not_certainly_the_containers_own_is_not_read(
    tmp_path: Path, mountinfo: str, membership: str, container: ContainerState
) -> None:
    assert not machine(tmp_path, mountinfo, membership, FIRST).knows(container)


@pytest.mark.parametrize(
    ("membership", "folder"),
    [
        (f"0::/system.slice/docker-{ID}.scope/init.scope\n", f"/sys/fs/cgroup/system.slice/docker-{ID}.scope"),
        (f"0::/machine.slice/libpod-{ID}.scope/container\n", f"/sys/fs/cgroup/machine.slice/libpod-{ID}.scope"),
        (f"0::/docker/{ID}\n", f"/sys/fs/cgroup/docker/{ID}"),
        (f"0::/../../docker/{ID}\n", None),
        ("0::/\n", None),
    ],
)
def test_the_group_of_the_whole_container_counts(membership: str, folder: str | None) -> None:
    assert places(membership, mounts(SECOND_MOUNTS), ID).get("") == folder


def test_a_container_whose_processes_are_in_groups_below_is_read_whole(tmp_path: Path) -> None:
    scope = "sys/fs/cgroup/system.slice/docker-ID.scope"
    files = {**SECOND, f"{scope}/cgroup.procs": "", f"{scope}/init.scope/cgroup.procs": "77\n"}
    groups = machine(tmp_path, SECOND_MOUNTS, SECOND_MEMBERSHIP.replace(".scope", ".scope/init.scope"), files)
    assert groups.knows(api())
    sample = groups.sample(api())
    assert sample is not None
    assert (sample.memory_working_set, sample.net_received) == (2000, 1400)


def test_a_group_that_is_not_there_is_not_known(tmp_path: Path) -> None:
    assert not machine(tmp_path, SECOND_MOUNTS, SECOND_MEMBERSHIP, {}).knows(api())


def test_a_machine_without_proc_knows_nobody(tmp_path: Path) -> None:
    assert not ControlGroups(str(tmp_path)).knows(api())


def test_a_container_that_has_ended_gives_no_sample_and_is_read_again_when_it_runs_again(tmp_path: Path) -> None:
    groups = machine(tmp_path, SECOND_MOUNTS, SECOND_MEMBERSHIP, SECOND)
    assert groups.knows(api())
    processes = next(tmp_path.rglob("cgroup.procs"))
    processes.write_text("")
    assert groups.sample(api()) is None
    processes.unlink()
    assert groups.sample(api()) is None
    processes.write_text("77\n")
    assert groups.sample(api(pid=0)) is not None


@pytest.mark.parametrize(
    ("mountinfo", "membership", "files", "gone"),
    [(SECOND_MOUNTS, SECOND_MEMBERSHIP, SECOND, "io.stat"), (FIRST_MOUNTS, FIRST_MEMBERSHIP, FIRST, "")],
    ids=["v2 without the controller", "v1 without a device"],
)
def test_what_the_kernel_does_not_count_is_unknown_and_not_nothing(
    tmp_path: Path, mountinfo: str, membership: str, files: Mapping[str, str], gone: str
) -> None:
    left = {
        name: "Total 0\n" if "blkio" in name else text for name, text in files.items() if not gone or gone not in name
    }
    groups = machine(tmp_path, mountinfo, membership, left)
    assert groups.knows(api())
    sample = groups.sample(api())
    assert sample is not None
    assert (sample.io_read, sample.io_written) == (None, None)


def test_a_hierarchy_of_v1_counts_where_v2_is_there_beside_it() -> None:
    found = places(FIRST_MEMBERSHIP, mounts(FIRST_MOUNTS), ID)
    assert found["memory"] == f"/sys/fs/cgroup/memory/docker/{ID}"
    assert "" not in found


def test_loopback_is_no_network() -> None:
    assert network(NET) == Network(31, 26, 1400, 184)
    assert network(b"") == Network(0, 0, 0, 0)
