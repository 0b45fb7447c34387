"""Real texts: most were provoked on Engine 20.10, the others are quoted in issues of moby, Compose and their users."""

from __future__ import annotations

import pytest

from pytest_infragate.gates import remedies

NO_POOL = "could not find an available, non-overlapping IPv4 address pool among the defaults to assign to the network"


@pytest.mark.parametrize(
    "refused, advice",
    [
        (f"failed to create network shop_default: Error response from daemon: {NO_POOL}", "default-address-pools"),
        ("Error response from daemon: all predefined address pools have been fully subnetted", "default-address-pools"),
        (
            'failed to parse pool request for address space "LocalDefault": could not find an available predefined network',
            "default-address-pools",
        ),
        (
            "failed to create network shop_back: Error response from daemon: Pool overlaps with other one on this address space",
            "Leave out the subnet",
        ),
        ("invalid pool request: Pool overlaps with other one on this address space", "Leave out the subnet"),
        ("failed to register layer: write /usr/lib/libx.so: no space left on device", "docker system df"),
        (
            "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: connect: permission denied",
            "group docker",
        ),
        ("toomanyrequests: You have reached your unauthenticated pull rate limit", "docker login"),
        ("network shop declared as external, but could not be found", "Create it before"),
        ('external volume "shop" not found', "Create it before"),
        ("Bind for 0.0.0.0:80 failed: port is already allocated", "Free the port"),
        ("listen tcp4 0.0.0.0:80: bind: address already in use", "Free the port"),
        ("Ports are not available: exposing port TCP 0.0.0.0:80", "Free the port"),
        (
            "image with reference shop/web:1 was found but does not match the specified platform: wanted linux/arm64, actual: linux/amd64",
            "processor",
        ),
        (
            "no matching manifest for linux/arm64/v8 in the manifest list entries: no match for platform in manifest: not found",
            "processor",
        ),
        ("No such image: shop/web:1", "build it, or pull it"),
        ('Conflict. The container name "/web" is already in use by container "fce5f4".', "container_name"),
        (
            'error mounting "/srv/app.toml" to rootfs at "/app.toml": not a directory: unknown: Are you trying to mount a directory onto a file (or vice-versa)?',
            "a file on a file",
        ),
        ("unable to setup user: unable to find user 0: read /etc/passwd: is a directory: unknown", "a file on a file"),
        (
            'runc create failed: unable to start container process: exec: "/etc/passwd": permission denied: unknown',
            "chmod +x",
        ),
        ("invalid reference format: repository name (library/Bad Name) must be lowercase", "Correct the image's name"),
        ('Get "http://localhost:1/v2/": dial tcp 127.0.0.1:1: connect: connection refused', "reach the registry"),
        (
            "error while creating mount source path '/proc/nope/x': mkdir /proc/nope: no such file",
            "Create the host path",
        ),
        (
            "external connectivity on endpoint web: iptables --wait -t nat -A DOCKER: iptables: No chain/target/match by that name.",
            "Restart the engine",
        ),
        ('exec: "true": executable file not found in $PATH: unknown', "not in the image"),
        ('exec: "/start.sh": stat /start.sh: no such file or directory: unknown', "not in the image"),
        ('invalid mount config for type "bind": bind source path does not exist: /nope/x', "host path of the mount"),
        (
            'error gathering device information while adding custom device "/dev/nope": no such file or directory',
            "no such device",
        ),
        ('could not select device driver "" with capabilities: [[gpu]]', "container toolkit"),
        ("unable to find user nobodyhere: no matching entries in passwd file", "`user`"),
        ("Range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs available", "Correct the limit"),
        ("Minimum memory limit allowed is 6MB", "Correct the limit"),
        (
            'unable to apply cgroup configuration: failed to write "100": write /sys/fs/cgroup/cpu/docker/7d/cpu.rt_runtime_us: invalid argument',
            "the kernel",
        ),
        ("Unknown runtime specified nope", "`runtime`"),
        ("unknown or invalid runtime name: nope", "`runtime`"),
        ("Invalid address 10.2.3.4: It does not belong to any of this network's subnets", "the subnet of this address"),
        ("no available IPv4 addresses on this network's address pools: main (59b9a7)", "Widen"),
        ("Address already in use", "fixed IP address"),
        ("something that nobody has ever read", "See the message of the engine."),
    ],
)
def test_what_to_do_about_a_refusal(refused: str, advice: str) -> None:
    assert advice in remedies.remedy(refused)


@pytest.mark.parametrize("refused, of_stack", [(NO_POOL, True), ("port is already allocated", False), ("", False)])
def test_which_refusals_concern_the_whole_stack(refused: str, of_stack: bool) -> None:
    assert bool(remedies.remedy_of_stack(refused)) is of_stack
    assert remedies.pools_exhausted(refused) is of_stack
