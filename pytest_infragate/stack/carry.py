"""Runs inside a caller's container (Python 3.7 or newer, standard library only): what the prober does, in Python.

Its text is handed to the interpreter there. The head of ``tools/prober/prober.c`` describes what it is told and says.
It imports what is built into the interpreter: ``socket``, ``threading`` and ``typing`` take longer to load than all the rest.
"""

from __future__ import annotations

import _socket as socket
import _thread
import errno
import os
import select
import struct
import time

HEAD_IN = struct.Struct("!IIc")
HEAD_OUT = struct.Struct("!IIcI")
PAYLOAD = 4083
IDLE_S = 120.0
"""Nobody is there any more when nothing was said for so long and nothing is open."""
writing = _thread.allocate_lock()


class Connection:
    """A connection under its number; ``since`` is when the connect began, then when something was last sent."""

    def __init__(self, number: int, carrier: socket.socket, deadline: float) -> None:
        self.number = number
        self.socket = carrier
        self.deadline = deadline
        self.since = time.monotonic()
        self.open = False

    def fileno(self) -> int:
        """Let ``select`` wait for it."""
        return self.socket.fileno()


connections: dict[int, Connection] = {}


def tell(number: int, kind: bytes, since: float, payload: bytes) -> None:
    """Write one frame; its time is what has passed since then."""
    micros = int((time.monotonic() - since) * 1000000) if since else 0
    frame = HEAD_OUT.pack(len(payload), number, kind, micros) + payload
    with writing:
        while frame:
            frame = frame[os.write(1, frame) :]


def look_up(number: int, name: bytes) -> None:
    """Resolve a name and tell what came of it."""
    begun = time.monotonic()
    try:
        # As text every name would be encoded by IDNA first, whose tables take long to load.
        host = name if name.isascii() else name.decode()
        found = [str(entry[4][0]) for entry in socket.getaddrinfo(host, None, 0, socket.SOCK_STREAM)]
    except (OSError, UnicodeError) as error:
        tell(number, b"N", begun, str(getattr(error, "strerror", "") or error).encode())
        return
    tell(number, b"R", begun, " ".join(found).encode()[:PAYLOAD])


def resolve(number: int, payload: bytes) -> None:
    """Resolve a name in a thread, because the system does so only by waiting."""
    name = payload.partition(b" ")[2]
    _thread.start_new_thread(look_up, (number, name))


def connect(number: int, payload: bytes) -> None:
    """Open a connection."""
    kind, timeout, address, port = payload.decode().split()
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    begun = time.monotonic()
    try:
        carrier = socket.socket(family, socket.SOCK_DGRAM if kind == "udp" else socket.SOCK_STREAM)
    except OSError as error:
        tell(number, b"F", begun, str(error.strerror).encode())
        return
    carrier.setblocking(False)
    one = connections[number] = Connection(number, carrier, begun + int(timeout) / 1000)
    code = carrier.connect_ex((address, int(port)))
    if code == 0:
        stand(one)
    elif code != errno.EINPROGRESS:
        fail(one, b"F", os.strerror(code))


def stand(one: Connection) -> None:
    """Tell that a connection stands."""
    one.open = True
    tell(one.number, b"O", one.since, b"")
    one.since = time.monotonic()


def fail(one: Connection, kind: bytes, reason: str) -> None:
    """Tell that a connection does not stand or has ended, and forget it."""
    tell(one.number, kind, one.since, reason.encode())
    end(one)


def end(one: Connection) -> None:
    """Close a connection."""
    one.socket.close()
    del connections[one.number]


def send(one: Connection, payload: bytes) -> None:
    """Send on a connection."""
    try:
        sent = one.socket.send(payload)
    except OSError as error:
        fail(one, b"E", str(error.strerror))
        return
    one.since = time.monotonic()
    if sent < len(payload):
        fail(one, b"E", "the peer does not read what it is sent")


def read(number: int, payload: bytes) -> None:
    """Tell the content of a file."""
    try:
        with open(payload.decode(), "rb") as file:  # noqa: PTH123  (pathlib takes as long to load as all the rest)
            content = file.read()
    except OSError as error:
        tell(number, b"E", 0, str(error.strerror).encode())
        return
    for at in range(0, len(content), PAYLOAD):
        tell(number, b"d", 0, content[at : at + PAYLOAD])
    tell(number, b"E", 0, b"")


def obey(number: int, kind: bytes, payload: bytes) -> None:
    """Do what one frame says."""
    one = connections.get(number)
    if kind == b"r":
        resolve(number, payload)
    elif kind == b"o":
        connect(number, payload)
    elif kind == b"f":
        read(number, payload)
    elif kind == b"d" and one and one.open:
        send(one, payload)
    elif kind == b"c" and one:
        end(one)


def obey_all(held: bytes) -> bytes:
    """Obey every whole frame and return what is left."""
    while len(held) >= HEAD_IN.size:
        length, number, kind = HEAD_IN.unpack_from(held)
        after = HEAD_IN.size + length
        if len(held) < after:
            break
        obey(number, kind, held[HEAD_IN.size : after])
        held = held[after:]
    return held


def attend(one: Connection) -> None:
    """See what has happened to a connection."""
    if not one.open:
        code = one.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code:
            fail(one, b"F", os.strerror(code))
        else:
            stand(one)
        return
    try:
        content = one.socket.recv(PAYLOAD)
    except BlockingIOError:
        return
    except OSError as error:
        fail(one, b"E", str(error.strerror))
        return
    if content:
        tell(one.number, b"d", one.since, content)
    else:
        fail(one, b"E", "")


def wait() -> list[Connection | int]:
    """Return what is ready: the input, 0, and connections; nothing when the time of one is over, or nobody is there."""
    opening = [one for one in connections.values() if not one.open]
    deadline = min([one.deadline for one in opening], default=time.monotonic() + IDLE_S)
    reading: list[Connection | int] = [0, *(one for one in connections.values() if one.open)]
    ready, done, _ = select.select(reading, opening, [], max(deadline - time.monotonic(), 0))
    return [*ready, *done]


def give_up_late_ones() -> None:
    """Fail the connections that do not stand when their time is over."""
    for one in list(connections.values()):
        if not one.open and time.monotonic() >= one.deadline:
            fail(one, b"F", "timed out")


def main() -> None:
    """Serve until the input ends, or nobody is there any more."""
    held = b""
    while True:
        ready = wait()
        if not ready and not connections:
            return
        for one in ready:
            if isinstance(one, Connection):
                attend(one)
        if 0 in ready:
            said = os.read(0, 65536)
            if not said:
                return
            held = obey_all(held + said)
        give_up_late_ones()


if __name__ == "__main__":
    main()
