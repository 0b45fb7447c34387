"""Runs inside a caller's container (Python 3.7 or newer, standard library only): asks and prints what came of it.

Its text is handed to the interpreter there, with the questions as JSON in its only argument.
"""

from __future__ import annotations

import json
import socket
import ssl
import sys
import threading
import time
from typing import Any


def resolve(host: str, timeout_s: float) -> list[str] | str:
    """Return the addresses of a name (IPv4 ones if it has any), or the text of what went wrong."""
    found: list[list[str] | str] = []

    def look_up() -> None:
        try:
            found.append([str(entry[4][0]) for entry in socket.getaddrinfo(host, None, 0, socket.SOCK_STREAM)])
        except (OSError, UnicodeError) as error:
            found.append(str(error))

    thread = threading.Thread(target=look_up)
    thread.daemon = True
    thread.start()
    thread.join(timeout_s)
    if not found:
        return f"no answer from the name server within {timeout_s:g} s"
    outcome = found[0]
    if isinstance(outcome, str):
        return outcome
    addresses = list(dict.fromkeys(outcome))
    return [address for address in addresses if ":" not in address] or addresses


def read(connection: socket.socket, question: dict[str, Any], deadline: float) -> bytes:
    """Return what the peer says, bounded in size and time."""
    reply = b""
    while len(reply) < question["read"] and time.monotonic() < deadline:
        connection.settimeout(max(deadline - time.monotonic(), 0.001))
        chunk = connection.recv(question["read"] - len(reply))
        reply += chunk
        if not chunk or not question["line"] or b"\n" in reply:
            break
    return reply


def wrap(connection: socket.socket, question: dict[str, Any]) -> ssl.SSLSocket:
    """Return the connection inside TLS; certificates are not what is asked about."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context.wrap_socket(connection, server_hostname=question["host"])


def converse(connection: socket.socket, question: dict[str, Any], answer: dict[str, Any]) -> None:
    """Send and read; a peer that stays silent or hangs up is told as such, not as a failed connect."""
    begun = time.monotonic()
    try:
        if question["tls"]:
            connection = wrap(connection, question)
        connection.sendall(bytes.fromhex(question["send"]))
        reply = read(connection, question, begun + question["timeout_s"])
        answer["reply"] = reply.hex()
        answer["reply_s"] = time.monotonic() - begun
        answer["detail"] = "" if reply else "the connection was closed without a reply"
    except ssl.SSLError as error:
        answer.update(failure="tls", detail=str(error))
    except TimeoutError:
        answer["detail"] = f"no reply within {question['timeout_s']:g} s"
    except OSError as error:
        answer["detail"] = f"the connection broke: {error}"


def ask(address: str, question: dict[str, Any]) -> dict[str, Any]:
    """Connect to one address and return what came of it."""
    begun = time.monotonic()
    answer: dict[str, Any] = {"address": address}
    try:
        connection = socket.create_connection((address, question["port"]), question["timeout_s"])
    except OSError as error:
        text = "timed out" if isinstance(error, socket.timeout) else str(error)
        answer.update(error=text)
        return answer
    answer["connect_s"] = time.monotonic() - begun
    if question["read"]:
        converse(connection, question, answer)
    connection.close()
    return answer


def work(question: dict[str, Any], results: list[Any], index: int) -> None:
    """Resolve, ask every address, and leave the result where the printing finds it."""
    begun = time.monotonic()
    found = question["addresses"] or resolve(question["host"], question["timeout_s"])
    result: dict[str, Any] = {"resolve_s": time.monotonic() - begun}
    if isinstance(found, str):
        result["unresolved"] = found
    else:
        result["resolved"] = found
        result["answers"] = [ask(address, question) for address in found if question["port"] is not None]
    results[index] = result


def main() -> None:
    """Ask everything, a few at a time, and print one JSON list in the order of the questions."""
    questions = json.loads(sys.argv[1])
    results: list[Any] = [None] * len(questions)
    for first in range(0, len(questions), 8):
        threads = [
            threading.Thread(target=work, args=(questions[index], results, index))
            for index in range(first, min(first + 8, len(questions)))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    sys.stdout.write(json.dumps(results))


if __name__ == "__main__":
    main()
