"""Places survive merging, inclusion, extension and lists; the last file that writes a value wins."""

from __future__ import annotations

from pathlib import Path

from pytest_infragate.compose.places import Places, ServicePlaces, find_places
from pytest_infragate.compose.services import build_service
from pytest_infragate.compose.trees import load_trees
from pytest_infragate.results import Json


def places(folder: Path, **files: str) -> Places:
    """Write the files and return the places of ``main`` and, if given, ``override``."""
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    chosen = [str(folder / f"{name}.yaml") for name in ("main", "override") if name in files]
    return find_places(load_trees(chosen, str(folder)), chosen, str(folder))


def of(place: ServicePlaces, *path: str) -> str:
    return str(place.keys[path])


def test_keys_lists_and_mappings(tmp_path: Path) -> None:
    found = places(
        tmp_path,
        main="""\
services:
  api:
    image: x
    environment:
      - A=1
      - B
    depends_on: [db]
    deploy:
      resources: {limits: {memory: 5m}}
    extra_hosts: ["h:1.2.3.4"]
  db: {environment: {C: 1}}
volumes:
  data:
""",
    )
    api = found.services["api"]
    assert str(api.location) == "main.yaml:2:3"
    assert of(api, "environment", "A") == "main.yaml:5:9"
    assert of(api, "environment", "B") == "main.yaml:6:9"
    assert of(api, "depends_on", "db") == "main.yaml:7:18"
    assert of(api, "deploy", "resources", "limits", "memory") == "main.yaml:9:28"
    assert of(api, "extra_hosts", "h") == "main.yaml:10:19"
    assert of(found.services["db"], "environment", "C") == "main.yaml:11:22"
    assert str(found.resources[("volumes", "data")]) == "main.yaml:13:3"


def test_the_last_file_wins_and_reset_forgets(tmp_path: Path) -> None:
    found = places(
        tmp_path,
        main="services:\n  api:\n    image: x\n    environment: {A: 1, B: 1}\n    ports: ['80:80']\n",
        override="services:\n  api:\n    environment: {A: 2}\n    ports: !override ['81:80']\n",
    ).services["api"]
    assert of(found, "environment", "A") == "override.yaml:3:19"
    assert of(found, "environment", "B") == "main.yaml:4:25"
    assert of(found, "image") == "main.yaml:3:5"
    assert [element.text for element in found.elements["ports"]] == ["81:80"]


def test_included_and_extended_files(tmp_path: Path) -> None:
    found = places(
        tmp_path,
        main="include: [part.yaml, {path: [other.yaml]}, '${X}.yaml', gone.yaml]\n"
        "services:\n  api:\n    extends: {file: base.yaml, service: base}\n    image: x\n  b: {extends: api}\n",
        part="services:\n  part: {image: x}\n",
        other="services:\n  other: {image: x}\n",
        base="services:\n  base:\n    image: y\n    environment: {A: 1}\n",
    ).services
    assert of(found["part"], "image") == "part.yaml:2:10"
    assert of(found["other"], "image") == "other.yaml:2:11"
    assert of(found["api"], "environment", "A") == "base.yaml:4:19"
    assert of(found["api"], "image") == "main.yaml:5:5"
    assert of(found["b"], "environment", "A") == "base.yaml:4:19"


def test_circles_end(tmp_path: Path) -> None:
    found = places(
        tmp_path,
        main="include: [part.yaml]\nservices:\n  a: {extends: b, image: x}\n  b: {extends: a}\n",
        part="include: [main.yaml]\nservices: {}\n",
    ).services
    assert of(found["a"], "image") == "main.yaml:3:19"


def test_each_published_port_has_its_own_line(tmp_path: Path) -> None:
    written = """\
services:
  api:
    ports:
      - "8080:80"
      - "127.0.0.1:8081:80"
      - "9000-9002:9000-9002"
      - "53:53/udp"
      - target: 443
        published: "8443"
      - "3000"
"""
    place = places(tmp_path, main=written).services["api"]
    ports = [("80", "8080"), ("80", "8081"), ("9001", "9001"), ("443", "8443"), ("3000", None)]
    model: list[Json] = [
        {"target": int(target), "published": published, "protocol": "tcp"} for target, published in ports
    ]
    model.append({"target": 53, "published": "53", "protocol": "udp"})
    found = build_service("api", {"ports": model}, place).ports
    assert [port.location.line for port in found if port.location] == [4, 5, 6, 8, 10, 7]


def test_variables_of_an_env_file_are_placed_at_its_mention(tmp_path: Path) -> None:
    place = places(tmp_path, main="services:\n  api:\n    env_file: a.env\n    environment: {B: 1}\n").services["api"]
    found = build_service("api", {"environment": {"A": "1", "B": "1"}}, place)
    assert str(found.place("environment", "A")) == "main.yaml:3:5"
    assert str(found.place("environment", "B")) == "main.yaml:4:19"
