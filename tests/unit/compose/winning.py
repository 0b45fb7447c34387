"""Projects of several files, and which line wins in each: read without Compose in the unit tests, with it in the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pytest_infragate.compose.discovery import discover
from pytest_infragate.compose.resolve import Resolution, resolve
from pytest_infragate.settings import ComposeSettings

WEB = "services:\n  web:\n    image: web:1\n"


@dataclass(frozen=True)
class Case:
    """The files of a project, what it is started with, and for keys of services: their value and where it was written."""

    files: Mapping[str, str]
    expected: Mapping[str, tuple[object, str]]
    """``web.image`` → ``("web:2", "b.yaml:3:5")``."""
    environ: Mapping[str, str] = field(default_factory=dict)
    named: tuple[str, ...] = ()
    """The files of several ``-f``."""
    name: str = ""
    """The project's name where it follows from the files."""

    def resolved(self, folder: Path, environ: Mapping[str, str]) -> Resolution:
        """Write the files, and resolve what is chosen of them."""
        for name, text in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        files = tuple(str(folder / name) for name in self.named)
        variables = {**environ, **self.environ}
        return resolve(discover(ComposeSettings(files=files), folder, variables), variables, str(folder))


CASES: dict[str, Case] = {
    "COMPOSE_FILE": Case(
        {"a.yaml": WEB, "b.yaml": "services:\n  web:\n    image: web:2\n"},
        {"web.image": ("web:2", "b.yaml:3:5")},
        {"COMPOSE_FILE": "a.yaml:b.yaml"},
    ),
    "COMPOSE_PATH_SEPARATOR": Case(
        {"a.yaml": WEB, "b.yaml": "services:\n  web:\n    image: web:2\n"},
        {"web.image": ("web:1", "a.yaml:3:5")},
        {"COMPOSE_FILE": "b.yaml;a.yaml", "COMPOSE_PATH_SEPARATOR": ";"},
    ),
    "COMPOSE_FILE in .env": Case(
        {".env": "COMPOSE_FILE=a.yaml|b.yaml\nCOMPOSE_PATH_SEPARATOR=|\n", "a.yaml": WEB, "b.yaml": "services:\n  web:\n    user: u\n"},
        {"web.image": ("web:1", "a.yaml:3:5"), "web.user": ("u", "b.yaml:3:5")},
    ),
    "COMPOSE_PROJECT_NAME": Case(
        {"compose.yaml": f"name: other\n{WEB}    hostname: $COMPOSE_PROJECT_NAME\n"},
        {"web.hostname": ("given", "compose.yaml:5:5")},
        {"COMPOSE_PROJECT_NAME": "given"},
        name="given",
    ),
    "COMPOSE_PROFILES": Case(
        {"compose.yaml": f"{WEB}  tool:\n    profiles: [one, two]\n    image: tool:1\n"},
        {"web.image": ("web:1", "compose.yaml:3:5"), "tool.image": ("tool:1", "compose.yaml:6:5")},
        {"COMPOSE_PROFILES": "two"},
    ),
    "COMPOSE_ENV_FILES": Case(
        {".env": "TAG=0\n", "one.env": "TAG=1\nUSER_=u\n", "two.env": "TAG=2\n", "compose.yaml": "services:\n  web:\n    image: web:$TAG\n    user: ${USER_}\n"},
        {"web.image": ("web:2", "compose.yaml:3:5"), "web.user": ("u", "compose.yaml:4:5")},
        {"COMPOSE_ENV_FILES": "one.env,two.env"},
    ),
    "COMPOSE_DISABLE_ENV_FILE": Case(
        {".env": "TAG=0\n", "compose.yaml": "services:\n  web:\n    image: web:${TAG:-none}\n"},
        {"web.image": ("web:none", "compose.yaml:3:5")},
        {"COMPOSE_DISABLE_ENV_FILE": "1"},
    ),
    "several -f": Case(
        {"a.yaml": f"{WEB}    environment: {{A: 1, B: 1}}\n", "sub/b.yaml": "services:\n  web:\n    environment:\n      - B=2\n    env_file: x.env\n", "x.env": "C=3\n"},
        {"web.environment.A": ("1", "a.yaml:4:19"), "web.environment.B": ("2", "sub/b.yaml:4:9"), "web.environment.C": ("3", "sub/b.yaml:5:5")},
        named=("a.yaml", "sub/b.yaml"),
    ),
    "override file": Case(
        {"compose.yaml": WEB, "compose.override.yaml": "services:\n  web:\n    image: web:9\n"},
        {"web.image": ("web:9", "compose.override.yaml:3:5")},
    ),
    "extends across files": Case(
        {
            "compose.yaml": "services:\n  web:\n    extends: {file: sub/one.yaml, service: one}\n    labels: {own: x}\n",
            "sub/one.yaml": "services:\n  one:\n    extends:\n      file: two.yaml\n      service: two\n    user: one\n",
            "sub/two.yaml": "services:\n  two: {image: 'two:1', user: two, hostname: two}\n",
        },
        {
            "web.image": ("two:1", "sub/two.yaml:2:9"),
            "web.hostname": ("two", "sub/two.yaml:2:36"),
            "web.user": ("one", "sub/one.yaml:6:5"),
            "web.labels.own": ("x", "compose.yaml:4:14"),
        },
    ),
    "nested include": Case(
        {
            "compose.yaml": f"include:\n  - path: sub/in.yaml\n    env_file: one.env\n    project_directory: other\n{WEB}",
            "one.env": "TAG=one\n",
            "sub/.env": "TAG=sub\n",
            "other/deep/.env": "TAG=deep\n",
            "other/deep/in.yaml": "services:\n  deep:\n    image: deep:$TAG\n    user: $ONLY\n",
            "sub/in.yaml": "include: [deep/in.yaml]\nservices:\n  db:\n    image: db:$TAG\n",
            "other/.env": "TAG=other\n",
        },
        {"db.image": ("db:one", "sub/in.yaml:4:5"), "deep.image": ("deep:one", "other/deep/in.yaml:3:5")},
        {"ONLY": "u"},
    ),
    "reset and override": Case(
        {
            "compose.yaml": f"{WEB}    user: u\n    command: [a]\n    environment: {{A: 1, B: 1}}\n    labels: {{a: '1'}}\n",
            "compose.override.yaml": "services:\n  web:\n    user: !reset null\n    environment:\n      A: !reset null\n    labels: !override\n      b: '2'\n",
        },
        {
            "web.user": (None, "compose.override.yaml:3:5"),
            "web.labels": ({"b": "2"}, "compose.override.yaml:6:5"),
            "web.labels.a": (None, "compose.override.yaml:6:5"),
            "web.environment": ({"B": "1"}, "compose.override.yaml:4:5"),
        },
    ),
}  # fmt: skip


def found(resolution: Resolution, key: str) -> tuple[object, str]:
    """Return the value of a key and where it was written."""
    assert resolution.project is not None, (resolution.error, resolution.problems)
    service, *path = key.split(".")
    value: object = resolution.project.services[service].resolved
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value, str(resolution.project.services[service].place(*path))
