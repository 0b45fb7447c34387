"""What BuildKit says of Dockerfiles, replayed by a program in the shape of BuildKit's sources: no engine here has it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pytest_infragate.linters import build_check
from pytest_infragate.linters.linting import Linting
from pytest_infragate.linters.remark import Dockerfile, LinterError, Remark

from .programs import program

PAGE = "https://docs.docker.com/go/dockerfile/rule/from-as-casing/"
WARNING = {
    "ruleName": "FromAsCasing",
    "description": "The 'as' keyword should match the case of the 'from' keyword",
    "url": PAGE,
    "detail": "'as' and 'FROM' keywords' casing do not match",
    "location": {"ranges": [{"start": {"line": 2}, "end": {"line": 2}}]},
}
TOLD = {"warnings": [WARNING], "sources": [{"filename": "Dockerfile", "language": "Dockerfile", "data": "RlJPTQo="}]}
FILE = Dockerfile("/p/Dockerfile", "/p")


def docker(folder: Path, told: Any, *, version: str = "v0.15.1", code: int = 1, error: str = "") -> dict[str, str]:
    """Return an environment whose docker has a buildx of a version, which says this of every Dockerfile."""
    folder.mkdir(exist_ok=True)
    (folder / "told").write_text(told if isinstance(told, str) else json.dumps(told, indent=2))
    script = f"""
        if [ "$2" = version ]; then echo "github.com/docker/buildx {version} 1234567"; exit 0; fi
        echo "$@" >> {folder}/asked
        cat {folder}/told
        echo "{error}" >&2
        exit {code}"""
    return program(folder, "docker", script)


def remarks(folder: Path, told: Any, **how: Any) -> tuple[Remark, ...]:
    return build_check.remarks([FILE], str(folder.parent), docker(folder, told, **how))


def test_a_warning_is_a_remark_with_its_line_and_page(tmp_path: Path) -> None:
    [told] = remarks(tmp_path / "bin", TOLD)
    assert told == Remark("/p/Dockerfile", 2, None, "docker build --check", "FromAsCasing", "warning", told.text, PAGE)
    assert told.text == WARNING["detail"]
    assert told.heavy
    assert (tmp_path / "bin/asked").read_text() == "buildx build --call=check,format=json --file /p/Dockerfile /p\n"


def test_nothing_to_say_is_no_remark(tmp_path: Path) -> None:
    assert not remarks(tmp_path / "bin", {"warnings": [], "sources": []}, code=0)
    assert not remarks(tmp_path / "bin", {"warnings": None, "sources": None}, code=0)


def test_what_cannot_be_built_is_an_error_of_its_own(tmp_path: Path) -> None:
    broken = {"message": "unknown instruction: FORM", "location": {"ranges": [{"start": {"line": 1}, "end": {}}]}}
    [told] = remarks(tmp_path / "bin", {"warnings": [], "buildError": broken})
    assert (told.rule, told.level, told.line, told.text) == ("BuildError", "error", 1, "unknown instruction: FORM")


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ("", "docker build --check of /p/Dockerfile ended with 1 and said 'no builder'. Call it by hand to see why."),
        ("[]", "docker build --check of /p/Dockerfile ended with 1 and said 'no builder'. Call it by hand to see why."),
        ("{}", "docker build --check of /p/Dockerfile ended with 1 and said 'no builder'. Call it by hand to see why."),
        (
            {"warnings": [{}]},
            "docker build --check printed JSON that is no list of its warnings. Update it, or this plugin.",
        ),
        (
            {"warnings": [5]},
            "docker build --check printed JSON that is no list of its warnings. Update it, or this plugin.",
        ),
        (
            {"warnings": 5},
            "docker build --check printed JSON that is no list of its warnings. Update it, or this plugin.",
        ),
    ],
)
def test_what_cannot_be_read_is_an_error(tmp_path: Path, told: Any, message: str) -> None:
    with pytest.raises(LinterError) as caught:
        remarks(tmp_path / "bin", told, error="no builder")
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("version", "new_enough"),
    [
        ("v0.15.0", True),
        ("0.30.1+ds1", True),
        ("v1.0.0-rc1", True),
        ("v0.14.1", False),
        ("v0.9.1-docker", False),
        ("", False),
    ],
)
def test_only_a_buildx_that_can_check_is_asked(tmp_path: Path, version: str, new_enough: bool) -> None:
    assert build_check.is_installed(docker(tmp_path / "bin", TOLD, version=version)) is new_enough


def test_a_docker_without_buildx_and_no_docker_at_all_cannot_check(tmp_path: Path) -> None:
    assert not build_check.is_installed(program(tmp_path / "bin", "docker", "exit 1"))
    assert not build_check.is_installed({"PATH": str(tmp_path)})


def test_hadolint_is_asked_before_it_and_an_engine_only_where_one_may_be(tmp_path: Path) -> None:
    environ = docker(tmp_path / "bin", TOLD)
    root = str(tmp_path)
    assert Linting(root, environ, engine=True).tool == "docker build --check"
    assert Linting(root, environ).tool == ""
    program(tmp_path / "bin", "hadolint", "echo '[]'")
    assert Linting(root, environ, engine=True).tool == "hadolint"


def test_the_linter_is_asked_once_also_when_it_fails(tmp_path: Path) -> None:
    linting = Linting(str(tmp_path), docker(tmp_path / "bin", "rubbish"), engine=True)
    for _ in range(2):
        with pytest.raises(LinterError):
            linting.remarks([FILE])
    assert len((tmp_path / "bin/asked").read_text().splitlines()) == 1
