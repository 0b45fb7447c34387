"""What does not fit together is told with the value and its place, all of it at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from .files import resolved, told

TOGETHER = """\
services:
  web:
    image: app:1
    networks: [front, bak]
    volumes: ["datta:/data", "./x:/y"]
    tmpfs: [/y]
    secrets: [{source: token}]
    configs: [nginx]
    depends_on: {api: {condition: service_started}, tool: {condition: service_started}, gone: {condition: service_started, required: false}}
    links: [other]
  api: {user: x}
  tool: {image: x, profiles: [dev]}
networks: {front: , back: }
volumes: {data: }
"""


def test_every_undefined_reference(tmp_path: Path) -> None:
    assert told(resolved(tmp_path, TOGETHER)) == [
        "0.yaml:4:23 Service web uses the network 'bak', which no file declares; did you mean 'back'?",
        "0.yaml:5:15 Service web uses the volume 'datta', which no file declares; did you mean 'data'?",
        "0.yaml:6:5 Service web mounts both a volume and a tmpfs on /y.",
        "0.yaml:7:15 Service web uses the secret 'token', which no file declares.",
        "0.yaml:8:15 Service web uses the config 'nginx', which no file declares.",
        "0.yaml:9:53 Service web needs tool, which belongs to profiles that are not active (dev).",
        "0.yaml:10:13 Service web needs 'other', which is no service.",
        "0.yaml:11:3 Service api has neither `image` nor `build`.",
    ]


@pytest.mark.parametrize(
    ("services", "expected"),
    [
        (
            "a: {image: x, depends_on: [b]}, b: {image: x, depends_on: [c]}, c: {image: x, links: [a]}",
            "a -> b -> c -> a",
        ),
        ("a: {image: x, depends_on: [a]}", "a -> a"),
    ],
)
def test_circles(tmp_path: Path, services: str, expected: str) -> None:
    (found,) = told(resolved(tmp_path, f"services: {{{services}}}"))
    assert found.endswith(f"Services need each other in a circle: {expected}.")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("network_mode: host, networks: [default]", "Service a has both `network_mode` and `networks`."),
        ("cpus: 1, deploy: {resources: {limits: {cpus: '2'}}}", "Service a must have one value in `cpus` and `deploy.resources.limits.cpus`."),
        ("mem_limit: 5m, deploy: {resources: {limits: {cpus: '1'}}}", "Service a must have one value in `mem_limit` and `deploy.resources.limits.memory`."),
        ("scale: 1, deploy: {replicas: 2}", "Service a has scale 1 and deploy.replicas 2: expected one of them."),
        ("scale: 2, container_name: one", "Service a has 2 replicas and one container name, which only one of them can have."),
        ("build: {dockerfile: D, dockerfile_inline: FROM x}", "Service a has both `dockerfile` and `dockerfile_inline`."),
        ("platform: linux/arm64, build: {platforms: [linux/amd64]}", "Service a runs on linux/arm64, which `build.platforms` does not name."),
        ("ipc: 'service:b'", "Service a needs 'b', which is no service."),
        ("build: {context: ., additional_contexts: {c: 'service:b'}}", "Service a builds with 'b', which is no active service."),
        ("build: {context: ., additional_contexts: ['c=service:a']}, develop: {watch: [{action: sync, path: .}]}", "Service a watches files for the action 'sync', which needs a `target`."),
        ("models: [llm]", "Service a uses the model 'llm', which no file declares."),
        ("scale: -1", "Service a has scale -1, expected 0 or more."),
        ("deploy: {replicas: -1}", "Service a has deploy.replicas -1, expected 0 or more."),
        ("gpus: [{count: 1, device_ids: ['0']}]", "Service a has both `count` and `device_ids` in `gpus`."),
        ("healthcheck: {test: [curl, x]}", "Service a: `test` begins with 'curl', expected CMD, CMD-SHELL or NONE."),
    ],
)  # fmt: skip
def test_values_that_exclude_each_other(tmp_path: Path, body: str, expected: str) -> None:
    (found,) = resolved(tmp_path, f"services: {{a: {{image: x, {body}}}}}").problems
    assert found.text == expected


def test_an_image_of_a_service_that_is_not_built(tmp_path: Path) -> None:
    text = "services:\n  a:\n    build:\n      context: .\n      additional_contexts:\n        - c=service:b\n  b: {image: x}\n"
    assert told(resolved(tmp_path, text)) == ["0.yaml:6:11 Service a builds with the image of b, which has no `build`."]


def test_across_the_project(tmp_path: Path) -> None:
    text = (
        "services: {a: {image: x, container_name: one}, b: {image: x, container_name: one}}\n"
        "volumes: {v: {external: true, driver: local}}\nsecrets: {s: {}, t: {file: x, environment: y}}\n"
    )
    assert told(resolved(tmp_path, text)) == [
        "0.yaml:1:62 Services a and b have one container name, 'one'.",
        "0.yaml:2:31 Volume v is external, so that `driver` has no meaning for it.",
        "0.yaml:3:11 Secret s needs exactly one of file, environment, but has none.",
        "0.yaml:3:18 Secret t needs exactly one of file, environment, but has file, environment.",
    ]


def test_what_belongs_to_inactive_services_is_not_told(tmp_path: Path) -> None:
    text = "services: {a: {image: x}, b: {image: x, profiles: [p], networks: [gone], depends_on: [b]}}"
    assert resolved(tmp_path, text).problems == ()
    assert len(resolved(tmp_path, text, profiles=("p",)).problems) == 2
