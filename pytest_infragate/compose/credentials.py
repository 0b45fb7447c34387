"""Recognises secrets in what people write: by the name of a variable, by the option before a word, in URLs.

Nothing here returns a secret's value to be shown; callers name the variable or option.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

_NAME = re.compile(
    r"(?:pass(?:word|wd|phrase)|(?:^|[_.-])(?:pass|pwd|secrets?|tokens?|credentials?|api_?keys?|secret_?key(?:_?base)?"
    r"|private_?key|access_?key|encryption_?key|signing_?key|master_?key))$",
    re.IGNORECASE,
)
_NO_SECRET = re.compile(
    r"(?:^|[_.-])(?:public|publishable|no|allow|random|enable|disable|require|min|max|generate|reset|forgot|use|has)[_.-]",
    re.IGNORECASE,
)
_NO_VALUE = re.compile(
    r"^(?:|true|false|yes|no|on|off|none|null|nil|[01]|optional|required|/[\w./-]+|(?:file|https?)://[^@]*)$",
    re.IGNORECASE,
)
_OPTION = re.compile(r"^(?:--?(?P<name>[\w.-]+?)|(?P<variable>[A-Za-z_]\w*))(?:=(?P<value>.*))?$", re.DOTALL)
_OPTION_NAME = re.compile(
    r"^(?:requirepass|masterauth|.*(?:password|passwd|passphrase|secret|token|api-?key|secret-key))$"
)
_URL_PASSWORD = re.compile(r"(?P<before>(?<![\w+.-])[A-Za-z][\w+.-]*://[^\s:/@]*:)(?P<password>[^\s@/]+)@")
_REFERENCE = re.compile(r"[$`]")
"""A variable of Compose or of the container, or what a shell puts in its place."""
_DEFAULT = re.compile(r"\$\{(?P<name>\w+):?-(?P<value>[^}$]+)\}")


def is_credential_name(name: str) -> bool:
    """Return whether a variable of this name holds a secret itself (``DB_PASSWORD``, not ``DB_PASSWORD_FILE``)."""
    return bool(_NAME.search(name)) and not _NO_SECRET.search(f"_{name}")


def is_literal(written: str) -> bool:
    """Return whether a text as written gives a value itself: no variable, no path, no ``true``, not empty."""
    return not _REFERENCE.search(written) and not _NO_VALUE.match(written.strip())


def defaults(written: str) -> Iterator[tuple[str, str]]:
    """Yield the variables of a text that have a default, each with it: ``${DB_PASSWORD:-postgres}``."""
    for match in _DEFAULT.finditer(written):
        if not _NO_VALUE.match(match["value"]):
            yield match["name"], match["value"]


def url_passwords(written: str) -> Iterator[str]:
    """Yield the passwords inside URLs, as they are written."""
    return (match["password"] for match in _URL_PASSWORD.finditer(written))


def without_passwords(written: str) -> str:
    """Return a text with ``***`` in place of the passwords inside its URLs."""
    return _URL_PASSWORD.sub(r"\g<before>***@", written) if "://" in written else written


def option_values(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield the options of an argument list that take a secret, each with its value as written.

    ``--requirepass x``, ``--password=x``, ``-a x`` of redis-cli, ``-px`` of the MySQL clients, ``PGPASSWORD=x``.
    """
    parts = [part.strip("'\"") for word in words for part in word.split()]
    program = ""
    for index, part in enumerate(parts):
        following = parts[index + 1] if index + 1 < len(parts) else ""
        base = part.rpartition("/")[2]
        if base in ("redis-cli", "valkey-cli", "mysql", "mysqladmin", "mariadb", "mariadb-admin", "mysqldump"):
            program = base
        elif program.endswith("-cli") and part == "-a":
            yield part, following
        elif program.startswith(("mysql", "mariadb")) and part.startswith("-p") and len(part) > 2:
            yield "-p", part[2:]
        elif part.startswith("-") or "=" in part:
            yield from _long_option(part, following)


def _long_option(part: str, following: str) -> Iterator[tuple[str, str]]:
    match = _OPTION.match(part)
    if match is None:
        return
    name, variable, value = match["name"], match["variable"], match["value"]
    if variable is not None and value is not None and is_credential_name(variable):
        yield variable, value
    elif name is not None and _OPTION_NAME.match(name.lower()):
        after = "" if following.startswith("-") else following
        yield f"--{name}" if len(name) > 1 else f"-{name}", after if value is None else value
