from __future__ import annotations

from pathlib import Path

import pytest

from engine_setup.apt_sources import AptSource, as_deb822, main_archive, parse_deb822, parse_one_line, read_sources

MIRROR = "http://mirror.example.com/debian"
KEYRING = "/usr/share/keyrings/archive.gpg"


@pytest.mark.parametrize(
    "line, expected",
    [
        (f"deb {MIRROR} bookworm main", AptSource((MIRROR,), ("bookworm",), ("main",))),
        (
            f"deb [arch=amd64 signed-by={KEYRING}] {MIRROR} bookworm main contrib  # ours",
            AptSource((MIRROR,), ("bookworm",), ("main", "contrib"), KEYRING),
        ),
        (f"deb [ trusted=yes ] {MIRROR} bookworm main", AptSource((MIRROR,), ("bookworm",), ("main",), trusted=True)),
    ],
)
def test_one_line_style(line: str, expected: AptSource) -> None:
    assert parse_one_line(line) == [expected]


@pytest.mark.parametrize("line", ["", "# deb http://a b main", f"deb-src {MIRROR} bookworm main", "deb broken"])
def test_one_line_style_passes_over_what_is_no_binary_source(line: str) -> None:
    assert parse_one_line(line) == []


def test_deb822_style_with_several_stanzas_and_comments() -> None:
    text = f"""\
# the archive
Types: deb deb-src
# a comment inside a stanza
URIs: {MIRROR}
Suites: bookworm bookworm-updates
Components: main
Signed-By: {KEYRING}
\t
types: deb
uris: {MIRROR}-security
suites: bookworm-security
components: main
trusted: yes
"""
    assert parse_deb822(text) == [
        AptSource((MIRROR,), ("bookworm", "bookworm-updates"), ("main",), KEYRING),
        AptSource((f"{MIRROR}-security",), ("bookworm-security",), ("main",), trusted=True),
    ]


@pytest.mark.parametrize("change", ["Enabled: no", "Types: deb-src"])
def test_deb822_style_passes_over_disabled_and_source_stanzas(change: str) -> None:
    types = "" if change.startswith("Types") else "Types: deb\n"
    assert parse_deb822(f"{types}{change}\nURIs: {MIRROR}\nSuites: bookworm\nComponents: main\n") == []


def test_deb822_key_block_survives_into_the_extra_source() -> None:
    key = "\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n mQINBF\n -----END PGP PUBLIC KEY BLOCK-----"
    text = f"Types: deb\nURIs: {MIRROR}\nSuites: bookworm\nComponents: main\nSigned-By:{key}\n"
    (source,) = parse_deb822(text)
    (again,) = parse_deb822(as_deb822(source, "unstable"))
    assert again.suites == ("unstable",)
    assert again.signed_by == source.signed_by
    assert "mQINBF" in again.signed_by


def test_files_of_both_formats_are_read_and_others_are_not(tmp_path: Path) -> None:
    parts = tmp_path / "sources.list.d"
    parts.mkdir()
    (tmp_path / "sources.list").write_text("deb http://one.example.com/ a main\n", encoding="utf-8")
    (parts / "b.list").write_text("deb http://two.example.com/ b main\n", encoding="utf-8")
    (parts / "c.sources").write_text(
        "Types: deb\nURIs: http://three.example.com/\nSuites: c\nComponents: main\n", encoding="utf-8"
    )
    (parts / "d.list.disabled").write_text("deb http://four.example.com/ d main\n", encoding="utf-8")
    assert [source.suites for source in read_sources(tmp_path)] == [("a",), ("b",), ("c",)]


def test_a_machine_without_apt_has_no_sources(tmp_path: Path) -> None:
    assert read_sources(tmp_path / "absent") == []


def test_the_main_archive_is_neither_updates_nor_security_nor_a_disc() -> None:
    disc = AptSource(("cdrom:[Debian 12]/",), ("bookworm",), ("main",))
    security = AptSource(("http://security.example.com/",), ("bookworm-security",), ("main",))
    contrib = AptSource((MIRROR,), ("bookworm",), ("contrib",))
    archive = AptSource(("mirror+file:/etc/mirrors", MIRROR), ("bookworm", "bookworm-updates"), ("main",))
    assert main_archive([disc, security, contrib, archive], "bookworm") is archive
    assert main_archive([disc, security, contrib], "bookworm") is None
    assert as_deb822(archive, "unstable").splitlines() == [
        "Types: deb",
        f"URIs: {MIRROR}",
        "Suites: unstable",
        "Components: main",
    ]
