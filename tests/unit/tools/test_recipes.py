from __future__ import annotations

from pathlib import Path

import pytest

from engine_setup.apt_sources import AptSource
from engine_setup.base_image import trust_options
from engine_setup.built_images import RECIPES, Recipe, build_arguments
from engine_setup.compose_plugin import _major


def recipe(folder: Path) -> Recipe:
    return Recipe("infragate/thing:1", folder, "BASE_IMAGE", "infragate/base:1")


def test_the_build_uses_the_hosts_network_and_hands_proxies_on_by_name() -> None:
    argv = build_arguments(recipe(RECIPES / "services"), "abc", {"http_proxy": "http://user:secret@proxy:3128"})
    assert " ".join(argv) == (
        "docker build --network host --tag infragate/thing:1 --label infragate.recipe=abc"
        f" --build-arg BASE_IMAGE=infragate/base:1 --build-arg http_proxy {RECIPES / 'services'}"
    )


def test_a_recipe_is_new_when_its_files_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "no-programs"))
    (tmp_path / "Dockerfile").write_text("FROM scratch\n", encoding="utf-8")
    before = recipe(tmp_path).fingerprint()
    assert recipe(tmp_path).fingerprint() == before
    (tmp_path / "Dockerfile").write_text("FROM scratch\nCMD x\n", encoding="utf-8")
    assert recipe(tmp_path).fingerprint() != before


@pytest.mark.parametrize("name", ["services", "tiny"])
def test_the_recipes_are_from_an_argument(name: str) -> None:
    text = (RECIPES / name / "Dockerfile").read_text(encoding="utf-8")
    origins = [line.split()[1] for line in text.splitlines() if line.startswith("FROM ")]
    assert all(origin.startswith("${") or origin == "scratch" for origin in origins)


@pytest.mark.parametrize(
    "source, expected",
    [
        (AptSource((), (), (), "/usr/share/keyrings/archive.gpg"), ["--keyring=/usr/share/keyrings/archive.gpg"]),
        (AptSource((), (), (), "-----BEGIN PGP"), []),
        (AptSource((), (), ()), []),
        (AptSource((), (), (), "/k.gpg", trusted=True), ["--no-check-gpg"]),
    ],
)
def test_debootstrap_trusts_what_apt_trusts(source: AptSource, expected: list[str]) -> None:
    assert trust_options(source) == expected


@pytest.mark.parametrize(
    "version, major", [("1.29.2-3", 1), ("2.26.1-4", 2), ("1:2.40.3+ds1-0ubuntu1~24.04.1", 2), ("", 0), ("rolling", 0)]
)
def test_major_of_a_packages_version(version: str, major: int) -> None:
    assert _major(version) == major
