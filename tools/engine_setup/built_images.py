"""Builds the images that the example and the test stacks build FROM, and only when their recipe changed."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from engine_setup.client import image_id, image_label
from engine_setup.command import must
from engine_setup.images import SERVERS, SERVICES, TINY
from engine_setup.telling import say

RECIPES = Path(__file__).resolve().parents[2] / "tests" / "images"
RECIPE_LABEL = "infragate.recipe"
BUILD_SECONDS = 900.0
_PROXIES = ("http_proxy", "https_proxy", "no_proxy")


@dataclass(frozen=True)
class Recipe:
    """How one image is built: the folder of its Dockerfile, and the build argument that names the image it is FROM."""

    image: str
    folder: Path
    parent_argument: str
    parent: str

    def fingerprint(self) -> str:
        """Return a digest of the folder's files and of the parent image: the same recipe is not built twice."""
        digest = hashlib.sha256(image_id(self.parent).encode())
        for path in sorted(self.folder.iterdir()):
            digest.update(path.name.encode() + b"\0" + path.read_bytes())
        return digest.hexdigest()


def ensure_built_images(base: str, folder: Path = RECIPES) -> list[str]:
    """Build the services and the tiny image where they are absent or outdated; return the names of both."""
    recipes = [
        Recipe(SERVICES, folder / "services", "BASE_IMAGE", base),
        Recipe(TINY, folder / "tiny", "SERVICES_IMAGE", SERVICES),
    ]
    return [ensure_built(recipe) for recipe in recipes]


def ensure_servers(folder: Path = RECIPES) -> str:
    """Build the image with further servers where it is absent or outdated; return its name."""
    return ensure_built(Recipe(SERVERS, folder / "servers", "SERVICES_IMAGE", SERVICES))


def ensure_built(recipe: Recipe) -> str:
    """Build one image where it is absent or outdated; return its name."""
    fingerprint = recipe.fingerprint()
    if image_label(recipe.image, RECIPE_LABEL) != fingerprint:
        say(f"building the image {recipe.image} (docker build {recipe.folder})")
        must(build_arguments(recipe, fingerprint), seconds=BUILD_SECONDS)
    return recipe.image


def build_arguments(recipe: Recipe, fingerprint: str, environ: Mapping[str, str] = os.environ) -> list[str]:
    """Return the command that builds ``recipe``.

    The host's network, because a bridge network may have no route to the package mirror that the machine itself has;
    the proxy variables, because the client passes them on only when its own configuration names them.
    """
    proxies = [name for proxy in _PROXIES for name in (proxy, proxy.upper()) if name in environ]
    arguments = [f"{recipe.parent_argument}={recipe.parent}", *proxies]
    return [
        *("docker", "build", "--network", "host", "--tag", recipe.image),
        *("--label", f"{RECIPE_LABEL}={fingerprint}"),
        *(word for argument in arguments for word in ("--build-arg", argument)),
        str(recipe.folder),
    ]
