"""Source lines are quoted without the secrets in them, known or only named."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_infragate.masking import Masker
from pytest_infragate.reports.source_lines import SourceLines
from pytest_infragate.results import Location

WIDTH = 100
SECRET = "hunter2x"  # noqa: S105


def quote(
    folder: Path,
    text: str,
    line: int = 1,
    column: int | None = 1,
    name: str = "compose.yaml",
    masker: Masker | None = None,
) -> tuple[str, ...]:
    (folder / name).write_bytes(text.encode())
    return SourceLines(folder, masker or Masker()).quoted(Location(name, line, column), WIDTH)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\u2028"])
def test_lines_are_counted_as_yaml_counts_them(tmp_path: Path, end: str) -> None:
    text = end.join(("a: 1\x0cx", "b: 2", "c: 3"))
    assert quote(tmp_path, text, 3)[0] == "  3 | c: 3"


def test_a_byte_order_mark_moves_nothing(tmp_path: Path) -> None:
    assert quote(tmp_path, "\ufeffname: x\n") == ("  1 | name: x", "    | ^^^^")


def test_without_a_column_the_first_word_is_meant(tmp_path: Path) -> None:
    assert quote(tmp_path, "  name: x\n", column=None)[1] == "    |   ^^^^"


@pytest.mark.parametrize(
    "place", [None, Location("absent.yaml", 1), Location("compose.yaml"), Location("compose.yaml", 9), Location(".", 1)]
)
def test_what_is_not_there_is_not_quoted(tmp_path: Path, place: Location | None) -> None:
    (tmp_path / "compose.yaml").write_text("a: 1\n\n")
    assert SourceLines(tmp_path, Masker()).quoted(place, WIDTH) == ()
    assert SourceLines(tmp_path, Masker()).quoted(Location("compose.yaml", 2), WIDTH) == ()


def test_bytes_that_are_no_text_are_quoted_as_such(tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_bytes(b"a: \xff\xfe\n")
    assert SourceLines(tmp_path, Masker()).quoted(Location("compose.yaml", 1, 1), WIDTH)[0].startswith("  1 | a: ")


def test_known_values_are_masked_wherever_they_stand(tmp_path: Path) -> None:
    shown = quote(tmp_path, f"    command: run {SECRET} now\n", masker=Masker([SECRET]))
    assert shown[0] == "  1 |     command: run *** now"


@pytest.mark.parametrize(
    "line",
    [
        f"POSTGRES_PASSWORD: {SECRET}",
        f"  - API_TOKEN={SECRET}",
        f'environment: {{A: 1, "API_KEY": "{SECRET}"}}',
        f"command: redis-server --requirepass {SECRET}",
        f'command: ["x", "--db-password", "{SECRET}"]',
        f"command: x --token={SECRET}",
        f"PASSWORD: ${{PW:-{SECRET}}}",
        f"PASSWORD: &pw {SECRET}",
        f"# password: {SECRET}",
        f"url: postgres://u:{SECRET}@db/x",
        f"content: db.password = {SECRET}",
    ],
)
def test_values_under_a_secrets_name_are_masked_where_nobody_knows_them(tmp_path: Path, line: str) -> None:
    shown = quote(tmp_path, line + "\n")
    assert SECRET not in "".join(shown)
    assert "***" in shown[0]


@pytest.mark.parametrize(
    "line",
    [
        "secrets: [db_password]",
        "POSTGRES_PASSWORD: ${PW}",
        'POSTGRES_PASSWORD: "${PW:?set it}"  # why',
        "POSTGRES_PASSWORD_FILE: /run/secrets/pw",
        "x-auth: &auth",
        "image: nginx:1.27",
    ],
)
def test_what_only_names_a_secret_is_shown(tmp_path: Path, line: str) -> None:
    assert quote(tmp_path, line + "\n")[0] == f"  1 | {line}"


@pytest.mark.parametrize("begin", ["PASSWORD: |", "PASSWORD: >-", 'PASSWORD: "begin'])
def test_the_lines_of_a_long_secret_are_masked(tmp_path: Path, begin: str) -> None:
    text = f"a:\n  {begin}\n    first\n\n    {SECRET}\n  B: shown\n"
    assert quote(tmp_path, text, 5)[0] == "  5 |     ***"
    assert quote(tmp_path, text, 6)[0] == "  6 |   B: shown"


def test_of_env_files_only_names_are_shown(tmp_path: Path) -> None:
    for line in (f"STRIPE={SECRET}", f"export STRIPE = '{SECRET}'", f"STRIPE: {SECRET}"):
        shown = quote(tmp_path, line + "\n", name=".env")
        assert SECRET not in "".join(shown)
        assert "STRIPE" in shown[0]


def test_a_caret_behind_a_secret_stands_at_its_mask(tmp_path: Path) -> None:
    line = f"environment: {{PASSWORD: {SECRET}, B: 1}}"
    assert quote(tmp_path, line + "\n", column=line.index("B:") + 1) == (
        "  1 | environment: {PASSWORD: ***",
        "    |                         ^^^",
    )
