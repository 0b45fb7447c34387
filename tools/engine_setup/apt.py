"""Installs packages of the distribution, and unpacks single ones of another suite, never writing below /etc/apt."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from pathlib import Path

from engine_setup.apt_sources import AptSource, as_deb822, main_archive, read_sources
from engine_setup.command import attempt, must
from engine_setup.machine import Machine
from engine_setup.telling import MissingError, say

_QUIET = {"DEBIAN_FRONTEND": "noninteractive"}
_LISTS_SECONDS = 180
_INSTALL_SECONDS = 600


def install(packages: Sequence[str]) -> None:
    """Install packages of the machine's own suites, without recommended ones; refresh the lists only if needed."""
    argv = ["apt-get", "install", "-y", "-q", "--no-install-recommends", *packages]
    if not attempt(argv, seconds=_INSTALL_SECONDS, env=_QUIET).ok:
        refresh_lists()
        must(argv, seconds=_INSTALL_SECONDS, env=_QUIET)


def refresh_lists() -> None:
    """Update the machine's own package lists."""
    say("updating the package lists (apt-get update)")
    must(["apt-get", "update", "-q"], seconds=_LISTS_SECONDS, env=_QUIET)


def candidate_version(package: str) -> str:
    """Return the version that the machine's own suites offer, empty when none."""
    policy = attempt(["apt-cache", "policy", package], seconds=60)
    match = re.search(r"^\s*Candidate:\s*(\S+)", policy.output, flags=re.MULTILINE)
    return match[1] if match and match[1] != "(none)" else ""


def unpack_from_suite(machine: Machine, suite: str, package: str) -> Path:
    """Download ``package`` from another suite of the machine's mirror and return the folder that it was unpacked in.

    Source list and package lists are the tools' own, so apt's configuration and view of the system stay as they were;
    the archive's keyring verifies the download as for any other package.
    """
    options = _own_lists(machine, suite)
    downloads = machine.state / "apt" / "downloads"
    shutil.rmtree(downloads, ignore_errors=True)
    downloads.mkdir(parents=True)
    must(["apt-get", *options, "update", "-q"], seconds=_LISTS_SECONDS, env=_QUIET)
    must(["apt-get", *options, "download", "-q", package], seconds=_INSTALL_SECONDS, env=_QUIET, cwd=downloads)
    archive = next(downloads.glob("*.deb"))
    must(["dpkg", "-x", str(archive), str(downloads / "files")], seconds=120)
    return downloads / "files"


def own_archive(machine: Machine) -> AptSource:
    """Return the archive that this machine itself is installed from; raise `MissingError` when apt names none."""
    archive = main_archive(read_sources(), machine.codename)
    if archive is None:
        raise MissingError(
            f"No apt source of this machine offers the component main of the suite {machine.codename!r}.",
            "Add the distribution's own archive to the machine's apt sources and run this again.",
        )
    return archive


def _own_lists(machine: Machine, suite: str) -> list[str]:
    folder = machine.state / "apt"
    lists = folder / "lists"
    (lists / "partial").mkdir(parents=True, exist_ok=True)
    source_list = folder / "extra.sources"
    source_list.write_text(as_deb822(own_archive(machine), suite), encoding="utf-8")
    settings = {
        "Dir::Etc::SourceList": str(source_list),
        "Dir::Etc::SourceParts": "-",
        "Dir::State::Lists": str(lists),
        "Dir::Cache::pkgcache": "",
        "Dir::Cache::srcpkgcache": "",
        "APT::Sandbox::User": "root",  # the state folder of root cannot be entered by apt's own user
    }
    return [word for name, value in settings.items() for word in ("-o", f"{name}={value}")]
