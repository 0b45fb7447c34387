"""The scripts that run inside callers, run here against servers on loopback, and what is made of their output."""

from __future__ import annotations

import socket

import pytest

from pytest_infragate import process
from pytest_infragate.stack import tools
from pytest_infragate.stack.exchange import Exchange, Failure, Question, failure_named
from pytest_infragate.stack.tools import ToolOutputError, Tools

from .servers import LOOPBACK, Serve, closed_port, hang_up, pong, server, silent

KINDS = (Tools.BASH,)
"""What runs the tests has it; nc is tried inside real containers, in ``tests/engine/test_inside.py``."""


def ask(kind: Tools, *questions: Question) -> tuple[Exchange, ...]:
    done = process.run(tools.asking(kind, questions), timeout_s=30)
    assert done.ok, done.stderr
    return tools.understand(kind, questions, done.stdout)


@pytest.mark.parametrize("kind", KINDS)
def test_bytes_go_out_and_come_back(kind: Tools) -> None:
    with server(pong) as port:
        (exchange,) = ask(kind, Question(LOOPBACK, port, b"PING\r\n", 64, line=True))
    assert (exchange.failure, exchange.reply, exchange.resolved) == (None, b"+PONG\r\n", (LOOPBACK,))
    assert exchange.connect_s is not None


@pytest.mark.parametrize("kind", KINDS)
def test_a_closed_port_refuses(kind: Tools) -> None:
    with closed_port() as port:
        (exchange,) = ask(kind, Question(LOOPBACK, port))
    assert exchange.failure is Failure.REFUSED
    assert not exchange.accepted


@pytest.mark.parametrize("kind", KINDS)
def test_every_question_gets_its_own_answer(kind: Tools) -> None:
    with server(hang_up) as one, closed_port() as other:
        exchanges = ask(kind, Question("localhost"), Question("localhost", one), Question(LOOPBACK, other))
    assert [exchange.failure for exchange in exchanges] == [None, None, Failure.REFUSED]
    assert LOOPBACK in exchanges[0].resolved
    assert exchanges[0].answers == ()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("serve", [silent, hang_up])
def test_a_peer_that_says_nothing_was_reached_but_gave_no_reply(kind: Tools, serve: Serve) -> None:
    with server(serve) as port:
        (exchange,) = ask(kind, Question(LOOPBACK, port, b"hello", 64, timeout_s=1))
    assert exchange.failure is None
    assert exchange.reply == b""
    assert "reply" in exchange.detail or "broke" in exchange.detail


@pytest.mark.parametrize("kind", KINDS)
def test_payloads_of_any_bytes_arrive_whole(kind: Tools) -> None:
    payload = bytes(range(256))

    def echo(connection: socket.socket) -> None:
        got = b""
        while len(got) < len(payload):
            got += connection.recv(512)
        connection.sendall(got)

    with server(echo) as port:
        (exchange,) = ask(kind, Question(LOOPBACK, port, payload, len(payload)))
    assert exchange.reply == payload


@pytest.mark.parametrize(
    ("programs", "best"),
    [
        ({"python3", "bash", "timeout", "od", "dd"}, Tools.PYTHON),
        ({"bash", "timeout", "od", "dd"}, Tools.BASH),
        ({"bash", "nc", "timeout", "od"}, Tools.NONE),
        ({"busybox", "timeout", "od", "dd"}, Tools.NC),
        ({"nc", "timeout", "od", "dd"}, Tools.NC),
        ({"timeout", "od", "dd", "cat"}, Tools.NONE),
        (set(), Tools.NONE),
    ],
)
def test_the_best_tools_are_taken(programs: set[str], best: Tools) -> None:
    assert tools.best_of(frozenset(programs)) is best


@pytest.mark.parametrize("output", ["", "R 1 10.0.0.1\n", "R 0 10.0.0.1\nT 0 10.0.0.1 zero open\n"])
def test_lines_that_were_not_agreed_are_no_answer(output: str) -> None:
    with pytest.raises(ToolOutputError):
        tools.understand(Tools.BASH, [Question("db", 1)], output)


@pytest.mark.parametrize(
    ("line", "failure"),
    [
        ("T 0 10.0.0.1 124 ", Failure.TIMED_OUT),
        ("T 0 10.0.0.1 143 Terminated", Failure.TIMED_OUT),
        ("T 0 10.0.0.1 1 bash: connect: No route to host", Failure.UNREACHABLE),
        ("T 0 10.0.0.1 1 nc: can't connect to remote host (10.0.0.1): Connection refused", Failure.REFUSED),
        ("T 0 10.0.0.1 1 ", Failure.BROKEN),
        ("T 0 10.0.0.1 0 open 0 0", None),
        ("T 0 10.0.0.1 0 open 1795346013.915328 1795346013.915431 2b4f4b", None),
    ],
)
def test_lines_of_the_shell_script(line: str, failure: Failure | None) -> None:
    (exchange,) = tools.understand(Tools.BASH, [Question("db", 1)], f"R 0 10.0.0.1\n{line}\n")
    assert exchange.failure is failure


def test_a_name_that_nobody_knows() -> None:
    (exchange,) = tools.understand(Tools.NC, [Question("db", 1)], "N 0 the name server knows no such name\n")
    assert exchange.failure is Failure.NOT_RESOLVABLE
    assert exchange.resolved == ()


def test_one_of_several_addresses_that_refuses_fails_the_exchange_but_another_accepted() -> None:
    lines = "R 0 10.0.0.1 10.0.0.2\nT 0 10.0.0.1 0 open 0 0\nT 0 10.0.0.2 1 Connection refused\n"
    (exchange,) = tools.understand(Tools.BASH, [Question("db", 1)], lines)
    assert exchange.failure is Failure.REFUSED
    assert exchange.accepted


@pytest.mark.parametrize(
    ("text", "failure"),
    [
        ("[Errno 111] Connection refused", Failure.REFUSED),
        ("timed out", Failure.TIMED_OUT),
        ("[Errno 101] Network is unreachable", Failure.UNREACHABLE),
        ("[Errno 104] Connection reset by peer", Failure.REFUSED),
        ("something else", Failure.BROKEN),
    ],
)
def test_error_texts_have_a_class(text: str, failure: Failure) -> None:
    assert failure_named(text) is failure


@pytest.mark.parametrize(("host", "word"), [("10.0.0.9", "10.0.0.9"), ("[::1]", "::1"), ("db", "-")])
def test_an_address_needs_no_resolving(host: str, word: str) -> None:
    argv = tools.asking(Tools.BASH, [Question(host, 80)])
    assert argv[argv.index("bash") + 3] == word
