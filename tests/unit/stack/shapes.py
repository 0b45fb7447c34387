"""What two engines say of a container, without the fields that nobody reads.

The older one was recorded; the newer one is written after the API's reference.
"""

from __future__ import annotations

from typing import Any

ENGINE_20: dict[str, Any] = {
    "Id": "82a18178598b",
    "Created": "2026-11-22T11:35:10.162920022Z",
    "Name": "/shop-db-1",
    "RestartCount": 2,
    "Image": "sha256:9401",
    "State": {
        "Status": "running",
        "Running": True,
        "Paused": False,
        "Restarting": False,
        "OOMKilled": False,
        "Dead": False,
        "ExitCode": 0,
        "Error": "",
        "StartedAt": "2026-11-22T11:35:10.443789788Z",
        "FinishedAt": "0001-01-01T00:00:00Z",
        "Health": {
            "Status": "unhealthy",
            "FailingStreak": 3,
            "Log": [
                {
                    "Start": "2026-11-22T11:35:10.744689318Z",
                    "End": "2026-11-22T11:35:10.804689318Z",
                    "ExitCode": -1,
                    "Output": 'OCI runtime exec failed: exec: "curl": executable file not found in $PATH: unknown',
                }
            ],
        },
    },
    "HostConfig": {
        "NetworkMode": "shop_default",
        "RestartPolicy": {"Name": "on-failure", "MaximumRetryCount": 3},
        "Memory": 67108864,
        "NanoCpus": 500000000,
        "CpuPeriod": 0,
        "CpuQuota": 0,
        "PidsLimit": 50,
    },
    "Mounts": [
        {"Type": "volume", "Name": "shop_data", "Source": "/var/lib/docker/volumes/shop_data/_data", "RW": True},
        {"Type": "bind", "Source": "/srv/shop", "Destination": "/here", "RW": False},
        {"Type": "volume", "Name": "b1c05584", "Source": "/var/lib/docker/volumes/b1c05584/_data", "RW": True},
        {"Type": "tmpfs", "Source": "", "Destination": "/run", "RW": True},
    ],
    "Config": {
        "User": "65534",
        "ExposedPorts": {"53/udp": {}, "9000/tcp": {}},
        "Healthcheck": {"Test": ["CMD", "curl"], "Interval": 300000000, "Timeout": 2000000000, "Retries": 1},
        "Image": "shop/db:1",
        "Labels": {
            "com.docker.compose.container-number": "2",
            "com.docker.compose.oneoff": "False",
            "com.docker.compose.project": "shop",
            "com.docker.compose.service": "db",
        },
    },
    "NetworkSettings": {
        "Ports": {"53/udp": None, "9000/tcp": [{"HostIp": "127.0.0.1", "HostPort": "18997"}]},
        "Networks": {"shop_default": {"IPAddress": "172.22.0.2"}},
    },
}

ENGINE_28: dict[str, Any] = {
    "Id": "11d7",
    "Created": "2026-11-22T11:35:10.162920022Z",
    "Name": "/shop-migrate-1",
    "RestartCount": 0,
    "Image": "sha256:9401",
    "State": {
        "Status": "exited",
        "Running": False,
        "Paused": False,
        "Restarting": False,
        "OOMKilled": True,
        "Dead": False,
        "ExitCode": 137,
        "Error": "",
        "StartedAt": "2026-11-22T12:35:10+01:00",
        "FinishedAt": "2026-11-22T11:35:12.5Z",
        "Health": {"Status": "none", "FailingStreak": 0, "Log": None},
    },
    "HostConfig": {
        "NetworkMode": "shop_default",
        "RestartPolicy": {"Name": "no", "MaximumRetryCount": 0},
        "Memory": 0,
        "NanoCpus": 0,
        "CpuPeriod": 100000,
        "CpuQuota": 50000,
        "PidsLimit": None,
    },
    "Mounts": [],
    "Config": {
        "User": "",
        "Image": "shop/migrate:1",
        "Labels": {"com.docker.compose.project": "shop", "com.docker.compose.service": "migrate"},
    },
    "NetworkSettings": {
        "Ports": {},
        "Networks": {"shop_default": {"IPAddress": "", "DNSNames": ["shop-migrate-1", "migrate"]}},
    },
}
