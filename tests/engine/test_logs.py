"""Logs of real containers, followed while they run: nothing lost, nothing twice, judged and written."""

from __future__ import annotations

import contextlib
import datetime
import re
import time
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from engine_setup.images import SERVICES
from pytest_infragate.errors import EngineError
from pytest_infragate.reports.rolling import BEFORE, HEAD, PART_BYTES
from pytest_infragate.stack.engine import Engine
from pytest_infragate.stack.events import EventWatch
from pytest_infragate.stack.log_follow import LogFollower, Take
from pytest_infragate.stack.log_stream import LONGEST_LINE, LogLine
from pytest_infragate.stack.state import ContainerState

from ..projects import REPORT, UserProject
from .conftest import Stacks
from .relay import Relay

PATIENCE_S = 30.0
COUNTS = """[sh, -c, "while :; do n=$$((n+1)); echo $$n; sleep 0.02; done"]"""
RUNS = """[sh, -c, "echo run >> /runs; wc -l < /runs; [ $$(wc -l < /runs) -gt 4 ] && exec sleep 300; exit 1"]"""


class Told:
    """What a follower told, by container."""

    def __init__(self) -> None:
        self.lines: dict[str, list[LogLine]] = {}
        self.service: dict[str, str] = {}

    def take(self, container: ContainerState, line: LogLine) -> None:
        self.service[container.id] = container.service
        self.lines.setdefault(container.id, []).append(line)

    def texts(self, service: str) -> list[str]:
        """Return what the only container of a service wrote."""
        found = [lines for container, lines in self.lines.items() if self.service[container] == service]
        assert len(found) <= 1
        return [line.text for lines in found for line in lines]


@contextlib.contextmanager
def following(engine: Engine, project: str, take: Take) -> Iterator[LogFollower]:
    watch = EventWatch(engine, project)
    watch.start()
    follower = LogFollower(engine, project, watch, take)
    try:
        follower.start()
        yield follower
    finally:
        follower.stop()
        watch.stop()


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline, "did not become true in time"
        time.sleep(0.05)


def counted(lines: list[str]) -> list[str]:
    return [str(number + 1) for number in range(len(lines))]


def test_every_line_of_a_short_life_and_of_every_restart_is_told_once(stacks: Stacks, engine: Engine) -> None:
    stack = stacks.make(f"""
services:
  dying: {{image: BASE, command: [sh, -c, "echo out; echo err >&2; printf end; exit 3"]}}
  again: {{image: BASE, restart: always, command: {RUNS}}}
""")
    told = Told()
    with following(engine, stack.project, told.take) as follower:
        stack.up(timeout_s=60)
        until(lambda: len(told.texts("again")) > 4 and len(told.texts("dying")) > 2)
        follower.catch_up()
        follower.catch_up()
    assert sorted(told.texts("dying")) == ["end", "err", "out"]
    assert told.texts("again") == ["1", "2", "3", "4", "5"]
    assert follower.missing == {}


def test_a_recreated_container_is_followed_to_its_end_and_the_new_one_from_its_start(
    stacks: Stacks, engine: Engine
) -> None:
    stack = stacks.up(f"services: {{talker: {{image: BASE, init: true, command: {COUNTS}}}}}")
    told = Told()
    with following(engine, stack.project, told.take) as follower:
        until(lambda: len(told.lines) == 1)
        stack.steer("up", "--detach", "--force-recreate", "--timeout", "0")
        until(lambda: len(told.lines) == 2 and min(map(len, told.lines.values())) > 5)
        follower.catch_up()
    for lines in told.lines.values():
        texts = [line.text for line in lines]
        assert texts == counted(texts)
    assert follower.missing == {}


def test_a_hundred_thousand_lines_are_told_in_order_and_in_bounded_memory(stacks: Stacks, engine: Engine) -> None:
    count = 100_000
    script = f"for n in range({count}): print(n, 'x' * 100)"
    stack = stacks.make(f"""services: {{chatty: {{image: "{SERVICES}", command: [python3, -c, "{script}"]}}}}""")
    seen = Counter[str]()
    size = 0

    def take(_container: ContainerState, line: LogLine) -> None:
        nonlocal size
        number = int(line.text.partition(" ")[0])
        assert number == seen["lines"]
        seen["lines"] += 1
        size += line.size

    with following(engine, stack.project, take) as follower:
        tracemalloc.start()
        stack.up(timeout_s=60)
        until(lambda: seen["lines"] == count)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        follower.catch_up()
    assert seen["lines"] == count
    assert size > 10_000_000
    assert peak < 4_000_000


def test_long_lines_garbage_and_terminals(stacks: Stacks, engine: Engine) -> None:
    script = "import sys; sys.stdout.buffer.write(b'x' * 50000 + b'end\\\\n' + bytes(range(128)) + b'\\\\nlast\\\\n')"
    stack = stacks.make(f"""
services:
  wild: {{image: "{SERVICES}", command: [python3, -c, "{script}"]}}
  terminal: {{image: "{SERVICES}", tty: true, command: [python3, -c, "print('x' * 50000); print('last')"]}}
""")
    told = Told()
    with following(engine, stack.project, told.take) as follower:
        stack.up(timeout_s=60)
        until(lambda: "last" in told.texts("wild") and "last" in told.texts("terminal"))
        follower.catch_up()
    wild = next(lines for container, lines in told.lines.items() if told.service[container] == "wild")
    assert wild[0].text == "x" * LONGEST_LINE
    assert sum(line.size for line in wild) == 50004 + 129 + 5
    assert [line.text for line in wild if not line.continued][-1] == "last"
    assert told.texts("terminal")[0] == "x" * LONGEST_LINE


def test_a_stream_that_breaks_is_taken_up_without_loss_and_a_lost_engine_is_told(stacks: Stacks, relay: Relay) -> None:
    stack = stacks.up(f"services: {{talker: {{image: BASE, init: true, command: {COUNTS}}}}}")
    told = Told()
    with (
        contextlib.closing(Engine.connect({"DOCKER_HOST": relay.address})) as through,
        following(through, stack.project, told.take) as follower,
    ):
        until(lambda: len(told.texts("talker")) > 20)
        relay.drop()
        before = len(told.texts("talker"))
        until(lambda: len(told.texts("talker")) > before + 20)
        follower.catch_up()
        assert told.texts("talker") == counted(told.texts("talker"))
        relay.cut()
        with pytest.raises(EngineError):
            follower.catch_up()


def test_the_following_ends_at_once_whatever_the_containers_do(stacks: Stacks, engine: Engine) -> None:
    stack = stacks.up(f"services: {{talker: {{image: BASE, init: true, command: {COUNTS}, scale: 3}}}}")
    told = Told()
    with following(engine, stack.project, told.take) as follower:
        until(lambda: len(told.lines) == 3)
        follower.stop()
        count = sum(map(len, told.lines.values()))
        follower.catch_up()
        stack.steer("rm", "--force", "--stop", "talker")
    assert count > 0


def test_a_driver_that_keeps_nothing_is_told_as_such(stacks: Stacks, engine: Engine) -> None:
    stack = stacks.up("services: {mute: {image: BASE, init: true, command: sleep 300, logging: {driver: none}}}")
    with following(engine, stack.project, Told().take) as follower:
        follower.catch_up()
        assert "does not support reading" in follower.unreadable["mute"]


WAITS = "until [ -e /go ]; do sleep 0.05; done"
PANIC = "echo 'panic: boom' >&2; echo >&2; echo 'goroutine 1 [running]:' >&2; echo 'main.main()' >&2"
KNOWN_PANIC = PANIC.replace("boom", "known")
SUITE = """
import time


def test_go(infragate_stack):
    for service in {services}:
        infragate_stack.exec(service, ["touch", "/go"])
        deadline = time.monotonic() + 20
        while "went" not in infragate_stack.logs(service):
            assert time.monotonic() < deadline
            time.sleep(0.05)
"""
QUICK = "health: {stable_for: 0s}\nperformance: {window: 1s, limits: {LIMITS}}\n"


def service(script: str, more: str = "") -> str:
    """Return a service that runs a script, then one line that ends it, and goes on."""
    return f'{{image: "{SERVICES}", init: true, command: [sh, -c, "{script}; echo went; exec sleep 300"]{more}}}'


def evidence(project: UserProject, name: str) -> str:
    return (project.directory / REPORT / "evidence" / name).read_text(encoding="utf-8")


def test_suspicious_lines_warn_and_the_files_hold_everything_but_secrets(project: UserProject) -> None:
    pages = "python3 -c \\\"for n in range(2500): print(n, 'x' * 8000)\\\""
    project.write(
        **{
            "compose.yaml": f"""
services:
  noisy: {service("echo $$DB_PASSWORD; echo 'FATAL:  role does not exist' >&2", ", environment: {DB_PASSWORD: hunter2secret}")}
  large: {service(pages)}
  mute: {service("echo unheard", ", logging: {driver: none}")}
""",
            "infragate.yaml": QUICK.replace(
                "LIMITS", 'noisy: ["startup.log.errors: count <= 1", "log.errors: count < 1", "log.rate: rate < 100"]'
            ),
            "test_suite.py": "def test_nothing(): pass\n",
        }
    )
    ended = project.gate()
    assert ended.status == pytest.ExitCode.OK, ended.output
    warnings = {one["subject"]: one["message"] for one in project.report.data["findings"] if one["check"] == "IG914"}
    assert warnings.keys() == {"noisy", "mute"}
    assert re.search(r"1 line that looks like an error:\n  2\S+Z FATAL:  role does not exist", warnings["noisy"])
    assert "does not support reading" in warnings["mute"]
    assert evidence(project, "mute-1.log").startswith("not available: ")
    noisy = [line.split(" ", 1) for line in evidence(project, "noisy-1.log").splitlines()]
    assert sorted(text for _, text in noisy) == ["***", "FATAL:  role does not exist", "went"]
    assert all(datetime.datetime.fromisoformat(stamp[:26]) for stamp, _ in noisy)
    parts = [project.directory / REPORT / "evidence" / f"large-1.log{ending}" for ending in (HEAD, BEFORE, "")]
    assert all(path.stat().st_size < PART_BYTES + LONGEST_LINE for path in parts)
    assert parts[0].read_text().split(" ")[1] == "0"
    assert parts[-1].read_text().splitlines()[-1].endswith(" went")
    assert oct(parts[-1].stat().st_mode & 0o777) == oct(0o600)


def test_bad_lines_during_the_suite_close_the_gate_with_their_time(project: UserProject) -> None:
    project.write(
        **{
            "compose.yaml": f"""
services:
  declared: {service(f"{WAITS}; echo 'order 7 was lost'")}
  allowed: {service(f"{WAITS}; echo 'order 8 was lost, as expected'; {KNOWN_PANIC}")}
  fatal: {service(f"{WAITS}; {PANIC}")}
  erring: {service(f"{WAITS}; echo ERROR one; echo ERROR two")}
  mute: {service("true", ", logging: {driver: none}")}
""",
            "infragate.yaml": QUICK.replace("LIMITS", 'erring: ["suite.log.errors: count < 2"]')
            + 'logs: {forbid: ["order . was lost"], allow: ["expected", "^panic: known"]}\n',
            "test_suite.py": SUITE.format(services=["declared", "allowed", "fatal", "erring"]),
        }
    )
    began = datetime.datetime.now(datetime.timezone.utc)
    ended = project.gate()
    assert ended.status == pytest.ExitCode.TESTS_FAILED, ended.output
    found = {one.subject: one for one in project.report.complaints if one.condition == "health"}
    assert found.keys() == {"declared", "fatal", "mute"}, ended.output
    told = re.search(r"names \(1 line, the first\): (\S+)Z order 7 was lost", found["declared"].message)
    assert told is not None, found["declared"].message
    moment = datetime.datetime.fromisoformat(f"{told[1]}+00:00")
    assert began < moment < datetime.datetime.now(datetime.timezone.utc)
    assert "a Go program panicked" in found["fatal"].message
    assert found["mute"].outcome == "error"
    (limit,) = project.report.about("performance", "erring")
    assert "log.errors count is 2" in limit.message


def test_what_a_container_wrote_that_died_at_the_start_is_kept(project: UserProject) -> None:
    project.write(
        **{
            "compose.yaml": f"""
services: {{dying: {{image: "{SERVICES}", command: [sh, -c, "echo last words >&2; exit 3"]}}}}
"""
        }
    )
    ended = project.gate()
    assert ended.status == pytest.ExitCode.TESTS_FAILED, ended.output
    assert evidence(project, "dying-1.log").endswith(" last words\n")


def test_a_panic_before_an_allowed_restart_is_forgiven(project: UserProject) -> None:
    once = f"if [ ! -e /ran ]; then touch /ran; {PANIC}; exit 2; fi"
    project.write(
        **{
            "compose.yaml": f"services: {{late: {service(once, ', restart: on-failure')}}}",
            "infragate.yaml": QUICK.replace("LIMITS", "late: []") + "services: {late: {restarts: 1}}\n",
            "test_suite.py": "def test_nothing(): pass\n",
        }
    )
    ended = project.gate()
    assert ended.status == pytest.ExitCode.OK, ended.output
    assert "panic: boom" in evidence(project, "late-1.log")
