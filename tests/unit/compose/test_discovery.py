from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from pytest_infragate.compose.discovery import (
    discover,
    env_file_variables,
    fault_of_file,
    kept_project_name,
    project_name,
)
from pytest_infragate.compose.selection import Selection
from pytest_infragate.errors import ComposeError
from pytest_infragate.settings import ComposeSettings

PROJECT_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")


class Folder:
    """A project folder and what discovery finds when it is run there or below."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, **files: str) -> None:
        """Write files; in their names ``__`` stands for a folder and ``_`` for a dot."""
        for name, text in files.items():
            self.touch(name.replace("__", "/").replace("_", "."), text)

    def touch(self, name: str, text: str = "services: {}\n") -> str:
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return str(file)

    def find(
        self, settings: ComposeSettings | None = None, below: str = ".", environ: Mapping[str, str] | None = None
    ) -> Selection:
        return discover(settings or ComposeSettings(), self.path / below, environ or {})

    def names(self, paths: tuple[str, ...]) -> list[str]:
        """Return paths relative to the folder."""
        return [str(Path(path).relative_to(self.path)) for path in paths]

    def files(self, below: str = ".", environ: Mapping[str, str] | None = None) -> list[str]:
        return self.names(self.find(below=below, environ=environ).files)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


@pytest.mark.parametrize(
    ("present", "chosen"),
    [
        (["compose.yaml"], ["compose.yaml"]),
        (["docker-compose.yaml"], ["docker-compose.yaml"]),
        (["docker-compose.yaml", "docker-compose.yml", "compose.yml", "compose.yaml"], ["compose.yaml"]),
        (["docker-compose.yaml", "docker-compose.yml", "compose.yml"], ["compose.yml"]),
        (["docker-compose.yaml", "docker-compose.yml"], ["docker-compose.yml"]),
        (["compose.yaml", "compose.override.yaml"], ["compose.yaml", "compose.override.yaml"]),
        (["compose.yaml", "compose.override.yaml", "compose.override.yml"], ["compose.yaml", "compose.override.yml"]),
        (["compose.yaml", "docker-compose.override.yml"], ["compose.yaml", "docker-compose.override.yml"]),
        (["compose.yaml", "compose.prod.yaml"], ["compose.yaml"]),
    ],
)
def test_files_are_found_by_the_names_and_in_the_order_of_compose(
    folder: Folder, present: list[str], chosen: list[str]
) -> None:
    for name in present:
        folder.touch(name)
    assert folder.files() == chosen


def test_files_are_found_in_a_folder_above_with_the_override_beside_them(folder: Folder) -> None:
    folder.write(compose_yaml="", compose_override_yaml="", a__compose_override_yaml="")
    (folder.path / "a/b").mkdir()
    found = folder.find(below="a/b")
    assert folder.names(found.files) == ["compose.yaml", "compose.override.yaml"]
    assert found.directory == str(folder.path)


def test_a_link_that_leads_nowhere_is_passed_over(folder: Folder) -> None:
    (folder.path / "compose.yaml").symlink_to("nowhere")
    folder.touch("compose.yml")
    assert folder.files() == ["compose.yml"]


def test_without_a_file_it_says_where_it_looked_and_for_what(folder: Folder) -> None:
    with pytest.raises(ComposeError) as caught:
        folder.find()
    assert str(caught.value) == (
        "no Compose file was found: looked for compose.yaml, compose.yml, docker-compose.yml or docker-compose.yaml in "
        f"{folder.path} and every folder above it; write one, or name it with --infragate-file, compose.files in "
        "infragate.yaml or COMPOSE_FILE"
    )


def test_named_files_come_before_compose_file(folder: Folder) -> None:
    named = folder.touch("a/one.yaml"), folder.touch("b/two.yaml")
    found = discover(
        ComposeSettings(files=named), folder.path, {"COMPOSE_FILE": "gone.yaml"}, {"files": "command line"}
    )
    assert found.files == named
    assert found.directory == str(folder.path / "a")
    assert dict(found.sources)["files"] == "command line"


@pytest.mark.parametrize(
    ("environ", "chosen"),
    [
        ({"COMPOSE_FILE": "b.yaml"}, ["b.yaml"]),
        ({"COMPOSE_FILE": "b.yaml:a.yaml"}, ["b.yaml", "a.yaml"]),
        ({"COMPOSE_FILE": "a.yaml;sub/c.yaml", "COMPOSE_PATH_SEPARATOR": ";"}, ["a.yaml", "sub/c.yaml"]),
        ({"COMPOSE_FILE": "b.yaml", "COMPOSE_PATH_SEPARATOR": ""}, ["b.yaml"]),
    ],
)
def test_compose_file_chooses(folder: Folder, environ: dict[str, str], chosen: list[str]) -> None:
    folder.write(compose_yaml="", a_yaml="", b_yaml="", sub__c_yaml="")
    assert folder.files(environ=environ) == chosen


def test_compose_file_is_relative_to_where_compose_runs(folder: Folder) -> None:
    folder.write(compose_yaml="", sub__compose_yaml="")
    assert folder.files("sub", {"COMPOSE_FILE": "../compose.yaml"}) == ["compose.yaml"]


@pytest.mark.parametrize("value", ["", "compose.yaml:", ":compose.yaml"])
def test_an_empty_part_of_compose_file_is_refused(folder: Folder, value: str) -> None:
    folder.touch("compose.yaml")
    with pytest.raises(ComposeError, match=f"^COMPOSE_FILE is '{value}': an empty part names no file; unset it or "):
        folder.find(environ={"COMPOSE_FILE": value})


def test_the_env_file_beside_counts_but_the_environment_comes_first(folder: Folder) -> None:
    folder.write(compose_yaml="", a_yaml="", b_yaml="")
    folder.touch(".env", "COMPOSE_FILE=a.yaml\nCOMPOSE_PROFILES='x, y'\n")
    found = folder.find()
    assert folder.names(found.files) == ["a.yaml"]
    assert found.profiles == ("x", "y")
    assert dict(found.sources)["files"] == f"COMPOSE_FILE in {folder.path}/.env"
    assert folder.files(environ={"COMPOSE_FILE": "b.yaml"}) == ["b.yaml"]
    assert folder.files(environ={"COMPOSE_DISABLE_ENV_FILE": "1"}) == ["compose.yaml"]


def test_named_env_files_replace_the_one_beside(folder: Folder) -> None:
    folder.write(compose_yaml="", a_yaml="")
    folder.touch(".env", "COMPOSE_FILE=gone.yaml\nCOMPOSE_PROFILES=x\n")
    named = folder.touch("one.env", "COMPOSE_FILE=gone.yaml\n"), folder.touch("two.env", "COMPOSE_FILE=a.yaml\n")
    found = folder.find(ComposeSettings(env_files=named))
    assert (folder.names(found.files), found.env_files, found.profiles) == (["a.yaml"], named, ())


def test_compose_env_files_counts_in_the_environment_only(folder: Folder) -> None:
    folder.touch("compose.yaml")
    named = folder.touch("one.env", "COMPOSE_PROFILES=x\n")
    assert folder.find(environ={"COMPOSE_ENV_FILES": "one.env"}).env_files == (named,)
    assert folder.find(environ={"COMPOSE_ENV_FILES": "one.env"}).profiles == ("x",)
    folder.touch(".env", "COMPOSE_ENV_FILES=one.env\n")
    assert folder.find().env_files == ()


def test_the_env_file_beside_the_compose_file_is_left_to_compose(folder: Folder) -> None:
    folder.touch("compose.yaml")
    folder.touch(".env", "A=1\n")
    assert folder.find().env_files == ()


def test_below_the_project_both_env_files_are_named_and_the_nearer_wins(folder: Folder) -> None:
    folder.touch("compose.yaml")
    top, near = folder.touch(".env", "COMPOSE_PROFILES=top\n"), folder.touch("sub/.env", "COMPOSE_PROFILES=near\n")
    found = folder.find(below="sub")
    assert found.env_files == (top, near)
    assert found.profiles == ("near",)


def test_below_the_project_without_an_env_file_of_its_own_the_upper_one_counts(folder: Folder) -> None:
    folder.touch("compose.yaml")
    folder.touch(".env", "COMPOSE_PROFILES=top\n")
    (folder.path / "sub").mkdir()
    found = folder.find(below="sub")
    assert (found.env_files, found.profiles) == ((), ("top",))


@pytest.mark.parametrize(
    ("named", "environ", "profiles"),
    [
        ((), {}, ()),
        ((), {"COMPOSE_PROFILES": "a, b,,"}, ("a", "b")),
        ((), {"COMPOSE_PROFILES": ""}, ()),
        (("c",), {"COMPOSE_PROFILES": "a"}, ("c",)),
    ],
)
def test_named_profiles_replace_compose_profiles(
    folder: Folder, named: tuple[str, ...], environ: dict[str, str], profiles: tuple[str, ...]
) -> None:
    folder.touch("compose.yaml")
    assert folder.find(ComposeSettings(profiles=named), environ=environ).profiles == profiles


def test_the_project_name_of_the_environment_is_not_used(folder: Folder) -> None:
    folder.touch("compose.yaml")
    folder.touch(".env", "COMPOSE_PROJECT_NAME=mine\n")
    assert folder.find(environ={"COMPOSE_PROJECT_NAME": "mine"}).project == ""
    assert folder.find(ComposeSettings(project="asked")).project == "asked"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (ComposeSettings(files=("TOP/gone.yaml",)), "the Compose file TOP/gone.yaml (from settings) does not exist"),
        (
            ComposeSettings(files=("TOP/sub",)),
            "the Compose file TOP/sub (from settings) is a folder: name a file in it",
        ),
        (
            ComposeSettings(files=("TOP/link.yaml",)),
            "the Compose file TOP/link.yaml (from settings) is a link that leads nowhere",
        ),
        (ComposeSettings(env_files=("TOP/gone.env",)), "the env file TOP/gone.env (from settings) does not exist"),
    ],
)
def test_a_named_file_that_is_none_is_refused(folder: Folder, settings: ComposeSettings, message: str) -> None:
    folder.touch("compose.yaml")
    (folder.path / "sub").mkdir()
    (folder.path / "link.yaml").symlink_to("nowhere")
    top = str(folder.path)
    named = ComposeSettings(
        files=tuple(file.replace("TOP", top) for file in settings.files),
        env_files=tuple(file.replace("TOP", top) for file in settings.env_files),
    )
    with pytest.raises(ComposeError) as caught:
        folder.find(named)
    assert str(caught.value) == message.replace("TOP", top)


def test_a_folder_with_the_name_of_a_compose_file_is_refused(folder: Folder) -> None:
    (folder.path / "compose.yaml").mkdir()
    folder.touch("compose.yml")
    with pytest.raises(ComposeError, match=r"/compose\.yaml \(from Compose's own choice\) is a folder"):
        folder.find()


def test_a_file_that_is_one_has_no_fault(folder: Folder) -> None:
    assert fault_of_file(folder.touch("compose.yaml")) is None


@pytest.mark.parametrize("name", ["shop", "My Shop (copy)", "_-_", "ÄÖÜ", "9", "x" * 200, "a.b.c"])
def test_project_names_are_valid_for_compose_and_short(tmp_path: Path, name: str) -> None:
    directory = tmp_path / name
    for made in (project_name(str(directory), "Run/7"), kept_project_name(str(directory))):
        assert PROJECT_NAME.fullmatch(made)
        assert made.startswith("infragate-")
        assert len(made) <= 63


def test_project_names_differ_by_checkout_and_run(tmp_path: Path) -> None:
    one, two = str(tmp_path / "a/shop"), str(tmp_path / "b/shop")
    assert len({project_name(one, "1"), project_name(one, "2"), project_name(two, "1"), kept_project_name(one)}) == 4


def test_the_name_of_a_kept_stack_is_the_same_in_each_run_and_by_each_path(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "link").symlink_to("shop")
    kept = kept_project_name(str(tmp_path / "shop"))
    assert kept == kept_project_name(str(tmp_path / "link"))
    assert re.fullmatch(r"infragate-shop-[0-9a-f]{6}", kept)
    assert project_name(str(tmp_path / "shop"), "1f") == f"{kept}-1f"


def test_the_variables_of_the_env_files_are_those_that_compose_reads(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("A=beside\nB=${C:-none}\n", encoding="utf-8")
    (tmp_path / "named.env").write_text("A=named\n", encoding="utf-8")
    beside = Selection(str(tmp_path), ())
    assert env_file_variables(beside, {"C": "given"}) == {"A": "beside", "B": "given"}
    assert env_file_variables(beside, {"COMPOSE_DISABLE_ENV_FILE": "1"}) == {}
    assert env_file_variables(Selection(str(tmp_path), (), env_files=(str(tmp_path / "named.env"),)), {}) == {
        "A": "named"
    }
