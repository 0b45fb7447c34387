"""What lies behind the login, and TLS that begins in the midst: databases, virtual hosts, upgrades."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping

import pytest

from pytest_infragate.probes import PROTOCOLS, bson
from pytest_infragate.settings import ProbeSettings
from pytest_infragate.stack.exchange import Failure

from .test_talks import GONE, NONCE, READY, SHA2, STANDS, TUNE, Says, amqp, auth, held, mysql, pg, pg_error


@pytest.mark.parametrize(
    ("says", "failure"),
    [
        ([b"+OK\r\n", b"+OK\r\n", b"+PONG\r\n"], None),
        ([b"+OK\r\n", b"-NOPERM this user\r\n", b"+PONG\r\n"], None),
        ([b"+OK\r\n", b"-ERR DB index is out of range\r\n"], Failure.STATUS),
    ],
)
def test_the_database_of_redis_must_be_there(says: list[bytes], failure: Failure | None) -> None:
    said, judged = held("redis", says, user="", database="20")
    assert said[1] == b"*2\r\n$6\r\nSELECT\r\n$2\r\n20\r\n"
    assert (judged.ok, judged.failure) == (failure is None, failure)
    assert judged.ok or "has no database 20" in judged.message


def test_a_database_of_redis_is_asked_for_without_a_password_too() -> None:
    talk, talks = PROTOCOLS["redis"].talk, PROTOCOLS["redis"].talks
    settings = ProbeSettings("redis", database="3")
    assert talk is not None
    assert talks(settings)
    assert not talks(ProbeSettings("redis"))
    steps = talk(settings, "cache")
    assert next(steps) == b"*2\r\n$6\r\nSELECT\r\n$1\r\n3\r\n"
    assert steps.send(b"-NOAUTH Authentication required.\r\n") == b"*1\r\n$4\r\nPING\r\n"


def test_a_database_that_postgres_does_not_have_is_named() -> None:
    _, judged = held("postgres", [auth(0) + pg_error("3D000")], database="shop")
    assert judged.failure is Failure.STATUS
    assert "does not have the database shop" in judged.message


def test_a_certificate_that_postgres_wants_leaves_open_whether_the_caller_has_it() -> None:
    _, judged = held("postgres", [pg(b"E", b"C28000\0Mconnection requires a valid client certificate\0\0")])
    assert (judged.ok, judged.unproven) == (True, "that it takes the caller's certificate")


def test_postgres_begins_tls_before_the_login() -> None:
    said, judged = held("postgres", [b"S", STANDS, auth(0) + READY], tls=True)
    assert said[:2] == [b"\0\0\0\x08\x04\xd2\x16\x2f", b"TLS after "]
    assert b"user\0app\0" in said[2]
    assert judged.ok


@pytest.mark.parametrize(
    ("protocol", "says"),
    [
        ("postgres", [b"N"]),
        ("mysql", [mysql(0, b"\x0a8.4.0\0" + bytes(12) + b"\0\0\xf7" + bytes(17) + NONCE[8:] + b"\0plugin\0")]),
        ("nats", [b'INFO {"server_id": "x"}\r\n']),
        ("smtp", [b"220 mail\r\n", b"250-mail\r\n250 SIZE\r\n", b"502 no\r\n"]),
    ],
)
def test_a_server_without_tls_is_told(protocol: str, says: list[Says]) -> None:
    _, judged = held(protocol, says, tls=True)
    assert (judged.ok, judged.failure) == (False, Failure.TLS)


GREETING = mysql(
    0, b"\x0a8.4.0\0" + bytes(4) + NONCE[:8] + b"\0\0\x08" + bytes(16) + NONCE[8:] + b"\0caching_sha2_password\0"
)


@pytest.mark.parametrize(
    ("last", "failure"),
    [
        (mysql(5, b"\0\0\0"), None),
        (mysql(5, b"\xff\x15\x04#28000Access denied"), Failure.AUTHENTICATION),
        (mysql(5, b"\xff\x19\x04#42000Unknown database 'shop'"), Failure.STATUS),
    ],
)
def test_over_tls_mysql_is_told_the_password_where_it_wants_it(last: bytes, failure: Failure | None) -> None:
    wants_all = mysql(3, b"\x01\x04")
    said, judged = held("mysql", [GREETING, STANDS, wants_all, last], tls=True, database="shop")
    assert said[1].startswith(b"TLS after \x20\0\0\x01")
    assert b"app\0\x20" + SHA2 + b"shop\0caching_sha2_password\0" in said[2]
    assert said[2][3] == 2
    assert said[3] == mysql(4, b"s3cret\0")
    assert (judged.ok, judged.failure) == (failure is None, failure)
    assert failure is not Failure.STATUS or "does not have the database shop" in judged.message


@pytest.mark.parametrize("told", [b'"tls_required": true', b'"tls_available": true'])
def test_nats_begins_tls_behind_its_info(told: bytes) -> None:
    said, judged = held("nats", [b"INFO {" + told + b"}\r\n", STANDS, b"PONG\r\n"], tls=b"available" in told)
    assert said[1] == b"TLS after "
    assert judged.ok


def test_smtp_begins_tls_by_starttls() -> None:
    says = [b"220 mail\r\n", b"250-mail\r\n250-SIZE\r\n250 STARTTLS\r\n", b"220 go\r\n", STANDS]
    said, judged = held("smtp", says, tls=True, password=None)
    assert said[1:] == [b"EHLO pytest-infragate\r\n", b"STARTTLS\r\n", b"TLS after "]
    assert judged.ok


@pytest.mark.parametrize(
    ("protocol", "says"),
    [("postgres", [b"S", STANDS, auth(10, b"SCRAM-SHA-256\0\0")]), ("mysql", [GREETING, STANDS])],
)
def test_without_a_password_tls_is_all_that_is_added(protocol: str, says: list[bytes]) -> None:
    talk = PROTOCOLS[protocol].talk
    assert talk is not None
    steps = talk(ProbeSettings(protocol, tls=True), "db")
    next(steps)
    for word in says[:-1]:
        steps.send(b"" if word is STANDS else word)
    with pytest.raises(StopIteration) as ended:
        steps.send(b"" if says[-1] is STANDS else says[-1])
    assert ended.value.value.ok


def closed(code: int, text: bytes) -> bytes:
    return amqp(50, code.to_bytes(2, "big") + bytes([len(text)]) + text + bytes(4))


@pytest.mark.parametrize(
    ("last", "failure", "told"),
    [
        ([amqp(41, b"\0"), amqp(51)], None, "lets app in to virtual host '/shop'"),
        ([amqp(41, b"\0"), GONE], None, "lets app in to virtual host '/shop'"),
        (
            [closed(530, b"NOT_ALLOWED - vhost /shop not found")],
            Failure.STATUS,
            "does not have the virtual host '/shop'",
        ),
        ([closed(530, b"NOT_ALLOWED - access to vhost refused")], Failure.AUTHENTICATION, "access to vhost refused"),
        ([GONE], Failure.AUTHENTICATION, "when virtual host '/shop' is opened"),
    ],
)
def test_the_virtual_host_of_amqp_is_opened(last: list[bytes], failure: Failure | None, told: str) -> None:
    said, judged = held("amqp", [amqp(10, bytes(20)), TUNE, *last], database="/shop")
    assert said[2] == amqp(31, TUNE[11:-1]) + amqp(40, b"\x05/shop\0\0")
    assert (judged.ok, judged.failure) == (failure is None, failure)
    assert told in judged.message
    assert failure or len(said) == 4


class MongoServer:
    """The server's side of SCRAM as MongoDB speaks it."""

    def __init__(self, mechanisms: list[str] | None, algorithm: str, database: str = "admin") -> None:
        self.mechanisms, self.algorithm, self.database = mechanisms, algorithm, database

    def document(self, said: bytes) -> dict[str, bson.Value]:
        found = bson.decode(said[21:])
        assert found["$db"] in (self.database, "admin")
        return found

    def reply(self, **fields: object) -> bytes:
        body = b"\0\0\0\0\0" + document(fields)
        head = b"".join(number.to_bytes(4, "little") for number in (16 + len(body), 1, 0x1F6A, 2013))
        return head + body

    def hello(self, said: bytes) -> bytes:
        assert self.document(said)["saslSupportedMechs"] == f"{self.database}.app"
        offered = {} if self.mechanisms is None else {"saslSupportedMechs": self.mechanisms}
        return self.reply(isWritablePrimary=True, **offered, ok=1)

    def challenge(self, said: bytes) -> bytes:
        payload = self.document(said)["payload"]
        assert isinstance(payload, bytes)
        self.bare = payload[payload.index(b"n=") :]
        nonce = self.bare.partition(b"r=")[2] + b"more"
        self.first = b"r=" + nonce + b",s=" + base64.b64encode(b"salt") + b",i=4096"
        return self.reply(conversationId=7, done=False, payload=self.first, ok=1)

    def outcome(self, said: bytes) -> bytes:
        asked = self.document(said)
        assert asked["conversationId"] == 7
        assert isinstance(asked["payload"], bytes)
        without, _, proof = asked["payload"].rpartition(b",p=")
        mixed = hashlib.md5(b"app:mongo:s3cret", usedforsecurity=False).hexdigest().encode()
        salted = hashlib.pbkdf2_hmac(self.algorithm, mixed if self.algorithm == "sha1" else b"s3cret", b"salt", 4096)
        stored = hashlib.new(self.algorithm, hmac.digest(salted, b"Client Key", self.algorithm)).digest()
        signature = hmac.digest(stored, b",".join((self.bare, self.first, without)), self.algorithm)
        key = bytes(one ^ other for one, other in zip(base64.b64decode(proof), signature, strict=True))
        if hashlib.new(self.algorithm, key).digest() == stored:
            return self.reply(conversationId=7, done=True, payload=b"v=x", ok=1)
        return self.reply(ok=0, code=18, errmsg="Authentication failed.")


def document(fields: Mapping[str, object]) -> bytes:
    """Return a document with a list of texts, which ours never sends."""
    lists = {name: value for name, value in fields.items() if isinstance(value, list)}
    plain = bson.encode({name: value for name, value in fields.items() if name not in lists})  # type: ignore[misc]
    added = b"".join(
        b"\x04" + name.encode() + b"\0" + bson.encode({str(at): text for at, text in enumerate(value)})
        for name, value in lists.items()
    )
    content = plain[4:-1] + added
    return (len(content) + 5).to_bytes(4, "little") + content + b"\0"


@pytest.mark.parametrize(
    ("mechanisms", "algorithm"),
    [(["SCRAM-SHA-1", "SCRAM-SHA-256"], "sha256"), (["SCRAM-SHA-1"], "sha1"), (None, "sha256")],
)
@pytest.mark.parametrize(("password", "failure"), [("s3cret", None), ("wrong", Failure.AUTHENTICATION)])
@pytest.mark.parametrize("database", ["", "shop"])
def test_mongodb_lets_in_who_knows_the_password(
    mechanisms: list[str] | None, algorithm: str, password: str, failure: Failure | None, database: str
) -> None:
    peer = MongoServer(mechanisms, algorithm, database or "admin")
    said, judged = held("mongodb", [peer.hello, peer.challenge, peer.outcome], password=password, database=database)
    assert judged.failure is failure, judged.message
    assert f"users of {database or 'admin'}" in judged.message
    assert all(password.encode() not in word for word in said)


def test_mongodb_that_lets_in_otherwise_leaves_the_password_open() -> None:
    _, judged = held("mongodb", [MongoServer(["PLAIN"], "sha256").hello])
    assert (judged.ok, judged.unproven) == (True, "that the password is right")


def test_mongodb_that_cannot_serve_is_not_ready() -> None:
    peer = MongoServer(None, "sha256")
    assert held("mongodb", [lambda _said: peer.reply(secondary=False, ok=1)])[1].failure is Failure.PROTOCOL
    assert (
        held("mongodb", [peer.hello, lambda _said: peer.reply(ok=0, code=91, errmsg="x")])[1].failure
        is Failure.PROTOCOL
    )
    no_challenge = [peer.hello, lambda _said: peer.reply(conversationId=1, payload=b"x", ok=1)]
    assert held("mongodb", no_challenge)[1].failure is Failure.PROTOCOL


@pytest.mark.parametrize("cut", [b"", b"\x05\0\0\0", b"\xff" * 30, b"\x20\0\0\0\x02a\0\xff\xff\xff\xffx"])
def test_documents_that_are_damaged_end_where_they_are(cut: bytes) -> None:
    assert bson.decode(cut) == {}
