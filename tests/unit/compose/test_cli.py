"""Compose is found, asked, and understood: a small program stands in for the docker CLI."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pytest_infragate.compose import cli
from pytest_infragate.compose.selection import Selection
from pytest_infragate.errors import EngineError


def docker(folder: Path, script: str) -> dict[str, str]:
    """Write a program called docker and return an environment in which it is the only one of that name."""
    program = folder / "docker"
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    program.chmod(0o755)
    return {"PATH": f"{folder}{os.pathsep}/bin{os.pathsep}/usr/bin"}


def config(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> cli.ConfigResult:
    monkeypatch.setenv("PATH", docker(folder, script)["PATH"])
    return cli.config(Selection(str(folder), (str(folder / "compose.yaml"),)))


@pytest.mark.parametrize(("printed", "expected"), [("2.40.3-3", "2.40.3-3"), ("v2.26.1", "2.26.1"), ("5.0.0", "5.0.0")])
def test_version(printed: str, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", docker(tmp_path, f"echo {printed}")["PATH"])
    assert cli.version() == expected


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("echo 1.29.2", "1.29.2 is too old"),
        ("echo \"docker: 'compose' is not a docker command\" >&2; exit 1", "was not found"),
        ("echo usage", "was not found"),
    ],
)
def test_no_usable_compose(script: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", docker(tmp_path, script)["PATH"])
    with pytest.raises(EngineError, match=words):
        cli.version()


def test_no_docker_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EngineError, match="'docker': no such program"):
        cli.version()


def test_a_model_with_its_warnings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = """\
echo 'time="2026-01-01T00:00:00Z" level=warning msg="The \\\\"A\\\\" variable is not set."' >&2
echo 'time="2026-01-01T00:00:00Z" level=warning msg="The \\\\"A\\\\" variable is not set."' >&2
echo '{"name": "x"}'"""
    found = config(tmp_path, monkeypatch, script)
    assert found == cli.ConfigResult({"name": "x"}, 0, "", ('The "A" variable is not set.',))


def test_a_refusal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = 'case "$*" in *version*) echo 2.40.3;; *) echo "services.a is wrong" >&2; exit 15;; esac'
    found = config(tmp_path, monkeypatch, script)
    assert (found.model, found.exit_code, found.error) == (None, 15, "services.a is wrong")


def test_a_refusal_without_a_word_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = 'case "$*" in *version*) echo 2.40.3;; *) exit 3;; esac'
    assert "exit code 3 and no message" in config(tmp_path, monkeypatch, script).error


def test_a_missing_plugin_is_no_refusal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(EngineError):
        config(tmp_path, monkeypatch, "echo 'unknown shorthand flag' >&2; exit 125")


@pytest.mark.parametrize("printed", ["", "not json", "[]"])
def test_what_is_no_model_is_not_passed_on(printed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = config(tmp_path, monkeypatch, f"echo '{printed}'")
    assert found.model is None
    assert found.error


def test_the_call_repeats_the_selection() -> None:
    selection = Selection("/p", ("/p/a.yaml",), profiles=("debug",), env_files=("/p/.env",), project="x")
    expected = (
        "docker compose --ansi never --project-directory /p -f /p/a.yaml --profile debug --env-file /p/.env -p x config"
    )
    assert " ".join(cli.command(selection, "config")) == expected
