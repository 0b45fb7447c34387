"""Finds the base image, pulls it where a registry answers, or builds it from the distribution's packages."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from engine_setup import apt
from engine_setup.apt_sources import AptSource
from engine_setup.client import image_id
from engine_setup.command import attempt, must
from engine_setup.engine import engine_is_ours
from engine_setup.images import BASE, BASE_VARIABLE, base_image
from engine_setup.machine import NO_PULL, Machine
from engine_setup.telling import MissingError, say

PULLED = "debian:bookworm-slim"
PULL_SECONDS = 180.0
BUILD_SECONDS = 600.0
CA_BUNDLE = Path("/etc/ssl/certs/ca-certificates.crt")
_KEPT_SETTINGS = ("Acquire::http", "Acquire::https", "Acquire::Check-", "Acquire::Retries")


def ensure_base_image(machine: Machine) -> str:
    """Return the name of the base image, which the engine then holds.

    An engine that was there before belongs to a machine that somebody set up, usually with a registry: pulling is quick
    and touches nothing else there. An engine that these tools started means that the machine was bare: asking a
    registry would be a guess that costs only time, so the image is built from the distribution's packages.
    """
    name = base_image()
    if image_id(name):
        return name
    pulled = (PULLED if name == BASE else name) if machine.may_pull and not engine_is_ours(machine) else ""
    if pulled and _pull(pulled):
        must(["docker", "tag", pulled, name], seconds=30)
    elif name == BASE:
        _build(machine)
    else:
        raise MissingError(
            f"The image {name} that {BASE_VARIABLE} names is absent and was not pulled.",
            f"Pull or build it, or unset {BASE_VARIABLE}.",
        )
    return name


def _pull(name: str) -> bool:
    say(f"pulling {name} (at most {PULL_SECONDS:.0f} s; {NO_PULL}=1 forbids it)")
    return attempt(["docker", "pull", "--quiet", name], seconds=PULL_SECONDS).ok


def _build(machine: Machine) -> None:
    machine.demand_permission(f"The engine holds no base image {BASE}, and {PULLED} was not pulled.")
    if shutil.which("debootstrap") is None:
        say("installing debootstrap")
        apt.install(["debootstrap"])
    say(f"building the base image {BASE} from the distribution's packages (debootstrap, about half a minute)")
    with tempfile.TemporaryDirectory(prefix="base-", dir=machine.state) as folder:
        root = Path(folder) / "root"
        _bootstrap(machine.codename, apt.own_archive(machine), root)
        must(["tar", "-C", str(root), "-cf", f"{folder}/base.tar", "."], seconds=120)
        must(["docker", "import", "--change", 'CMD ["/bin/bash"]', f"{folder}/base.tar", BASE], seconds=300)


def _bootstrap(codename: str, archive: AptSource, root: Path) -> None:
    uri = archive.remote_uri
    must(["debootstrap", "--variant=minbase", *trust_options(archive), codename, str(root), uri], seconds=BUILD_SECONDS)
    _let_apt_work(archive, codename, root)
    for package in (root / "var/cache/apt/archives").glob("*.deb"):
        package.unlink()


def trust_options(archive: AptSource) -> list[str]:
    """Return how debootstrap is told to verify ``archive``; its default is the distribution's own keyring."""
    if archive.trusted:
        return ["--no-check-gpg"]
    return [f"--keyring={archive.signed_by}"] if archive.signed_by.endswith(".gpg") else []


def _let_apt_work(archive: AptSource, codename: str, root: Path) -> None:
    """Give the image what apt needs to reach the machine's own mirror: access settings, certificates, trust."""
    settings = must(["apt-config", "dump"], seconds=30).splitlines()
    kept = [line for line in settings if line.startswith(_KEPT_SETTINGS)]
    (root / "etc/apt/apt.conf.d/90machine").write_text("".join(f"{line}\n" for line in kept), encoding="utf-8")
    if archive.trusted:
        line = f"deb [trusted=yes] {archive.remote_uri} {codename} main\n"
        (root / "etc/apt/sources.list").write_text(line, encoding="utf-8")
    if archive.remote_uri.startswith("https:") and CA_BUNDLE.is_file():
        (root / CA_BUNDLE.relative_to("/")).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(CA_BUNDLE, root / CA_BUNDLE.relative_to("/"))
