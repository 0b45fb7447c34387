"""Every fault: one change to the stack, and what the gate must say of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine_setup.images import SERVICES

from .stack import FILES

WORKER = 'command: [redis-cli, -h, cache, -r, "-1", -i, "0.2", incr, ticks]'


BROKEN_BUILD = f"""worker:
    build: {{network: host, dockerfile_inline: "FROM {SERVICES}\\nRUN exit 7\\n"}}"""

FAILED_START = ("lifecycle",)
"""Other services wait for this one, so that `docker compose up` fails too, unless the gate ends it before."""


@dataclass(frozen=True)
class Change:
    """Replaces one text in one file; the text must be there exactly once."""

    file: str
    old: str
    new: str

    def __call__(self, files: Mapping[str, str]) -> dict[str, str]:
        """Return the files with the change made."""
        assert files[self.file].count(self.old) == 1, f"{self.file} does not hold {self.old!r} exactly once"
        return {**files, self.file: files[self.file].replace(self.old, self.new)}


@dataclass(frozen=True)
class Fault:
    """One fault: the condition that it closes, the subject that is named and words of the reason."""

    name: str
    changes: tuple[Change, ...]
    condition: str
    subject: str
    words: tuple[str, ...]
    also: tuple[str, ...] = ()
    """Conditions that the same fault may break as well."""

    @property
    def files(self) -> dict[str, str]:
        """The stack's files with this one fault."""
        files = dict(FILES)
        for change in self.changes:
            files = change(files)
        return files


def compose(old: str, new: str) -> tuple[Change, ...]:
    """Return a change to the Compose file."""
    return (Change("compose.yaml", old, new),)


def settings(old: str, new: str) -> tuple[Change, ...]:
    """Return a change to the settings."""
    return (Change("infragate.yaml", old, new),)


def without(check: str) -> tuple[Change, ...]:
    """Return a change that turns a static check off, so that only the running stack can show the fault."""
    return settings("timeout: 60s", f"timeout: 60s\nchecks: {{disable: [{check}]}}")


def one_more_test(text: str) -> tuple[Change, ...]:
    """Return a change to the suite: one more test, which is green."""
    last = "    until(lambda: ticks() > before)\n"
    return (Change("test_suite.py", last, f"{last}\n\ndef test_sabotage(infragate_stack):\n{text}"),)


_TURNS_UNHEALTHY = """
    infragate_stack.exec("api", ["rm", "/tmp/ready"])
    until(lambda: infragate_stack.containers("api")[0].health == "unhealthy")
"""
_FLAPS = f"""{_TURNS_UNHEALTHY}
    infragate_stack.exec("api", ["touch", "/tmp/ready"])
    until(lambda: infragate_stack.containers("api")[0].health == "healthy")
"""
_ENDS = """
    infragate_stack.exec("api", ["sh", "-c", "kill -INT 1"])
    until(lambda: not infragate_stack.containers("api")[0].running)
"""
_WORK = "redis-cli -h cache -r -1 -i 0.2 incr ticks"
_PANICS = "printf 'panic: disk lost\\\\n\\\\ngoroutine 1 [running]:\\\\nmain.main()\\\\n' >&2"
_HOLDS_100_MIB = (
    f"""command: [sh, -c, "python3 -c 'import time; held = bytes([1]) * (100 << 20); time.sleep(3600)' & {_WORK}"]"""
)
_BURNS = f"""command: [sh, -c, "python3 -c 'while True: pass' & {_WORK}"]"""
_WANTS_200_MIB = """command: [python3, -c, "import time; held = bytes([1]) * (200 << 20); time.sleep(3600)"]"""

CRASH_LOOP = compose(WORKER, 'restart: always\n    command: [sh, -c, "sleep 1; exit 1"]')

FAULTS = (
    Fault("unknown key", compose("stop_signal: SIGINT", "stop_singal: SIGINT"), "configuration", "*", ("stop_singal",)),
    Fault(
        "unset variable",
        compose("redis://cache:6379/0", "redis://cache:6379/${CACHE_NUMBER}"),
        "configuration",
        "api",
        ("CACHE_NUMBER",),
    ),
    Fault(
        "settings that name no service",
        settings("migrate: {kind", "migrat: {kind"),
        "configuration",
        "migrat",
        ("'migrat'", "migrate"),
    ),
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
        "crash at start",
        compose(WORKER, 'command: [sh, -c, "echo no such table >&2; exit 3"]'),
        "health",
        "worker",
        ("3", "no such table"),
    ),
    Fault(
        "crash loop without healthcheck",
        CRASH_LOOP,
        "health",
        "worker",
        ("restart",),
    ),
    Fault(
        "unhealthy from the start",
        compose("8000/tmp/ready", "8000/tmp/absent"),
        "health",
        "api",
        ("unhealthy",),
        also=FAILED_START,
    ),
    Fault("unhealthy during the suite", one_more_test(_TURNS_UNHEALTHY), "health", "api", ("unhealthy",)),
    Fault("unhealthy for a while during the suite", one_more_test(_FLAPS), "health", "api", ("unhealthy",)),
    Fault("dead during the suite", one_more_test(_ENDS), "health", "api", ("exit",)),
    Fault(
        "one-shot fails",
        compose('[redis-cli, -h, cache, set, schema, "1"]', '[sh, -c, "redis-cli -h cache set schema 1; exit 1"]'),
        "health",
        "migrate",
        ("1",),
        also=FAILED_START,
    ),
    Fault(
        "forbidden log line",
        compose(WORKER, f'command: [sh, -c, "echo panic disk lost >&2; exec {_WORK}"]')
        + settings("timeout: 60s", "timeout: 60s\nlogs: {forbid: [panic]}"),
        "health",
        "worker",
        ("panic disk lost",),
    ),
    Fault(
        "panic that a supervisor hides",
        compose(WORKER, f'command: [sh, -c, "{_PANICS}; exec {_WORK}"]'),
        "health",
        "worker",
        ("a Go program panicked", "panic: disk lost"),
    ),
    Fault(
        "more error lines than the limit allows",
        one_more_test("    infragate_stack.exec('worker', ['sh', '-c', 'echo ERROR disk lost >/proc/1/fd/1'])\n")
        + settings('worker: ["memory', 'worker: ["suite.log.errors: count < 1", "memory'),
        "performance",
        "worker suite.log.errors: count < 1",
        ("1",),
    ),
    Fault("killed for memory", compose(WORKER, _WANTS_200_MIB), "health", "worker", ("memory",)),
    Fault(
        "healthcheck tool missing",
        compose('[CMD, curl, -fs, "http://127.0.0.1:8000/tmp/ready"]', "[CMD, grpc_health_probe, -addr=:8000]"),
        "health",
        "api",
        ("grpc_health_probe",),
        also=FAILED_START,
    ),
    Fault(
        "wrong port in a URL", compose("cache:6379/0", "cache:6380/0"), "connectivity", "api -> cache:6380", ("6380",)
    ),
    Fault(
        "URL that names nobody",
        compose("http://api:8000", "http://apo:8000"),
        "configuration",
        "worker",
        ("apo", "api"),
    ),
    Fault("disjoint networks", compose("[front, back]", "[front]"), "configuration", "api", ("cache", "network")),
    Fault(
        "disjoint networks, seen only from inside",
        compose("[front, back]", "[front]") + without("IG303"),
        "connectivity",
        "api -> cache:6379",
        ("network",),
    ),
    Fault(
        "own loopback only",
        compose("--bind 0.0.0.0", "--bind 127.0.0.1"),
        "connectivity",
        "worker -> api:8000/tmp/ready",
        ("127.0.0.1",),
    ),
    Fault(
        "forbidden edge is open",
        settings("connectivity:\n", 'connectivity:\n  forbid: ["cache -> api:8000"]\n'),
        "connectivity",
        "cache -> api:8000",
        ("cache", "api"),
    ),
    Fault("memory limit", compose(WORKER, _HOLDS_100_MIB), "performance", "worker memory.ratio: max < 0.7", ("%",)),
    Fault(
        "CPU limit",
        compose(WORKER, _BURNS),
        "performance",
        "worker cpu.throttled: med < 0.25",
        ("%",),
    ),
    Fault(
        "failing command", settings('run: "true"', 'run: "echo not by the rules; exit 3"'), "commands", "rules", ("3",)
    ),
    Fault("failing command in a service", settings("grep -qx 1", "grep -qx 2"), "commands", "cache", ("1",)),
)
