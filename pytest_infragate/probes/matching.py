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

BUDGET_S = 2.0
"""The CPU time of one search, in seconds: on a busy machine the start of the program alone may take longer by the clock."""
_PATIENCE_S = 60.0
"""How long an answer may take by the clock, in seconds: only a machine that does nothing for us any more is given up."""
_PROGRAM = """
import base64, json, re, signal, sys
def too_slow(number, frame):
    raise TimeoutError
pattern, text, budget_s = json.loads(sys.stdin.readline())
signal.signal(signal.SIGVTALRM, too_slow)
signal.setitimer(signal.ITIMER_VIRTUAL, budget_s)
try:
    held = re.search(pattern.encode(), base64.b64decode(text)) is not None
except TimeoutError:
    held = None
print(json.dumps(held), flush=True)
"""
_LITERAL = re.compile(r"[^\\.^$*+?{}\[\]|()]*")


def found(pattern: str, text: bytes, budget_s: float = BUDGET_S) -> bool | None:
    """Return whether a text holds a pattern, ``None`` where the search took too long; a pattern may name bytes by number.

    Raises ``ProcessError`` where the program that searches cannot be started.
    """
    if _LITERAL.fullmatch(pattern):
        return pattern.encode() in text
    answers: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    program = Companion((sys.executable, "-I", "-S", "-c", _PROGRAM), answers.put)
    try:
        program.send(json.dumps([pattern, base64.b64encode(text).decode(), budget_s]).encode())
        held: bool | None = json.loads(answers.get(timeout=_PATIENCE_S))
    except queue.Empty:
        return None
    finally:
        program.close()
    return held
