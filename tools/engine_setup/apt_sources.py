"""Reads the machine's own apt sources, in both formats, so that no mirror's name stands in any file of the project."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ETC_APT = Path("/etc/apt")
_FETCHABLE = ("http://", "https://", "file:")
_ONE_LINE = re.compile(r"^deb\s+(?:\[(?P<options>[^\]]*)\]\s*)?(?P<uri>\S+)\s+(?P<suite>\S+)\s+(?P<components>.+)$")


@dataclass(frozen=True)
class AptSource:
    """One place that apt installs binary packages from.

    ``signed_by`` is a keyring's path, a key block or empty (then apt's own trusted keys hold); ``trusted`` means that
    the machine's owner told apt to take the archive unsigned.
    """

    uris: tuple[str, ...]
    suites: tuple[str, ...]
    components: tuple[str, ...]
    signed_by: str = ""
    trusted: bool = False

    @property
    def remote_uri(self) -> str:
        """The first address that apt and debootstrap can both fetch from, empty when there is none."""
        return next((uri for uri in self.uris if uri.startswith(_FETCHABLE)), "")


def parse_one_line(text: str) -> list[AptSource]:
    """Parse a ``.list`` file (sources.list(5), one-line style); lines that are no ``deb`` line are passed over."""
    return [source for line in text.splitlines() if (source := _one_line(line.partition("#")[0].strip())) is not None]


def parse_deb822(text: str) -> list[AptSource]:
    """Parse a ``.sources`` file (sources.list(5), deb822 style); disabled and source-only stanzas are passed over."""
    stanzas = (_fields(stanza) for stanza in re.split(r"\n[ \t]*(?:\n|$)", _without_comments(text)))
    return [
        AptSource(
            uris=tuple(fields["uris"].split()),
            suites=tuple(fields.get("suites", "").split()),
            components=tuple(fields.get("components", "").split()),
            signed_by=fields.get("signed-by", ""),
            trusted=fields.get("trusted") == "yes",
        )
        for fields in stanzas
        if "uris" in fields and "deb" in fields.get("types", "").split() and fields.get("enabled", "yes") != "no"
    ]


def read_sources(etc_apt: Path = ETC_APT) -> list[AptSource]:
    """Return all sources of the machine, in the order in which apt reads them."""
    return [source for path in _files(etc_apt) for source in _parse(path)]


def main_archive(sources: list[AptSource], codename: str) -> AptSource | None:
    """Return the source of the distribution's own main archive for ``codename`` (no updates, no security suite)."""
    fitting = (s for s in sources if codename in s.suites and "main" in s.components and s.remote_uri)
    return next(fitting, None)


def as_deb822(archive: AptSource, suite: str) -> str:
    """Return the text of a ``.sources`` file for another suite of the same archive, trusted by the same keyring."""
    trust = f"Signed-By: {archive.signed_by}\n" if archive.signed_by else ""
    trust += "Trusted: yes\n" if archive.trusted else ""
    return f"Types: deb\nURIs: {archive.remote_uri}\nSuites: {suite}\nComponents: main\n{trust}"


def _files(etc_apt: Path) -> Iterator[Path]:
    main_list = etc_apt / "sources.list"
    if main_list.is_file():
        yield main_list
    parts = etc_apt / "sources.list.d"
    yield from sorted(path for path in parts.glob("*") if path.suffix in {".list", ".sources"})


def _parse(path: Path) -> list[AptSource]:
    text = path.read_text(encoding="utf-8", errors="replace")
    return parse_deb822(text) if path.suffix == ".sources" else parse_one_line(text)


def _one_line(line: str) -> AptSource | None:
    match = _ONE_LINE.match(line)
    if match is None:
        return None
    options = dict(option.partition("=")[::2] for option in (match["options"] or "").split())
    return AptSource(
        uris=(match["uri"],),
        suites=(match["suite"],),
        components=tuple(match["components"].split()),
        signed_by=options.get("signed-by", ""),
        trusted=options.get("trusted") == "yes",
    )


def _without_comments(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if not line.startswith("#"))


def _fields(stanza: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    name = ""
    for line in stanza.splitlines():
        if line[:1] in {" ", "\t"} and name:
            fields[name] += f"\n{line}"
        elif ":" in line:
            name, _, value = line.partition(":")
            name = name.strip().lower()
            fields[name] = value.strip()
    return fields
