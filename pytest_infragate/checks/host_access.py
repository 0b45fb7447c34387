"""Checks of what of the host a container gets its hands on (IG412 to IG414, IG416 to IG418)."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from ..compose.model import Mount, Project, Service
from ..compose.values import elements, inner, objects, text, texts, unescaped
from ..results import Location, Severity
from ..suggest import listed
from .base import Draft, check

_CAPABILITIES = {
    "ALL": "every right there is",
    "SYS_ADMIN": "mounts, namespaces and most of what root can do",
    "SYS_MODULE": "loading of kernel modules",
    "SYS_PTRACE": "reading and changing other processes",
    "SYS_RAWIO": "raw access to memory and ports of the machine",
    "SYS_BOOT": "a restart of the machine",
    "SYS_TIME": "setting the clock of the host",
    "SYSLOG": "the kernel's log and addresses",
    "DAC_READ_SEARCH": "reading any file, those of the host included",
    "BPF": "programs in the kernel",
    "PERFMON": "observation of the whole machine",
    "MAC_ADMIN": "changing the mandatory access control",
    "MAC_OVERRIDE": "ignoring the mandatory access control",
    "NET_ADMIN": "changing network devices, routes and filters",
    "LINUX_IMMUTABLE": "changing protected files",
    "SYS_RESOURCE": "exceeding limits",
    "AUDIT_CONTROL": "switching the audit off",
}
"""What a capability beyond the engine's default ones allows."""

_PROFILE_OFF = re.compile(r"^(?:(?:seccomp|apparmor|systempaths)[:=]unconfined|label[:=]disable)$")
_NAMESPACES = {
    "pid": "see and signal every process of the host",
    "ipc": "read the shared memory of the host's processes",
    "uts": "change the host's name",
    "userns_mode": "be root of the host where the engine maps users",
    "cgroup": "see the host's control groups",
}
_SENSITIVE = re.compile(
    r"^/(?:|boot|dev|etc|etc/(?:passwd|shadow|group|gshadow|sudoers|ssh|cron|systemd|pam|docker|kubernetes|ssl/private).*"
    r"|root(?:/.*)?|var|var/lib|var/lib/(?:docker|kubelet|containerd)(?:/.*)?)$"
)
_SYSTEM = re.compile(r"^/(?:s?bin|lib(?:32|64)?|usr|proc|sys)(?:/|$)")
"""What the system runs on; reading it tells little, and monitoring does so."""
_HARMLESS = re.compile(r"^/usr/(?:local/)?share/|^/usr/local/(?!s?bin)|^/sys/class/")

_DEVICE = re.compile(
    r"^/dev(?:/(?:mem|kmem|port|kmsg|fuse|mapper(?:/.*)?|disk(?:/.*)?|(?:sd|hd|vd|xvd)[a-z]\d*|nvme\d.*|loop\S*|dm-\d+|md\d+))?$"
)


@check("IG412", Severity.WARNING, dev=Severity.INFO, strict=Severity.ERROR)
def dangerous_capability(project: Project) -> Iterator[Draft]:
    """A capability is granted that reaches beyond the container.

    References: CIS Docker 5.4; OWASP Docker rule 3.

    Flagged::

        services:
          agent:
            image: busybox:1.36
            cap_add: [SYS_ADMIN]

    Accepted::

        services:
          agent:
            image: busybox:1.36
            cap_add: [NET_BIND_SERVICE, CHOWN]
    """
    for service in project.services.values():
        for name in service.cap_add:
            allows = _CAPABILITIES.get(name.upper().removeprefix("CAP_"))
            if allows:
                message = f"The capability {name} is granted, which allows {allows}."
                remedy = "Remove it from cap_add, or grant a narrower one."
                yield Draft(service.name, message, remedy, service.place("cap_add", name))


@check("IG413", Severity.WARNING, dev=Severity.INFO, strict=Severity.ERROR)
def security_profile_off(project: Project) -> Iterator[Draft]:
    """The kernel's filter of system calls, or its access control, is switched off for a container.

    References: CIS Docker 5.2, 5.3, 5.22; OWASP Docker rule 6.

    Flagged::

        services:
          browser:
            image: busybox:1.36
            security_opt: ["seccomp:unconfined"]

    Accepted::

        services:
          browser:
            image: busybox:1.36
            security_opt: ["no-new-privileges:true"]
    """
    for service in project.services.values():
        for option in texts(service.resolved, "security_opt"):
            if _PROFILE_OFF.match(option.strip().lower()):
                message = f"security_opt {option!r} switches a protection of the kernel off."
                remedy = "Remove the option, or name a profile that allows what the service needs and no more."
                yield Draft(service.name, message, remedy, service.place("security_opt", option))


@check("IG414", Severity.WARNING, dev=Severity.INFO, strict=Severity.ERROR)
def host_namespace(project: Project) -> Iterator[Draft]:
    """A container shares a namespace of the host (``pid``, ``ipc``, ``uts``, ``userns_mode``, ``cgroup``).

    References: CIS Docker 5.16, 5.17, 5.21, 5.31.

    Flagged::

        services:
          agent:
            image: busybox:1.36
            pid: host

    Accepted::

        services:
          agent:
            image: busybox:1.36
            pid: service:web
          web:
            image: nginx:1.27
    """
    for service in project.services.values():
        for key, allows in _NAMESPACES.items():
            if text(service.resolved, key) == "host":
                message = f"{key} is that of the host: the container can {allows}."
                yield Draft(service.name, message, f"Remove {key}: host.", service.place(key))


@check("IG416", Severity.WARNING, dev=Severity.INFO, strict=Severity.ERROR)
def sensitive_host_path(project: Project) -> Iterator[Draft]:
    """A folder of the operating system is mounted, or the whole host.

    Time zone and certificates are left alone, and so is what is mounted without write access of ``/proc``, ``/sys``,
    ``/usr`` and ``/lib``, as monitoring needs it.

    References: CIS Docker 5.6; OWASP Docker rule 3.

    Flagged::

        services:
          agent:
            image: busybox:1.36
            volumes: ["/etc:/host/etc"]

    Accepted::

        services:
          agent:
            image: busybox:1.36
            volumes: ["/etc/localtime:/etc/localtime:ro", "/proc:/host/proc:ro"]
    """
    for service in project.services.values():
        for mount in service.mounts:
            source = posixpath.normpath(mount.source or "")
            if mount.kind == "bind" and _is_sensitive(source, mount):
                may = "read" if mount.read_only else "read and change"
                message = f"{source} of the host is mounted: the container can {may} what the host's system runs on."
                remedy = "Mount the one file that is needed" + ("." if mount.read_only else ", read-only.")
                yield Draft(service.name, message, remedy, mount.location or service.place("volumes"))


@check("IG417", Severity.WARNING, dev=Severity.INFO, strict=Severity.ERROR)
def dangerous_device(project: Project) -> Iterator[Draft]:
    """A device is handed over through which the host's memory or disks can be read or written.

    References: CIS Docker 5.18.

    Flagged::

        services:
          agent:
            image: busybox:1.36
            devices: ["/dev/sda:/dev/sda"]

    Accepted::

        services:
          agent:
            image: busybox:1.36
            devices: ["/dev/dri:/dev/dri", "/dev/ttyUSB0:/dev/ttyUSB0"]
    """
    for service in project.services.values():
        written = [unescaped(one) for one in elements(service.resolved, "devices") if isinstance(one, str)]
        named = [text(one, "source") or "" for one in objects(service.resolved, "devices")]
        found = [path for path in (*written, *named) if _DEVICE.match(path.partition(":")[0])]
        if found:
            message = f"The container gets {listed(found, 'and')} of the host."
            remedy = "Remove the device; hand over data through a volume."
            yield Draft(service.name, message, remedy, service.place("devices"))


@check("IG418", Severity.WARNING, dev=Severity.INFO, strict=Severity.ERROR)
def shared_mount_propagation(project: Project) -> Iterator[Draft]:
    """What the container mounts below a folder appears on the host as well.

    References: CIS Docker 5.20.

    Flagged::

        services:
          agent:
            image: busybox:1.36
            volumes:
              - {type: bind, source: ., target: /data, bind: {propagation: rshared}}

    Accepted::

        services:
          agent:
            image: busybox:1.36
            volumes:
              - {type: bind, source: ., target: /data, bind: {propagation: rslave}}
    """
    for service in project.services.values():
        for volume in objects(service.resolved, "volumes"):
            propagation = text(inner(volume, "bind"), "propagation")
            if propagation in ("shared", "rshared"):
                target = text(volume, "target") or ""
                message = f"The mount at {target} is {propagation}: mounts made in the container appear on the host."
                remedy = "Use rslave or leave propagation away."
                yield Draft(service.name, message, remedy, _place_of(service, target))


def _place_of(service: Service, target: str) -> Location:
    found = (mount.location for mount in service.mounts if mount.target == target)
    return next(found, None) or service.place("volumes")


def _is_sensitive(source: str, mount: Mount) -> bool:
    """Whether a path of the host belongs to its operating system."""
    if _SENSITIVE.match(source):
        return True
    return not mount.read_only and bool(_SYSTEM.match(source)) and not _HARMLESS.match(source)
