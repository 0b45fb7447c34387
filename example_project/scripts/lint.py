"""The configuration standards of this project: each prints ``ok`` or ``failed`` with what is wrong and where.

Needs Python and ``docker compose``, no running engine. Exits with 1 when any standard is broken.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SECONDS = 60
VARIABLE = re.compile(r"\$\{(\w+)")


class CannotJudgeError(Exception):
    """A standard needs something that is not there."""


def main() -> int:
    """Check every standard, whatever the ones before it found."""
    broken = 0
    for name, standard in STANDARDS.items():
        problems = judge(standard)
        broken += bool(problems)
        print(f"{name:24} {'failed' if problems else 'ok'}")
        for problem in problems:
            print(f"    {problem}")
    print(
        f"lint: {broken} of {len(STANDARDS)} standards broken" if broken else f"lint: {len(STANDARDS)} standards hold"
    )
    return 1 if broken else 0


def judge(standard: Callable[[], Iterator[str]]) -> list[str]:
    """Return what is wrong; a standard that cannot be judged is not held to be kept."""
    try:
        return list(standard())
    except CannotJudgeError as reason:
        return [f"cannot be judged: {reason}"]


def compose_is_valid() -> Iterator[str]:
    """Compose accepts the configuration and has nothing to warn of."""
    done = compose("config", "--quiet")
    if done.returncode != 0 or done.stderr.strip():
        yield f"docker compose config: {done.stderr.strip() or f'exit code {done.returncode}'}"


def env_files_in_step() -> Iterator[str]:
    """``.env``, ``.env.example`` and the variables of the Compose file are the same set."""
    own, example = keys(ROOT / ".env"), keys(ROOT / ".env.example")
    used = set(VARIABLE.findall(text(ROOT / "compose.yaml")))
    yield from (f"{key} is in .env and not in .env.example" for key in sorted(own - example))
    yield from (f"{key} is in .env.example and not in .env" for key in sorted(example - own))
    yield from (f"{key} is used in compose.yaml and not in .env" for key in sorted(used - own))
    yield from (f"{key} is in .env and compose.yaml does not use it" for key in sorted(own - used))


def services_have_healthchecks() -> Iterator[str]:
    """Every service that stays up says how its health is tested."""
    for name, service in long_running().items():
        healthcheck = service.get("healthcheck", {})
        if not healthcheck.get("test") or healthcheck.get("disable") or healthcheck["test"][0] == "NONE":
            yield f"{name} has no healthcheck"


def services_have_limits() -> Iterator[str]:
    """Every service is limited in memory, CPU and processes."""
    for name, service in services().items():
        limits = service.get("deploy", {}).get("resources", {}).get("limits", {})
        yield from (f"{name} has no limit on {kind}" for kind in ("memory", "cpus", "pids") if not limits.get(kind))


def services_restart() -> Iterator[str]:
    """Services that stay up come back after a crash."""
    for name, service in long_running().items():
        if service.get("restart") != "unless-stopped":
            yield f"{name} has restart policy {service.get('restart', 'none')}, not unless-stopped"


def images_have_tags() -> Iterator[str]:
    """No image is called by a name that means another one tomorrow."""
    for name, service in services().items():
        tag = service.get("image", "").rpartition("/")[2].partition(":")[2]
        if tag in {"", "latest"}:
            yield f"{name} has the image {service.get('image', '(none)')}, without a tag of its own"


def one_base_image() -> Iterator[str]:
    """Every Dockerfile is built from the one base image."""
    for path in sorted(ROOT.glob("*/Dockerfile")):
        froms = [line.strip() for line in text(path).splitlines() if line.upper().startswith("FROM ")]
        if froms != ["FROM ${BASE_IMAGE}"]:
            yield f"{shown(path)}: {'; '.join(froms) or 'no FROM'}, expected FROM ${{BASE_IMAGE}}"


def secrets_are_there() -> Iterator[str]:
    """Every secret's file exists and holds something."""
    for name, secret in model().get("secrets", {}).items():
        path = Path(secret["file"])
        if not path.is_file() or not text(path).strip():
            yield f"the file of secret {name} is absent or empty: {shown(path)}"
        elif not path.stat().st_mode & 0o004:
            yield f"the file of secret {name} cannot be read by the service's user (chmod o+r): {shown(path)}"


def shell_parses() -> Iterator[str]:
    """Every shell script parses and may be run."""
    for path in sorted(ROOT.glob("*/*.sh")):
        done = subprocess.run(["sh", "-n", str(path)], capture_output=True, text=True, timeout=30, check=False)
        if done.returncode != 0:
            yield f"{shown(path)}: {done.stderr.strip()}"
        if not path.stat().st_mode & 0o100:
            yield f"{shown(path)} is not executable"


def python_compiles() -> Iterator[str]:
    """Every Python file compiles."""
    for path in sorted(ROOT.glob("*/*.py")):
        try:
            compile(text(path), str(path), "exec", dont_inherit=True)
        except SyntaxError as error:
            yield f"{shown(path)}:{error.lineno}: {error.msg}"


STANDARDS: dict[str, Callable[[], Iterator[str]]] = {
    "compose configuration": compose_is_valid,
    "environment files": env_files_in_step,
    "healthchecks": services_have_healthchecks,
    "resource limits": services_have_limits,
    "restart policies": services_restart,
    "image tags": images_have_tags,
    "base image": one_base_image,
    "secrets": secrets_are_there,
    "shell scripts": shell_parses,
    "Python files": python_compiles,
}


def compose(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run ``docker compose`` on this project."""
    argv = ["docker", "compose", *arguments]
    try:
        return subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=False)
    except FileNotFoundError:
        raise CannotJudgeError("there is no docker command") from None
    except subprocess.TimeoutExpired:
        raise CannotJudgeError(f"docker compose {arguments[0]} did not end within {SECONDS} s") from None


@cache
def model() -> dict[str, Any]:
    """Return the resolved configuration."""
    done = compose("config", "--format", "json")
    if done.returncode != 0:
        raise CannotJudgeError("docker compose config failed")
    resolved: dict[str, Any] = json.loads(done.stdout)
    return resolved


def services() -> dict[str, Any]:
    """Return the services of the resolved configuration."""
    return dict(model()["services"])


def long_running() -> dict[str, Any]:
    """Return the services that nobody waits for to complete."""
    needs = (need for service in services().values() for need in service.get("depends_on", {}).items())
    done = {name for name, need in needs if need["condition"] == "service_completed_successfully"}
    return {name: service for name, service in services().items() if name not in done}


def keys(path: Path) -> set[str]:
    """Return the keys of an env file; an absent one has none."""
    if not path.is_file():
        return set()
    lines = (line.strip() for line in text(path).splitlines())
    return {line.partition("=")[0].strip() for line in lines if line and not line.startswith("#")}


def text(path: Path) -> str:
    """Return a file's text."""
    return path.read_text(encoding="utf-8")


def shown(path: Path) -> str:
    """Return the path as a reader of the output finds it."""
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


if __name__ == "__main__":
    sys.exit(main())
