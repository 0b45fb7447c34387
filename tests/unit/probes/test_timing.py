from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest

from pytest_infragate.errors import EngineError
from pytest_infragate.probes import timing
from pytest_infragate.probes.request_log import TimedRequest
from pytest_infragate.probes.timing import RequestTimer
from pytest_infragate.settings import ProbeSettings
from pytest_infragate.stack.exchange import Answer, Exchange, Failure, Question
from pytest_infragate.stack.state import ContainerState
from tests.unit.states import running

GOOD = b"HTTP/1.1 200 OK\r\n"
BAD = b"HTTP/1.1 500 Oops\r\n"
API = running("api", addresses={"net": "10.0.0.2"})
PROBE = ProbeSettings("http", 80, rate=20)
Behaviour = Callable[[int], "tuple[float, Answer]"]


def answer(reply: bytes = GOOD, seconds: float = 0.01) -> Answer:
    return Answer("10.0.0.2", connect_s=0.001, reply_s=seconds, reply=reply)


class Server:
    """A service whose n-th answer ``behaves`` gives: after how many seconds, and which."""

    def __init__(self, behaves: Behaviour, most: int = 100, only_on: str = "") -> None:
        self.behaves = behaves
        self.most = most
        self.only_on = only_on
        self.hosts: list[str] = []
        self.begun: list[float] = []
        self.looks = 0
        self.held: set[int] = set()
        self._open: dict[int, tuple[float, Exchange]] = {}

    @property
    def room(self) -> bool:
        return len(self._open) < self.most

    def begin(self, question: Question) -> int:
        number = len(self.begun)
        after_s, told = self.behaves(number)
        if self.only_on not in ("", question.host):
            after_s, told = 0.0, Answer(question.host, failure=Failure.REFUSED, detail="refused")
        self.hosts.append(question.host)
        self.begun.append(time.monotonic())
        self._open[number] = (time.monotonic() + after_s, Exchange(question, answers=(told,)))
        return number

    def free(self, number: int) -> None:
        """Give an answer that is held back now."""
        self.held.discard(number)

    def hear(self, until: float) -> Sequence[tuple[int, Exchange]]:
        self.looks += 1
        first = min([until, *(at for number, (at, _) in self._open.items() if number not in self.held)])
        time.sleep(max(first - time.monotonic(), 0))
        ready = [n for n, (at, _) in self._open.items() if n not in self.held and at <= time.monotonic()]
        return [(number, self._open.pop(number)[1]) for number in ready]


class Engine:
    """Tells of the container."""

    def __init__(self) -> None:
        self.state: ContainerState | None = API

    def inspect_if_there(self, _: str) -> ContainerState | None:
        return self.state


class Inside:
    """Gives the server, or the trouble that stands in the way."""

    def __init__(self, server: Server, trouble: str = "", way_s: float = 0.0) -> None:
        self.engine = Engine()
        self.server = server
        self.trouble = trouble
        self.way_s = way_s
        self.streams = 0

    @contextlib.contextmanager
    def stream(self, _: ContainerState) -> Iterator[Server]:
        self.streams += 1
        if self.trouble:
            raise EngineError(self.trouble)
        time.sleep(self.way_s)
        yield self.server


def asked(inside: Any, until: Callable[[], bool], rate: float = 20, **more: Any) -> tuple[TimedRequest, ...]:
    """Ask until something is reached; return the requests."""
    timer = RequestTimer(inside, {"api": ProbeSettings("http", 80, rate=rate, **more)}, [API])
    timer.start("idle")
    deadline = time.monotonic() + 20
    while not until():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    timer.finish()
    assert not timer.died
    return timer.requests()["api"]


def test_a_slow_answer_does_not_stop_the_next_request() -> None:
    server = Server(lambda number: (0.0, answer(seconds=1.0 if number == 0 else 0.01)))
    server.held = {0}

    def others_asked() -> bool:
        if len(server.begun) >= 8:
            server.free(0)
        return len(server.begun) >= 8

    found = asked(Inside(server), others_asked)
    assert len(found) >= 8, "only the first one was not answered by then"
    assert max(one.latency_s or 0 for one in found) > 1.0
    assert {one.phase for one in found} == {"idle"}


def test_who_has_to_wait_for_a_turn_has_waited() -> None:
    server = Server(lambda _: (0.0, answer(seconds=0.1)), most=1)
    server.held = {0}

    def many_due() -> bool:
        if server.looks >= 10:
            server.free(0)
        return len(server.begun) >= 4

    found = sorted(asked(Inside(server), many_due), key=lambda one: one.time)
    latencies = [one.latency_s or 0 for one in found]
    assert latencies[0] >= 0.1
    assert latencies[1] > 0.4, "ten looks, each up to the next moment at which one is due"
    assert latencies[3] > 0.2


def test_no_answer_in_time_has_taken_that_time_at_least(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timing, "TIMEOUT_S", 0.2)
    silent = Answer("10.0.0.2", connect_s=0.001, detail="no reply within 0.2 s")
    server = Server(lambda _: (0.25, silent))
    found = asked(Inside(server), lambda: len(server.begun) >= 3)
    assert not any(one.ok for one in found)
    assert all(one.latency_s is not None and one.latency_s >= 0.2 for one in found)


def test_what_never_comes_back_has_taken_its_time_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timing, "TIMEOUT_S", 0.2)
    server = Server(lambda _: (600, answer()))
    found = asked(Inside(server), lambda: len(server.begun) >= 2)
    assert len(found) >= 2
    assert all(not one.ok and one.proven and (one.latency_s or 0) >= 0.2 for one in found)


@pytest.mark.parametrize(
    "told", [answer(BAD), Answer("10.0.0.2", failure=Failure.REFUSED, detail="refused")], ids=["500", "refused"]
)
def test_a_quick_failure_is_no_quick_answer(told: Answer) -> None:
    server = Server(lambda _: (0.0, told))
    found = asked(Inside(server), lambda: len(server.begun) >= 3)
    assert {(one.ok, one.latency_s, one.proven) for one in found} == {(False, None, True)}


def test_who_listens_on_loopback_only_is_asked_there_without_a_failure() -> None:
    server = Server(lambda _: (0.0, answer()), only_on="127.0.0.1")
    found = asked(Inside(server), lambda: len(server.begun) >= 6)
    assert server.hosts[:3] == ["10.0.0.2", "127.0.0.1", "127.0.0.1"]
    assert all(one.ok for one in found)


def test_who_listens_on_the_address_is_asked_nowhere_else_when_it_is_slow_or_bad(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(timing, "TIMEOUT_S", 0.2)
    silent = Answer("10.0.0.2", failure=Failure.TIMED_OUT, detail="timed out")
    server = Server(lambda number: (0.2, silent) if number == 0 else (0.0, answer(BAD)))
    found = asked(Inside(server), lambda: len(server.begun) >= 4)
    assert set(server.hosts) == {"10.0.0.2"}
    assert len(found) == len(server.begun), "the first one counts like any other"


@pytest.mark.parametrize("running", [True, False])
def test_every_request_that_was_due_counts_while_nobody_can_be_asked(
    monkeypatch: pytest.MonkeyPatch, *, running: bool
) -> None:
    monkeypatch.setattr(timing, "_RETRY_S", 0.5)
    inside = Inside(Server(lambda _: (0.0, answer())), trouble="it is stopped")
    inside.engine.state = replace(API, running=running)
    found = asked(inside, lambda: inside.streams >= 3)
    assert len(found) >= 15, "a second at 20 a second"
    assert {(one.ok, one.proven) for one in found} == {(False, not running)}
    times = [one.time for one in found]
    assert times == sorted(times)
    assert len(set(times)) == len(times)


def test_whoever_starts_it_goes_on_when_everybody_is_being_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    timer = RequestTimer(Inside(Server(lambda _: (0.0, answer())), way_s=0.3), {"api": PROBE}, [API])  # type: ignore[arg-type]
    timer.start("idle")
    ready = [asker.ready.is_set() for asker in timer._askers]
    timer.finish()
    assert ready == [True]
    monkeypatch.setattr(timing, "_READY_S", 0.05)
    late = RequestTimer(Inside(Server(lambda _: (0.0, answer())), way_s=0.3), {"api": PROBE}, [API])  # type: ignore[arg-type]
    late.start("idle")
    waiting = [asker.ready.is_set() for asker in late._askers]
    late.mark("suite")
    late.finish()
    assert waiting == [False], "a way that takes too long holds nobody up"
    lost = [one for one in late.requests()["api"] if one.phase == "idle"]
    assert lost
    assert not any(one.proven for one in lost), "nothing is known of the service meanwhile"


def test_where_nothing_can_be_asked_nothing_is_known_of_the_service(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timing, "_RETRY_S", 0.01)
    inside = Inside(Server(lambda _: (0.0, answer())), trouble="no tools")
    found = asked(inside, lambda: inside.streams >= 12)
    assert {(one.ok, one.proven, one.message) for one in found} == {(False, False, "no tools")}


def test_a_service_that_does_not_run_has_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timing, "_RETRY_S", 0.01)
    inside = Inside(Server(lambda _: (0.0, answer())), trouble="is not running")
    inside.engine.state = replace(API, running=False, status="exited")
    found = asked(inside, lambda: inside.streams >= 12)
    assert {(one.ok, one.proven) for one in found} == {(False, True)}


def test_a_container_that_was_started_anew_is_asked_in_its_new_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timing, "_RETRY_S", 0.01)
    server = Server(lambda number: (0.0, answer(BAD if number < 3 else GOOD)))
    inside = Inside(server)
    inside.engine.state = replace(API, pid=2, started_at=None, paused=True)
    again = threading.Event()

    def seen() -> bool:
        if inside.streams >= 3:
            inside.engine.state = API
            again.set()
        return again.is_set() and len(server.begun) >= 6

    found = asked(inside, seen)
    assert found[0].ok is False
    assert found[-1].ok is True


def test_every_container_of_a_service_is_asked_and_named() -> None:
    servers = iter([Server(lambda _: (0.0, answer())), Server(lambda _: (0.0, answer()))])
    inside: Any = Inside(Server(lambda _: (0.0, answer())))
    inside.stream = lambda _: contextlib.nullcontext(next(servers))
    timer = RequestTimer(inside, {"api": PROBE}, [API, replace(API, name="api-2")])
    timer.start("idle")
    deadline = time.monotonic() + 20
    while len({one.container for one in timer.requests()["api"]}) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    timer.finish()
    assert {one.container for one in timer.requests()["api"]} == {API.name, "api-2"}


def test_without_a_probe_nothing_is_asked() -> None:
    timer = RequestTimer(Inside(Server(lambda _: (0.0, answer()))), {}, [API])  # type: ignore[arg-type]
    timer.start("idle")
    timer.mark("suite")
    timer.finish()
    assert timer.requests() == {}
    assert not timer.died
