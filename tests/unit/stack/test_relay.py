"""The prober and its like in Python, run here against servers on loopback, and what is made of what they say."""

from __future__ import annotations

import contextlib
import socket
import subprocess
from pathlib import Path

import pytest

from pytest_infragate.errors import EngineError
from pytest_infragate.stack.exchange import Failure, Question
from pytest_infragate.stack.frames import FrameError, Frames
from pytest_infragate.stack.relay import Relay

from .servers import LOOPBACK, Serve, closed_port, hang_up, pong, server, silent

MANY = 40


def test_bytes_go_out_and_come_back_with_times(relay: Relay) -> None:
    with server(pong) as port:
        (exchange,) = relay.ask([Question(LOOPBACK, port, b"PING\r\n", 64, line=True)])
    assert (exchange.failure, exchange.reply, exchange.resolved) == (None, b"+PONG\r\n", (LOOPBACK,))
    assert exchange.connect_s is not None
    assert exchange.answers[0].reply_s is not None


def test_every_question_gets_its_own_answer(relay: Relay) -> None:
    with server(hang_up) as one, closed_port() as other:
        questions = [Question("localhost"), Question("localhost", one), Question(LOOPBACK, other)]
        exchanges = relay.ask(questions)
    assert [exchange.question for exchange in exchanges] == questions
    assert [exchange.failure for exchange in exchanges] == [None, None, Failure.REFUSED]
    assert LOOPBACK in exchanges[0].resolved
    assert exchanges[0].resolve_s is not None
    assert exchanges[0].answers == ()


def test_a_name_that_nobody_knows(relay: Relay) -> None:
    (exchange,) = relay.ask([Question("no such name", 1, timeout_s=2)])
    assert exchange.failure is Failure.NOT_RESOLVABLE
    assert exchange.detail


@pytest.mark.parametrize("serve", [silent, hang_up])
def test_a_peer_that_says_nothing_was_reached_but_gave_no_reply(relay: Relay, serve: Serve) -> None:
    with server(serve) as port:
        (exchange,) = relay.ask([Question(LOOPBACK, port, b"hello", 64, timeout_s=0.3)])
    assert exchange.failure is None
    assert exchange.reply == b""
    assert "reply" in exchange.detail or "broke" in exchange.detail


def test_a_connect_that_nobody_answers_is_bounded(relay: Relay) -> None:
    with socket.socket() as full, contextlib.ExitStack() as waiting:
        full.bind((LOOPBACK, 0))
        full.listen(0)
        for _ in range(4):
            one = waiting.enter_context(socket.socket())
            one.setblocking(False)
            one.connect_ex(full.getsockname())
        (exchange,) = relay.ask([Question(LOOPBACK, full.getsockname()[1], timeout_s=0.3)])
    assert exchange.failure is Failure.TIMED_OUT


def test_a_relay_is_asked_again_and_more_than_it_takes_at_once(relay: Relay) -> None:
    with server(pong) as port:
        for _ in range(2):
            exchanges = relay.ask([Question(LOOPBACK, port, b"PING\r\n", 64, line=True)] * MANY)
            assert [exchange.reply for exchange in exchanges] == [b"+PONG\r\n"] * MANY


def test_long_replies_are_cut_where_the_question_says(relay: Relay) -> None:
    def flood(connection: socket.socket) -> None:
        for _ in range(1000):
            connection.sendall(b"x" * 5000)

    with server(flood) as port:
        (exchange,) = relay.ask([Question(LOOPBACK, port, b"", 20_000, line=True)])
    assert exchange.reply == b"x" * 20_000


def test_files_are_read_whole_and_absent_ones_are_empty(relay: Relay, tmp_path: Path) -> None:
    (tmp_path / "long").write_text("line\n" * 5000)
    assert relay.read(str(tmp_path / "long"), 5) == "line\n" * 5000
    assert relay.read(str(tmp_path / "absent"), 5) == ""


def test_a_prober_ends_with_its_input(program: subprocess.Popen[bytes], relay: Relay) -> None:
    assert relay.read("/dev/null", 5) == ""
    relay.close()
    assert program.wait(10) == 0


def test_a_prober_that_has_ended_is_told(program: subprocess.Popen[bytes], relay: Relay) -> None:
    program.kill()
    program.wait()
    with pytest.raises(EngineError, match=r"has ended|could not be told"):
        relay.ask([Question(LOOPBACK, 1)])


def test_pieces_of_frames_are_put_together() -> None:
    stream = b"".join(
        len(payload).to_bytes(4, "big") + number.to_bytes(4, "big") + kind + (1500).to_bytes(4, "big") + payload
        for number, kind, payload in ((1, b"R", b"10.0.0.1 fd00::1"), (2, b"d", b""), (3, b"E", b"no"))
    )
    frames = Frames()
    found = [frame for at in range(len(stream)) for frame in frames.feed(stream[at : at + 1])]
    assert [(frame.number, frame.kind, frame.text) for frame in found] == [
        (1, "R", "10.0.0.1 fd00::1"),
        (2, "d", ""),
        (3, "E", "no"),
    ]
    assert found[0].seconds == 0.0015


def test_what_is_no_frame_is_told() -> None:
    with pytest.raises(FrameError, match="exec failed"):
        list(Frames().feed(b"OCI runtime exec failed: no such file"))
