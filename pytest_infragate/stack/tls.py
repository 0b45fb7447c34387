"""TLS on our side of a connection that somebody else carries."""

from __future__ import annotations

import ssl
from dataclasses import dataclass

_EXPIRED, _NOT_YET = 10, 9
_SELF_SIGNED, _SELF_SIGNED_IN_CHAIN, _NO_ISSUER_HERE, _NO_ISSUER, _ISSUER_UNVERIFIED = 18, 19, 20, 2, 21
_OTHER_NAME, _OTHER_ADDRESS = 62, 64
"""Numbers of ``x509_vfy.h`` of OpenSSL."""


@dataclass(frozen=True)
class Trust:
    """What is demanded of the peer: by default only that it speaks TLS.

    ``name`` is what its certificate must be for, the host that is asked where it is ``None``; ``ca``: a file with the
    authorities that are trusted, else those of this machine. ``offers`` are the protocols of ALPN. ``lenient``: a peer that
    wants a certificate of the caller is good, because the caller may have one.
    """

    verify: bool = False
    name: str | None = None
    ca: str | None = None
    offers: tuple[str, ...] = ()
    lenient: bool = False


ANYBODY = Trust()
"""Whoever speaks TLS."""


class Tls:
    """The client's side of TLS on bytes alone. Raises ``ssl.SSLError`` and ``OSError`` for a ``ca`` that cannot be used."""

    def __init__(self, host: str, trust: Trust = ANYBODY) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = trust.verify
        if not trust.verify:
            context.verify_mode = ssl.CERT_NONE
            # Whether its keys are strong enough is not the question either.
            context.set_ciphers("DEFAULT:@SECLEVEL=0")
        elif trust.ca is None:
            context.load_default_certs()
        else:
            context.load_verify_locations(trust.ca)
        if trust.offers:
            context.set_alpn_protocols(list(trust.offers))
        self._name = trust.name or host
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._object = context.wrap_bio(self._incoming, self._outgoing, server_hostname=self._name)
        self.stands = False
        """Whether the handshake is over."""

    def shake(self, data: bytes = b"") -> bytes:
        """Take what the peer says to the handshake and return what is to be said to it. Raises ``ssl.SSLError``."""
        self._incoming.write(data)
        try:
            self._object.do_handshake()
            self.stands = True
        except ssl.SSLWantReadError:
            pass
        return self._outgoing.read()

    def seal(self, data: bytes) -> bytes:
        """Return what is sent in place of the data."""
        if data:
            self._object.write(data)
        return self._outgoing.read()

    def open(self, data: bytes) -> bytes:
        """Return the data in what the peer has sent, as far as it is whole. Raises ``ssl.SSLError``."""
        self._incoming.write(data)
        found = b""
        while True:
            try:
                piece = self._object.read(65536)
            except ssl.SSLWantReadError:
                return found
            if not piece:
                return found
            found += piece

    def fault(self, error: ssl.SSLError | OSError) -> str:
        """Say what is wrong with the peer's TLS, the certificate's own reasons in a sentence."""
        if isinstance(error, ssl.SSLCertVerificationError):
            reason = _REASONS.get(error.verify_code, f"is not taken: {error.verify_message}")
            return f"{CERTIFICATE} {reason.format(name=self._name)}"
        plain = isinstance(error, ssl.SSLError) and error.reason in _NOT_TLS
        return "what it answers is not TLS" if plain else str(error)


def wants_certificate(error: OSError) -> bool:
    """Whether the peer ended TLS as one does that wants a certificate of the caller (RFC 8446, section 6.2; RFC 5246, 7.2.2)."""
    reason = (error.reason if isinstance(error, ssl.SSLError) else "") or ""
    return reason.endswith(("ALERT_CERTIFICATE_REQUIRED", "ALERT_BAD_CERTIFICATE", "ALERT_HANDSHAKE_FAILURE"))


CERTIFICATE = "its certificate"
"""Begins what is said of a certificate that is not taken."""
_NOT_TLS = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST", "PACKET_LENGTH_TOO_LONG")
_UNKNOWN_CA = "is signed by nobody whom we trust (unknown CA)"
_MISMATCH = "is not for {name} (name mismatch)"
_REASONS = {
    _EXPIRED: "has expired",
    _NOT_YET: "is not valid yet",
    **dict.fromkeys((_NO_ISSUER, _NO_ISSUER_HERE, _ISSUER_UNVERIFIED, _SELF_SIGNED_IN_CHAIN), _UNKNOWN_CA),
    _SELF_SIGNED: "is signed by itself, and not one that we trust (unknown CA)",
    **dict.fromkeys((_OTHER_NAME, _OTHER_ADDRESS), _MISMATCH),
}
