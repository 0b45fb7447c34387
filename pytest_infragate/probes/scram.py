"""The client's side of SCRAM-SHA-256 and SCRAM-SHA-1 (RFC 5802 and RFC 7677), which prove a password without sending it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

from ..errors import InfragateError

MECHANISM = "SCRAM-SHA-256"
_NO_BINDING = "n,,"
_MOST_ROUNDS = 1_000_000
"""A server that asks for more would keep us busy for longer than a probe may take."""


class ScramError(InfragateError):
    """What the server says is not SCRAM."""


class Scram:
    """One login: ``first`` is said, then ``final`` to what the server answers. Passwords are taken as they are."""

    def __init__(self, user: str, password: str, nonce: str = "", algorithm: str = "sha256") -> None:
        self._algorithm = algorithm
        self._password = password.encode()
        self._nonce = nonce or secrets.token_urlsafe(18)
        name = user.replace("=", "=3D").replace(",", "=2C")
        self._bare = f"n={name},r={self._nonce}"

    def first(self) -> bytes:
        """Return the client's first message."""
        return f"{_NO_BINDING}{self._bare}".encode()

    def final(self, server_first: bytes) -> bytes:
        """Return the client's answer to the server's first message. Raises ScramError."""
        text = server_first.decode("utf-8", errors="replace")
        fields = dict(part.split("=", 1) for part in text.split(",") if "=" in part)
        try:
            nonce, salt, rounds = fields["r"], base64.b64decode(fields["s"]), int(fields["i"])
        except (KeyError, ValueError) as error:
            raise ScramError("the server's challenge is not SCRAM's") from error
        if not nonce.startswith(self._nonce) or not 0 < rounds <= _MOST_ROUNDS:
            raise ScramError("the server's challenge is not an answer to ours")
        bare = f"c={base64.b64encode(_NO_BINDING.encode()).decode()},r={nonce}"
        proof = self._proof(salt, rounds, f"{self._bare},{text},{bare}".encode())
        return f"{bare},p={base64.b64encode(proof).decode()}".encode()

    def _proof(self, salt: bytes, rounds: int, message: bytes) -> bytes:
        salted = hashlib.pbkdf2_hmac(self._algorithm, self._password, salt, rounds)
        client_key = hmac.digest(salted, b"Client Key", self._algorithm)
        signature = hmac.digest(hashlib.new(self._algorithm, client_key).digest(), message, self._algorithm)
        return bytes(one ^ other for one, other in zip(client_key, signature, strict=True))
