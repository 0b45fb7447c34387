"""What hardening and access to the host must flag, and what they must leave alone."""

from __future__ import annotations

from typing import Any

import pytest

from .looking import subjects

CASES: list[tuple[str, dict[str, Any], bool]] = [
    ("IG410", {}, True),
    ("IG410", {"security_opt": ["no-new-privileges=true"]}, False),
    ("IG410", {"security_opt": ["no-new-privileges"]}, False),
    ("IG410", {"security_opt": ["no-new-privileges:false"]}, True),
    ("IG410", {"privileged": True}, False),
    ("IG411", {"cap_drop": ["all"]}, False),
    ("IG411", {"cap_drop": ["NET_RAW"]}, True),
    ("IG412", {"cap_add": ["CAP_SYS_ADMIN"]}, True),
    ("IG412", {"cap_add": ["all"]}, True),
    ("IG412", {"cap_add": ["NET_BIND_SERVICE", "CHOWN", "IPC_LOCK"]}, False),
    ("IG412", {"cap_add": ["NET_ADMIN"]}, True),
    ("IG413", {"security_opt": ["seccomp=unconfined"]}, True),
    ("IG413", {"security_opt": ["apparmor:unconfined"]}, True),
    ("IG413", {"security_opt": ["label:disable"]}, True),
    ("IG413", {"security_opt": ["seccomp:./profile.json", "apparmor:docker-default"]}, False),
    ("IG414", {"ipc": "host"}, True),
    ("IG414", {"userns_mode": "host"}, True),
    ("IG414", {"ipc": "shareable", "pid": "service:b"}, False),
    ("IG415", {"cgroup_parent": "x"}, True),
    ("IG417", {"devices": [{"source": "/dev/mem", "target": "/dev/mem"}]}, True),
    ("IG417", {"devices": ["/dev/nvme0n1"]}, True),
    ("IG417", {"devices": [{"source": "/dev/dri", "target": "/dev/dri"}]}, False),
    ("IG417", {"devices": [{"source": "/dev/net/tun", "target": "/dev/net/tun"}]}, False),
    ("IG419", {"read_only": True}, False),
    ("IG420", {"tmpfs": ["/tmp:size=5m,exec"]}, True),  # noqa: S108
    ("IG420", {"tmpfs": ["/tmp:noexec,nosuid", "/executable"]}, False),  # noqa: S108
    ("IG421", {"user": "0"}, True),
    ("IG421", {"user": "root:root"}, True),
    ("IG421", {"user": "1000:0"}, False),
    ("IG421", {"user": "rootless"}, False),
    ("IG422", {"environment": {"PUID": "1000", "PGID": "1000"}}, False),
    ("IG422", {"user": "app"}, False),
]


@pytest.mark.parametrize(("id_", "service", "flagged"), CASES, ids=str)
def test_service(id_: str, service: dict[str, Any], flagged: bool) -> None:
    assert bool(subjects(id_, {"a": service})) is flagged


@pytest.mark.parametrize(
    ("source", "read_only", "flagged"),
    [
        ("/", True, True),
        ("/etc", True, True),
        ("/etc/", False, True),
        ("/etc/shadow", True, True),
        ("/var/lib/docker/containers", True, True),
        ("/root/.ssh", True, True),
        ("/usr/bin", False, True),
        ("/proc", True, False),
        ("/sys/fs/cgroup", True, False),
        ("/sys/fs/cgroup", False, True),
        ("/lib/modules", True, False),
        ("/etc/localtime", False, False),
        ("/etc/letsencrypt", False, False),
        ("/usr/share/zoneinfo", False, False),
        ("/dev/shm", False, False),  # noqa: S108
        ("/srv/data", False, False),
        ("/home/me/etc", False, False),
        ("/var/log", False, False),
    ],
)
def test_sensitive_host_path(source: str, read_only: bool, flagged: bool) -> None:
    mount = {"type": "bind", "source": source, "target": "/x", "read_only": read_only}
    assert bool(subjects("IG416", {"a": {"volumes": [mount]}})) is flagged


@pytest.mark.parametrize(("propagation", "flagged"), [("shared", True), ("rshared", True), ("rslave", False)])
def test_shared_mount_propagation(propagation: str, flagged: bool) -> None:
    mount = {"type": "bind", "source": "/x", "target": "/x", "bind": {"propagation": propagation}}
    assert bool(subjects("IG418", {"a": {"volumes": [mount]}})) is flagged
