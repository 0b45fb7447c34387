"""A stand-in for MongoDB, which neither Debian nor the package index has any more: greeting and login, nothing else.

Written from "Wire Protocol" and the commands ``hello``, ``saslStart`` and ``saslContinue`` in MongoDB's documentation, and from
RFC 5802 and RFC 7677. Documents are read and written by MongoDB's own package, whose client takes this for a server.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import socketserver
import struct
import threading
from typing import Any, cast

import bson

MECHANISM = "SCRAM-SHA-256"
USER, PASSWORD = "app", "s3cret"
SALT, ROUNDS = b"pepper-and-more!", 4096
OP_REPLY, OP_QUERY, OP_MSG = 1, 2004, 2013
HEAD = struct.Struct("<iiii")
AUTHENTICATION_FAILED, COMMAND_NOT_FOUND, NOT_AUTHORIZED, MECHANISM_UNAVAILABLE = 18, 59, 13, 334
Document = dict[str, Any]


class Server(socketserver.ThreadingTCPServer):
    """Listens on one address; ``role`` is what ``hello`` tells of it."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, host: str, port: int, role: Document) -> None:
        super().__init__((host, port), Connection)
        self.role = role


class Connection(socketserver.StreamRequestHandler):
    """One client, up to when it is let in."""

    def setup(self) -> None:
        """Begin as nobody."""
        super().setup()
        self.said = ""
        self.welcome = False

    def handle(self) -> None:
        """Answer until the client closes."""
        while len(head := self.rfile.read(HEAD.size)) == HEAD.size:
            length, number, _, code = HEAD.unpack(head)
            body = self.rfile.read(length - HEAD.size)
            if code == OP_QUERY:
                start = body.index(b"\0", 4) + 9
                self.reply(OP_REPLY, number, struct.pack("<iqii", 8, 0, 0, 1), self.answer(bson.decode(body[start:])))
            else:
                self.reply(OP_MSG, number, struct.pack("<ib", 0, 0), self.answer(bson.decode(body[5:])))

    def reply(self, code: int, to: int, before: bytes, document: Document) -> None:
        """Send a document in a message of this kind."""
        body = before + bson.encode(document)
        self.wfile.write(HEAD.pack(HEAD.size + len(body), 1, to, code) + body)

    def answer(self, asked: Document) -> Document:
        """Return what a command gives."""
        name = next(iter(asked))
        if name.lower() in ("hello", "ismaster"):
            told = {"saslSupportedMechs": [MECHANISM]} if "saslSupportedMechs" in asked else {}
            return {**cast("Server", self.server).role, **told, "minWireVersion": 0, "maxWireVersion": 17, "ok": 1.0}
        if name == "saslStart":
            return self.challenge(asked)
        if name == "saslContinue":
            return self.judge(asked)
        if name not in ("ping", "endSessions"):
            return error(COMMAND_NOT_FOUND, f"no such command: {name}")
        return {"ok": 1.0} if self.welcome else error(NOT_AUTHORIZED, f"command {name} requires authentication")

    def challenge(self, asked: Document) -> Document:
        """Answer the client's first message of SCRAM."""
        if asked["mechanism"] != MECHANISM:
            return error(MECHANISM_UNAVAILABLE, f"mechanism {asked['mechanism']} is not enabled")
        bare = bytes(asked["payload"]).decode().partition(",,")[2]
        nonce = bare.partition(",r=")[2]
        first = f"r={nonce}server,s={base64.b64encode(SALT).decode()},i={ROUNDS}"
        self.said = f"{bare},{first}"
        return {"conversationId": 1, "done": False, "payload": first.encode(), "ok": 1.0}

    def judge(self, asked: Document) -> Document:
        """Answer the proof, and an empty message that may follow it."""
        if self.welcome:
            return {"conversationId": 1, "done": True, "payload": b"", "ok": 1.0}
        without, _, proof = bytes(asked["payload"]).decode().partition(",p=")
        salted = hashlib.pbkdf2_hmac("sha256", PASSWORD.encode(), SALT, ROUNDS)
        message = f"{self.said},{without}".encode()
        client = hmac.digest(salted, b"Client Key", "sha256")
        mask = hmac.digest(hashlib.sha256(client).digest(), message, "sha256")
        wanted = bytes(one ^ other for one, other in zip(client, mask, strict=True))
        if not self.said.startswith(f"n={USER},") or base64.b64decode(proof) != wanted:
            return error(AUTHENTICATION_FAILED, "Authentication failed.")
        self.welcome = True
        mine = hmac.digest(hmac.digest(salted, b"Server Key", "sha256"), message, "sha256")
        return {"conversationId": 1, "done": False, "payload": b"v=" + base64.b64encode(mine), "ok": 1.0}


def error(code: int, text: str) -> Document:
    """Return what a command gives that fails."""
    return {"ok": 0.0, "code": code, "errmsg": text}


SINGLE: Document = {"ismaster": True, "isWritablePrimary": True}
WITHOUT_PRIMARY: Document = {"ismaster": False, "isWritablePrimary": False, "secondary": False, "isreplicaset": True}

if __name__ == "__main__":
    for address in (("0.0.0.0", 27017, SINGLE), ("127.0.0.1", 27018, SINGLE), ("0.0.0.0", 27019, WITHOUT_PRIMARY)):
        threading.Thread(target=Server(*address).serve_forever).start()
