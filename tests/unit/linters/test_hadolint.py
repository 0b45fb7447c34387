"""What hadolint says is taken over as it is, and what cannot be read of it is no silence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pytest_infragate import sightings
from pytest_infragate.linters import hadolint
from pytest_infragate.linters.remark import Dockerfile, LinterError
from pytest_infragate.recall import dependence

from .programs import needs_hadolint, program, real_hadolint

FAULTY = 'FROM debian\nRUN cd /tmp && echo $FOO\nRUN sudo true\nCMD ["true"]\n'
ONE = {"code": "DL3006", "column": 1, "file": "/p/Dockerfile", "level": "warning", "line": 3, "message": "Tag\nit"}


@pytest.fixture
def bin_folder(tmp_path: Path) -> Path:
    return tmp_path / "bin"


def written(folder: Path, text: str = FAULTY, name: str = "Dockerfile") -> Dockerfile:
    file = folder / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return Dockerfile(str(file), str(file.parent))


def rules(files: list[Dockerfile], root: Path, environ: dict[str, str]) -> dict[str, str]:
    """Return the level of each rule that speaks."""
    return {one.rule: one.level for one in hadolint.remarks(files, str(root), environ)}


@needs_hadolint
def test_the_real_one_names_file_line_rule_level_and_page(tmp_path: Path, bin_folder: Path) -> None:
    file, other = written(tmp_path), written(tmp_path, "FROM debian\n", "sub/Dockerfile")
    told = hadolint.remarks([file, other], str(tmp_path), real_hadolint(bin_folder))
    places = {(one.rule, one.path, one.line, one.level) for one in told}
    assert {("DL3006", file.path, 1, "warning"), ("DL3004", file.path, 3, "error")} <= places
    assert ("SC2086", file.path, 2, "info") in places
    assert ("DL3006", other.path, 1, "warning") in places
    pages = {one.rule: one.page for one in told}
    assert pages["DL3006"] == "https://github.com/hadolint/hadolint/wiki/DL3006"
    assert pages["SC2086"] == "https://www.shellcheck.net/wiki/SC2086"


@needs_hadolint
def test_the_real_one_finds_nothing_in_a_good_file(tmp_path: Path, bin_folder: Path) -> None:
    file = written(tmp_path, 'FROM debian:12.5\nUSER 1000\nCMD ["true"]\n')
    assert not hadolint.remarks([file], str(tmp_path), real_hadolint(bin_folder))


@needs_hadolint
def test_what_cannot_be_parsed_is_one_remark_without_a_page(tmp_path: Path, bin_folder: Path) -> None:
    [told] = hadolint.remarks([written(tmp_path, "FORM debian\n")], str(tmp_path), real_hadolint(bin_folder))
    assert (told.rule, told.level, told.line, told.page) == ("DL1000", "error", 1, "")
    assert "\n" not in told.text


@needs_hadolint
def test_its_own_comments_and_configuration_hold(tmp_path: Path, bin_folder: Path) -> None:
    file = written(tmp_path, "# hadolint ignore=DL3006\nFROM debian\nRUN sudo true\nRUN cd /tmp || exit 1\n")
    environ = real_hadolint(bin_folder)
    told = rules([file], tmp_path, environ)
    assert (told["DL3004"], told["DL3003"], "DL3006" in told) == ("error", "warning", False)
    (tmp_path / ".hadolint.yaml").write_text("ignored: [DL3003]\noverride: {info: [DL3004]}\n")
    told = rules([file], tmp_path, environ)
    assert (told["DL3004"], "DL3003" in told) == ("info", False)


@needs_hadolint
@pytest.mark.parametrize("settings", ["format: tty", "failure-threshold: error", "no-fail: true"])
def test_a_configuration_for_people_does_not_hide_what_it_says(tmp_path: Path, bin_folder: Path, settings: str) -> None:
    (tmp_path / ".hadolint.yaml").write_text(f"{settings}\n")
    assert "DL3004" in rules([written(tmp_path)], tmp_path, real_hadolint(bin_folder))


@needs_hadolint
def test_a_configuration_that_it_cannot_read_is_told(tmp_path: Path, bin_folder: Path) -> None:
    (tmp_path / ".hadolint.yaml").write_text("nonsense: [\n")
    with pytest.raises(LinterError, match=rf"cannot read its configuration {tmp_path}/\.hadolint\.yaml"):
        hadolint.remarks([written(tmp_path)], str(tmp_path), real_hadolint(bin_folder))


@needs_hadolint
def test_a_file_that_is_gone_is_told(tmp_path: Path, bin_folder: Path) -> None:
    with pytest.raises(LinterError, match=r"hadolint did not print JSON, but 'hadolint: .*does not exist"):
        hadolint.remarks([Dockerfile(str(tmp_path / "no"), "")], str(tmp_path), real_hadolint(bin_folder))


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("echo oops >&2; exit 3", "hadolint ended with 3: oops. Call it by hand to see why."),
        ("kill -9 $$", "hadolint ended with -9: . Call it by hand to see why."),
        ("echo rubbish", "hadolint did not print JSON, but 'rubbish'. Call it by hand to see why."),
        ("exit 0", "hadolint did not print JSON, but 'nothing'. Call it by hand to see why."),
        ("echo '[{\"code\": 1'", "hadolint did not print JSON, but '[{\"code\": 1'. Call it by hand to see why."),
        ("echo '[1]'", "hadolint did not print JSON, but '[1]'. Call it by hand to see why."),
        (
            'echo \'[{"rule": "DL1"}]\'',
            "hadolint printed JSON that is no list of its findings. Update it, or this plugin.",
        ),
    ],
)
def test_what_cannot_be_read_is_an_error(tmp_path: Path, bin_folder: Path, script: str, message: str) -> None:
    environ = program(bin_folder, "hadolint", script)
    with pytest.raises(LinterError) as caught:
        hadolint.remarks([written(tmp_path)], str(tmp_path), environ)
    assert str(caught.value) == message


def test_one_that_does_not_end_is_ended(tmp_path: Path, bin_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hadolint, "_TIMEOUT_S", 0.2)
    with pytest.raises(LinterError, match=r"did not end within 0\.2 s"):
        hadolint.remarks([written(tmp_path)], str(tmp_path), program(bin_folder, "hadolint", "sleep 60"))


def test_it_is_called_in_the_root_folder_and_asked_for_json(tmp_path: Path, bin_folder: Path) -> None:
    environ = program(bin_folder, "hadolint", f'pwd > {tmp_path}/said; echo "$@" >> {tmp_path}/said; echo "[]"')
    file = written(tmp_path)
    assert not hadolint.remarks([file], str(tmp_path), environ)
    assert (tmp_path / "said").read_text() == f"{tmp_path}\n--no-color --format json {file.path}\n"


def test_many_files_are_asked_about_in_parts(tmp_path: Path, bin_folder: Path) -> None:
    environ = program(bin_folder, "hadolint", f"printf '%s' '{json.dumps([ONE])}'")
    files = [Dockerfile(f"/p/{number}", "/p") for number in range(1001)]
    told = hadolint.remarks(files, str(tmp_path), environ)
    assert len(told) == 3
    assert (told[0].text, told[0].line, told[0].heavy) == ("Tag it", 3, True)


def test_it_is_found_on_the_path_that_is_given(bin_folder: Path) -> None:
    environ = program(bin_folder, "hadolint", "exit 0")
    assert hadolint.is_installed(environ)
    assert not hadolint.is_installed({**environ, "PATH": "/usr/bin"})
    assert not hadolint.is_installed({})


def test_a_cached_answer_depends_on_dockerfiles_configuration_and_program(tmp_path: Path, bin_folder: Path) -> None:
    environ = program(bin_folder, "hadolint", "echo '[]'")
    file, noted = written(tmp_path), sightings.Sightings()
    with sightings.noting(noted):
        hadolint.remarks([file], str(tmp_path), environ)
    seen = {path for path, what in noted.seen if what == sightings.CONTENT}
    home = bin_folder / "home"
    assert {file.path, f"{tmp_path}/.hadolint.yaml", f"{home}/.config/hadolint.yaml", f"{home}/.hadolint.yml"} <= seen
    assert all(argv[:1] in dependence.PROGRAMS for argv in noted.programs)
    before = dependence.surroundings(environ)
    (bin_folder / "hadolint").unlink()
    assert dependence.surroundings(environ) != before
