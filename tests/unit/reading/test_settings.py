from __future__ import annotations

import datetime
from dataclasses import FrozenInstanceError, replace
from pathlib import Path

import pytest

from pytest_infragate.bounds import Aggregation
from pytest_infragate.check_options import Budget
from pytest_infragate.errors import SettingsError
from pytest_infragate.reading import INI, RawOptions, Said, read_settings
from pytest_infragate.results import Location, Severity
from pytest_infragate.settings import (
    ConnectivityPolicy,
    EdgeSettings,
    Kind,
    Level,
    Override,
    ProbeSettings,
    ServiceSettings,
    Settings,
    When,
)

CHECKS = ("IG201", "IG305", "IG402")

WHOLE = """\
compose: {files: [compose.yaml], profiles: [tools], env_files: [one.env], project: shop, isolate: true}
timeout: 2m
services:
  migrate: {kind: one-shot}
  api:
    probe: "http://:8000/healthz?deep=1"
    restarts: 1
  web: {probe: {http: "https://:8443/", status: [200, 401]}}
  db: {probe: {exec: [pg_isready, -p, 5432]}}
  cache: {kind: long-running, probe: "redis://"}
health: {stable_for: 500ms, require_healthcheck: true}
connectivity:
  expect: ["api -> db:5432", "edge->api:8000/healthz"]
  forbid: ["edge -> db"]
  ignore: ["* -> mail.example.com"]
  policy: closed
  helper_image: tiny
performance:
  window: 1m30s
  warm_up: 4s
  measure_on: 500ms
  limits:
    "*": ["memory.ratio: max < 0.9"]
    api: ["suite.http.latency: p(95) < 200ms"]
  probes: {api: "http://:8000/items"}
logs: {forbid: ["panic:"], allow: ["[[starting up]"]}
commands:
  - {name: lint, run: make lint, when: before-up, timeout: 30s, cwd: sub, env: {MODE: 5, DB_PASSWORD: hush}}
  - {name: schema, service: db, run: [psql, -c, "table items"], when: after-tests, exit_code: 3, cwd: /srv}
checks: {level: dev, severity: {IG201: warning}, disable: [IG305], budget: {memory: 8g, cpus: 2.5}}
environments: {production: {files: [compose.yaml], env_files: [one.env]}}
scaling: {api: {replicas: 3}}
waivers:
  - {check: IG402, subject: db, reason: "host tool needs it", expires: 2027-03-31}
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a folder with the files that settings name."""
    for name in ("compose.yaml", "other.yaml", "one.env", "sub/compose.yaml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path


def read(root: Path, text: str | None = None, /, **options: Said) -> Settings:
    if text is not None:
        (root / "infragate.yaml").write_text(text, encoding="utf-8")
    return read_settings(root, RawOptions(**options), known_checks=CHECKS, invocation_dir=root / "sub")


def test_without_a_file_the_defaults_hold(root: Path) -> None:
    settings = read(root)
    assert settings == Settings(root=str(root), sources={"level": "default", "timeout": "default"})


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "---\n", "null\n", "{}\n"])
def test_an_empty_file_means_the_defaults(root: Path, text: str) -> None:
    settings = read(root, text)
    assert settings == Settings(root=str(root), file=f"{root}/infragate.yaml", sources=settings.sources)


@pytest.mark.parametrize(
    "key",
    [
        "compose",
        "timeout",
        "services",
        "health",
        "connectivity",
        "performance",
        "logs",
        "commands",
        "checks",
        "environments",
        "scaling",
        "waivers",
    ],
)
def test_a_key_without_a_value_counts_as_not_written(root: Path, key: str) -> None:
    settings = read(root, f"{key}:\n")
    assert settings == Settings(root=str(root), file=f"{root}/infragate.yaml", sources=settings.sources)


def test_the_whole_tree_is_read(root: Path) -> None:
    settings = read(root, WHOLE)
    assert settings.compose.files == (f"{root}/compose.yaml",)
    assert (settings.compose.profiles, settings.compose.env_files) == (("tools",), (f"{root}/one.env",))
    assert settings.compose.isolate
    assert (settings.compose.project, settings.timeout_s) == ("shop", 120)
    assert (settings.health.stable_for_s, settings.health.require_healthcheck) == (0.5, True)
    assert settings.connectivity.policy is ConnectivityPolicy.CLOSED
    assert settings.connectivity.helper_image == "tiny"
    assert (settings.logs.forbid, settings.logs.allow) == (("panic:",), ("[[starting up]",))
    assert settings.checks.level is Level.DEV
    assert settings.checks.severity == {
        "IG201": Override(Severity.WARNING, location=Location("infragate.yaml", 30, 40))
    }
    assert settings.checks.budget == Budget(memory=8 * 1024**3, cpus=2.5)
    assert settings.checks.disable == {"IG305"}
    assert settings.environments["production"].env_files == (f"{root}/one.env",)
    assert settings.scaling["api"].replicas == 3
    assert settings.waivers[0].expires == datetime.date(2027, 3, 31)
    assert settings.waivers[0].location == Location("infragate.yaml", 34, 5)


def test_services_are_read_with_their_probes(root: Path) -> None:
    settings = read(root, WHOLE)
    assert settings.service("migrate").kind is Kind.ONE_SHOT
    assert settings.service("api").restarts == 1
    assert settings.service("api").probe == ProbeSettings(
        "http",
        8000,
        "/healthz?deep=1",
        text="http://:8000/healthz?deep=1",
        location=Location("infragate.yaml", 6, 12),
    )
    web, db, cache = (settings.service(name).probe for name in ("web", "db", "cache"))
    assert web is not None
    assert (web.protocol, web.port, web.status) == ("https", 8443, (200, 401))
    assert db is not None
    assert (db.protocol, db.argv, db.text) == ("exec", ("pg_isready", "-p", "5432"), "pg_isready -p 5432")
    assert cache is not None
    assert (cache.protocol, cache.port) == ("redis", 6379)
    assert settings.service("unmentioned") == ServiceSettings()


def test_edges_and_limits_are_read(root: Path) -> None:
    settings = read(root, WHOLE)
    expect = settings.connectivity.expect
    assert expect[0] == EdgeSettings("api", "db", 5432, None, "api -> db:5432", Location("infragate.yaml", 13, 12))
    assert (expect[1].source, expect[1].target, expect[1].port, expect[1].path) == ("edge", "api", 8000, "/healthz")
    assert (settings.connectivity.forbid[0].port, settings.connectivity.ignore[0].source) == (None, "*")
    limit = settings.performance.limits["api"][0]
    assert (limit.metric, limit.aggregation, limit.phase) == ("http.latency", Aggregation("p", 95), "suite")
    assert settings.performance.limits["*"][0].bound == 0.9
    assert settings.performance.window_s == 90
    assert (settings.performance.warm_up_s, settings.performance.measure_on_s) == (4, 0.5)
    assert settings.performance.probes["api"].path == "/items"


def test_a_performance_probe_has_a_rate(root: Path) -> None:
    text = "performance: {probes: {db: 'redis://', api: {http: 'http://:8000/', status: 401, rate: 12.5}}}"
    probes = read(root, text).performance.probes
    assert (probes["db"].protocol, probes["db"].rate) == ("redis", 1)
    assert (probes["api"].rate, probes["api"].status) == (12.5, (401,))


def test_commands_are_read(root: Path) -> None:
    lint, schema = read(root, WHOLE).commands
    assert (lint.run, lint.when, lint.timeout_s, lint.exit_code) == ("make lint", When.BEFORE_UP, 30, 0)
    assert lint.directory == f"{root}/sub"
    assert lint.environment == {"MODE": "5", "DB_PASSWORD": "hush"}
    assert (schema.service, schema.run) == ("db", ("psql", "-c", "table items"))
    assert (schema.when, schema.exit_code, schema.directory) == (When.AFTER_TESTS, 3, "/srv")


def test_values_with_secret_names_are_known_as_secrets(root: Path) -> None:
    assert read(root, WHOLE).secret_values == {"hush"}


def test_settings_cannot_be_changed(root: Path) -> None:
    settings = read(root, WHOLE)
    with pytest.raises(FrozenInstanceError):
        settings.keep = True  # type: ignore[misc]
    with pytest.raises(TypeError):
        settings.services["new"] = ServiceSettings()  # type: ignore[index]


def test_what_is_said_of_every_service_holds_where_a_service_says_nothing(root: Path) -> None:
    settings = read(root, 'services:\n  "*": {restarts: 2, probe: "tcp://:80"}\n  api: {restarts: 0}\n  web:\n')
    assert [settings.service(name).restarts for name in ("api", "web", "db")] == [0, 2, 2]
    assert all(settings.service(name).probe is not None for name in ("api", "web", "db"))


def test_the_level_strict_demands_healthchecks(root: Path) -> None:
    assert not read(root).health.require_healthcheck
    assert read(root, level=Said("strict")).health.require_healthcheck
    assert read(root, "checks: {level: strict}").health.require_healthcheck


@pytest.mark.parametrize(
    ("in_file", "by_ini", "by_command_line", "level", "source"),
    [
        (None, None, None, Level.DEFAULT, "default"),
        ("dev", None, None, Level.DEV, "infragate.yaml"),
        ("dev", "strict", None, Level.STRICT, "ini"),
        ("dev", None, "strict", Level.STRICT, "command line"),
    ],
)
def test_options_come_before_the_file(
    root: Path, in_file: str | None, by_ini: str | None, by_command_line: str | None, level: Level, source: str
) -> None:
    text = None if in_file is None else f"checks: {{level: {in_file}}}\n"
    said = Said(by_ini, INI) if by_ini else Said(by_command_line) if by_command_line else None
    settings = read(root, text, **({"level": said} if said else {}))
    assert settings.checks.level is level
    assert settings.sources["level"] == source


def test_each_part_of_the_compose_choice_is_overridden_by_itself(root: Path) -> None:
    settings = read(root, WHOLE, files=Said(("compose.yaml",)), timeout=Said("7", INI))
    assert settings.compose.files == (f"{root}/sub/compose.yaml",)
    assert (settings.compose.profiles, settings.compose.project) == (("tools",), "shop")
    assert settings.timeout_s == 7
    assert settings.sources == {
        "level": "infragate.yaml",
        "timeout": "ini",
        "files": "command line",
        "profiles": "infragate.yaml",
        "env_files": "infragate.yaml",
        "project": "infragate.yaml",
    }


def test_an_empty_list_leaves_the_choice_to_compose(root: Path) -> None:
    assert "files" not in read(root, "compose: {files: [], project: null}").sources


def test_paths_start_where_they_were_said(root: Path) -> None:
    by_command_line = read(root, files=Said(("compose.yaml",)), report=Said("out"))
    by_ini = read(root, files=Said(("compose.yaml",), INI), report=Said("out", INI))
    assert (by_command_line.compose.files[0], by_command_line.report) == (f"{root}/sub/compose.yaml", f"{root}/sub/out")
    assert (by_ini.compose.files[0], by_ini.report) == (f"{root}/compose.yaml", f"{root}/out")


def test_flags_are_taken_over(root: Path) -> None:
    settings = read(root, static=Said(value=True), attach=Said(True, INI), keep=Said(value=True))
    assert (settings.static, settings.attach, settings.keep) == (True, True, True)
    assert settings.sources["attach"] == "ini"


def test_a_named_settings_file_replaces_the_one_in_the_root(root: Path) -> None:
    (root / "infragate.yaml").write_text("timeout: 1s", encoding="utf-8")
    (root / "sub/mine.yaml").write_text("timeout: 2s\ncompose: {files: [compose.yaml]}\n", encoding="utf-8")
    settings = read(root, config=Said("mine.yaml"))
    assert (settings.timeout_s, settings.file) == (2, f"{root}/sub/mine.yaml")
    assert settings.compose.files == (f"{root}/sub/compose.yaml",)
    assert settings.sources["timeout"] == "sub/mine.yaml"


def test_the_other_ending_is_found_too(root: Path) -> None:
    (root / "infragate.yml").write_text("timeout: 3s", encoding="utf-8")
    assert read(root).timeout_s == 3


@pytest.mark.parametrize(
    ("name", "said", "problem"),
    [
        ("config", Said("gone.yaml"), "--infragate-config is 'gone.yaml': ROOT/sub/gone.yaml does not exist"),
        (
            "config",
            Said("gone.yaml", INI),
            "the ini value infragate_config is 'gone.yaml': ROOT/gone.yaml does not exist",
        ),
        ("files", Said(("gone.yaml",)), "--infragate-file[0] is 'gone.yaml': ROOT/sub/gone.yaml does not exist"),
        ("env_files", Said((".",)), "--infragate-env-file[0] is '.': ROOT/sub is a folder: name a file in it"),
        (
            "level",
            Said("strickt"),
            "--infragate-level is 'strickt': expected dev, default or strict; did you mean 'strict'?",
        ),
        (
            "level",
            Said("strickt", INI),
            "the ini value infragate_level is 'strickt': expected dev, default or strict; did you mean 'strict'?",
        ),
        (
            "timeout",
            Said("0"),
            "--infragate-timeout is '0': expected more than 0: a deadline of nothing is always missed",
        ),
        ("timeout", Said("-1"), "--infragate-timeout is '-1': expected a duration such as 500ms, 10s or 1m30s"),
        ("profiles", Said(("",)), "--infragate-profile[0] is '': expected a text"),
        (
            "report",
            Said("compose.yaml"),
            (
                "--infragate-report is 'compose.yaml': ROOT/sub/compose.yaml is no folder: name a folder, or a path where "
                "there is nothing yet"
            ),
        ),
    ],
)
def test_a_wrong_option_is_told_by_its_name(root: Path, name: str, said: Said, problem: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read(root, None, **{name: said})
    assert caught.value.problems == (problem.replace("ROOT", str(root)),)


def test_options_and_file_are_judged_together_options_first(root: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        read(root, "timeout: 0\n", level=Said("x"), project=Said("No"))
    assert [problem.partition(" is ")[0] for problem in caught.value.problems] == [
        "--infragate-level",
        "--infragate-project",
        "infragate.yaml:1:10: timeout",
    ]


def test_a_wrong_option_is_told_beside_an_unreadable_file(root: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        read(root, "a: [\n", level=Said("x"))
    assert [problem.partition(":")[0] for problem in caught.value.problems] == [
        "--infragate-level is 'x'",
        "infragate.yaml",
    ]


PATTERNS = """\
services:
  "*": {kind: long-running, checks: {IG201: info}}
  "worker-*": {restarts: 2, checks: {IG402: {severity: off, reason: needs the engine}}}
  worker-a: {kind: one-shot}
"""


def test_a_service_its_patterns_and_every_service_complete_each_other(root: Path) -> None:
    settings = read(root, PATTERNS)
    told = {name: settings.service(name) for name in ("worker-a", "worker-b", "web")}
    assert {name: (said.kind, said.restarts) for name, said in told.items()} == {
        "worker-a": (Kind.ONE_SHOT, 2),
        "worker-b": (Kind.LONG_RUNNING, 2),
        "web": (Kind.LONG_RUNNING, 0),
    }


def test_overrides_stay_with_the_key_that_has_them(root: Path) -> None:
    settings = read(root, PATTERNS)
    assert {key: dict(said.checks) for key, said in settings.services.items() if said.checks} == {
        "*": {"IG201": Override(Severity.INFO, location=Location("infragate.yaml", 2, 45))},
        "worker-*": {"IG402": Override(None, "needs the engine", Location("infragate.yaml", 3, 45))},
    }


def test_an_override_with_a_reason_switches_a_check_off(root: Path) -> None:
    settings = read(root, "checks: {severity: {IG402: {severity: off, reason: r}, IG305: info}, disable: [IG201]}")
    assert settings.checks.off == {"IG201", "IG402"}


def test_options_of_checks_are_read_and_known_as_said(root: Path) -> None:
    text = "checks: {options: {IG201: {moving_tags: [x], floating_images: ['ours/*']}, IG338: {public_ports: [8443]}, IG522: {slow_start: 2m}}}"
    options = read(root, text).checks.options
    assert options.moving_tags == {"x"}
    assert options.floating_images == ("ours/*",)
    assert options.public_ports == {8443}
    assert (options.slow_start, options.known_hosts) == (120.0, ())
    assert options.said == {
        "IG201": ("moving_tags", "floating_images"),
        "IG338": ("public_ports",),
        "IG522": ("slow_start",),
    }


DECLARED = """
connectivity:
  expect:
    - {edge: "api -> db:5432", exec: [psql, -c, select 1], timeout: 3s}
    - {edge: "edge -> api:8000/healthz", status: 200, body: "ok|up", json: {/status: ok, /parts: [1]}}
    - {edge: "edge -> api:8443/", protocol: https, verify: true, server_name: api.local}
    - {edge: "api -> cache:6379", verify: true}
    - {edge: "api -> dns:53/udp", send: "hex:12 34", expect: "hex:1234"}
    - {edge: "api -> db"}
    - "api -> db:5432/tcp"
  forbid:
    - {edge: "edge -> dns:53/udp", send: "ping"}
"""


def test_edges_say_how_they_are_asked(root: Path) -> None:
    connectivity = read(root, DECLARED).connectivity
    probes = [
        edge.probe and replace(edge.probe, location=None) for edge in (*connectivity.expect, *connectivity.forbid)
    ]
    assert probes == [
        ProbeSettings("exec", 5432, argv=("psql", "-c", "select 1"), timeout_s=3),
        ProbeSettings("http", 8000, "/healthz", (200,), body="ok|up", json=(("/status", '"ok"'), ("/parts", "[1]"))),
        ProbeSettings("https", 8443, verify=True, server_name="api.local", tls=True),
        ProbeSettings("", 6379, verify=True, tls=True),
        ProbeSettings("udp", 53, send=b"\x12\x34", expect=r"\x12\x34"),
        None,
        None,
        ProbeSettings("udp", 53, send=b"ping"),
    ]
    assert {edge.path for edge in connectivity.expect} == {None, "/healthz", "/"}
    assert connectivity.expect[0].text == "api -> db:5432"


def test_probes_say_what_they_expect(root: Path) -> None:
    written = """
services:
  api: {probe: {http: "http://:8000/", body: ready}}
  dns: {probe: {udp: ":53", send: hello}}
  cache: {probe: {url: "redis://", tls: true}}
  db: {probe: {exec: [pg_isready], timeout: 2s}}
"""
    settings = read(root, written)
    probes = [settings.service(name).probe for name in ("api", "dns", "cache", "db")]
    assert [probe and replace(probe, location=None, text="") for probe in probes] == [
        ProbeSettings("http", 8000, body="ready"),
        ProbeSettings("udp", 53, send=b"hello"),
        ProbeSettings("redis", 6379, tls=True),
        ProbeSettings("exec", argv=("pg_isready",), timeout_s=2),
    ]
