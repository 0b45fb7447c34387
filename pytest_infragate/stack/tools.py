"""How each kind of tool that an image may have is told what to ask, and how its output is read."""

from __future__ import annotations

import enum
import math
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..errors import InfragateError
from .exchange import Answer, Exchange, Failure, Question, failure_named, literal

_HERE = Path(__file__).parent
_CANDIDATES = ("python3", "bash", "nc", "busybox", "timeout", "od", "dd", "cat", "sleep")
FIND_TOOLS = (
    "sh",
    "-c",
    f"for tool in {' '.join(_CANDIDATES)}; do command -v $tool >/dev/null 2>&1 && echo $tool; done; :",
)
"""Prints the candidates that an image has."""
FIND_PYTHON = ("python3", "-I", "-S", "-c", "print('python3')")
"""The same for images without a shell."""
_READ_FILES = "import sys\nfor path in sys.argv[1:]:\n try: print(open(path).read())\n except OSError as error: print(error, file=sys.stderr)"
_TIMED_OUT_CODES = frozenset({124, 143, 137})
"""How ``timeout`` tells that it ended the program."""


class ToolOutputError(InfragateError):
    """What a tool printed inside a container is not what was agreed."""


class Tools(str, enum.Enum):
    """What an image has for asking, best first; the value is how messages name it."""

    PYTHON = "python3"
    BASH = "bash"
    NC = "nc"
    NONE = "nothing"

    @property
    def is_relay(self) -> bool:
        """Whether it carries conversations of several steps, and TLS."""
        return self is Tools.PYTHON


def best_of(programs: frozenset[str]) -> Tools:
    """Return the best kind of tool among the programs that an image has."""
    if "python3" in programs:
        return Tools.PYTHON
    bounded = {"timeout", "od", "dd"} <= programs
    if "bash" in programs and bounded:
        return Tools.BASH
    return Tools.NC if bounded and programs & {"nc", "busybox"} else Tools.NONE


def carrying() -> tuple[str, ...]:
    """Return the argument list of a relay for ``python3``."""
    return ("python3", "-I", "-S", "-c", (_HERE / "carry.py").read_text(encoding="utf-8"))


def asking(tools: Tools, questions: Sequence[Question]) -> tuple[str, ...]:
    """Return the argument list that asks ``questions`` inside a container with bash or nc, one exchange each."""
    words = [word for index, question in enumerate(questions) for word in _words(index, question)]
    return ("sh", "-c", (_HERE / "ask.sh").read_text(encoding="utf-8"), "sh", tools.value, *words)


def reading(tools: Tools, paths: Sequence[str]) -> tuple[str, ...]:
    """Return the argument list that prints files inside a container; a missing file is skipped."""
    if tools is Tools.PYTHON:
        return ("python3", "-I", "-S", "-c", _READ_FILES, *paths)
    return ("cat", *paths)


def understand(tools: Tools, questions: Sequence[Question], output: str) -> tuple[Exchange, ...]:
    """Return what came of the questions, one exchange each and in their order. Raises ToolOutputError."""
    try:
        exchanges = tuple(_from_lines(questions, output))
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise ToolOutputError(f"the answer of {tools.value} could not be understood: {output[:200]!r}") from error
    if len(exchanges) != len(questions):
        raise ToolOutputError(f"{tools.value} answered {len(exchanges)} of {len(questions)} questions")
    return exchanges


def _words(index: int, question: Question) -> tuple[str, ...]:
    """Return the seven words of one question for the shell script; its timeouts are whole seconds."""
    return (
        str(index),
        question.host,
        (literal(question.host) or ["-"])[0],
        "-" if question.port is None else str(question.port),
        str(max(math.ceil(question.timeout_s), 1)),
        "".join(f"\\{byte:03o}" for byte in question.send),
        str(question.read),
    )


def _unresolved(question: Question, text: str) -> Exchange:
    return Exchange(question, trouble=Failure.NOT_RESOLVABLE, trouble_detail=text)


def _from_lines(questions: Sequence[Question], output: str) -> Iterator[Exchange]:
    """Read the shell script's lines; see its head for their form."""
    lines = [line.split(" ", 2) for line in output.splitlines() if line[:2] in {"R ", "N ", "T "}]
    for index, question in enumerate(questions):
        mine = {kind: [line[2] for line in lines if line[0] == kind and line[1] == str(index)] for kind in "RNT"}
        if mine["R"]:
            answers = tuple(_shell_answer(question, text) for text in mine["T"])
            yield Exchange(question, tuple(mine["R"][0].split()), None, answers)
        elif mine["N"]:
            yield _unresolved(question, mine["N"][0])


def _shell_answer(question: Question, line: str) -> Answer:
    """Return one address's answer from ``address exit-code text``."""
    address, code, text = (*line.split(" ", 2), "")[:3]
    _, opened, rest = text.partition("open ")
    if not opened:
        timed_out = int(code) in _TIMED_OUT_CODES
        detail = "timed out" if timed_out else text.strip() or f"the connect failed (exit code {code})"
        return Answer(address, failure=failure_named(detail), detail=detail)
    begun, connected, *told = rest.split()
    reply = bytes.fromhex(told[0]) if told and "." not in told[0] else b""
    ended = told[-1] if told and "." in told[-1] else "0"
    return Answer(
        address,
        connect_s=_between(begun, connected),
        reply_s=_between(connected, ended) if reply else None,
        reply=reply,
        detail=f"no reply within {question.timeout_s:g} s" if question.read and not reply else "",
    )


def _between(begun: str, ended: str) -> float | None:
    """Return the seconds between two clock readings of bash; older ones print 0, and nc's have none."""
    return float(ended) - float(begun) if float(begun) and float(ended) else None
