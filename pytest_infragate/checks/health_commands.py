"""What a healthcheck runs, read as a shell would read it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

Words = tuple[str, ...]

_SHELL = re.compile(r"(?:^|/)(?:ba|da|a|z|k)?sh$")
_SCRIPT_OPTION = re.compile(r"-\w*c")
_OPERATOR = re.compile(r"[;&|()\n]+")
_LEADING = frozenset(
    {"if", "then", "else", "elif", "do", "while", "until", "!", "{", "exec", "time", "env", "command", "sudo"}
)
_TOKEN = re.compile(r"""[;&|()\n]+|(?:[^\s;&|()'"\\]|'[^']*'|"(?:\\.|[^"\\])*"|\\.)+|['"\\]""", re.DOTALL)
_QUOTED = re.compile(r"""'([^']*)'|"((?:\\.|[^"\\])*)"|\\(.)""", re.DOTALL)
_QUOTE = re.compile(r"""['"\\]""")
_OPEN = frozenset("'\"\\")
_REMEMBERED = 4096
"""Of so many tests what they start is remembered: several checks ask for it."""
_ASSIGNMENT = re.compile(r"\w+=")


def script(test: Sequence[str]) -> str | None:
    """Return the text that a shell interprets, ``None`` where the test starts a program without one.

    Of several words after ``CMD-SHELL`` only the first is interpreted; the shell takes the others as its arguments.
    """
    kind, *rest = test or ("",)
    if kind == "CMD-SHELL":
        return rest[0] if rest else ""
    return script_of(rest)


def script_of(argv: Sequence[str]) -> str | None:
    """Return the text after ``sh -c``, ``None`` where an argument list starts something else."""
    if not argv or not _SHELL.search(argv[0]):
        return None
    following = (argv[index + 1] for index in range(1, len(argv) - 1) if _SCRIPT_OPTION.fullmatch(argv[index]))
    return next(following, None)


@lru_cache(maxsize=_REMEMBERED)
def commands(test: Words) -> tuple[Words, ...]:
    """Return the programs that a test starts, each with its arguments; nothing where the quotes do not match."""
    text = script(test)
    if text is None:
        return (tuple(test[1:]),) if test[:1] == ("CMD",) and len(test) > 1 else ()
    return tuple(simple_commands(text))


def simple_commands(text: str) -> Iterator[Words]:
    """Cut shell text at its operators; keywords and assignments before a program's name are left out."""
    words: list[str] = []
    for token in [*_tokens(text), ";"]:
        if not _OPERATOR.fullmatch(token):
            words.append(token)
            continue
        called = _without_prefix(words)
        words = []
        if called:
            yield called


def program(words: Words) -> str:
    """``/usr/bin/curl`` -> ``curl``."""
    return words[0].rpartition("/")[2]


def _tokens(text: str) -> list[str]:
    """Cut shell text into operators and words without their quotes; nothing where a quote is not closed."""
    found = [match[0] for match in _TOKEN.finditer(text)]
    if any(token in _OPEN for token in found):
        return []
    return [_QUOTED.sub(_inside, token) if _QUOTE.search(token) else token for token in found]


def _inside(quoted: re.Match[str]) -> str:
    return next(group for group in quoted.groups() if group is not None)


def _without_prefix(words: Sequence[str]) -> Words:
    start = 0
    while start < len(words) and (words[start] in _LEADING or _ASSIGNMENT.match(words[start])):
        start += 1
    return tuple(words[start:])
