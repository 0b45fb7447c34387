"""Bytes that are sealed with a public key, and opened here with its other half, as RFC 8017 has it."""

from __future__ import annotations

import hashlib

import pytest

from pytest_infragate.probes.rsa import KeyFormError, sealed

PEM = b"""\
-----BEGIN PUBLIC KEY-----
MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQCp5VC3CpXV5SRNkC7i2352gfhZ
Wx48lghIy82IWorfbhfkdWLa1mnmH7OmubTKenxSfLDYvex46tiZ2uyZEY9qzzhp
b70TZHoGkXutzQKmIN8eZ/kvb0tv//lQJJjgZp3p0kYYuGdwlJiYZYoaZ1ZWn+X6
mYuACdcjuVDRdZI4ZQIDAQAB
-----END PUBLIC KEY-----
"""
PEM_OF_A_KEY_ALONE = b"""\
-----BEGIN RSA PUBLIC KEY-----
MIGJAoGBAKnlULcKldXlJE2QLuLbfnaB+FlbHjyWCEjLzYhait9uF+R1YtrWaeYf
s6a5tMp6fFJ8sNi97Hjq2Jna7JkRj2rPOGlvvRNkegaRe63NAqYg3x5n+S9vS2//
+VAkmOBmnenSRhi4Z3CUmJhlihpnVlaf5fqZi4AJ1yO5UNF1kjhlAgMBAAE=
-----END RSA PUBLIC KEY-----
"""
MODULUS = int(
    "a9e550b70a95d5e5244d902ee2db7e7681f8595b1e3c960848cbcd885a8adf6e17e47562dad669e61fb3a6b9b4ca7a7c"
    "527cb0d8bdec78ead899daec99118f6acf38696fbd13647a06917badcd02a620df1e67f92f6f4b6ffff9502498e0669d"
    "e9d24618b86770949898658a1a6756569fe5fa998b8009d723b950d175923865",
    16,
)
SECRET = int(
    "85d7567fec81dfb095a9d8f566d83dc7445a8ea25eaea20f42b1f36800d4387235b64fd7a1c89a42a524d52aa54781b8"
    "e10ec40eeb881836028f2a4d8bc4aeb2d090f2bcf2bbec1d932a5bd3b19cd2b3a60dd45fbaccb5e9fb301e05d5f7ba7d"
    "289128ef86bd15ef87a030fb8cd329dab33d81cedd1b7eb01ab1aca54739b55d",
    16,
)
SIZE, HASH = 128, 20


def opened(content: bytes) -> bytes:
    """Return what was sealed (RFC 8017, section 7.1.2)."""
    padded = pow(int.from_bytes(content, "big"), SECRET, MODULUS).to_bytes(SIZE, "big")
    assert padded[0] == 0
    seed = mixed(padded[1 : 1 + HASH], mask(padded[1 + HASH :], HASH))
    block = mixed(padded[1 + HASH :], mask(seed, SIZE - HASH - 1))
    assert block[:HASH] == hashlib.sha1(b"", usedforsecurity=False).digest()
    filler, one, message = block[HASH:].partition(b"\x01")
    assert not filler.strip(b"\0")
    assert one
    return message


def mask(seed: bytes, length: int) -> bytes:
    found = b""
    for number in range(9):
        found += hashlib.sha1(seed + number.to_bytes(4, "big"), usedforsecurity=False).digest()
    return found[:length]


def mixed(one: bytes, other: bytes) -> bytes:
    return bytes(left ^ right for left, right in zip(one, other, strict=True))


@pytest.mark.parametrize("pem", [PEM, PEM_OF_A_KEY_ALONE])
@pytest.mark.parametrize("message", [b"", b"s3cret\0", bytes(range(80))])
def test_only_the_holder_of_the_key_reads_what_is_sealed(pem: bytes, message: bytes) -> None:
    assert opened(sealed(message, pem)) == message
    assert sealed(message, pem) != sealed(message, pem)


def test_a_message_that_is_too_long_is_refused() -> None:
    with pytest.raises(KeyFormError, match="a key of 1024 bits is too short for 87 bytes"):
        sealed(bytes(87), PEM)


@pytest.mark.parametrize(
    "pem", [b"", b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", PEM[:60] + b"\n-----END", b"\xff" * 9]
)
def test_what_is_no_key_is_refused(pem: bytes) -> None:
    with pytest.raises(KeyFormError):
        sealed(b"x", pem)
