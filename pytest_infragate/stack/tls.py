"""TLS on our side of a connection that somebody else carries."""

from __future__ import annotations

import ssl


class Tls:
    """The client's side of TLS on bytes alone; certificates are not what is asked about."""

    def __init__(self, host: str) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._object = context.wrap_bio(self._incoming, self._outgoing, server_hostname=host)
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
