"""Which files of a project are read for the edges that they state."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pytest_infragate import sightings
from pytest_infragate.compose.edges import Edge
from pytest_infragate.compose.mounted.texts import LARGEST
from pytest_infragate.compose.references import infer_edges
from pytest_infragate.sightings import CONTENT, KIND, SIZE, Sightings

from ...stacks import project

TEXT = "server {\n  proxy_pass http://api:8000;\n}\n"


def edges(folder: Path, source: Path, target: str = "/etc/nginx/nginx.conf", **proxy: Any) -> list[Edge]:
    mount = {"type": "bind", "source": str(source), "target": target}
    services = {"proxy": {"image": "nginx", **proxy, "volumes": [mount]}, "api": {"image": "own"}}
    return list(infer_edges(replace(project(services), directory=str(folder))))


def test_a_mounted_file(tmp_path: Path) -> None:
    file = tmp_path / "site.conf"
    file.write_text(TEXT)
    (edge,) = edges(tmp_path, file)
    assert (str(edge), edge.why, str(edge.location)) == ("proxy -> api:8000", "nginx proxy_pass", "site.conf:2")


def test_a_mounted_folder(tmp_path: Path) -> None:
    folder = tmp_path / "nginx" / "sites"
    folder.mkdir(parents=True)
    (folder / "one.conf").write_text(TEXT)
    (folder / "other.txt").write_text("proxy_pass http://proxy:1;")
    (edge,) = edges(tmp_path, tmp_path / "nginx", "/etc/nginx/")
    assert str(edge.location) == "nginx/sites/one.conf:2"


def test_folders_of_other_programs_are_not_searched(tmp_path: Path) -> None:
    folder = tmp_path / "app"
    folder.mkdir()
    (folder / "prometheus.yml").write_text("scrape_configs: [{static_configs: [{targets: ['api:1']}]}]")
    with sightings.noting(noted := Sightings()):
        assert edges(tmp_path, folder, "/app", image="own") == []
    assert {what for path, what in noted.seen if path == str(folder)} == {KIND}
    assert [str(edge) for edge in edges(tmp_path, folder, "/etc/prometheus", image="own")] == ["proxy -> api:1"]


def test_a_text_in_the_compose_file_is_told_there() -> None:
    use = [{"source": "site", "target": "/etc/nginx/nginx.conf"}]
    services = {"proxy": {"image": "nginx", "configs": use}, "api": {"image": "own"}}
    (edge,) = infer_edges(project(services, configs={"site": {"content": TEXT}}))
    assert (str(edge), edge.location.file) == ("proxy -> api:8000", "compose.yaml")


def test_a_file_of_configs(tmp_path: Path) -> None:
    (tmp_path / "site.conf").write_text(TEXT)
    use = [{"source": "site", "target": "/etc/nginx/nginx.conf"}]
    services = {"proxy": {"image": "nginx", "configs": use}, "api": {"image": "own"}}
    configs = {"site": {"file": str(tmp_path / "site.conf")}}
    (edge,) = infer_edges(replace(project(services, configs=configs), directory=str(tmp_path)))
    assert str(edge) == "proxy -> api:8000"


def test_a_url_without_a_port_means_that_of_its_scheme(tmp_path: Path) -> None:
    (tmp_path / "site.conf").write_text("location / { proxy_pass http://api; }")
    use = [{"source": "site", "target": "/etc/nginx/nginx.conf"}]
    services = {"proxy": {"image": "nginx", "configs": use}, "api": {"image": "own", "expose": ["8000"]}}
    configs = {"site": {"file": str(tmp_path / "site.conf")}}
    (edge,) = infer_edges(replace(project(services, configs=configs), directory=str(tmp_path)))
    assert str(edge) == "proxy -> api:80"


@pytest.mark.parametrize(
    "content", [b"\xff\xfe" + TEXT.encode(), TEXT.encode() + b"\0", TEXT.encode() + b"#" * LARGEST]
)
def test_binary_and_large_files_are_left_out(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "site.conf").write_bytes(content)
    assert edges(tmp_path, tmp_path / "site.conf") == []


def test_what_lies_outside_is_left_out_links_followed(tmp_path: Path) -> None:
    inside = tmp_path / "project"
    inside.mkdir()
    (tmp_path / "site.conf").write_text(TEXT)
    (inside / "link.conf").symlink_to(tmp_path / "site.conf")
    (inside / "loop").symlink_to(inside)
    (inside / "gone.conf").symlink_to(inside / "nothing")
    os.mkfifo(inside / "pipe.conf")
    for source in (tmp_path / "site.conf", inside / "link.conf", inside / "gone.conf", inside / "pipe.conf"):
        assert edges(inside, source) == []
    assert edges(inside, inside / "loop", "/etc/nginx") == []
    assert edges(inside, tmp_path / "absent.conf") == []


def test_what_is_read_is_noted_for_the_cache(tmp_path: Path) -> None:
    small, large = tmp_path / "small.conf", tmp_path / "large.conf"
    small.write_text(TEXT)
    large.write_bytes(b" " * (LARGEST + 1))
    noted = Sightings()
    with sightings.noting(noted):
        edges(tmp_path, small)
        edges(tmp_path, large)
    assert noted.seen[str(small), CONTENT] == sightings.state(small, CONTENT)
    assert noted.seen[str(large), SIZE] == str(LARGEST + 1)
    large.write_text(TEXT)
    assert sightings.state(large, SIZE) == str(len(TEXT))
