"""Conversations of several steps, held with a peer that says what the protocol's server would."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Sequence

import pytest

from pytest_infragate.probes import PROTOCOLS, dialogue
from pytest_infragate.probes.mysql import _proof
from pytest_infragate.probes.scram import Scram, ScramError
from pytest_infragate.settings import ProbeSettings
from pytest_infragate.stack.exchange import Failure, Judgement
from pytest_infragate.stack.speech import HungUpError, Upgrade

from .test_rsa import PEM, opened

Says = bytes | Callable[[bytes], bytes]
ASKED = {"user": "app", "password": "s3cret"}
GONE = b""
STANDS = b"TLS stands"


def held(
    protocol: str, says: Sequence[Says], *, tls: bool = False, **asked: str | None
) -> tuple[list[bytes], Judgement]:
    """Hold a conversation; return what our side said, and its judgement. ``GONE`` hangs up, ``STANDS`` ends a handshake."""
    settings = ProbeSettings(protocol, tls=tls, **{**ASKED, **asked})  # type: ignore[arg-type]
    talk = PROTOCOLS[protocol].talk
    assert talk is not None
    steps = talk(settings, "db")
    said = [spoken(next(steps))]
    try:
        for word in says:
            answer = word if isinstance(word, bytes) else word(said[-1])
            heard = b"" if answer is STANDS else answer
            said.append(spoken(steps.throw(HungUpError("gone")) if answer == GONE else steps.send(heard)))
    except StopIteration as end:
        return said, judgement(end.value)
    raise AssertionError(f"the conversation goes on with {said[-1]!r}")


def spoken(word: bytes | Upgrade) -> bytes:
    return word if isinstance(word, bytes) else b"TLS after " + word.said


def judgement(ended: object) -> Judgement:
    assert isinstance(ended, Judgement)
    assert "s3cret" not in ended.message
    return ended


@pytest.mark.parametrize(
    ("says", "failure"),
    [
        ([b"+OK\r\n", b"+PONG\r\n"], None),
        ([b"+O", b"K\r\n", b"+PONG\r\n"], None),
        ([b"-WRONGPASS invalid username-password pair\r\n"] * 2, Failure.AUTHENTICATION),
        ([b"-WRONGPASS no\r\n", b"+OK\r\n", b"+PONG\r\n"], None),
        ([b"-ERR wrong number of arguments for 'auth' command\r\n", b"+OK\r\n", b"+PONG\r\n"], None),
        ([b"-ERR AUTH <password> called without any password configured\r\n", b"+PONG\r\n"], None),
        ([b"-LOADING in memory\r\n"], Failure.PROTOCOL),
        ([b"+OK\r\n", b"-LOADING in memory\r\n"], Failure.PROTOCOL),
        ([b"HTTP/1.1 400 Bad Request\r\n"], Failure.PROTOCOL),
    ],
)
def test_redis(says: list[bytes], failure: Failure | None) -> None:
    said, judged = held("redis", says)
    assert said[0] == b"*3\r\n$4\r\nAUTH\r\n$3\r\napp\r\n$6\r\ns3cret\r\n"
    assert (judged.ok, judged.failure) == (failure is None, failure)


def test_a_user_whom_redis_does_not_know_is_told_where_the_password_alone_will_do() -> None:
    _, judged = held("redis", [b"-WRONGPASS no\r\n", b"+OK\r\n", b"+PONG\r\n"])
    assert judged.unproven == "that it knows the user app: it takes the password without a name alone"
    _, judged = held("redis", [b"-ERR wrong number of arguments\r\n", b"+OK\r\n", b"+PONG\r\n"])
    assert judged.unproven == ""


def test_redis_with_a_password_alone() -> None:
    said, _ = held("redis", [b"+OK\r\n", b"+PONG\r\n"], user="")
    assert said == [b"*2\r\n$4\r\nAUTH\r\n$6\r\ns3cret\r\n", b"*1\r\n$4\r\nPING\r\n"]


def pg(kind: bytes, body: bytes) -> bytes:
    return kind + (len(body) + 4).to_bytes(4, "big") + body


def auth(way: int, data: bytes = b"") -> bytes:
    return pg(b"R", way.to_bytes(4, "big") + data)


def pg_error(code: str) -> bytes:
    return pg(b"E", f"SFATAL\0C{code}\0Mno\0\0".encode())


READY = pg(b"S", b"a\0b\0") + pg(b"K", bytes(8)) + pg(b"Z", b"I")


class ScramServer:
    """The server's side of RFC 5802, to check our proof against."""

    salt, rounds = b"salt of the server", 4096

    def challenge(self, said: bytes) -> bytes:
        self.bare = said[said.index(b"n=") :]
        nonce = self.bare.partition(b"r=")[2] + b"more"
        self.first = b"r=" + nonce + b",s=" + base64.b64encode(self.salt) + b",i=%d" % self.rounds
        return auth(11, self.first)

    def outcome(self, said: bytes) -> bytes:
        without, _, proof = said[5:].rpartition(b",p=")
        message = b",".join((self.bare, self.first, without))
        salted = hashlib.pbkdf2_hmac("sha256", b"s3cret", self.salt, self.rounds)
        stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
        signature = hmac.digest(stored, message, "sha256")
        key = bytes(one ^ other for one, other in zip(base64.b64decode(proof), signature, strict=True))
        good = hashlib.sha256(key).digest() == stored
        return auth(12, b"v=x") + auth(0) + READY if good else pg_error("28P01")


@pytest.mark.parametrize(("password", "failure"), [("s3cret", None), ("wrong", Failure.AUTHENTICATION)])
def test_postgres_with_scram(password: str, failure: Failure | None) -> None:
    peer = ScramServer()
    said, judged = held(
        "postgres", [auth(10, b"SCRAM-SHA-256\0\0"), peer.challenge, peer.outcome], password=password, database="shop"
    )
    assert b"user\0app\0database\0shop\0" in said[0]
    assert judged.failure is failure
    assert all(password.encode() not in word for word in said)


def test_postgres_with_md5() -> None:
    inner = hashlib.md5(b"s3cretapp", usedforsecurity=False).hexdigest().encode()
    wanted = b"md5" + hashlib.md5(inner + b"SALT", usedforsecurity=False).hexdigest().encode()
    said, judged = held("postgres", [auth(5, b"SALT"), auth(0) + READY])
    assert said[1] == pg(b"p", wanted + b"\0")
    assert judged.ok


@pytest.mark.parametrize(
    ("says", "failure"),
    [
        ([auth(0) + READY], None),
        ([auth(3), auth(0) + READY], None),
        ([pg_error("57P03")], Failure.PROTOCOL),
        ([pg_error("3D000")], None),
        ([pg(b"E", b"C28000\0Mno pg_hba.conf entry for host, no encryption\0\0")], None),
        ([pg_error("28000")], Failure.AUTHENTICATION),
        ([auth(7)], Failure.PROTOCOL),
        ([auth(10, b"OTHER\0\0")], Failure.PROTOCOL),
        ([b"HTTP/1.1 400 Bad Request\r\n"], Failure.PROTOCOL),
    ],
)
def test_postgres_otherwise(says: list[Says], failure: Failure | None) -> None:
    _, judged = held("postgres", says)
    assert (judged.ok, judged.failure) == (failure is None, failure)


@pytest.mark.parametrize("challenge", [b"r=other,s=eA==,i=4096", b"r=ours1,s=eA==,i=99999999", b"r=ours1", b"\xff"])
def test_what_is_no_challenge_is_refused(challenge: bytes) -> None:
    with pytest.raises(ScramError):
        Scram("app", "s3cret", nonce="ours").final(challenge)


def mysql(number: int, body: bytes) -> bytes:
    return len(body).to_bytes(3, "little") + bytes([number]) + body


NONCE = b"01234567" + b"890123456789"
GREETING = mysql(
    0, b"\x0a8.4.0\0" + bytes(4) + NONCE[:8] + b"\0" + bytes(18) + NONCE[8:] + b"\0caching_sha2_password\0"
)
SHA2 = _proof(b"caching_sha2_password", "s3cret", NONCE)
NATIVE = _proof(b"mysql_native_password", "s3cret", b"x" * 20)


@pytest.mark.parametrize(
    ("says", "failure"),
    [
        ([GREETING, mysql(2, b"\x01\x03") + mysql(3, b"\0\0\0")], None),
        ([GREETING, mysql(2, b"\x01\x04"), mysql(4, b"\xff\x0d\x08no key")], None),
        ([GREETING, mysql(2, b"\xfeauth_gssapi_client\0")], None),
        ([GREETING, mysql(2, b"\xfemysql_native_password\0" + b"x" * 20 + b"\0"), mysql(4, b"\0\0\0")], None),
        ([GREETING, mysql(2, b"\xff\x15\x04#28000Access denied")], Failure.AUTHENTICATION),
        ([GREETING, mysql(2, b"\xff\x57\x0c#08004Connections using insecure transport are prohibited")], None),
        ([mysql(0, b"\xff\x10\x04Too many connections")], Failure.PROTOCOL),
        ([mysql(0, b"\xff\x6a\x04Host not allowed")], Failure.AUTHENTICATION),
        ([GREETING, mysql(2, b"\xfeclient_ed25519\0" + b"x" * 32)], None),
    ],
)
def test_mysql(says: list[bytes], failure: Failure | None) -> None:
    said, judged = held("mysql", says)
    assert (judged.ok, judged.failure) == (failure is None, failure)
    if len(says) > 1:
        assert b"app\0\x20" + SHA2 + b"caching_sha2_password\0" in said[1]
        assert said[1][3] == 1
    if any(b"mysql_native" in one for one in says):
        assert said[2] == mysql(3, NATIVE)


@pytest.mark.parametrize(
    ("last", "failure"),
    [(b"\0\0\0", None), (b"\xff\x15\x04#28000Access denied", Failure.AUTHENTICATION)],
)
def test_mysql_is_told_the_password_sealed_where_it_has_it_not_in_its_cache(
    last: bytes, failure: Failure | None
) -> None:
    said, judged = held("mysql", [GREETING, mysql(2, b"\x01\x04"), mysql(4, b"\x01" + PEM), mysql(6, last)])
    assert said[2] == mysql(3, b"\x02")
    assert said[3][:4] == b"\x80\0\0\x05"
    whole = bytes(byte ^ NONCE[at] for at, byte in enumerate(b"s3cret\0"))
    assert opened(said[3][4:]) == whole
    assert (judged.ok, judged.failure, judged.unproven) == (failure is None, failure, "")


def test_the_nonce_of_a_switch_is_the_one_that_counts() -> None:
    nonce = b"abcdefghijklmnopqrst"
    switch = mysql(2, b"\xfecaching_sha2_password\0" + nonce + b"\0")
    says = [GREETING, switch, mysql(4, b"\x01\x04"), mysql(6, b"\x01" + PEM), mysql(8, b"\0\0\0")]
    said, judged = held("mysql", says)
    assert said[2] == mysql(3, _proof(b"caching_sha2_password", "s3cret", nonce))
    assert opened(said[4][4:]) == bytes(byte ^ nonce[at] for at, byte in enumerate(b"s3cret\0"))
    assert judged.ok


@pytest.mark.parametrize(
    "says",
    [
        [b"\x01\x04", b"\xff\x0d\x08no key"],
        [b"\xfeauth_gssapi_client\0"],
        [b"\xfeclient_ed25519\0" + b"x" * 32],
        [b"\xff\x57\x0c#08004Connections using insecure transport are prohibited"],
    ],
)
def test_mysql_says_what_it_leaves_unproven(says: list[bytes]) -> None:
    _, judged = held("mysql", [GREETING, *(mysql(2, one) for one in says)])
    assert judged is not None
    assert judged.unproven == "that the password is right"


def test_the_proofs_of_mysql_are_those_of_its_documentation() -> None:
    """``SHA1(password) XOR SHA1(nonce + SHA1(SHA1(password)))``; the other way round, with SHA256, for the newer one."""
    one = hashlib.sha1(b"s3cret", usedforsecurity=False).digest()
    two = hashlib.sha1(b"x" * 20 + hashlib.sha1(one, usedforsecurity=False).digest(), usedforsecurity=False).digest()
    assert bytes(a ^ b for a, b in zip(NATIVE, two, strict=True)) == one
    first = hashlib.sha256(b"s3cret").digest()
    second = hashlib.sha256(hashlib.sha256(first).digest() + NONCE).digest()
    assert bytes(a ^ b for a, b in zip(SHA2, second, strict=True)) == first


def amqp(method: int, arguments: bytes = b"") -> bytes:
    payload = (10).to_bytes(2, "big") + method.to_bytes(2, "big") + arguments
    return b"\x01\0\0" + len(payload).to_bytes(4, "big") + payload + b"\xce"


def closed(code: int) -> bytes:
    return amqp(50, code.to_bytes(2, "big") + b"\x02no" + bytes(4))


TUNE = amqp(30, b"\x07\xff\0\2\0\0\0\x3c")


@pytest.mark.parametrize(
    ("says", "failure"),
    [
        ([amqp(10, bytes(20)), TUNE], None),
        ([amqp(10, bytes(20)), closed(403)], Failure.AUTHENTICATION),
        ([amqp(10, bytes(20)), GONE], Failure.AUTHENTICATION),
        ([amqp(10, bytes(20)), closed(530)], Failure.PROTOCOL),
        ([b"AMQP\0\1\0\0"], Failure.PROTOCOL),
    ],
)
def test_amqp(says: list[bytes], failure: Failure | None) -> None:
    said, judged = held("amqp", says)
    assert (judged.ok, judged.failure) == (failure is None, failure)
    if failure is None:
        assert b"\x05PLAIN\0\0\0\x0b\0app\0s3cret\x05en_US\xce" in said[1]


@pytest.mark.parametrize(
    ("says", "failure"),
    [
        ([b"INFO {}\r\n", b"PONG\r\n"], None),
        ([b"INFO {}\r\n", b"-ERR 'Authorization Violation'\r\n"], Failure.AUTHENTICATION),
        ([b"INFO {}\r\n", b"-ERR 'Stale'\r\n"], Failure.PROTOCOL),
        ([b"220 mail\r\n"], Failure.PROTOCOL),
    ],
)
def test_nats(says: list[bytes], failure: Failure | None) -> None:
    said, judged = held("nats", says)
    assert (judged.ok, judged.failure) == (failure is None, failure)
    assert failure or re.match(rb'CONNECT \{.*"user": "app", "pass": "s3cret"\}\r\nPING\r\n', said[1])


@pytest.mark.parametrize(
    ("says", "failure", "said"),
    [
        ([b"INFO {}\r\n", b"PONG\r\n"], None, "answers PING"),
        ([b"INFO {}\r\n-ERR 'maximum connections exceeded'\r\n"], Failure.PROTOCOL, "maximum connections exceeded"),
        ([b'INFO {"auth_required":true}\r\n'], None, "tells its INFO"),
        ([b'INFO {"tls_required":true}\r\n'], None, "tells its INFO"),
        ([b"INFO {]\r\n", b"PONG\r\n"], None, "answers PING"),
    ],
)
def test_nats_without_a_password(says: list[bytes], failure: Failure | None, said: str) -> None:
    _, judged = held("nats", says, password=None)
    assert (judged.ok, judged.failure) == (failure is None, failure)
    assert said in judged.message


@pytest.mark.parametrize(
    ("settings", "needs_relay"),
    [
        (ProbeSettings("nats", 4222), False),
        (ProbeSettings("nats", 4222, password="s3cret"), True),  # noqa: S106  (of a test)
        (ProbeSettings("nats", 4222, tls=True), True),
    ],
)
def test_nats_without_a_password_can_be_asked_by_whoever_has_but_a_shell(
    settings: ProbeSettings, needs_relay: bool
) -> None:
    asked = dialogue.question(PROTOCOLS["nats"], settings, "db", 1.0)
    assert asked.speech is not None
    assert asked.needs_relay is needs_relay


HELLO = b"250-mail\r\n250-SIZE 9\r\n250-%s\r\n250 HELP\r\n"
GREETS = b"220-mail\r\n220 at your service\r\n"
BY_PLAIN = b"AUTH PLAIN " + base64.b64encode(b"\0app\0s3cret") + b"\r\n"


@pytest.mark.parametrize(
    ("says", "failure", "last"),
    [
        ([GREETS, HELLO % b"AUTH LOGIN PLAIN", b"235 ok\r\n"], None, BY_PLAIN),
        ([GREETS, HELLO % b"AUTH LOGIN PLAIN", b"535 no\r\n"], Failure.AUTHENTICATION, BY_PLAIN),
        ([GREETS, HELLO % b"AUTH LOGIN PLAIN", b"454 later\r\n"], Failure.PROTOCOL, BY_PLAIN),
        (
            [GREETS, HELLO % b"AUTH LOGIN", b"334 VXNlcg==\r\n", b"334 UGFzcw==\r\n", b"235 ok\r\n"],
            None,
            base64.b64encode(b"s3cret") + b"\r\n",
        ),
        ([GREETS, HELLO % b"AUTH LOGIN", b"535 no\r\n"], Failure.AUTHENTICATION, b"AUTH LOGIN\r\n"),
        ([GREETS, HELLO % b"AUTH CRAM-MD5"], None, b"EHLO pytest-infragate\r\n"),
        ([GREETS, HELLO % b"8BITMIME"], None, b"EHLO pytest-infragate\r\n"),
        (
            [GREETS, HELLO % b"STARTTLS", b"220 go\r\n", STANDS, HELLO % b"AUTH PLAIN", b"235 ok\r\n"],
            None,
            BY_PLAIN,
        ),
        ([b"421 later\r\n"], Failure.PROTOCOL, b""),
    ],
)
def test_smtp(says: list[bytes], failure: Failure | None, last: bytes) -> None:
    said, judged = held("smtp", says)
    assert (judged.ok, judged.failure) == (failure is None, failure)
    assert said[-1] == last
    is_proven = judged.ok and said[-1] != b"EHLO pytest-infragate\r\n"
    assert judged.unproven == ("" if is_proven or failure else "that user and password are right")


@pytest.mark.parametrize("protocol", sorted(name for name, one in PROTOCOLS.items() if one.talk))
def test_a_password_is_shown_nowhere(protocol: str) -> None:
    assert "s3cret" not in repr(ProbeSettings(protocol, **ASKED))  # type: ignore[arg-type]


def cluster(status: bytes, body: bytes) -> list[Says]:
    return [b"HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body)]


@pytest.mark.parametrize(
    ("says", "failure", "message"),
    [
        (cluster(b"200 OK", b'{"cluster_name": "docs", "status": "yellow"}'), None, "its body is as expected"),
        (cluster(b"401 Unauthorized", b"Unauthorized"), None, "gives 401 Unauthorized"),
        (
            cluster(b"200 OK", b'{"cluster_name": "docs", "status": "red"}'),
            Failure.STATUS,
            "status 'red', expected green",
        ),
        (cluster(b"200 OK", b"<html>Welcome</html>"), Failure.STATUS, "tells of no cluster: '<html>Welcome</html>'"),
        (cluster(b"200 OK", b'"green"'), Failure.STATUS, "tells of no cluster"),
        (cluster(b"408 Request Timeout", b"{}"), Failure.STATUS, "gives 408 Request Timeout, expected 200, 401, 403"),
        ([GONE], Failure.PROTOCOL, "closed before the answer was whole"),
    ],
)
def test_a_cluster_is_believed_by_what_it_says_of_itself(
    says: list[Says], failure: Failure | None, message: str
) -> None:
    said, judged = held("elasticsearch", says)
    assert said[0].startswith(b"GET /_cluster/health?wait_for_status=yellow")
    assert judged.failure is failure
    assert message in judged.message
