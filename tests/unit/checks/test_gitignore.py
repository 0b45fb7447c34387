"""Which files git ignores is told as git tells it, and secrets in env files are found where it does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_infragate.checks import BY_ID
from pytest_infragate.checks.base import Material
from pytest_infragate.checks.gitignore import is_ignored, repository_of
from pytest_infragate.compose.resolve import Resolution
from pytest_infragate.compose.selection import Selection
from pytest_infragate.results import Finding, Severity

SECRET = "hunter2"  # noqa: S105  (looked for in messages)
ENV = "deploy/app/.env"


@pytest.mark.parametrize(
    ("lines", "ignored"),
    [
        ("", False),
        (".env", True),
        ("# .env", False),
        ("*.env", True),
        (".env*", True),
        (".env.local", False),
        ("/.env", False),
        ("/deploy/app/.env", True),
        ("deploy/app/.env", True),
        ("app/.env", False),
        ("**/.env", True),
        ("**/app/.env", True),
        ("deploy/**", True),
        ("deploy/**/.env", True),
        ("deploy/*/.env", True),
        ("deploy/*", True),
        ("deploy/", True),
        ("app/", True),
        ("app", True),
        (".env/", False),
        (".en[a-f]", False),
        (".en[!a-f]", True),
        ("?env", True),
        (".env\n!.env", False),
        ("!.env\n.env", True),
        ("*\n!*.md", True),
    ],
)
def test_lines(tmp_path: Path, lines: str, ignored: bool) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".gitignore").write_text(lines)
    assert is_ignored(tmp_path / ENV, tmp_path) is ignored


def test_the_file_nearest_to_the_path_decides(tmp_path: Path) -> None:
    (tmp_path / "deploy" / "app").mkdir(parents=True)
    (tmp_path / ".gitignore").write_text(".env\n")
    (tmp_path / "deploy" / ".gitignore").write_text("!/app/.env\n")
    assert not is_ignored(tmp_path / ENV, tmp_path)
    (tmp_path / "deploy" / "app" / ".gitignore").write_text("/.env\n")
    assert is_ignored(tmp_path / ENV, tmp_path)


def test_the_list_that_belongs_to_one_clone(tmp_path: Path) -> None:
    (tmp_path / ".git" / "info").mkdir(parents=True)
    (tmp_path / ".git" / "info" / "exclude").write_text(".env\n")
    assert is_ignored(tmp_path / ENV, tmp_path)
    assert repository_of(tmp_path / ENV) == tmp_path


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (f"DB_PASSWORD={SECRET}\nA=1\nAPI_TOKEN={SECRET}", "API_TOKEN and DB_PASSWORD"),
        (f"URL=postgresql://app:{SECRET}@db/app", "URL"),
        ("DB_PASSWORD=${FROM_SHELL}", ""),
        ("DB_PASSWORD=", ""),
        ("DB_PASSWORD_FILE=/run/secrets/db", ""),
        ("ALLOW_EMPTY_PASSWORD=yes", ""),
    ],
)
def test_secrets_in_env_files(tmp_path: Path, text: str, names: str) -> None:
    found = looked_at(tmp_path, text, ".git/")
    assert [one.message for one in found] == (
        [f".env holds {names}, and git does not ignore the file."] if names else []
    )
    assert SECRET not in repr(found)


@pytest.mark.parametrize("beside", ["", ".gitignore"])
def test_what_is_in_no_repository_or_ignored_is_left_alone(tmp_path: Path, beside: str) -> None:
    assert looked_at(tmp_path, f"DB_PASSWORD={SECRET}", *([".git/", beside] if beside else [])) == ()


def looked_at(folder: Path, text: str, *beside: str) -> tuple[Finding, ...]:
    (folder / ".env").write_text(text)
    if ".git/" in beside:
        (folder / ".git").mkdir()
    if ".gitignore" in beside:
        (folder / ".gitignore").write_text(".env\n")
    resolution = Resolution(None, selection=Selection(str(folder), ()), base=str(folder))
    return BY_ID["IG616"].findings(Material(resolution), Severity.WARNING)
