"""Parses what probes and edges say of the question itself: what is sent, what must come back, whether TLS is checked."""

from __future__ import annotations

import json
import re
import warnings
from dataclasses import replace
from typing import Any

from ..compose.node import Node
from ..settings import ProbeSettings
from ..suggest import listed
from .notation import arguments
from .problems import ContradictionError, InvalidError, Trail
from .schema import Key, list_of
from .values import deadline, file, flag, text, whole

HTTP = ("http", "https")
_IN_TLS = ("https", "grpcs", "smtps")
_HEX = "hex:"
_OF_HTTP, _OF_UDP = ("status", "body", "json"), ("send", "expect")
_OF_CERTIFICATE = ("ca", "server_name")
_OF_TLS = ("tls", "verify", *_OF_CERTIFICATE)


def _statuses(node: Node, trail: Trail) -> tuple[int, ...]:
    """Return one HTTP status or a list of them."""
    one = whole(100, 599)
    return list_of(one, "HTTP statuses")(node, trail) if node.is_sequence else (one(node, trail),)


def _pattern(node: Node, trail: Trail) -> str:
    """Return a regular expression that can be searched in bytes."""
    written = text(node, trail)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            re.compile(written.encode())
    except (re.error, ValueError) as error:
        raise InvalidError(f"expected a regular expression, but {error}") from None
    return written


def _pointers(node: Node, _: Trail) -> tuple[tuple[str, str], ...]:
    """Return JSON pointers with the values that are expected there, as JSON."""
    if not node.is_mapping or not node.entries:
        raise InvalidError("expected a mapping of JSON pointers and values, such as {/status: ok}")
    stray = next((key.text for key, _ in node.entries if not key.text.startswith("/")), None)
    if stray is not None:
        raise InvalidError(f"expected JSON pointers, which begin with '/', and {stray!r} does not: write '/{stray}'")
    return tuple((key, json.dumps(value.plain())) for key, value in node.items())


def _sent(node: Node, trail: Trail) -> bytes:
    """Return what is to be sent: the text itself, or the bytes that ``hex:`` spells out."""
    written = text(node, trail)
    return _bytes(written) if written.startswith(_HEX) else written.encode()


def _awaited(node: Node, trail: Trail) -> str:
    """Return the pattern of a reply: a regular expression, or one of the bytes that ``hex:`` spells out."""
    written = text(node, trail)
    if not written.startswith(_HEX):
        return _pattern(node, trail)
    return "".join(f"\\x{byte:02x}" for byte in _bytes(written))


def _bytes(written: str) -> bytes:
    try:
        found = bytes.fromhex(written[len(_HEX) :])
    except ValueError:
        found = b""
    if not found:
        raise InvalidError("expected pairs of hexadecimal digits after 'hex:', such as 'hex:12 34 01 00'")
    return found


def _authorities(node: Node, trail: Trail) -> str:
    """Return the absolute path of a file with certificates."""
    import ssl

    path = file(node, trail)
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
    except ssl.SSLError:
        raise InvalidError(f"{path} holds no certificate: expected one or more in PEM") from None
    return path


KEYS = (
    Key("status", _statuses),
    Key("body", _pattern),
    Key("json", _pointers),
    Key("send", _sent),
    Key("expect", _awaited),
    Key("exec", arguments, "argv"),
    Key("timeout", deadline, "timeout_s"),
    Key("tls", flag),
    Key("verify", flag),
    Key("ca", _authorities),
    Key("server_name", text),
)
"""The keys that say how something is asked; ``refined`` takes their values."""


def refined(probe: ProbeSettings, wishes: dict[str, Any]) -> ProbeSettings:
    """Return a probe with what such keys say. Raises ContradictionError where they do not fit it."""
    _demand_only(
        wishes, _OF_HTTP, probe.protocol in HTTP, "beside HTTP: a URL with http:// or https://, or an edge with a path"
    )
    _demand_only(wishes, _OF_UDP, probe.protocol == "udp", "beside UDP")
    _demand_only(wishes, ("timeout_s",), probe.protocol == "exec", "beside exec")
    _demand_only(wishes, _OF_TLS, probe.protocol not in ("udp", "exec"), "for what is asked over TCP")
    if probe.protocol == "udp" and "send" not in wishes:
        raise ContradictionError("UDP answers nothing unasked: expected send, and expect with a pattern of the reply")
    verify = wishes.get("verify", False)
    _demand_only(wishes, _OF_CERTIFICATE, verify, "beside verify: true, which has the certificate checked")
    if verify and wishes.get("tls") is False:
        raise ContradictionError("without TLS there is no certificate: expected verify without tls: false")
    tls = verify or wishes.get("tls", False)
    if not tls and "tls" in wishes and probe.protocol in _IN_TLS:
        raise ContradictionError(f"{probe.protocol} is spoken over TLS: leave out tls: false")
    return replace(probe, **{**wishes, "tls": tls})


def _demand_only(wishes: dict[str, Any], keys: tuple[str, ...], fits: bool, where: str) -> None:
    """Raise ContradictionError for keys that stand where they mean nothing."""
    misplaced = [key.removesuffix("_s") for key in keys if key in wishes]
    if misplaced and not fits:
        raise ContradictionError(f"{listed(misplaced, 'and')}: expected only {where}")
