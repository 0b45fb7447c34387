"""Seals a few bytes for the holder of an RSA key: RSAES-OAEP with SHA-1 (RFC 8017, section 7.1).

Sealing takes the public key alone, so there is no secret here that time or memory could tell; a library for it would be a
dependency for one power. The key is read from PEM (RFC 7468) of a SubjectPublicKeyInfo (RFC 5280), or of a key alone.
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets

from ..errors import InfragateError

_PEM = re.compile(rb"-----BEGIN (?:RSA )?PUBLIC KEY-----(.+?)-----END", re.DOTALL)
_SEQUENCE, _NUMBER, _BITS = 0x30, 0x02, 0x03
_HASH = 20
_MOST_BITS = 16384


class KeyFormError(InfragateError):
    """What should be a public key is none that this module knows."""


def sealed(message: bytes, pem: bytes) -> bytes:
    """Return the message as only the holder of the key can read it. Raises KeyFormError."""
    modulus, exponent = _key(pem)
    size = (modulus.bit_length() + 7) // 8
    if len(message) > size - 2 * _HASH - 2:
        raise KeyFormError(f"a key of {modulus.bit_length()} bits is too short for {len(message)} bytes")
    filler = bytes(size - len(message) - 2 * _HASH - 2)
    block = hashlib.sha1(b"", usedforsecurity=False).digest() + filler + b"\x01" + message
    seed = secrets.token_bytes(_HASH)
    masked = _mixed(block, _mask(seed, len(block)))
    padded = b"\0" + _mixed(seed, _mask(masked, _HASH)) + masked
    return pow(int.from_bytes(padded, "big"), exponent, modulus).to_bytes(size, "big")


def _mask(seed: bytes, length: int) -> bytes:
    """Return the mask that grows out of a seed (MGF1, appendix B.2.1)."""
    rounds = range(-(-length // _HASH))
    parts = (hashlib.sha1(seed + number.to_bytes(4, "big"), usedforsecurity=False).digest() for number in rounds)
    return b"".join(parts)[:length]


def _mixed(one: bytes, other: bytes) -> bytes:
    return bytes(left ^ right for left, right in zip(one, other, strict=True))


def _key(pem: bytes) -> tuple[int, int]:
    """Return modulus and exponent."""
    match = _PEM.search(pem)
    try:
        outer = _content(base64.b64decode(match[1] if match else b""), _SEQUENCE)[0]
        if outer[:1] == bytes([_SEQUENCE]):
            bits = _content(_content(outer, _SEQUENCE)[1], _BITS)[0]
            outer = _content(bits[1:], _SEQUENCE)[0]
        modulus, rest = _content(outer, _NUMBER)
        found = int.from_bytes(modulus, "big"), int.from_bytes(_content(rest, _NUMBER)[0], "big")
    except (ValueError, IndexError) as error:
        raise KeyFormError("what should be a public key is none") from error
    if not 1 < found[1] < found[0] or found[0].bit_length() > _MOST_BITS:
        raise KeyFormError("what should be a public key is none")
    return found


def _content(data: bytes, kind: int) -> tuple[bytes, bytes]:
    """Return the content of the first element, which must be of this kind, and what follows it (X.690, section 8.1)."""
    if data[0] != kind:
        raise ValueError(kind)
    length, at = data[1], 2
    if length & 0x80:
        at += length & 0x7F
        length = int.from_bytes(data[2:at], "big")
    if at + length > len(data):
        raise ValueError(length)
    return data[at : at + length], data[at + length :]
