"""Spans: each value's text is exactly what was written for it."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from pytest_infragate.fixes import written

from .texts import below, document

TEXT = """\
# ünïcode before
a: plain words  # comment
b: 'single'
c:
  d: "double"
  e: [x, {f: g}]

  # between
  h: |
    lines

i:
- j   # no deeper than its key

- k:
empty:
last: true
"""


@pytest.fixture(params=["libyaml", "pure"], autouse=True)
def loader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "pure":
        monkeypatch.setattr(written, "_LOADER", yaml.SafeLoader)


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("path", "text"),
    [
        (("a",), "plain words"),
        (("b",), "'single'"),
        (("c", "d"), '"double"'),
        (("c", "e"), "[x, {f: g}]"),
        (("c", "h"), "|\n    lines"),
        (("i",), "- j   # no deeper than its key\n\n- k:"),
        (("empty",), ""),
        (("last",), "true"),
    ],
)
def test_span(path: tuple[str, ...], text: str, newline: str, tmp_path: Path) -> None:
    found = document(tmp_path, TEXT.replace("\n", newline))
    node = below(found, *path)
    first = node.elements[0].start - 2 if path == ("i",) else node.start
    assert found.text[first : node.end] == text.replace("\n", newline)


def test_a_byte_order_mark_belongs_to_no_line(tmp_path: Path) -> None:
    found = document(tmp_path, "\ufeffa: b\n")
    assert found.bom
    assert (found.slice(below(found, "a")), str(found.location(0))) == ("b", "compose.yaml:1:1")
    assert written.encoded(found.text, bom=found.bom) == "\ufeffa: b\n".encode()


def test_what_an_alias_repeats_is_shared(tmp_path: Path) -> None:
    found = document(tmp_path, "a: &one {b: c}\nd: &two {e: f}\ng: *one\nh: {<<: *one}\n")
    shared = {path: below(found, *path).shared for path in (("a", "b"), ("d", "e"), ("g",), ("h",))}
    assert shared == {("a", "b"): True, ("d", "e"): False, ("g",): True, ("h",): False}
    assert below(found, "a").decorated
    assert below(found, "h").get("b") is None


def test_several_documents(tmp_path: Path) -> None:
    assert [root.entries[0][0].text for root in document(tmp_path, "a: 1\n---\nb: 2\n").roots] == ["a", "b"]
