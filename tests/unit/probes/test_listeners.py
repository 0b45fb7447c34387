from __future__ import annotations

import socket
from pathlib import Path

import pytest

from pytest_infragate.probes.listeners import TABLES, Listener, judge, parse_tables

TCP_HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
TCP6_HEAD = "  sl  local_address                         remote_address                        st tx_queue rx_queue\n"
UDP_HEAD = (
    "   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt uid timeout inode ref pointer drops\n"
)
TABLE = (
    TCP_HEAD
    + "   0: 0B00007F:AECF 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 107074 1\n"
    + "   1: 0100007F:2328 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1\n"
    + "   2: 00000000:18EB 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1\n"
    + "   3: 05001AAC:DE66 02001AAC:18EB 01 00000000:00000000 00:00000000 00000000     0        0 1 1\n"
    + TCP6_HEAD
    + "   0: 00000000000000000000000000000000:1F90 00000000000000000000000000000000:0000 0A 00000000:00000000\n"
    + "   1: 00000000000000000000000001000000:1F91 00000000000000000000000000000000:0000 0A 00000000:00000000\n"
    + "   2: 0000000000000000FFFF00000100007F:1F92 00000000000000000000000000000000:0000 0A 00000000:00000000\n"
    + UDP_HEAD
    + " 5969: 05001AAC:DC54 35FFFF0A:0035 01 00000000:00000000 00:00000000 00000000     0        0 1 2 0 0\n"
    + " 6690: 0B00007F:9F25 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 1 2 0 0\n"
    + " 6691: 00000000:0035 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 1 2 0 0\n"
)


def test_tables_of_the_kernel_one_after_the_other() -> None:
    assert [str(listener) for listener in parse_tables(TABLE)] == [
        "0.0.0.0:53/udp",
        "0.0.0.0:6379",
        "[::]:8080",
        "[::1]:8081",
        "127.0.0.1:8082",
        "127.0.0.1:9000",
    ]


def test_who_can_be_reached_from_outside() -> None:
    assert {listener.port for listener in parse_tables(TABLE) if listener.loopback} == {8081, 8082, 9000}


def test_nothing_listens_in_an_empty_table() -> None:
    assert parse_tables(TCP_HEAD + TCP6_HEAD + UDP_HEAD) == ()


def test_our_own_sockets_are_seen() -> None:
    paths = [Path(table) for table in TABLES if Path(table).exists()]
    if not paths:
        pytest.skip("this system has no such tables")
    with socket.create_server(("127.0.0.1", 0)) as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
        udp.bind(("127.0.0.1", 0))
        found = parse_tables("".join(path.read_text() for path in paths))
        assert Listener(tcp.getsockname()[1], "127.0.0.1") in found
        assert Listener(udp.getsockname()[1], "127.0.0.1", "udp") in found


ANY = "0.0.0.0"  # noqa: S104  (read, not bound)
EVERYWHERE = Listener(80, ANY)
LONELY = Listener(8000, "127.0.0.1")


@pytest.mark.parametrize(
    ("found", "ports", "ok", "message"),
    [
        ((EVERYWHERE,), (80,), True, "listens on 80/tcp"),
        ((EVERYWHERE, Listener(81, "172.18.0.2")), (80, 81), True, "listens on 80/tcp, 81/tcp"),
        ((LONELY, Listener(8000, "::")), (8000,), True, "listens on 8000/tcp"),
        ((), (80,), False, "does not listen on 80/tcp; it listens on nothing at all"),
        (
            (LONELY,),
            (8000,),
            False,
            "listens on 8000/tcp only on its own loopback (127.0.0.1:8000); it listens on 127.0.0.1:8000",
        ),
        ((EVERYWHERE,), (80, 81), False, "does not listen on 81/tcp; it listens on 0.0.0.0:80"),
        ((Listener(80, ANY, "udp"),), (80,), False, "does not listen on 80/tcp; it listens on 0.0.0.0:80/udp"),
    ],
)
def test_what_is_wrong_is_said(found: tuple[Listener, ...], ports: tuple[int, ...], ok: bool, message: str) -> None:
    judged = judge(found, ports)
    assert (judged.ok, judged.message) == (ok, message)
