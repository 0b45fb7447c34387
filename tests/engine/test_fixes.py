"""Fixes of Compose files, proven with the installed Compose: what is edited, what is not, and what never changes."""

from __future__ import annotations

import datetime
import difflib
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from pytest_infragate.compose.resolve import resolve
from pytest_infragate.compose.selection import Selection
from pytest_infragate.errors import InfragateError
from pytest_infragate.fixes import fixing
from pytest_infragate.fixes.planner import FixPlan, plan_fixes
from pytest_infragate.fixes.writing import write
from pytest_infragate.results import CheckResult, Condition, Finding, Location, Outcome, PlannedCheck, Severity
from pytest_infragate.run.offering import Offering
from pytest_infragate.settings import (
    CheckSettings,
    ComposeSettings,
    Environment,
    Kind,
    ServiceSettings,
    Settings,
    Waiver,
)

from .fix_cases import CASES

HEALTHY = "    healthcheck: {test: [CMD, redis-cli, ping]}\n"


def settings(folder: Path, *names: str, **kinds: Kind) -> Settings:
    files = tuple(str(folder / name) for name in names or ("compose.yaml",))
    services = {name: ServiceSettings(kind=kind) for name, kind in kinds.items()}
    return Settings(root=str(folder), compose=ComposeSettings(files=files), services=services)


def fixed(folder: Path, text: str, **kinds: Kind) -> tuple[str, FixPlan]:
    """Return a Compose file with its fixes made, and what was planned; a second look must find nothing more."""
    file = folder / "compose.yaml"
    file.write_bytes(text.encode())
    plan = plan_fixes(settings(folder, **kinds), os.environ)
    write(plan.files)
    assert plan_fixes(settings(folder, **kinds), os.environ).fixes == ()
    return file.read_bytes().decode(), plan


def model(folder: Path, text: str) -> object:
    """Return what Compose makes of a file, asked beside the proof."""
    file = folder / "compose.yaml"
    file.write_text(text)
    return resolve(Selection(str(folder), (str(file),), project="igt-fix")).written


@pytest.mark.parametrize("name", CASES)
def test_edit(name: str, tmp_path: Path) -> None:
    before, after = CASES[name]
    meant = model(tmp_path, before)
    text, plan = fixed(tmp_path, before)
    assert text == after
    assert (model(tmp_path, after) == meant) is not any(fix.behaviour for fix in plan.fixes)


@pytest.mark.parametrize("name", CASES)
def test_line_endings_and_a_byte_order_mark_are_kept(name: str, tmp_path: Path) -> None:
    before, after = (f"\ufeff{text}".replace("\n", "\r\n") for text in CASES[name])
    assert fixed(tmp_path, before)[0] == after


LEFT_ALONE = {
    "a network that a build of another profile uses": (
        "services:\n  a: {image: x}\n  b: {image: x, profiles: [p], networks: [n]}\nnetworks:\n  n: {}\n"
    ),
    "the default network": "services:\n  a: {image: x}\nnetworks:\n  default: {driver: bridge}\n",
    "a volume whose name is made of a variable": (
        "services:\n  a: {image: x, volumes: ['${V:-data}:/b']}\nvolumes: {data: {}, c: {}}\n"
    ),
    "a volume that an extension names": "x-a: {volumes: ['data:/b']}\nservices:\n  a: {image: x}\nvolumes: {data: {}}\n",
    "dependencies of which nothing is known": (
        "services:\n  a: {image: x, depends_on: [b]}\n  b: {image: x, healthcheck: {disable: true}}\n"
    ),
    "members of one cluster": (
        "services:\n  a: {image: x, healthcheck: {test: ping}}\n  b: {image: x, depends_on: [a]}\n"
    ),
    "a condition that was chosen": (
        f"services:\n  c:\n    image: cache\n{HEALTHY}  a: {{image: x, depends_on: {{c: {{condition: service_started}}}}}}\n"
    ),
    "a one-shot that is started again": (
        "services:\n  a: {image: x, depends_on: [m]}\n  m: {image: x, restart: always}\n"
    ),
    "an engine's own log driver": "services:\n  a: {image: x}\n  b: {image: x, logging: {driver: local}}\n",
    "pg_isready that says where": (
        "services:\n  a: {image: 'postgres:16', healthcheck: {test: pg_isready --host=localhost}}\n"
        "  b: {image: 'postgres:16', environment: {PGHOST: localhost}, healthcheck: {test: pg_isready}}\n"
        "  c: {image: x, healthcheck: {test: pg_isready}}\n"
    ),
    "a database with an address, without a host port, or on the host's network": (
        "services:\n  a: {image: 'redis:7', ports: ['0.0.0.0:6379:6379']}\n  b: {image: 'redis:7', ports: ['6379']}\n"
        "  c: {image: 'redis:7', network_mode: host}\n"
    ),
    "a web server": "services:\n  a: {image: 'nginx:1', ports: ['80:80']}\n",
}


@pytest.mark.parametrize("name", LEFT_ALONE)
def test_left_alone(name: str, tmp_path: Path) -> None:
    text = LEFT_ALONE[name]
    after, plan = fixed(tmp_path, text, m=Kind.ONE_SHOT)
    assert (after, plan.refusals) == (text, ())


def test_a_declared_one_shot_is_waited_for_to_its_end(tmp_path: Path) -> None:
    text = "services:\n  a: {image: x, depends_on: [m]}\n  m: {image: x}\n"
    after, plan = fixed(tmp_path, text, m=Kind.ONE_SHOT)
    assert "{m: {condition: service_completed_successfully}}" in after
    assert plan.fixes[0].description == "lets 'a' wait until 'm' has ended with 0"
    assert plan.fixes[0].behaviour


REFUSED = {
    "text that an alias repeats": (
        "x-log: &log {driver: json-file}\nservices:\n  a: {image: x, logging: *log}\n",
        "an alias or merge key brings it in",
    ),
    "text in an anchor that is repeated": (
        "services:\n  a:\n    image: x\n    environment: &env\n      A: no\n  b: {image: x, environment: *env}\n",
        "an anchor that other places repeat",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str, tmp_path: Path) -> None:
    text, reason = REFUSED[name]
    after, plan = fixed(tmp_path, text)
    assert after == text
    assert [reason in refusal.reason for refusal in plan.refusals] == [True]


def test_the_edit_goes_to_the_file_that_wrote_the_value(tmp_path: Path) -> None:
    files = {
        "base.yaml": "services:\n  base:\n    image: redis:7\n    ports: ['6379:6379']\n",
        "compose.yaml": "include: [more.yaml]\nservices:\n  a:\n    extends: {file: base.yaml, service: base}\n",
        "more.yaml": "version: '3'\nservices:\n  m: {image: x}\n",
        "over.yaml": "services:\n  a:\n    restart: no\n",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    plan = plan_fixes(settings(tmp_path, "compose.yaml", "over.yaml"), os.environ)
    write(plan.files)
    assert {file.name for file in plan.files} == {"base.yaml", "more.yaml", "over.yaml"}
    assert "'127.0.0.1:6379:6379'" in (tmp_path / "base.yaml").read_text()
    assert (tmp_path / "compose.yaml").read_text() == files["compose.yaml"]


def test_a_port_that_two_files_write_is_edited_in_both(tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text("services:\n  a: {image: 'redis:7', ports: ['6379:6379']}\n")
    (tmp_path / "over.yaml").write_text("services:\n  a:\n    ports:\n      - '6379:6379'\n")
    plan = plan_fixes(settings(tmp_path, "compose.yaml", "over.yaml"), os.environ)
    assert [file.after.count(b"127.0.0.1:6379:6379") for file in plan.files] == [1, 1], plan.refusals


ACCEPTED = """\
services:
  a:
    image: redis:7
    ports: ['6379:6379']  # infragate: ignore[IG340] our laptops use it
    healthcheck: {test: ping}
  b:
    image: x
    depends_on:
      # infragate: ignore[IG511] it waits by itself
      - a
  c:
    image: postgres:16
    healthcheck: {test: pg_isready}
  d:
    image: x
    restart: no
"""


def test_what_is_accepted_is_not_fixed(tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text(ACCEPTED)
    waiver = Waiver("IG523", "c", "slow anyway", datetime.date(9999, 12, 31))
    wanted = replace(settings(tmp_path), waivers=(waiver,), checks=CheckSettings(disable=frozenset({"IG112"})))
    assert plan_fixes(wanted, os.environ).fixes == ()
    expired = replace(waiver, expires=datetime.date(2000, 1, 1))
    plan = plan_fixes(replace(wanted, waivers=(expired,)), os.environ)
    assert [(fix.check, fix.location.line) for fix in plan.fixes] == [("IG523", 13)]


def test_two_services_that_extend_one_are_changed_together(tmp_path: Path) -> None:
    text = (
        "services:\n  base: {image: 'redis:7', ports: ['6379:6379'], profiles: [never]}\n"
        "  a: {extends: {service: base}, ports: !override ['127.0.0.1:7000:6379']}\n"
        "  b: {extends: {service: base}}\n"
    )
    after, plan = fixed(tmp_path, text)
    assert after == text.replace("['6379", "['127.0.0.1:6379"), plan.refusals


def test_a_file_outside_the_project_is_not_edited(tmp_path: Path) -> None:
    (tmp_path / "shared.yaml").write_text("version: '3'\nservices:\n  s: {image: x}\n")
    (tmp_path / "project").mkdir()
    _, plan = fixed(tmp_path / "project", "include: [../shared.yaml]\nservices:\n  a: {image: x}\n")
    assert [refusal.reason for refusal in plan.refusals] == [
        "the file lies outside the project: fix it where it belongs"
    ]
    assert plan.files == ()


def test_a_linked_file_is_not_edited(tmp_path: Path) -> None:
    (tmp_path / "real.yml").write_text("version: '3'\nservices:\n  s: {image: x}\n")
    (tmp_path / "compose.yaml").symlink_to("real.yml")
    plan = plan_fixes(settings(tmp_path), os.environ)
    assert [refusal.reason for refusal in plan.refusals] == ["the file is a link to another one: edit that by hand"]


def test_what_a_neighbouring_file_uses_stays(tmp_path: Path) -> None:
    (tmp_path / "prod.yml").write_text("services:\n  a: {volumes: ['data:/b']}\n")
    text = "services:\n  a: {image: x}\nvolumes: {data: {}}\n"
    assert fixed(tmp_path, text)[0] == text


def test_a_named_environment_that_would_change_otherwise_refuses_an_edit(tmp_path: Path) -> None:
    """Both lists are one in production, where the entry stands at another place than in the file alone."""
    (tmp_path / "compose.yaml").write_text("services:\n  a: {image: 'redis:7', ports: ['6379:6379']}\n")
    (tmp_path / "first.yaml").write_text("services:\n  a: {image: 'x', ports: ['7000:7000']}\n")
    production = Environment((str(tmp_path / "first.yaml"), str(tmp_path / "compose.yaml")))
    wanted = Settings(
        root=str(tmp_path),
        compose=ComposeSettings(files=(str(tmp_path / "compose.yaml"),)),
        environments={"production": production},
    )
    plan = plan_fixes(wanted, os.environ)
    assert plan.fixes == ()
    assert ["in environment production" in refusal.reason for refusal in plan.refusals] == [True]


@pytest.mark.parametrize("text", ["services: {a: {imag: x}}\n", "services:\n\ta: x\n", "services: [\n"])
def test_files_that_cannot_be_used_are_an_answer_without_a_traceback(text: str, tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text(text)
    for act, option in ((fixing.show, "--infragate-diff"), (fixing.apply, "--infragate-fix")):
        answer = act(settings(tmp_path), os.environ)
        assert answer.status == 1
        assert answer.text.startswith(f"{option}: ")
        assert "/root/" not in answer.text.replace(str(tmp_path), "")
    assert (tmp_path / "compose.yaml").read_text() == text


def test_the_diff_is_that_of_the_files_and_hides_secrets(tmp_path: Path) -> None:
    before = (
        "services:\n  a:\n    image: x\n    environment:\n      API_TOKEN: hunter2hunter2\n    restart: no\n"
        "    user: '1'\n    tty: true\n    init: true\n    hostname: h\n    ports: [22:22]"
    )
    (tmp_path / "compose.yaml").write_text(before)
    answer = fixing.show(settings(tmp_path), os.environ)
    assert answer.status == 1
    assert "hunter2" not in answer.text
    assert (tmp_path / "compose.yaml").read_text() == before
    assert '-    restart: no\n+    restart: "no"\n' in answer.text
    assert "\\ No newline at end of file" in answer.text
    assert [line for line in answer.text.splitlines() if line.startswith("@@")] == ["@@ -6,6 +6,6 @@"]
    applied = fixing.apply(settings(tmp_path), os.environ)
    assert applied.status == 0
    assert "hunter2" not in applied.text
    after = (tmp_path / "compose.yaml").read_text()
    assert sum(line[0] in "+-" for line in difflib.ndiff(before.split("\n"), after.split("\n"))) == 4
    assert fixing.show(settings(tmp_path), os.environ) == fixing.Answer("# Nothing to fix.\n", 0)


def test_the_shown_lines_are_those_of_the_original_file(tmp_path: Path) -> None:
    """The port is quoted in a second pass, after the address was put before it and the version's lines are gone."""
    (tmp_path / "compose.yaml").write_text(
        "version: '3'\n\nservices:\n  a:\n    image: redis:7\n    ports:\n      - 6379:6379\n      - 22:22\n"
    )
    plan = plan_fixes(settings(tmp_path), os.environ)
    assert [fix.location.line for fix in plan.fixes] == [1, 7, 8]


def test_nothing_is_written_without_a_proof(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pytest_infragate.fixes.proof.Prover.fault", lambda _self, _changes: "nobody knows")
    (tmp_path / "compose.yaml").write_text(CASES["an unused volume"][0])
    plan = plan_fixes(settings(tmp_path), os.environ)
    assert plan.files == ()
    assert [refusal.reason for refusal in plan.refusals] == ["nobody knows"]


def test_a_bad_edit_is_found_and_the_good_ones_are_made(tmp_path: Path) -> None:
    """Without its volume the model differs: the edit is refused, those beside it are proven without it."""
    text = "services:\n  a: {image: x, restart: no, volumes: ['data:/b']}\n  c: {image: x, restart: no}\nvolumes: {data: {}}\n"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pytest_infragate.fixes.rules.top_level.used_names", lambda *_: frozenset())
        after, plan = fixed(tmp_path, text)
    assert after == text.replace("restart: no", 'restart: "no"')
    assert len(plan.refusals) == 1


def test_no_compose_file(tmp_path: Path) -> None:
    with pytest.raises(InfragateError):
        plan_fixes(settings(tmp_path), os.environ)


def pytest_run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_the_command_line(tmp_path: Path) -> None:
    """No test runs; the status says whether there is something to fix; a link in the way of writing is an error."""
    (tmp_path / "compose.yaml").write_text("version: '3'\nservices:\n  a: {image: x}\n")
    (tmp_path / "test_a.py").write_text("def test_a():\n    raise SystemExit(9)\n")
    (tmp_path / "compose.yaml").chmod(0o444)
    shown = pytest_run(tmp_path, "--infragate-diff", "test_a.py")
    assert (shown.returncode, shown.stderr) == (1, "")
    assert "-version: '3'\n" in shown.stdout
    refused = pytest_run(tmp_path, "--infragate-fix")
    assert refused.returncode == 1
    assert refused.stdout == (
        "--infragate-fix: compose.yaml is read-only. Nothing was written; make it writable, or edit it by hand.\n"
    )
    (tmp_path / "compose.yaml").chmod(0o644)
    made = pytest_run(tmp_path, "--infragate-fix", "--infragate")
    assert (made.returncode, made.stdout.splitlines()[-1]) == (0, "1 fix in 1 file made; 0 change behaviour.")
    assert pytest_run(tmp_path, "--infragate-diff").returncode == 0


def test_both_options_contradict_each_other(tmp_path: Path) -> None:
    done = pytest_run(tmp_path, "--infragate-diff", "--infragate-fix")
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "contradict each other" in done.stderr


def test_a_wrong_settings_file_is_told_as_everywhere(tmp_path: Path) -> None:
    (tmp_path / "infragate.yaml").write_text("sevices: {}\n")
    done = pytest_run(tmp_path, "--infragate-fix")
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "sevices" in done.stderr


def test_a_report_gets_the_fixes_of_its_findings(tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text("services:\n  a: {image: x}\nvolumes: {data: {}, more: {}}\n")
    planned = PlannedCheck("IG114", "unused-resource", Condition.CONFIGURATION)
    finding = Finding("IG114", planned.name, Severity.WARNING, "*", "", location=Location("compose.yaml", 3, 11))
    result = CheckResult(planned, Outcome.PASSED, findings=(finding,))
    assert Offering(settings(tmp_path), os.environ).added(result) == result
    reported = replace(settings(tmp_path), report=str(tmp_path / "report"))
    [offered] = Offering(reported, os.environ).added(result).findings
    assert [fix.description for fix in offered.fixes] == ["removes the unused volumes 'data', 'more'"]
    [replacement] = offered.fixes[0].replacements
    span = (Location("compose.yaml", 3, 1), Location("compose.yaml", 4, 1))
    assert (replacement.location, replacement.end, replacement.text) == (*span, "")
