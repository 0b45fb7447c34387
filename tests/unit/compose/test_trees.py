"""What can be said of the documents before anybody resolves them."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_infragate.compose.trees import load_trees, may_name_profiles


@pytest.mark.parametrize(
    "text, may",
    [
        ("services: {api: {image: api}}", False),
        ("name: shop", False),
        ("services: {api: {image: api, environment: {profiles: some}}}", False),
        ("services: {shell: {image: sh, profiles: [debug]}}", True),
        ("x-debug: &debug {profiles: [debug]}\nservices: {shell: {image: sh, <<: *debug}}", True),
        ("services: {api: {extends: {file: base.yaml, service: api}}}", True),
        ("include: [other.yaml]\nservices: {api: {image: api}}", True),
        ("services: {api: {image: api}}\n---\nservices: {shell: {image: sh, profiles: [debug]}}", True),
    ],
)
def test_compose_is_asked_for_profiles_where_there_may_be_some(tmp_path: Path, text: str, *, may: bool) -> None:
    file = tmp_path / "compose.yaml"
    file.write_text(text)
    assert may_name_profiles(load_trees([str(file)], str(tmp_path))) is may
