"""Replies in any order and damaged at random: a conversation ends with a judgement or waits on, and never in an error."""

from __future__ import annotations

import random
import struct
from typing import cast

import pytest

from pytest_infragate.probes import PROTOCOLS, bson
from pytest_infragate.probes.hpack import encode
from pytest_infragate.settings import ProbeSettings
from pytest_infragate.stack.exchange import Judgement
from pytest_infragate.stack.speech import HungUpError, Upgrade

from .test_grpc import DATA, GOAWAY, HEADERS, RESET, SETTINGS, frame
from .test_rsa import PEM
from .test_talks import GREETING, READY, TUNE, amqp, auth, mysql, pg_error

ROUNDS, WORDS = 200, 12
OK = b"HTTP/1.1 200 OK\r\n"


def mongo(**fields: str | int | bytes) -> bytes:
    body = bytes(5) + bson.encode(fields)
    return struct.pack("<iiii", 16 + len(body), 1, 0x1F6A, 2013) + body


REPLIES = {
    "http": [
        OK + b'Transfer-Encoding: chunked\r\n\r\n5\r\n{"a":\r\n2\r\n1}\r\n0\r\n\r\n',
        OK + b'Content-Length: 7\r\n\r\n{"a":1}',
        OK + b"Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\n\x1f\x8bx",
        OK + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n",
    ],
    "redis": [b"+OK\r\n", b"+PONG\r\n", b"-ERR x\r\n"],
    "postgres": [b"S", auth(10, b"SCRAM-SHA-256\0\0"), auth(11, b"r=x,s=eA==,i=9"), auth(5, b"salt"), pg_error("3D000"), READY],
    "mysql": [GREETING, mysql(2, b"\x01\x04"), mysql(4, b"\x01" + PEM), mysql(2, b"\xfemysql_native_password\0" + b"x" * 20)],
    "amqp": [amqp(10, bytes(20)), TUNE, amqp(41, b"\0"), amqp(50, b"\x02\x12\x02no" + bytes(4))],
    "mongodb": [
        mongo(isWritablePrimary=True, ok=1),
        mongo(conversationId=1, payload=b"r=x,s=eA==,i=5", ok=1),
        mongo(ok=0, code=18, errmsg="no"),
    ],
    "nats": [b'INFO {"tls_required":true}\r\n', b"PONG\r\n", b"-ERR x\r\n"],
    "smtp": [b"220 x\r\n", b"250-x\r\n250 STARTTLS\r\n", b"334 VXNlcm5hbWU6\r\n", b"235 ok\r\n"],
    "grpc": [
        frame(SETTINGS),
        frame(HEADERS, encode(((":status", "200"), ("grpc-status", "0"))), 4, 1),
        frame(DATA, b"\0\0\0\0\x02\x08\x01", 1, 1),
        frame(GOAWAY, bytes(8)),
        frame(RESET, bytes(4), 0, 1),
    ],
}  # fmt: skip


@pytest.mark.parametrize("protocol", REPLIES)
def test_no_reply_leads_to_an_error(protocol: str) -> None:
    chance = random.Random(protocol)  # noqa: S311  (the same replies every time)
    judged = [hold(protocol, chance) for _ in range(ROUNDS)]
    assert {type(one) for one in judged} <= {Judgement, type(None)}
    assert any(one is not None and not one.ok for one in judged)


def hold(protocol: str, chance: random.Random) -> Judgement | None:
    """Hold one conversation; ``None`` when it waits on, or was hung up."""
    talk = PROTOCOLS[protocol].talk
    assert talk is not None
    steps = talk(settings(protocol, chance), "db")
    try:
        word = next(steps)
        for _ in range(WORDS):
            word = steps.send(b"" if isinstance(word, Upgrade) else damaged(chance.choice(REPLIES[protocol]), chance))
        steps.throw(HungUpError("gone"))
    except StopIteration as end:
        return cast("Judgement", end.value)
    except HungUpError:
        pass
    return None


def settings(protocol: str, chance: random.Random) -> ProbeSettings:
    return ProbeSettings(
        protocol,
        1,
        user=chance.choice([None, "app"]),
        password=chance.choice([None, "s3cret"]) if protocol != "mongodb" else "s3cret",
        tls=chance.random() < 0.4,
        database=chance.choice([None, "shop", "3"]),
        json=chance.choice([(), (("/a", "1"),)]),
        guessed=chance.random() < 0.5,
    )


def damaged(reply: bytes, chance: random.Random) -> bytes:
    """Return a reply with some bytes changed or cut off, or as it is."""
    found = bytearray(reply)
    for _ in range(chance.choice([0, 0, 1, 3])):
        found[chance.randrange(len(found))] = chance.randrange(256)
    return bytes(found[: chance.randrange(1, len(found) + 1)] if chance.random() < 0.1 else found)
