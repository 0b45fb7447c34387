"""Faults that a test, or somebody outside, brings about while the suite runs; every test is green."""

from __future__ import annotations

from .fault import LOST_SAMPLES, Fault, one_more_test, service, settings

_TURNS_UNHEALTHY = """
    infragate_stack.exec("api", ["rm", "/tmp/ready"])
    until(lambda: infragate_stack.containers("api")[0].health == "unhealthy")
"""
_HEALTHY_AGAIN = """
    until(lambda: infragate_stack.containers("api")[0].health == "healthy")
"""
_FLAPS = f"""{_TURNS_UNHEALTHY}
    infragate_stack.exec("api", ["touch", "/tmp/ready"])
{_HEALTHY_AGAIN}"""
_ENDS = """
    infragate_stack.exec("api", ["sh", "-c", "kill -INT 1"])
    until(lambda: not infragate_stack.containers("api")[0].running)
"""
_PAUSED = """
    docker("pause", infragate_stack.containers("api")[0].id)
"""
_PAUSED_FOR_A_WHILE = f"""{_PAUSED}
    docker("unpause", infragate_stack.containers("api")[0].id)
{_HEALTHY_AGAIN}"""
_HANGS = """
    docker("kill", "--signal", "STOP", infragate_stack.containers("api")[0].id)
"""
_DISCONNECTED = """
    docker("network", "disconnect", f"{infragate_stack.project}_back", infragate_stack.containers("api")[0].id)
"""
_RESTARTED = f"""
    docker("restart", "--time", "0", infragate_stack.containers("api")[0].id)
{_HEALTHY_AGAIN}"""
_STOPPED = """
    docker("stop", "--time", "0", infragate_stack.containers("worker")[0].id)
"""
_REPLACED = f"""
    docker("compose", "up", "--detach", "--force-recreate", "--no-deps", "api")
{_HEALTHY_AGAIN}"""
_REMOVED = """
    docker("rm", "--force", infragate_stack.containers("worker")[0].id)
"""
_ONE_REPLICA_KILLED = """
    docker("kill", infragate_stack.containers("worker")[1].id)
"""
_CHILD_WANTS_TOO_MUCH = """
    command = ["python3", "-c", "held = bytes([1]) * (200 << 20)"]
    assert infragate_stack.exec("worker", command).exit_code == 137
    assert infragate_stack.containers("worker")[0].running
"""
_PANICS = """
    infragate_stack.exec("worker", ["sh", "-c", "echo panic: disk lost >/proc/1/fd/2"])
"""
_LOGS_AN_ERROR = """
    infragate_stack.exec("worker", ["sh", "-c", "echo ERROR disk lost >/proc/1/fd/1"])
"""
_LEAKS = """
    hold = "import time; held = bytes([1]) * (100 << 20); open('/tmp/held', 'w'); time.sleep(3600)"
    docker("exec", "--detach", infragate_stack.containers("worker")[0].id, "python3", "-c", hold)
    until(lambda: infragate_stack.exec("worker", ["test", "-e", "/tmp/held"]).exit_code == 0)
    time.sleep(3)
"""
"""The last line is what the engine needs to measure it twice."""

DURING_TESTS = (
    Fault("unhealthy during the suite", one_more_test(_TURNS_UNHEALTHY), "health", "api", ("unhealthy",), costly=True),
    Fault("unhealthy for a while during the suite", one_more_test(_FLAPS), "health", "api", ("unhealthy",)),
    Fault("dead during the suite", one_more_test(_ENDS), "health", "api", ("exit",), also=LOST_SAMPLES, costly=True),
    Fault("paused from outside", one_more_test(_PAUSED), "health", "api", ("paused",), also=LOST_SAMPLES, costly=True),
    Fault("paused from outside for a while", one_more_test(_PAUSED_FOR_A_WHILE), "health", "api", ("paused",)),
    Fault("hangs without dying", one_more_test(_HANGS), "health", "api", ("SIGSTOP",), costly=True),
    Fault(
        "taken from its network", one_more_test(_DISCONNECTED), "health", "api", ("network",), also=("connectivity",)
    ),
    Fault(
        "restarted from outside",
        one_more_test(_RESTARTED),
        "health",
        "api",
        ("from outside",),
        also=LOST_SAMPLES,
        costly=True,
    ),
    Fault("stopped from outside", one_more_test(_STOPPED), "health", "worker", ("from outside",), also=LOST_SAMPLES),
    Fault(
        "replaced from outside",
        one_more_test(_REPLACED),
        "health",
        "api",
        ("another container",),
        also=LOST_SAMPLES,
        costly=True,
    ),
    Fault("removed from outside", one_more_test(_REMOVED), "health", "worker", ("no container",), also=LOST_SAMPLES),
    Fault(
        "one of two replicas killed",
        one_more_test(_ONE_REPLICA_KILLED) + service("worker", "deploy: {replicas: 2}"),
        "health",
        "worker",
        ("137",),
        also=LOST_SAMPLES,
    ),
    Fault(
        "a child killed for memory",
        one_more_test(_CHILD_WANTS_TOO_MUCH),
        "health",
        "worker",
        ("memory",),
        also=("performance",),  # A sample may be taken just before the end of the child, when it has taken the memory.
    ),
    Fault(
        "forbidden log line during the suite",
        one_more_test(_PANICS) + settings("timeout: 60s", "timeout: 60s\nlogs: {forbid: ['panic:']}"),
        "health",
        "worker",
        ("panic: disk lost",),
    ),
    Fault(
        "more error lines than the limit allows",
        one_more_test(_LOGS_AN_ERROR) + settings('worker: ["memory', 'worker: ["suite.log.errors: count < 1", "memory'),
        "performance",
        "worker suite.log.errors: count < 1",
        ("1",),
        costly=True,
    ),
    Fault(
        "memory that grows during the suite",
        one_more_test(_LEAKS),
        "performance",
        "worker memory.ratio: max < 0.7",
        ("%",),
    ),
    Fault(
        "failing command after the tests",
        settings("commands:\n", 'commands:\n  - {name: late, run: "exit 5", when: after-tests}\n'),
        "commands",
        "late",
        ("5",),
        costly=True,
    ),
)
