"""Whom an nginx calls: ``proxy_pass`` and its like, through ``upstream`` blocks and variables of ``set``.

Source: nginx documentation, modules ngx_http_proxy, ngx_http_upstream, ngx_http_fastcgi, ngx_http_grpc, ngx_stream_proxy.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from ..mentions import Mention
from .calls import Call, Written, address, filled

_COMMENT = re.compile(r"(^|[\s;{}])#[^\n]*")
_UPSTREAM = re.compile(r"\bupstream\s+(?P<name>[^\s{]+)\s*\{(?P<body>[^}]*)\}")
_SERVER = re.compile(r"(?:^|[;{\s])server\s+(?P<address>[^\s;]+)[^;]*;")
_SET = re.compile(r"\bset\s+\$(?P<name>\w+)\s+(?P<value>[^;]+);")
_PASS = re.compile(r"\b(?P<key>(?:proxy|fastcgi|grpc|uwsgi|scgi|memcached)_pass)\s+(?P<value>[^;]+);")
_WITH_NAME = re.compile(r"\$(?:\{(?P<braced>\w+)\}|(?P<bare>\w+))")
_TEMPLATE = ".template"
_DEFAULT_PORT = 80
_REMEMBERED = 256
"""Of so many texts the upstreams are remembered: each is read once more for every other one."""


@dataclass(frozen=True)
class _Configuration:
    """The text without comments, its variables, and the members of all upstreams that the server knows."""

    written: Written
    text: str
    variables: dict[str, str]
    upstreams: dict[str, tuple[Mention, ...]]


def nginx(written: Written) -> Iterator[Call]:
    """Yield whom the configuration calls; an upstream that nothing passes to is not called."""
    configuration = _read(written)
    for match in _PASS.finditer(configuration.text):
        line = configuration.text.count("\n", 0, match.start()) + 1
        for mention in _called(configuration, match["value"]):
            yield Call(mention, f"nginx {match['key']}", written.location(line))


def _read(written: Written) -> _Configuration:
    text = filled(written.text, written.environment) if written.path.endswith(_TEMPLATE) else written.text
    text = _COMMENT.sub(r"\1", text)
    variables = {match["name"]: match["value"].strip() for match in _SET.finditer(text)}
    upstreams: dict[str, tuple[Mention, ...]] = {}
    for other in (*written.beside, text):
        upstreams.update(_upstreams(other))
    return _Configuration(written, text, variables, upstreams)


@lru_cache(maxsize=_REMEMBERED)
def _upstreams(text: str) -> dict[str, tuple[Mention, ...]]:
    """Return the members of each upstream by its name, which holds in all files of one server."""
    found = _UPSTREAM.finditer(_COMMENT.sub(r"\1", text))
    return {match["name"]: tuple(_members(match["body"])) for match in found}


def _members(body: str) -> Iterator[Mention]:
    for match in _SERVER.finditer(body):
        found = address(match["address"], _DEFAULT_PORT)
        if found and not match["address"].startswith("unix:"):
            yield found


def _called(configuration: _Configuration, value: str) -> Iterator[Mention]:
    """Yield the hosts of one ``…_pass``: those of the upstream that it names, else its own."""
    known = configuration.variables
    text = _WITH_NAME.sub(lambda match: known.get(match["braced"] or match["bare"]) or match[0], value.strip())
    text = text.strip("\"'")
    scheme, _, rest = text.rpartition("://")
    host = re.split(r"[/?]", rest)[0]
    if host in configuration.upstreams:
        yield from configuration.upstreams[host]
    elif "$" not in host and not rest.startswith("unix:"):
        found = address(f"{scheme}://{host}" if scheme else host)
        if found:
            # Nothing can put another port behind it.
            yield replace(found, implied=False)
