"""How often Compose is asked: each time takes as long as reading the files does."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pytest_infragate.compose.resolve import resolve
from pytest_infragate.compose.selection import Selection

DOCKER = """\
#!/bin/sh
echo "$@" >> "$0.asked"
case "$*" in
  *--profiles*) echo debug ;;
  *--services*) printf 'web\\nshell\\n' ;;
  *) echo '{"name": "igt", "services": {"web": {"image": "x"}}}' ;;
esac
"""
WHOLE = "config --format json"


def asked(folder: Path, text: str) -> list[str]:
    """Resolve a file with a program in the place of the docker CLI; return what it was asked."""
    docker = folder / "bin" / "docker"
    docker.parent.mkdir()
    docker.write_text(DOCKER, encoding="utf-8")
    docker.chmod(0o755)
    file = folder / "compose.yaml"
    file.write_text(text, encoding="utf-8")
    path = os.pathsep.join((str(docker.parent), "/bin", "/usr/bin"))
    found = resolve(Selection(str(folder), (str(file),), project="igt"), {"PATH": path})
    assert found.project is not None
    lines = Path(f"{docker}.asked").read_text(encoding="utf-8").splitlines()
    return sorted(line[line.index("config") :] for line in lines)


def test_a_file_without_profiles_is_asked_for_once(tmp_path: Path) -> None:
    assert asked(tmp_path, "services: {web: {image: x}}\n") == [WHOLE]


@pytest.mark.parametrize(
    "text",
    [
        "services: {web: {image: x}, shell: {image: x, profiles: [debug]}}\n",
        "x-tool: &tool {profiles: [debug]}\nservices: {web: {image: x}, shell: {<<: *tool, image: x}}\n",
        "services: {web: {image: x}, shell: {extends: {file: '${TOOLS}', service: shell}}}\n",
        "include: ['${MORE}']\nservices: {web: {image: x}}\n",
    ],
    ids=["named", "merged", "extended", "included"],
)
def test_profiles_are_asked_for_where_a_service_may_have_one(tmp_path: Path, text: str) -> None:
    assert asked(tmp_path, text) == ["config --format json", "config --profiles", "config --services"]
