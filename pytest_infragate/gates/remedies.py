"""What to do about refusals of the engine and of Compose that are known by their text; pure.

The texts were seen with Engine 20.10 and Compose 2.40, or are in the issues of moby and Compose; they differ between versions.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_UNKNOWN = "See the message of the engine."
_EXHAUSTED = re.compile(
    r"non-overlapping IPv4 address pool|predefined address pools have been fully subnetted|find an available predefined",
    re.IGNORECASE,
)


def _table(*rows: tuple[str, str]) -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(pattern, re.IGNORECASE), advice) for pattern, advice in rows)


_OF_STACK = (
    (
        _EXHAUSTED,
        (
            "Remove networks that nobody uses (`docker network ls`; all of a project: `docker compose -p NAME down`), or "
            "give the engine more and smaller ranges: `default-address-pools` in its daemon.json."
        ),
    ),
    *_table(
        (
            r"pool overlaps",
            "Leave out the subnet, so that the engine chooses one, choose another, or remove the network that has it.",
        ),
        (
            r"no space left on device|disk quota exceeded",
            "Make room where the engine keeps its data; `docker system df` tells what takes it.",
        ),
        (
            r"permission denied while trying to connect",
            "Let this user use the engine's socket (group docker, or a rootless engine), or choose another with DOCKER_HOST.",
        ),
        (
            r"toomanyrequests|pull rate limit",
            "Log in to the registry (`docker login`), wait, or have the image on the engine before.",
        ),
        (
            r"no chain/target/match by that name",
            "Restart the engine, which then makes its rules of iptables anew: a firewall that was loaded later removed them.",
        ),
        (
            r"declared as external, but could not be found|external (?:volume|network) .*not found",
            "Create it before the run, or leave out `external`, so that Compose creates it.",
        ),
    ),
)
_OF_SERVICES = _table(
    (
        r"port is already allocated|bind: address already in use|ports are not available",
        "Free the port, which another stack or program holds, or publish none, so that the engine chooses.",
    ),
    (
        r"does not (?:match|provide) the specified platform|no matching manifest for|exec format error",
        "Build or choose an image for this engine's processor, or correct `platform`.",
    ),
    (
        r"no such image|pull access denied|manifest unknown|not found: manifest|does not have the image",
        "Correct the image's name, build it, or pull it.",
    ),
    (
        r"container name .* is already in use",
        "Leave out container_name, or remove the container that has the name.",
    ),
    (
        r"mount a directory onto a file|read /\S+: is a directory",
        "Mount a file on a file and a folder on a folder: a host path that does not exist becomes a folder.",
    ),
    (
        r"executable file not found|exec: .*no such file or directory",
        "Correct command or entrypoint: this program is not in the image.",
    ),
    (
        r"exec: .*permission denied",
        "Make the program of command or entrypoint executable in the image (chmod +x before the build, or COPY --chmod=755).",
    ),
    (
        r"invalid reference format",
        "Correct the image's name: its repository has lower case alone, and no spaces.",
    ),
    (
        r"get \"?https?://\S+/v2/|awaiting headers|x509: certificate|no basic auth credentials",
        "Let the engine reach the registry (network, proxy, certificate, `docker login`), or have the image on the engine before.",
    ),
    (
        r"bind source path does not exist|error while creating mount source path|not a directory|invalid mount",
        "Create the host path of the mount, or correct it.",
    ),
    (
        r"gathering device information",
        "Correct `devices`: the engine's host has no such device.",
    ),
    (
        r"could not select device driver",
        "Install the vendor's container toolkit on the engine's host, or leave out the reservation of devices.",
    ),
    (r"unable to find (?:user|group)", "Correct `user`: the image does not have it."),
    (
        r"range of cpus is from|minimum memory limit allowed",
        "Correct the limit: the engine's host has no such amount, or the engine does not accept it.",
    ),
    (
        r"unable to apply cgroup configuration|cgroup.*invalid argument",
        "Correct the limits of the service: the kernel of the engine's host refuses one of them.",
    ),
    (
        r"unknown(?: or invalid)? runtime",
        "Correct `runtime`: the engine has none of this name.",
    ),
    (
        r"does not belong to any of this network's subnets|user specified IP address is supported",
        "Give the network the subnet of this address, or leave out the address.",
    ),
    (
        r"no available IPv4 addresses on this network",
        "Widen the network's subnet: every address of it is taken.",
    ),
    (
        r"address already in use",
        "Leave out the fixed IP address, which another container of the network has.",
    ),
)


def remedy(refused: str) -> str:
    """Return what to do about a refusal; for one that is unknown, where to look."""
    return _first((*_OF_STACK, *_OF_SERVICES), refused) or _UNKNOWN


def remedy_of_stack(refused: str) -> str:
    """Return what to do about a refusal that concerns no single service; empty for any other."""
    return _first(_OF_STACK, refused)


def pools_exhausted(refused: str) -> bool:
    """Return whether the engine had no address range left for a network."""
    return _EXHAUSTED.search(refused) is not None


def _first(table: Sequence[tuple[re.Pattern[str], str]], refused: str) -> str:
    return next((advice for pattern, advice in table if pattern.search(refused)), "")
