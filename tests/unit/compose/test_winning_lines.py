"""Of several files the line that wins is the one that is pointed at, whatever chose the files."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_infragate.compose import cli
from pytest_infragate.compose.resolve import resolve
from pytest_infragate.compose.selection import Selection
from pytest_infragate.errors import EngineError

from .winning import CASES, found


@pytest.fixture(autouse=True)
def without_compose(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_arguments: object) -> None:
        raise EngineError("Docker Compose was not found")

    monkeypatch.setattr(cli, "config", missing)
    monkeypatch.setattr(cli, "known_profiles", missing)


@pytest.mark.parametrize("case", CASES)
def test_the_winning_line(case: str, tmp_path: Path) -> None:
    resolution = CASES[case].resolved(tmp_path, {"HOME": str(tmp_path)})
    assert {key: found(resolution, key) for key in CASES[case].expected} == CASES[case].expected
    assert not CASES[case].name or (resolution.project and resolution.project.name) == CASES[case].name


def test_an_alias_bomb_in_any_file_is_refused_at_its_place(tmp_path: Path) -> None:
    rows = ["x-a: &a [1,1,1,1,1,1,1,1,1,1]"]
    rows += [f"x-{new}: &{new} [{','.join([f'*{old}'] * 10)}]" for old, new in zip("abcdef", "bcdefg", strict=True)]
    (tmp_path / "bomb.yaml").write_text("\n".join(rows), encoding="utf-8")
    (tmp_path / "a.yaml").write_text("services:\n  web: {image: x, user: 5}\n", encoding="utf-8")
    (tmp_path / "base.yaml").write_text("\n".join([*rows, "services: {b: {image: x}}"]), encoding="utf-8")
    (tmp_path / "c.yaml").write_text("services:\n  b: {extends: {file: base.yaml, service: b}}\n", encoding="utf-8")
    files = tuple(str(tmp_path / name) for name in ("a.yaml", "bomb.yaml", "c.yaml"))
    resolution = resolve(Selection(str(tmp_path), files, project="igt"), {}, str(tmp_path))
    assert resolution.project is None
    assert [f"{one.location} {one.text}" for one in resolution.problems] == [
        "a.yaml:2:25 Service web: `user` must be a text, but this is 5 without quotes.",
        "base.yaml:5:31 Aliases expand to more than 100000 values: refused.",
        "bomb.yaml:5:31 Aliases expand to more than 100000 values: refused.",
    ]
