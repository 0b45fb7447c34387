"""How several files make one project: ``extends``, ``include``, env files, profiles, variables."""

from __future__ import annotations

from pathlib import Path

from .files import model, resolved, services, told

BASE = "services:\n  base:\n    image: base:1\n    volumes: ['./data:/data']\n    environment: {A: base, B: base}\n    env_file: vars.env\n"


def test_a_service_extends_one_of_another_folder(tmp_path: Path) -> None:
    text = "services: {web: {extends: {file: sub/base.yaml, service: base}, environment: [B=own]}}"
    found = model(tmp_path, text, files={"sub/base.yaml": BASE, "sub/vars.env": "C=file\n"})["services"]["web"]
    assert found["image"] == "base:1"
    assert found["volumes"][0]["source"] == str(tmp_path / "sub/data")
    assert found["environment"] == {"A": "base", "B": "own", "C": "file"}
    assert "extends" not in found


def test_extending_goes_on_across_files_and_within_one(tmp_path: Path) -> None:
    middle = (
        "services:\n  one: {extends: two, user: u}\n  two: {extends: {file: base.yaml, service: base}, labels: [l]}\n"
    )
    text = "services: {web: {extends: {file: sub/middle.yaml, service: one}}, again: {extends: web, user: v}}"
    files = {"sub/middle.yaml": middle, "sub/base.yaml": BASE, "sub/vars.env": ""}
    found = model(tmp_path, text, files=files)["services"]
    assert [(found[name]["image"], found[name]["user"], found[name]["labels"]) for name in ("web", "again")] == [
        ("base:1", "u", {"l": ""}),
        ("base:1", "v", {"l": ""}),
    ]


def test_what_cannot_be_extended_is_told_for_every_service(tmp_path: Path) -> None:
    text = (
        "services:\n  a: {image: x, extends: b}\n  b: {image: x, extends: a}\n  c: {image: x, extends: basse}\n"
        "  d: {image: x, extends: {file: no.yaml, service: base}}\n  e: {image: x, extends: {service: base, file: b.yaml}}\n"
        "  f: {image: x, extends: {file: 'https://example.org/c.yaml', service: base}}\n  base: {image: x}\n"
    )
    assert told(resolved(tmp_path, text, files={"b.yaml": "services: {other: {image: x}}"})) == [
        "0.yaml:2:26 Service a extends itself by way of others.",
        "0.yaml:4:26 Service c extends basse, which is not there; did you mean 'base'?",
        "0.yaml:5:33 `extends` names the file no.yaml, which does not exist.",
        "0.yaml:6:36 Service e extends base, which is not in b.yaml.",
        "0.yaml:7:33 https://example.org/c.yaml is not on this machine: only Docker Compose can read it.",
    ]


def test_included_files_have_their_own_folder_and_variables(tmp_path: Path) -> None:
    files = {
        "sub/in.yaml": "services: {db: {image: 'db:${TAG}', volumes: ['./d:/d'], environment: [TAG, SET]}}\n",
        "sub/.env": "TAG=16\nSET=not this\n",
        "other/in.yaml": "services: {mq: {image: 'mq:${TAG}', volumes: ['./d:/d']}}\n",
        "values.env": "TAG=4\n",
    }
    text = (
        "include:\n  - sub/in.yaml\n  - {path: other/in.yaml, project_directory: '.', env_file: values.env}\n"
        "services: {web: {image: 'web:${TAG:-none}', depends_on: [db, mq]}}\n"
    )
    found = model(tmp_path, text, "services: {db: {user: own}}", files=files)["services"]
    assert {name: found[name]["image"] for name in found} == {"web": "web:none", "db": "db:16", "mq": "mq:4"}
    assert found["db"]["user"] == "own"
    assert found["db"]["environment"] == {"TAG": "16", "SET": "shell"}
    assert [found[name]["volumes"][0]["source"] for name in ("db", "mq")] == [
        str(tmp_path / "sub/d"),
        str(tmp_path / "d"),
    ]


def test_one_name_may_not_mean_two_things_in_an_included_file(tmp_path: Path) -> None:
    files = {"in.yaml": "services: {db: {image: d}}\nvolumes: {v: {}, w: {}}\n"}
    text = "include: [in.yaml]\nservices: {db: {image: d, user: u}}\nvolumes: {v: {}, w: {name: x}}\n"
    assert [one.partition(" is also")[0] for one in told(resolved(tmp_path, text, files=files))] == [
        "0.yaml:2:12 services.db",
        "0.yaml:3:18 volumes.w",
    ]


def test_what_cannot_be_included_is_told(tmp_path: Path) -> None:
    text = "include: [no.yaml, 'oci://example.org/x', sub.yaml, {env_file: x}]\nservices: {web: {image: x}}\n"
    assert told(resolved(tmp_path, text, files={"sub.yaml": "include: [0.yaml]\n"})) == [
        "0.yaml:1:11 The included file no.yaml does not exist.",
        "0.yaml:1:20 oci://example.org/x is not on this machine: only Docker Compose can read it.",
        "0.yaml:1:53 An entry of `include` has no `path`.",
        "sub.yaml:1:11 This file includes itself, or one that includes it.",
    ]


def test_a_file_that_takes_part_with_two_meanings_is_refused(tmp_path: Path) -> None:
    text = (
        "include: [{path: sub/in.yaml, project_directory: .}]\n"
        "services: {web: {extends: {file: sub/in.yaml, service: db}}}\n"
    )
    found = told(resolved(tmp_path, text, files={"sub/in.yaml": "services: {db: {image: db, volumes: ['./d:/d']}}\n"}))
    assert len(found) == 1
    assert "This file takes part twice" in found[0]


def test_profiles(tmp_path: Path) -> None:
    text = (
        "services:\n  web: {image: x}\n  a: {image: x, profiles: [one, two], env_file: no.env}\n"
        "  b: {image: x, profiles: [three]}\n"
    )
    found = resolved(tmp_path, text, files={})
    assert (sorted(services(found)), found.known_profiles, found.inactive, found.problems) == (
        ["web"],
        ("one", "three", "two"),
        ("a", "b"),
        (),
    )
    some = resolved(tmp_path, text, files={"no.env": ""}, profiles=("two",))
    assert (some.inactive, some.problems) == (("b",), ())
    assert resolved(tmp_path, text, profiles=("*",)).inactive == ()


def test_values_come_from_environment_then_env_files(tmp_path: Path) -> None:
    files = {".env": "SET=file\nTAG=1\n", "a.env": "A=1\nB=${TAG}$SET\nC=a\n", "b.env": "C=b\nD=$UNSET\n"}
    text = (
        "services: {web: {image: 'x:$TAG$SET', env_file: [a.env, {path: b.env}, {path: no.env, required: false}], "
        "environment: {A: own}}}"
    )
    found = resolved(tmp_path, text, files=files)
    assert found.problems == ()
    web = services(found)["web"]
    assert (web["image"], web["environment"]) == ("x:1shell", {"A": "own", "B": "1shell", "C": "b", "D": ""})
    assert [(one.name, str(one.location)) for one in found.unset] == [("UNSET", "b.env")]


def test_missing_values_and_files_are_told_together(tmp_path: Path) -> None:
    text = (
        "services:\n  web:\n    image: ${IMAGE:?name it}\n    ports: ['${PORT?}:80']\n    env_file: [no.env, bad.env]\n"
        "    command: ${}\n    user: $WHO\n"
    )
    found = resolved(tmp_path, text, files={"bad.env": "A=1\nnot one\n"})
    assert told(found) == [
        "0.yaml:3:12 The value cannot be interpolated: the variable IMAGE is required and has no value: name it.",
        "0.yaml:4:13 The value cannot be interpolated: the variable PORT is required and has no value.",
        "0.yaml:5:16 The env file no.env does not exist.",
        "0.yaml:6:14 The value cannot be interpolated: a reference '${…}' in it names no variable (write $$ where a dollar sign is meant).",
        "bad.env:2 This line is no assignment NAME=value.",
    ]
    assert [one.name for one in found.unset] == ["WHO"]


def test_a_file_that_is_no_yaml_hides_no_mistake_of_another(tmp_path: Path) -> None:
    found = resolved(tmp_path, "services: {a: {image: x\n", "services: {b: {imagee: y, networks: [gone]}}\n")
    assert [text.partition(" ")[0] for text in told(found)] == ["0.yaml:2:1", "1.yaml:1:16"]


def test_names_of_the_project(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text("name: My ${SET} App\nservices: {a: {image: '$COMPOSE_PROJECT_NAME'}}\n")
    from pytest_infragate.compose.resolution.alone import resolve_alone
    from pytest_infragate.compose.selection import Selection
    from pytest_infragate.compose.trees import load_trees

    file = str(tmp_path / "c.yaml")
    trees = load_trees((file,), str(tmp_path))

    def name(environ: dict[str, str], project: str = "") -> object:
        return resolve_alone(Selection(str(tmp_path), (file,), project=project), environ, str(tmp_path), trees).model[
            "name"
        ]

    assert name({"SET": "x"}) == "myxapp"
    assert name({"COMPOSE_PROJECT_NAME": "other"}) == "other"
    assert name({}, "chosen") == "chosen"
