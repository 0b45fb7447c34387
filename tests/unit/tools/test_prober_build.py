"""The binaries of the prober are those of its source."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from prober import build
from pytest_infragate.stack.prober import ARCHITECTURES, archive, binary

MACHINES = {"amd64": 0x3E, "arm64": 0xB7}
"""``e_machine`` of an ELF file (System V ABI)."""


def test_the_source_has_not_changed_since_the_binaries_were_built() -> None:
    """Run tools/prober/build.py where this fails."""
    assert (build.BINARIES / build.RECORD).read_text(encoding="ascii") == build.record()


@pytest.mark.skipif(not build.has_compiler(), reason=f"ziglang=={build.COMPILER} is not installed")
def test_building_anew_gives_the_same_bytes(tmp_path: Path) -> None:
    assert build.differing(tmp_path) == []


@pytest.mark.parametrize("name", sorted(build.TARGETS))
def test_a_binary_is_small_static_and_for_its_machine(name: str) -> None:
    content = (build.BINARIES / f"prober-{name}").read_bytes()
    assert content.startswith(b"\x7fELF")
    assert int.from_bytes(content[18:20], "little") == MACHINES[name]
    assert b"/lib/ld-" not in content
    assert len(content) < 100_000


@pytest.mark.parametrize("architecture", [*ARCHITECTURES, "riscv64", ""])
def test_every_known_architecture_has_its_binary(architecture: str) -> None:
    found = binary(architecture)
    assert (found is not None and found.is_file()) == (architecture in ARCHITECTURES)


def test_the_image_holds_the_program_alone() -> None:
    file = build.BINARIES / "prober-arm64"
    with tarfile.open(fileobj=io.BytesIO(archive(file))) as tar:
        (entry,) = tar.getmembers()
        content = tar.extractfile(entry)
        assert (entry.name, entry.mode) == ("prober", 0o555)
        assert content is not None
        assert content.read() == file.read_bytes()
