"""Keeps secret values out of everything that is shown or written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import MappingProxyType
from urllib.parse import quote, unquote

from .compose.credentials import is_literal, option_values
from .compose.model import Project, Service
from .compose.values import inner, pairs
from .results import CheckResult, Finding, Json

MASK = "***"
_SECRET_NAME = re.compile(
    r"(pass(word|wd|phrase)?|pwd|secret|token|api_?key|private_?key|access_?key|credential|dsn|auth)s?(_|$)",
    re.IGNORECASE,
)
_NOT_A_VALUE = re.compile(r"_(file|path|dir)$", re.IGNORECASE)
_URL_PASSWORD = re.compile(
    # Where a word begins only: searched from each of its letters, a long word would take the square of its length.
    r"(?<![a-z0-9+.-])(?P<scheme>[a-z0-9+.-]+://[^\s:/@]*):(?P<password>[^\s@/]+)@",
    re.IGNORECASE,
)
_SHORTEST = 4
"""Shorter values are not searched for: masking every ``a`` would hide the report and protect nothing."""
_FIRST = 3
"""By so many of their first characters values are told apart before they are compared one by one."""


class Masker:
    """Replaces known secret values, and passwords inside URLs, by ``***``."""

    def __init__(self, values: Iterable[str] = ()) -> None:
        lines = {line.strip() for value in values for line in (value, *value.splitlines())}
        spellings = {spelling for line in lines for spelling in (line, quote(line, safe=""))}
        known = [value for value in spellings if len(value) >= _SHORTEST]
        self._known = re.compile(_any_of(known, _FIRST)) if known else None
        self._longest = max((len(value) for value in known if "\n" not in value), default=0)

    def text(self, text: str) -> str:
        """Return the text without secrets."""
        masked = self._known.sub(MASK, text) if self._known else text
        return _URL_PASSWORD.sub(rf"\g<scheme>:{MASK}@", masked) if "://" in masked else masked

    def cut_line(self, line: str) -> str:
        """Return a line whose end was cut off without secrets; its last characters could be the beginning of one."""
        masked = self.text(line)
        return masked[: -self._longest] if self._longest else masked

    def json(self, value: Json) -> Json:
        """Return a JSON value without secrets, keys untouched."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.json(entry) for entry in value]
        if isinstance(value, dict):
            return {key: self.json(entry) for key, entry in value.items()}
        return value

    def result(self, result: CheckResult) -> CheckResult:
        """Return a check result without secrets in message, evidence and findings."""
        evidence = {key: self.json(value) for key, value in result.evidence.items()}
        # The remedy of one finding is often that of the next.
        masked = cache(self.text)
        findings = tuple(_masked(finding, masked) for finding in result.findings)
        notes = tuple(map(self.text, result.notes))
        return replace(result, message=self.text(result.message), evidence=evidence, findings=findings, notes=notes)


def _masked(finding: Finding, masked: Callable[[str], str]) -> Finding:
    message, remedy, waived_by = masked(finding.message), masked(finding.remedy), masked(finding.waived_by)
    if (message, remedy, waived_by) == (finding.message, finding.remedy, finding.waived_by):
        return finding
    return replace(finding, message=message, remedy=remedy, waived_by=waived_by)


def _any_of(texts: Sequence[str], first: int) -> str:
    """Return a pattern that any of the texts matches, the longest of them that does.

    Where texts begin alike their beginning is looked at once, ``first`` characters deep: a search for a thousand secrets
    takes little longer than one for ten. Each text is longer than that.
    """
    if not first:
        return "|".join(map(re.escape, sorted(texts, key=len, reverse=True)))
    rests: dict[str, list[str]] = {}
    for text in texts:
        rests.setdefault(text[0], []).append(text[1:])
    return "|".join(f"{re.escape(letter)}(?:{_any_of(own, first - 1)})" for letter, own in rests.items())


def is_secret_name(name: str) -> bool:
    """Return whether a variable of this name usually holds a secret (``POSTGRES_PASSWORD``, not ``PASSWORD_FILE``)."""
    return bool(_SECRET_NAME.search(name)) and not _NOT_A_VALUE.search(name)


def secret_values(
    project: Project,
    environ: Mapping[str, str],
    declared: Iterable[str] = (),
    env_files: Mapping[str, str] = MappingProxyType({}),
) -> frozenset[str]:
    """Collect the secret values that a project's outputs could show.

    They come from variables of services, of builds and of the project's ``env_files`` and from labels with a secret's
    name, from options of commands that take a secret (``--requirepass``), from passwords inside URLs, from secret files and from the variables that feed secrets; an unreadable secret file adds
    nothing (Compose reports it). A password that equals the name of a service is no secret, and masking it would make
    every message unreadable.
    """
    known = {**env_files, **environ}
    values = set(declared) | _from_variables({name: known[name] for name in env_files})
    for service in project.services.values():
        values |= _from_variables(service.environment) | _from_labels(service.labels) | _from_commands(service)
        values |= _from_variables(pairs(inner(service.resolved, "build"), "args"))
    for secret in project.secrets.values():
        if secret.file:
            values |= _from_file(Path(secret.file))
        if secret.environment:
            values.add(known.get(secret.environment, ""))
    return frozenset(value for value in values if value and value not in project.services)


def _from_variables(variables: Mapping[str, str]) -> set[str]:
    values = {value for name, value in variables.items() if is_secret_name(name)}
    for value in variables.values():
        values |= {unquote(match["password"]) for match in _URL_PASSWORD.finditer(value)}
    return values


def _from_labels(labels: Mapping[str, str]) -> set[str]:
    """Return the values of labels any part of whose name is that of a secret (``traefik.….basicauth.users``)."""
    plain = {name.replace("-", "_").replace(".", "_") + "_": value for name, value in labels.items()}
    return {value for name, value in plain.items() if is_secret_name(name)}


def _from_commands(service: Service) -> set[str]:
    test = service.healthcheck.test if service.healthcheck else ()
    commands = (service.command, service.entrypoint, test)
    return {value for words in commands for _, value in option_values(words) if is_literal(value)}


def _from_file(path: Path) -> set[str]:
    try:
        text = path.read_text(errors="replace")
    except OSError:
        return set()
    return {text.strip(), *(line.strip() for line in text.splitlines())}
