"""Finds hosts with ports in the text of a service: URLs, ``host:port``, DSNs, ``*_HOST`` variables, options."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise

from .ports import SCHEME_PORTS

_NAME = r"[A-Za-z0-9](?:[\w.-]*\w)?"
_URL = re.compile(r"(?P<scheme>[A-Za-z][\w+.-]*)://(?P<authority>(?:(?!,\s*[A-Za-z][\w+.-]*://)[^\s/?#\"'<>;|)}`\\])*)")
_PATH = re.compile(r"/\w")
_HOST_PORT = re.compile(rf"(?<![\w.-])(?=[\w.-]*[A-Za-z])(?P<host>{_NAME}):(?P<port>\d{{1,5}})(?![\w.:-]|\.\d)")
_AUTHORITY = re.compile(rf"^(?P<host>\[[0-9A-Fa-f:.]+\]|{_NAME})\.?(?::(?P<port>\d{{1,5}}))?$")
_ORACLE = re.compile(rf"\boracle:\w+:[^@\s]*@(?P<host>{_NAME}):(?P<port>\d{{1,5}}):")
"""Oracle's JDBC URLs may name an instance behind the port."""
_DEV_TCP = re.compile(rf"/dev/tcp/(?P<host>{_NAME})/(?P<port>\d{{1,5}})\b")
_DSN_HOST = re.compile(
    rf"(?:^|[\s;,'\"?&(])(?:host|hostname|server|data source|addr|address)\s*=\s*['\"]?(?:tcp:)?(?P<host>{_NAME})"
    r"(?:\s*,\s*(?P<port>\d{1,5}))?",
    re.IGNORECASE,
)
_DSN_PORT = re.compile(r"(?:^|[\s;,'\"?&(])port\s*=\s*['\"]?(?P<port>\d{1,5})\b", re.IGNORECASE)
_NOT_HOSTS = re.compile(r"\b(?:chown|docker|podman)\b[^;&|\n]*")
"""Commands whose ``name:number`` is an owner or an image."""

_HOST_KEY = re.compile(
    r"^(?:HOST|(?P<prefix>.+?)[_.]*(?:HOSTS?|HOSTNAME|SERVERS?|ADDR|ADDRESS|ADDRESSES|ENDPOINTS?|BROKERS?"
    r"|NODES|SEEDS|URLS?|URI))$",
    re.IGNORECASE,
)
_NOT_CALLED_KEY = re.compile(
    r"(?:^|[_.])(?:(?:NO_PROXY|CORS|ORIGINS?|ALLOWED_HOSTS?|TRUSTED|ADVERTISED?|LISTENERS?|REDIRECT|CALLBACK"
    r"|VIRTUAL_HOST|SERVER_NAME)(?:[_.]|$)|(?:IMAGE|TAG|VERSION)(?:[_.](?:NAME|URL|REF|REPO|REPOSITORY|REGISTRY|TAG))?$)",
    re.IGNORECASE,
)
"""Variables that name hosts which the service itself does not call."""

_NOT_CALLED_PORT = re.compile(r"CONSOLE|UI|ADMIN|DASHBOARD|METRICS|EXPORTER|EXPOSED?|PUBLIC|EXTERNAL", re.IGNORECASE)
"""What a port is for that the program itself does not call, where there is another one."""

_HOST_OPTION = re.compile(
    r"^--?(?P<prefix>(?:[\w.-]*[-_.])?)(?:h|host|hostname|server|addr|address)(?:=(?P<value>.+))?$", re.IGNORECASE
)
_PORT_OPTION = re.compile(r"^(?:-p|--?(?P<prefix>(?:[\w.-]*[-_.])?)port)(?:=?(?P<value>\d{1,5}))?$", re.IGNORECASE)
_SPLIT = re.compile(r"[\s;&|()'\"`<>]+")
_ONE_COMMAND = re.compile(r"[^;&|()`\n]+")
_RAW_CLIENTS = frozenset({"nc", "ncat", "netcat", "telnet"})


@dataclass(frozen=True)
class Mention:
    """A host that a text names; ``scheme`` only where a URL says it, ``port`` ``None`` where nothing says it."""

    host: str
    port: int | None = None
    scheme: str = ""
    strong: bool = True
    """Whether the text can only mean a host (a URL, a ``*_HOST`` variable), as opposed to any ``word:number``."""
    implied: bool = field(default=False, compare=False)
    """Whether the port is the scheme's, because the URL names none and ends with its host: more may be put behind it."""


def in_environment(environment: Mapping[str, str]) -> Iterator[tuple[str, Mention]]:
    """Yield the hosts that environment values name, each with the variable that names it."""
    plain = {_plain(key): value for key, value in environment.items()}
    for key, value in environment.items():
        if _NOT_CALLED_KEY.search(key):
            continue
        for mention in in_text(value):
            yield key, mention
        for mention in _in_host_variable(key, value, plain):
            yield key, mention


def is_host_variable(key: str) -> bool:
    """Return whether a variable of this name usually holds hosts (``DB_HOST``, ``KAFKA_BROKERS``)."""
    return bool(_HOST_KEY.match(key)) and not _NOT_CALLED_KEY.search(key)


def further_ports(key: str, environment: Mapping[str, str]) -> tuple[int, ...]:
    """Return the ports in variables beside a ``*_HOST`` that have one or two words more: ``DB_HTTP_PORT``, ``DB_PORT_GRPC``.

    A variable that belongs to another host (``DB_REPLICA_PORT`` beside ``DB_REPLICA_HOST``) is none of them; nor is, beside
    a ``DB_PORT``, one for people or for monitoring.
    """
    match = _HOST_KEY.match(key)
    prefix = match["prefix"] if match else None
    candidates = [other for other in environment if "PORT" in other.upper()] if prefix else []
    further = [other for other in candidates if _plain(other) != _plain(prefix or "") + "PORT"]
    if prefix is None or not further:
        return ()
    has_main = len(further) < len(candidates)
    words = {other: named["word"] or "" for other in further if (named := _further_port(prefix).fullmatch(other))}
    hosts = {_plain(host["prefix"]) for other in environment if (host := _HOST_KEY.match(other)) and host["prefix"]}
    own = {other: word for other, word in words.items() if not word or _plain(prefix + word) not in hosts}
    called = (other for other, word in own.items() if not (has_main and _NOT_CALLED_PORT.search(word)))
    return tuple(port for other in called if (port := _port(environment[other])) is not None)


@lru_cache(maxsize=1024)
def _further_port(prefix: str) -> re.Pattern[str]:
    before = re.escape(prefix)
    return re.compile(rf"{before}_(?:(?P<word>[A-Z0-9]+(?:_[A-Z0-9]+)?)_PORT|PORT_[A-Z0-9]+)", re.IGNORECASE)


def in_command(words: Sequence[str]) -> Iterator[Mention]:
    """Yield the hosts that an argument list or a shell line names."""
    text = _NOT_HOSTS.sub(" ", " ".join(words))
    yield from in_text(text)
    for command in _ONE_COMMAND.findall(text):
        yield from _in_options(_parts(command))
    yield from _after_raw_client(_parts(text))


def in_text(text: str) -> Iterator[Mention]:
    """Yield the hosts in URLs (with their scheme's port), ``host:port``, DSNs and bash's ``/dev/tcp``."""
    rest = text
    for match in _URL.finditer(text):
        rest = rest.replace(match[0], " ")
        whole = bool(_PATH.match(text, match.end()))
        yield from _in_authority(match["scheme"].lower(), match["authority"], whole=whole)
    for pattern in (_HOST_PORT, _ORACLE, _DEV_TCP):
        for match in pattern.finditer(rest):
            if (port := _port(match["port"])) is not None:
                yield Mention(match["host"], port, strong=False)
    yield from _in_dsn(rest)


def _in_authority(scheme: str, authority: str, *, whole: bool) -> Iterator[Mention]:
    """``user:pass@db:5432,db2`` -> each host; the scheme's own port where none is named. ``whole``: a path follows."""
    default = _scheme_port(scheme)
    for part in authority.rpartition("@")[2].split(","):
        match = _AUTHORITY.match(part.strip() if part.startswith("[") else part.strip().rstrip("]."))
        if match:
            port = _port(match["port"])
            yield Mention(match["host"].strip("[]"), port or default, scheme, implied=port is None and not whole)


def _scheme_port(scheme: str) -> int | None:
    """``postgresql+psycopg`` and ``git+ssh`` carry the known scheme in either part."""
    known = [SCHEME_PORTS[part] for part in (scheme, *scheme.split("+")) if part in SCHEME_PORTS]
    return known[0] if known else None


def _in_dsn(text: str) -> Iterator[Mention]:
    port = _DSN_PORT.search(text)
    for match in _DSN_HOST.finditer(text):
        yield Mention(match["host"], _port(match["port"] or (port["port"] if port else None)))


def _in_host_variable(key: str, value: str, plain: Mapping[str, str]) -> Iterator[Mention]:
    """``DB_HOST: db`` with ``DB_PORT: 5432``; a list of names may be separated by commas or spaces.

    ``PORT`` beside ``HOST`` is usually the port that the service itself listens on, so it is not taken.
    """
    match = _HOST_KEY.match(key)
    if match is None:
        return
    port = _port(plain.get(_plain(match["prefix"]) + "PORT")) if match["prefix"] else None
    for name in re.split(r"[,;\s]+", value):
        if re.fullmatch(_NAME, name):
            yield Mention(name, port)


def _parts(text: str) -> list[str]:
    return [part for part in _SPLIT.split(text) if part]


def _in_options(parts: Sequence[str]) -> Iterator[Mention]:
    """``-h db -p 5432``, ``--db-host=db --db-port=5433``; a port that is named in another way belongs to somebody else."""
    ports: dict[str, str] = {}
    for prefix, port in _option_values(parts, _PORT_OPTION):
        ports.setdefault(prefix, port)
    for prefix, host in _option_values(parts, _HOST_OPTION):
        if re.fullmatch(_NAME, host):
            yield Mention(host, _port(ports.get(prefix)))


def _option_values(parts: Sequence[str], option: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    """Yield what stands before the name of each such option, and its value."""
    for index, part in enumerate(parts):
        match = option.match(part)
        value = (match["value"] or next(iter(parts[index + 1 : index + 2]), "")) if match else ""
        if match and value:
            yield (match["prefix"] or "").strip("-_.").lower(), value


def _after_raw_client(parts: Sequence[str]) -> Iterator[Mention]:
    """``nc -z db 5432``."""
    called = False
    for word, following in pairwise(parts):
        called = called or word.rpartition("/")[2] in _RAW_CLIENTS
        if called and following.isdigit() and re.fullmatch(_NAME, word):
            yield Mention(word, _port(following))


def _plain(key: str) -> str:
    return re.sub(r"[_.]+", "", key).upper()


def _port(text: str | None) -> int | None:
    number = int(text) if text and text.isdigit() else 0
    return number if 0 < number < 65536 else None
