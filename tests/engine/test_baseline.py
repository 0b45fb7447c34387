"""An old project adopts the gate: everything is accepted once, from then on only what is new fails."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SERVICE = "  {name}:\n    image: example.com/{name}:1\n    mem_limit: 64m\n    mem_reservation: 128m\n"
HIDES = "The baseline accepted.yaml hides 1 finding that would fail."


def gated(folder: Path, *names: str, words: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    services = "".join(SERVICE.format(name=name) for name in names)
    (folder / "compose.yaml").write_text(f"services:\n{services}" if names else "services: {api: {image: a:1}}\n")
    command = [sys.executable, "-m", "pytest", "--infragate-static", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_only_new_findings_fail(tmp_path: Path) -> None:
    (tmp_path / "infragate.yaml").write_text("checks: {baseline: accepted.yaml}\n")
    absent = gated(tmp_path, "api")
    assert absent.returncode == pytest.ExitCode.USAGE_ERROR
    assert "--infragate-accept-findings" in absent.stderr
    written = gated(tmp_path, "api", words=("--infragate-accept-findings",))
    assert written.returncode == 0, written.stdout
    assert (tmp_path / "accepted.yaml").read_text().splitlines()[2:] == ['"compose.yaml":', '  "api": {IG701: 1}']
    old = gated(tmp_path, "api")
    assert (old.returncode, HIDES in old.stdout) == (0, True)
    cached = gated(tmp_path, "api")
    assert (cached.returncode, HIDES in cached.stdout) == (0, True)
    new = gated(tmp_path, "api", "db")
    assert new.returncode == 1
    assert "db" in new.stdout
    gone = gated(tmp_path)
    assert gone.returncode == 0
    assert "the baseline accepts 1 of IG701 on api, but none occurs" in gone.stdout
