"""Faults that show while the stack starts."""

from __future__ import annotations

from engine_setup.images import SERVICES

from .fault import (
    API,
    FAILED_START,
    NOT_TO_BE_ASKED,
    PATIENT_WORK,
    WORK,
    WORKER,
    Fault,
    compose,
    one_more_service,
    service,
    settings,
    without,
)

BROKEN_BUILD = f"""worker:
    build: {{network: host, dockerfile_inline: "FROM {SERVICES}\\nRUN exit 7\\n"}}"""
CRASH_LOOP = compose(WORKER, 'restart: always\n    command: [sh, -c, "sleep 1; exit 1"]')
_WANTS_200_MIB = """command: [python3, -c, "import time; held = bytes([1]) * (200 << 20); time.sleep(3600)"]"""
_PANICS = "printf 'panic: disk lost\\\\n\\\\ngoroutine 1 [running]:\\\\nmain.main()\\\\n' >&2"
_HEALTHCHECK = '[CMD, curl, -fs, "http://127.0.0.1:8000/tmp/ready"]'

AT_UP = (
    Fault(
        "image absent",
        compose(f"worker:\n    image: {SERVICES}", "worker:\n    image: 127.0.0.1:9/none:1"),
        "lifecycle",
        "worker",
        ("127.0.0.1:9/none:1",),
    ),
    Fault(
        "build fails", compose(f"worker:\n    image: {SERVICES}", BROKEN_BUILD), "lifecycle", "worker", ("Building",)
    ),
    Fault(
        "program absent",
        compose(WORKER, "command: [redis-clii, -h, cache]"),
        "lifecycle",
        "worker",
        ("redis-clii",),
        also=("health",),
    ),
    Fault(
        "entrypoint not executable",
        service("worker", "entrypoint: [/etc/hostname]"),
        "lifecycle",
        "worker",
        ("permission denied",),
        also=("health",),
        costly=True,
    ),
    Fault(
        "crash at start",
        compose(WORKER, 'command: [sh, -c, "echo no such table >&2; exit 3"]'),
        "health",
        "worker",
        ("3", "no such table"),
    ),
    Fault(
        "ends with 0 where it should go on",
        compose(WORKER, 'command: [redis-cli, -h, cache, -r, "3", incr, ticks]')
        + settings("migrate: {kind: one-shot}", "migrate: {kind: one-shot}\n  worker: {kind: long-running}"),
        "health",
        "worker",
        ("0",),
    ),
    Fault("crash loop without healthcheck", CRASH_LOOP, "health", "worker", ("restart",)),
    Fault(
        "name typo in a command",
        compose("[redis-cli, -h, cache, set", "[redis-cli, -h, cahce, set"),
        "health",
        "migrate",
        ("cahce",),
        also=FAILED_START,
        costly=True,
    ),
    Fault(
        "volume not writable",
        service("api", 'user: "65534"')
        + service("api", "volumes: ['data:/data']")
        + compose(API, API.replace("touch /tmp/ready", "touch /tmp/ready /data/x"))
        + compose("networks: {front: {}, back: {}}", "volumes: {data: {}}\nnetworks: {front: {}, back: {}}"),
        "health",
        "api",
        ("/data/x", "Permission denied"),
        also=FAILED_START,
    ),
    Fault(
        "waits for the health of a service without a healthcheck",
        one_more_service(
            f"  late:\n    image: {SERVICES}\n    command: [sleep, '3600']\n    networks: [back]\n"
            "    depends_on: {worker: {condition: service_healthy}}\n"
        ),
        "health",
        "late",
        ("worker", "healthcheck"),
        also=FAILED_START,
    ),
    Fault(
        "what others need is scaled to nothing",
        (*service("api", "deploy: {replicas: 0}"), *compose(WORKER, f'command: [sh, -c, "{PATIENT_WORK}"]')),
        "connectivity",
        "worker -> api:8000/tmp/ready",
        ("no container",),
    ),
    Fault(
        "writes to a read-only root",
        service("api", "read_only: true"),
        "health",
        "api",
        ("Read-only file system",),
        also=FAILED_START,
    ),
    Fault(
        "no space left",
        service("api", 'tmpfs: ["/data:size=64k"]')
        + compose(API, API.replace("touch /tmp/ready", "touch /tmp/ready && head -c 1000000 /dev/zero >/data/x")),
        "health",
        "api",
        ("No space left",),
        also=FAILED_START,
        costly=True,
    ),
    Fault(
        "unhealthy from the start",
        compose("8000/tmp/ready", "8000/tmp/absent"),
        "health",
        "api",
        ("unhealthy",),
        also=FAILED_START,
    ),
    Fault(
        "healthcheck asks another port",
        compose("127.0.0.1:8000/tmp/ready", "127.0.0.1:8001/tmp/ready"),
        "health",
        "api",
        ("unhealthy",),
        also=FAILED_START,
        costly=True,
    ),
    Fault(
        "healthcheck takes too long",
        compose(
            f"{_HEALTHCHECK}, interval: 500ms, timeout: 20s", '[CMD, sleep, "60"], interval: 500ms, timeout: 500ms'
        ),
        "health",
        "api",
        ("health",),
        also=FAILED_START,
        costly=True,
    ),
    Fault(
        "healthcheck tool missing",
        compose(_HEALTHCHECK, "[CMD, grpc_health_probe, -addr=:8000]"),
        "health",
        "api",
        ("grpc_health_probe",),
        also=FAILED_START,
    ),
    Fault(
        "slower than the deadline",
        compose("[CMD, redis-cli, ping], interval", "[CMD, test, -e, /ready], start_period: 10m, interval")
        + settings("timeout: 60s", "timeout: 6s"),
        "health",
        "cache",
        ("was not ready within",),
        also=FAILED_START,
    ),
    Fault(
        "what all wait for is broken",
        compose('"", --bind', '"", --port, "6380", --bind'),
        "health",
        "cache",
        ("unhealthy",),
        also=FAILED_START,
    ),
    Fault(
        "one-shot fails",
        compose('[redis-cli, -h, cache, set, schema, "1"]', '[sh, -c, "redis-cli -h cache set schema 1; exit 1"]'),
        "health",
        "migrate",
        ("1",),
        also=FAILED_START,
    ),
    Fault(
        "one-shot that is started over and over",
        (*service("migrate", "restart: always"), *without("IG512")),
        "health",
        "migrate",
        ("restart",),
        also=FAILED_START,
    ),
    Fault(
        "killed for memory",
        compose(WORKER, _WANTS_200_MIB),
        "health",
        "worker",
        ("memory",),
        also=NOT_TO_BE_ASKED,
    ),
    Fault(
        "panic that a supervisor hides",
        compose(WORKER, f'command: [sh, -c, "{_PANICS}; exec {WORK}"]'),
        "health",
        "worker",
        ("a Go program panicked", "panic: disk lost"),
    ),
    Fault(
        "forbidden log line",
        compose(WORKER, f'command: [sh, -c, "echo panic disk lost >&2; exec {WORK}"]')
        + settings("timeout: 60s", "timeout: 60s\nlogs: {forbid: [panic]}"),
        "health",
        "worker",
        ("panic disk lost",),
        costly=True,
    ),
)
