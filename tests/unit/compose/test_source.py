from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from pytest_infragate.compose import source
from pytest_infragate.compose.node import Node
from pytest_infragate.compose.source import SourceError, load_documents, load_yaml, parse_documents, parse_yaml
from pytest_infragate.results import Json, Location

BOMB = "a: &a [1,1,1,1,1,1,1,1,1,1]\n" + "".join(
    f"{name}: &{name} [{','.join(['*' + before] * 10)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.fixture(params=["libyaml", "pure"])
def loader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Run a test with PyYAML's C parser and with its Python one."""
    if request.param == "pure":
        monkeypatch.setattr(source, "_LOADER", yaml.SafeLoader)
    elif not yaml.__with_libyaml__:
        pytest.skip("PyYAML has no libyaml here")
    return str(request.param)


def at(node: Node, *path: str) -> Node:
    found = node.get(*path)
    assert found is not None
    return found


@pytest.mark.usefixtures("loader")
@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("# only a comment\n", None),
        ("a: 1\nb: '1'\nc: \"1\"\n", {"a": 1, "b": "1", "c": "1"}),
        ("a: !!str 5\nb: !!int '5'\n", {"a": "5", "b": 5}),
        ("a: |\n  5\nb: >-\n  5\n", {"a": "5\n", "b": "5"}),
        ("a: [NO, 22:22, 0755]\n", {"a": ["NO", "22:22", 493]}),
        ("a: &x {k: 1}\nb: *x\n", {"a": {"k": 1}, "b": {"k": 1}}),
        ("a: &x 1\nb: &x 2\nc: *x\n", {"a": 1, "b": 2, "c": 2}),
        ("x: &x {k: 1, l: 2}\na: {<<: *x, k: 3}\n", {"x": {"k": 1, "l": 2}, "a": {"k": 3, "l": 2}}),
        ("a: {<<: [{k: 1}, {k: 2, l: 3}], l: 4}\n", {"a": {"k": 1, "l": 4}}),
        ('a: {"<<": {k: 1}}\n', {"a": {"<<": {"k": 1}}}),
        ("a: !reset null\nb: !override [1]\n", {"a": None, "b": [1]}),
    ],
)
def test_a_document_is_read(text: str, value: Json) -> None:
    assert parse_yaml(text, "compose.yaml").plain() == value


@pytest.mark.usefixtures("loader")
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: 2\na: 3\n", "f:3:1: the key 'a' is already given at f:1:1"),
        ('s:\n  w: {}\n  "w": {}\n', "f:3:3: the key 'w' is already given at f:2:3"),
        ("a: {<<: {b: 1}, <<: {c: 1}}\n", "f:1:17: the key '<<' is already given at f:1:5"),
        ("a:\n\tb: 1\n", "f:2:1: a tab indents this line: use spaces, as YAML demands"),
        ("a:\n  b: 1\n\tc: 2\n", "f:3:1: a tab indents this line: use spaces, as YAML demands"),
        ("a:\n  b: 1\n  \tc: 2\n", "f:3:3: a tab indents this line: use spaces, as YAML demands"),
        ("a: *x\n", "f:1:4: the alias *x has no anchor &x before it"),
        ("a: &x [*x]\n", "f:1:8: the alias *x stands inside its own anchor"),
        (BOMB, "f:5:29: aliases expand to more than 100000 values: refused"),
        ("[" * 100_000, "f:1:101: nested deeper than 100 levels: no Compose file needs that"),
        ("? [a]\n: b\n", "f:1:3: a list is used as a key: expected a name"),
        ("a: {<<: 5}\n", "f:1:9: '<<' merges mappings, but this is 5"),
        ("a\n---\nb\n", "f:3:1: a second document begins here: expected one, without '---' between"),
        ("é: 1\na: é\x01\n", "f:2:5: a control character stands here, which YAML does not allow"),
    ],
)
def test_what_compose_would_refuse_is_refused_at_its_place(text: str, message: str) -> None:
    with pytest.raises(SourceError) as caught:
        parse_yaml(text, "f")
    assert str(caught.value) == message


@pytest.mark.usefixtures("loader")
@pytest.mark.parametrize(
    ("text", "place"),
    [("a: b: c\n", "f:1:5"), ("a: 'x\n", "f:2:1"), ("key: @x\n", "f:1:6"), ("- a\n b: 1\n", "f:2:3")],
)
def test_what_is_not_yaml_is_refused_at_its_place(text: str, place: str) -> None:
    with pytest.raises(SourceError) as caught:
        parse_yaml(text, "f")
    assert str(caught.value).startswith(f"{place}: this is not valid YAML: ")


@pytest.mark.usefixtures("loader")
def test_keys_and_values_know_their_places() -> None:
    root = parse_yaml("services:\n  web:\n    ports:\n      - 22:22\n", "compose.yaml")
    ports = at(root, "services", "web", "ports")
    key = at(root, "services", "web").key("ports")
    assert key is not None
    assert key.location == Location("compose.yaml", 3, 5)
    assert ports.location == Location("compose.yaml", 4, 7)
    assert ports.elements[0].location == Location("compose.yaml", 4, 9)


@pytest.mark.usefixtures("loader")
def test_an_aliased_value_keeps_the_place_where_it_was_written() -> None:
    root = parse_yaml("x: &x {image: nginx}\na: {<<: *x}\n", "f")
    assert at(root, "a", "image").location == Location("f", 1, 15)


@pytest.mark.usefixtures("loader")
def test_tags_and_spelling_are_kept() -> None:
    root = parse_yaml("a: !reset null\nb: !override {c: 0755}\nd: 'NO'\n", "f")
    assert (at(root, "a").tag, at(root, "b").tag, at(root, "d").tag) == ("!reset", "!override", "")
    assert at(root, "b", "c").text == "0755"
    assert at(root, "d").quoted
    assert not at(root, "b", "c").quoted


@pytest.mark.usefixtures("loader")
def test_documents_are_read_in_order() -> None:
    documents = parse_documents("a: 1\n---\na: 2\n", "f")
    assert [document.plain() for document in documents] == [{"a": 1}, {"a": 2}]


def test_no_document_is_none() -> None:
    assert parse_documents("# nothing\n", "f") == ()


def test_aliases_of_one_document_do_not_reach_into_the_next() -> None:
    with pytest.raises(SourceError, match=r"^f:3:4: the alias \*x has no anchor &x before it$"):
        parse_documents("a: &x 1\n---\nb: *x\n", "f")


def test_a_file_is_read_with_its_byte_order_mark(tmp_path: Path) -> None:
    file = tmp_path / "compose.yaml"
    file.write_bytes(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n")
    assert load_yaml(file).plain() == {"a": 1, "b": 2}
    assert load_yaml(file, "compose.yaml").location == Location("compose.yaml", 1, 1)
    assert [document.plain() for document in load_documents(file)] == [{"a": 1, "b": 2}]


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "compose.yaml"
    file.write_bytes(b"a: \xff\xfe")
    with pytest.raises(SourceError, match=r"^f: the file is not UTF-8 text \(byte 3\): save it as UTF-8$"):
        load_yaml(file, "f")


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"^gone: the file cannot be read: No such file or directory$"):
        load_yaml(tmp_path / "gone", "gone")
    with pytest.raises(SourceError, match=r"^here: the file cannot be read: Is a directory$"):
        load_yaml(tmp_path, "here")


def test_a_value_describes_itself() -> None:
    root = parse_yaml("[text, 'redis://app:s3cret@db', 5, 0755, true, null, [], {}]", "f")
    assert [node.described() for node in root.elements] == [
        "'text'",
        "'redis://app:***@db'",
        "5",
        "0755",
        "true",
        "nothing",
        "a list",
        "a mapping",
    ]
