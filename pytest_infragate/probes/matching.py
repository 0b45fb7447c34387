"""Searches what a service answered for a pattern of the user, in a program of its own.

A pattern can take exponential time, and while Python searches, no other thread runs: here it would hold the whole run.
"""

from __future__ import annotations

import base64
import json
import queue
import re
import sys

from ..companions import Companion

PATIENCE_S = 2.0
"""How long one search may take, the start of the program included, in seconds."""
_PROGRAM = """
import base64, json, re, sys
pattern, text = json.loads(sys.stdin.readline())
print(int(re.search(pattern.encode(), base64.b64decode(text)) is not None), flush=True)
"""
_LITERAL = re.compile(r"[^\\.^$*+?{}\[\]|()]*")


def found(pattern: str, text: bytes, patience_s: float = PATIENCE_S) -> bool | None:
    """Return whether a text holds a pattern, ``None`` where the search took too long; a pattern may name bytes by number.

    Raises ``ProcessError`` where the program that searches cannot be started.
    """
    if _LITERAL.fullmatch(pattern):
        return pattern.encode() in text
    answers: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    program = Companion((sys.executable, "-I", "-S", "-c", _PROGRAM), answers.put)
    try:
        program.send(json.dumps([pattern, base64.b64encode(text).decode()]).encode())
        return int(answers.get(timeout=patience_s)) == 1
    except queue.Empty:
        return None
    finally:
        program.close()
