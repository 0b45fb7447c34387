"""Faults that show between the start, which looks well, and the first test."""

from __future__ import annotations

from engine_setup.images import SERVICES

from .fault import (
    API,
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

_HOLDS_100_MIB = (
    f"""command: [sh, -c, "python3 -c 'import time; held = bytes([1]) * (100 << 20); time.sleep(3600)' & {WORK}"]"""
)
_EXPECTED = 'expect: ["worker -> api:8000/tmp/ready"]'
_HEALTHCHECK = '[CMD, curl, -fs, "http://127.0.0.1:8000/tmp/ready"]'

AFTER_UP = (
    Fault(
        "one-shot that nobody waits for fails late",
        one_more_service(f'  seed:\n    image: {SERVICES}\n    command: [sh, -c, "sleep 3; echo no row >&2; exit 9"]\n')
        + settings("migrate: {kind: one-shot}", "migrate: {kind: one-shot}\n  seed: {kind: one-shot}"),
        "health",
        "seed",
        ("9", "no row"),
    ),
    Fault(
        "dies soon after the start",
        compose(WORKER, f'command: [sh, -c, "{WORK} & sleep 1; exit 7"]'),
        "health",
        "worker",
        ("exit code 7",),
        also=NOT_TO_BE_ASKED,
    ),
    Fault(
        "passes its test once and never again",
        compose(_HEALTHCHECK, '[CMD-SHELL, "test -e /tmp/ready && rm /tmp/ready"]'),
        "health",
        "api",
        ("unhealthy",),
        also=("connectivity", "lifecycle"),
        costly=True,
    ),
    Fault(
        "wrong port in a URL", compose("cache:6379/0", "cache:6380/0"), "connectivity", "api -> cache:6380", ("6380",)
    ),
    Fault(
        "disjoint networks, seen only from inside",
        compose("[front, back]", "[front]") + without("IG303"),
        "connectivity",
        "api -> cache:6379",
        ("network",),
        costly=True,
    ),
    Fault(
        "own loopback only", compose("--bind 0.0.0.0", "--bind 127.0.0.1"), "health", "api", ("127.0.0.1",), costly=True
    ),
    Fault(
        "own loopback only, and only others say so",
        compose("--bind 0.0.0.0", "--bind 127.0.0.1") + compose('    ports: ["127.0.0.1::8000"]\n', ""),
        "connectivity",
        "worker -> api:8000/tmp/ready",
        ("127.0.0.1",),
    ),
    Fault(
        "healthcheck that always passes over a silent port",
        compose(API, "sleep 3600") + compose(_HEALTHCHECK, '[CMD-SHELL, "true"]') + without("IG502"),
        "health",
        "api",
        ("healthy by its own healthcheck", "8000"),
    ),
    Fault(
        "expected path is not there",
        settings("api:8000/tmp/ready", "api:8000/tmp/absent"),
        "connectivity",
        "worker -> api:8000/tmp/absent",
        ("404",),
    ),
    Fault(
        "hosts entry that leads astray",
        service("api", 'extra_hosts: ["cache:127.0.0.1"]'),
        "connectivity",
        "api -> cache:6379",
        ("127.0.0.1",),
    ),
    Fault(
        "two services answer to one name",
        (
            *one_more_service(
                f"  double:\n    image: {SERVICES}\n    command: [sleep, '3600']\n"
                "    networks: {back: {aliases: [cache]}}\n    depends_on: [worker]\n"
            ),
            *compose(WORKER, f'command: [sh, -c, "{PATIENT_WORK}"]'),
        ),
        "connectivity",
        "api -> cache:6379",
        ("no container of cache",),
        costly=True,
    ),
    Fault(
        "forbidden edge is open",
        settings("connectivity:\n", 'connectivity:\n  forbid: ["cache -> api:8000"]\n'),
        "connectivity",
        "cache -> api:8000",
        ("cache", "api"),
    ),
    Fault(
        "an edge that nobody declared",
        settings(_EXPECTED, 'policy: closed\n  expect: ["worker -> api:8000/tmp/ready", "api -> cache"]'),
        "connectivity",
        "worker -> cache",
        ("cache",),
        costly=True,
    ),
    Fault(
        "memory limit",
        compose(WORKER, _HOLDS_100_MIB),
        "performance",
        "worker memory.ratio: max < 0.7",
        ("%",),
        costly=True,
    ),
    Fault(
        "CPU limit",
        one_more_service(
            f"  burner:\n    image: {SERVICES}\n    command: [python3, -c, 'while True: pass']\n    cpus: 0.05\n"
        ),
        "performance",
        "burner cpu.throttled: med < 0.5",
        ("%",),
    ),
    Fault(
        "more processes than allowed",
        compose(WORKER, f'command: [sh, -c, "for one in 1 2 3 4 5 6 7 8 9; do sleep 999 & done; exec {WORK}"]')
        + settings('worker: ["memory', 'worker: ["pids: max < 8", "memory'),
        "performance",
        "worker pids: max < 8",
        ("8",),
        costly=True,
    ),
    Fault("failing command in a service", settings("grep -qx 1", "grep -qx 2"), "commands", "cache", ("1",)),
)
