"""Builds the prober for every architecture, byte for byte the same each time, into the package.

    pip install ziglang==0.17.1
    python tools/prober/build.py            builds
    python tools/prober/build.py --check    builds elsewhere and compares

The compiler is Zig's, with its own C library (musl), because one package from the index holds it for every target.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.metadata
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE = Path(__file__).resolve().parent / "prober.c"
BINARIES = ROOT / "pytest_infragate" / "stack" / "binaries"
COMPILER = "0.17.1"
TARGETS = {"amd64": "x86_64-linux-musl", "arm64": "aarch64-linux-musl"}
RECORD = "built-from"
"""Holds the digest of the source that the binaries were built from, and the compiler."""
FLAGS = (
    *("-static", "-Os", "-s", "-Wall", "-Wextra", "-Werror"),
    # what the compiler adds by default and a program of this size does not need
    *("-fno-sanitize=all", "-fno-stack-protector", "-fno-asynchronous-unwind-tables"),
    *("-ffunction-sections", "-Wl,--gc-sections"),
)


def record() -> str:
    """Return the text of the record for the source as it is now."""
    return f"{hashlib.sha256(SOURCE.read_bytes()).hexdigest()} ziglang=={COMPILER}\n"


def has_compiler() -> bool:
    """Return whether the compiler of the record is installed."""
    try:
        return importlib.metadata.version("ziglang") == COMPILER
    except importlib.metadata.PackageNotFoundError:
        return False


def build(folder: Path) -> list[Path]:
    """Build every binary into a folder and return them. Raises ``CalledProcessError``."""
    made = []
    for name, target in TARGETS.items():
        made.append(folder / f"prober-{name}")
        # The name of the source becomes part of what is compiled, so it is given without its folder.
        command = (sys.executable, "-m", "ziglang", "cc", "-target", target, *FLAGS, "-o", str(made[-1]), SOURCE.name)
        subprocess.run(command, check=True, cwd=SOURCE.parent)
    return made


def differing(folder: Path) -> list[str]:
    """Return the names of the binaries in a folder that are not those of the package."""
    return [path.name for path in build(folder) if path.read_bytes() != (BINARIES / path.name).read_bytes()]


def main() -> int:
    """Build, or compare what is built with what the package has; return the exit status."""
    parser = argparse.ArgumentParser(description="Builds the prober.")
    parser.add_argument("--check", action="store_true", help="build elsewhere and compare")
    check = parser.parse_args().check
    if not has_compiler():
        print(f"The compiler is not installed: pip install ziglang=={COMPILER}")
        return 1
    if not check:
        BINARIES.mkdir(exist_ok=True)
        build(BINARIES)
        (BINARIES / RECORD).write_text(record(), encoding="ascii")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        other = differing(Path(folder))
    print(f"not what the source gives: {', '.join(other)}" if other else "the binaries are what the source gives")
    return 1 if other else 0


if __name__ == "__main__":
    raise SystemExit(main())
