"""The keys of a service, and the form of each."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from ...results import Json
from ..node import Node
from . import merging
from .build_shape import build
from .command_shape import command
from .deploy_shape import deploy
from .device_shapes import devices, gpus
from .host_shape import hosts
from .mount_shapes import volumes
from .number_shapes import between, duration, not_negative, number, pure_number, rounded, size, whole, whole_size
from .port_shapes import ports
from .shapes import (
    Reading,
    Shape,
    each,
    either,
    flag,
    is_scalar,
    keys,
    labels,
    listed,
    matching,
    one_of,
    one_or_more,
    or_nothing,
    pairs,
    path,
    scalar,
    text,
    text_or_number,
    text_or_whole,
)

_CONDITIONS = ("service_started", "service_healthy", "service_completed_successfully")
_PULL_POLICY = "always|never|build|if_not_present|missing|refresh|daily|weekly|every_([0-9]+[wdhms])+"
_TESTS = ("CMD", "CMD-SHELL", "NONE")
_texts = listed(text, unique=True)
_texts_or_wholes = listed(text_or_whole, unique=True)


def _test(node: Node, name: str, reading: Reading) -> Json:
    """The test of a healthcheck; a text is run by the shell."""
    if isinstance(node.scalar, str):
        return ["CMD-SHELL", node.scalar] if node.scalar else None
    test = listed(text)(node, name, reading)
    if isinstance(test, list) and test and test[0] not in _TESTS:
        reading.refuse(f"`test` begins with {test[0]!r}, expected CMD, CMD-SHELL or NONE", node.location)
    return test or None


def _mounted(folder: str) -> Shape:
    """Return the shape of ``secrets`` or ``configs`` of a service."""
    long = keys({"source": text, "target": text, "uid": text, "gid": text, "mode": _mode})

    def read(node: Node, name: str, reading: Reading) -> Json:
        if not node.is_sequence:
            reading.unexpected(node, name, "a list")
            return None
        found: dict[str, Json] = {}
        for element in node.elements:
            one = {"source": element.text} if isinstance(element.scalar, str) else long(element, name, reading)
            if isinstance(one, dict):
                default = {"target": f"{folder}{one.get('source')}"} if folder else {}
                found[str(one.get("target") or f"{folder or '/'}{one.get('source')}")] = {**default, **one}
        return list(found.values())

    return read


def _mode(node: Node, name: str, reading: Reading) -> Json:
    """A file's mode, printed in octal digits."""
    if isinstance(node.scalar, int) and not isinstance(node.scalar, bool):
        return f"0{node.scalar:o}"
    return scalar(node, name, reading)


def _option(node: Node, name: str, reading: Reading) -> Json:
    return "" if node.is_null else text_or_number(node, name, reading)


def _env_file(node: Node, name: str, reading: Reading) -> Json:
    if isinstance(node.scalar, str):
        return {"path": reading.scope(node).path(node.text), "required": True}
    long = keys({"path": path, "required": flag, "format": text}, required=("path",))(node, name, reading)
    return {"required": True, **long} if isinstance(long, dict) else None


def _ulimits(node: Node, name: str, reading: Reading) -> Json:
    return each(either(is_scalar, whole, keys({"soft": whole, "hard": whole}, required=("soft", "hard"))))(
        node, name, reading
    )


def _limited(**fields: Shape) -> Shape:
    """Return the shape of a list of devices with a rate or a weight."""
    return listed(keys({"path": text, **fields}, extensible=False))


_DEPENDENCY = keys({"condition": one_of(*_CONDITIONS), "required": flag, "restart": flag}, required=("condition",))


def _depends_on(node: Node, name: str, reading: Reading) -> Json:
    if node.is_sequence:
        _texts(node, name, reading)
    read = each(_DEPENDENCY)(merging.as_dependencies(node), name, reading)
    if not isinstance(read, dict):
        return None
    return {key: {"required": True, **one} for key, one in read.items() if isinstance(one, dict)}


_MEMBERSHIP = keys(
    {
        "aliases": _texts,
        "interface_name": text,
        "ipv4_address": text,
        "ipv6_address": text,
        "link_local_ips": _texts,
        "mac_address": text,
        "driver_opts": each(text_or_number),
        "priority": pure_number,
        "gw_priority": pure_number,
    }
)


def _networks(node: Node, name: str, reading: Reading) -> Json:
    if node.is_sequence:
        _texts(node, name, reading)
    return each(_MEMBERSHIP, empty=True)(merging.as_memberships(node), name, reading)


_HOOK: Mapping[str, Shape] = {
    "command": command,
    "image": text,
    "user": text,
    "privileged": flag,
    "working_dir": text,
    "environment": pairs,
    "per_replica": flag,
}


def _named_path(node: Node, name: str, reading: Reading) -> Json:
    if node.text == "" and node.scalar is not None:
        reading.refuse(f"`{name}` is empty, expected a path", node.location)
        return None
    return path(node, name, reading)


_WATCH = keys(
    {
        "path": _named_path,
        "action": one_of("rebuild", "sync", "restart", "sync+restart", "sync+exec"),
        "target": text,
        "ignore": one_or_more(text),
        "include": one_or_more(text),
        "exec": keys(_HOOK, required=("command",)),
        "initial_sync": flag,
    },
    required=("path", "action"),
)
_MODEL = keys({"endpoint_var": text, "model_var": text})


def _models(node: Node, name: str, reading: Reading) -> Json:
    if node.is_sequence:
        _texts(node, name, reading)
    return each(_MODEL, empty=True)(merging.as_memberships(node), name, reading)


SERVICE: Final[Mapping[str, Shape]] = MappingProxyType(
    {
        "annotations": pairs,
        "attach": flag,
        "blkio_config": keys(
            {
                "weight": between(0, 65535, as_text=False),
                "weight_device": _limited(weight=between(0, 65535, as_text=False)),
                **{
                    f"device_{way}_{unit}": _limited(rate=whole_size)
                    for way in ("read", "write")
                    for unit in ("bps", "iops")
                },
            },
            extensible=False,
        ),
        "build": build,
        "cap_add": _texts,
        "cap_drop": _texts,
        "cgroup": one_of("host", "private"),
        "cgroup_parent": text,
        "command": command,
        "configs": _mounted(""),
        "container_name": matching("[a-zA-Z0-9][a-zA-Z0-9_.-]+", "a name of at least two letters or digits"),
        "cpu_count": between(0),
        "cpu_percent": between(0, 100),
        "cpu_period": rounded,
        "cpu_quota": rounded,
        "cpu_rt_period": rounded,
        "cpu_rt_runtime": rounded,
        "cpu_shares": rounded,
        "cpus": number,
        "cpuset": text,
        "credential_spec": keys({"config": text, "file": text, "registry": text}),
        "depends_on": _depends_on,
        "deploy": deploy,
        "develop": or_nothing(keys({"watch": listed(_WATCH)})),
        "device_cgroup_rules": _texts,
        "devices": devices,
        "dns": one_or_more(text, unique=True),
        "dns_opt": _texts,
        "dns_search": one_or_more(text, unique=True),
        "domainname": text,
        "entrypoint": command,
        "env_file": one_or_more(_env_file, unique=True),
        "environment": pairs,
        "expose": _texts_or_wholes,
        "external_links": _texts,
        "extra_hosts": hosts,
        "gpus": gpus,
        "group_add": _texts_or_wholes,
        "healthcheck": keys(
            {
                "disable": flag,
                "interval": duration,
                "retries": not_negative(rounded),
                "start_interval": duration,
                "start_period": duration,
                "test": _test,
                "timeout": duration,
            }
        ),
        "hostname": text,
        "image": text,
        "init": flag,
        "ipc": text,
        "isolation": text,
        "label_file": one_or_more(path),
        "labels": labels,
        "links": _texts,
        "logging": keys({"driver": text, "options": each(_option)}),
        "mac_address": text,
        "mem_limit": size,
        "mem_reservation": whole_size,
        "mem_swappiness": whole,
        "memswap_limit": size,
        "models": _models,
        "network_mode": text,
        "networks": _networks,
        "oom_kill_disable": flag,
        "oom_score_adj": whole,
        "pid": lambda node, name, reading: None if node.is_null else text(node, name, reading),
        "pids_limit": rounded,
        "platform": text,
        "ports": ports,
        "post_start": listed(keys(_HOOK, required=("command",))),
        "pre_start": listed(keys(_HOOK)),
        "pre_stop": listed(keys(_HOOK, required=("command",))),
        "privileged": flag,
        "profiles": _texts,
        "provider": keys({"type": text, "options": each(one_or_more(scalar))}, required=("type",)),
        "pull_policy": matching(_PULL_POLICY, "always, never, missing, build, daily, weekly or every_…"),
        "pull_refresh_after": text,
        "read_only": flag,
        "restart": text,
        "runtime": text,
        "scale": whole,
        "secrets": _mounted("/run/secrets/"),
        "security_opt": _texts,
        "shm_size": size,
        "stdin_open": flag,
        "stop_grace_period": duration,
        "stop_signal": text,
        "storage_opt": each(or_nothing(scalar)),
        "sysctls": pairs,
        "tmpfs": one_or_more(text, unique=True),
        "tty": flag,
        "ulimits": _ulimits,
        "use_api_socket": flag,
        "user": text,
        "userns_mode": text,
        "uts": text,
        "volumes": volumes,
        "volumes_from": _texts,
        "working_dir": text,
    }
)
"""Every key that the Compose specification gives a service, ``extends`` aside, which is resolved before."""
