"""Whom a Caddy calls: ``reverse_proxy``, ``php_fastcgi`` and ``forward_auth`` of a Caddyfile. Source: Caddy documentation, Caddyfile directives."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from .calls import Call, Written, address, filled

_DIRECTIVES = frozenset({"reverse_proxy", "php_fastcgi", "forward_auth"})
_UPSTREAMS = frozenset({"to"})
_VARIABLE = re.compile(r"\{(?:\$|env\.)(?P<name>\w+)(?::(?P<default>[^}]*))?\}")
_COMMENT = re.compile(r"(^|\s)#.*")
_MATCHER = ("@", "/", "*")
_DEFAULT_PORT = 80


def caddy(written: Written) -> Iterator[Call]:
    """Yield the upstreams, on the line of the directive and after ``to`` in its block."""
    directive, depth = "", 0
    for number, line in enumerate(_filled(written.text, written.environment).splitlines(), 1):
        words = _COMMENT.sub(r"\1", line).split()
        if not words:
            continue
        found: tuple[str, ...] = ()
        if words[0] in _DIRECTIVES:
            directive, depth = words[0], 0
            found = tuple(words[1:])
        elif directive and depth == 1 and words[0] in _UPSTREAMS:
            found = tuple(words[1:])
        for word in found:
            called = None if word.startswith((*_MATCHER, "{", "unix")) else address(word, _DEFAULT_PORT)
            if called:
                yield Call(called, f"caddy {directive}", written.location(number))
        depth += words.count("{") - words.count("}")
        if depth <= 0:
            directive = ""


def _filled(text: str, environment: Mapping[str, str]) -> str:
    known = _VARIABLE.sub(lambda match: environment.get(match["name"]) or match["default"] or match[0], text)
    return filled(known, environment)
