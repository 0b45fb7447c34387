"""Secret values never reach an output."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path
from types import MappingProxyType

import pytest

from pytest_infragate import catalogue
from pytest_infragate.compose.model import Project, Resource, Service
from pytest_infragate.masking import Masker, is_secret_name, secret_values
from pytest_infragate.results import Finding, Json, Location, Severity, failed
from tests.unit import stacks

HERE = Location("compose.yaml", 1)


def project(environment: dict[str, str], secrets: dict[str, Resource] | None = None) -> Project:
    services = {"api": Service("api", HERE, environment=MappingProxyType(environment))}
    empty: dict[str, Resource] = {}
    return Project("p", "/", ("compose.yaml",), services, empty, empty, secrets or {}, empty)


@pytest.mark.parametrize(
    "name",
    [
        "POSTGRES_PASSWORD",
        "DB_PASSWD",
        "API_KEY",
        "apikey",
        "AUTH_TOKEN",
        "SECRET",
        "JWT_SECRET",
        "AWS_ACCESS_KEY",
        "PWD_",
    ],
)
def test_names_that_hold_secrets(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize("name", ["POSTGRES_PASSWORD_FILE", "DB_HOST", "TOKENIZER", "KEYBOARD", "SECRETARY", "PORT"])
def test_names_that_hold_none(name: str) -> None:
    assert not is_secret_name(name)


def test_values_come_from_variables_urls_files_and_settings(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text("from-a-file\n")
    found = secret_values(
        project(
            {"DB_PASSWORD": "from-variable", "DATABASE_URL": "postgres://u:p%40ss-url@db/x", "LEVEL": "debug"},
            {"a": Resource("a", HERE, file=str(path)), "b": Resource("b", HERE, environment="DEPLOY")},
        ),
        {"DEPLOY": "from-environ"},
        ["declared"],
    )
    assert found == {"from-variable", "p@ss-url", "from-a-file", "from-environ", "declared"}


def test_values_come_from_the_projects_env_files_unless_the_environment_wins() -> None:
    secrets = {"a": Resource("a", HERE, environment="DEPLOY"), "b": Resource("b", HERE, environment="OTHER")}
    files = {"DEPLOY": "in-the-file", "OTHER": "overruled", "CACHE_PASSWORD": "in-a-command", "LEVEL": "debug"}
    found = secret_values(project({}, secrets), {"OTHER": "from-environ", "PWD": "/home"}, env_files=files)
    assert found == {"in-the-file", "from-environ", "in-a-command"}


def test_an_absent_secret_file_and_a_service_name_add_nothing(tmp_path: Path) -> None:
    absent = Resource("a", HERE, file=str(tmp_path / "absent"))
    assert secret_values(project({"DB_PASSWORD": "api"}, {"a": absent}), {}) == frozenset()


def test_text_is_masked_in_every_spelling_longest_first() -> None:
    masker = Masker(["pass/word", "pass/word/longer"])
    assert masker.text("a pass/word/longer b pass%2Fword c") == "a *** b *** c"


def test_short_values_are_left_alone() -> None:
    assert Masker(["abc"]).text("abc abcd") == "abc abcd"


def test_passwords_in_urls_go_even_when_they_are_not_known() -> None:
    assert Masker().text("redis://:s3cret@cache:6379/0") == "redis://:***@cache:6379/0"
    assert Masker().text("http://api:8000/a@b") == "http://api:8000/a@b"


def test_a_whole_result_is_masked_and_its_keys_are_kept() -> None:
    finding = Finding("IG911", "x", Severity.ERROR, "db", "uses hunter22", "drop hunter22")
    output: Json = ["hunter22", {"hunter22": "hunter22", "n": 1, "none": None}]
    result = Masker(["hunter22"]).result(failed(catalogue.service_ready("db"), "hunter22!", (finding,), output=output))
    assert result.message == "***!"
    assert result.evidence == {"output": ["***", {"hunter22": "***", "n": 1, "none": None}]}
    assert (result.findings[0].message, result.findings[0].remedy) == ("uses ***", "drop ***")


def test_labels_with_the_name_of_a_secret_count() -> None:
    labels = {
        "traefik.http.middlewares.a.basicauth.users": "admin:$apr1$x",
        "org.app.api-key": "k-123456",
        "tier": "back",
    }
    services = {"api": Service("api", HERE, labels=MappingProxyType(labels))}
    empty: dict[str, Resource] = {}
    stack = Project("p", "/", ("compose.yaml",), services, empty, empty, empty, empty)
    assert secret_values(stack, {}) == {"admin:$apr1$x", "k-123456"}


def test_options_of_commands_and_arguments_of_builds_count() -> None:
    services = {
        "cache": {
            "command": ["redis-server", "--requirepass", "in-command", "--port", "7000"],
            "healthcheck": {"test": ["CMD", "redis-cli", "-a", "in-test", "ping"]},
            "build": {"context": ".", "args": {"NPM_TOKEN": "in-build", "VERSION": "1.2.3"}},
        },
        "job": {"entrypoint": ["sh", "-c", "mysql -p$$PASSWORD"]},
    }
    assert secret_values(stacks.project(services), {}) == {"in-command", "in-test", "in-build"}


def test_a_secret_of_several_lines_is_masked_line_by_line() -> None:
    masker = Masker(["-----BEGIN KEY-----\nMIIEvQIBADANBg\n-----END KEY-----"])
    assert masker.text("leaked MIIEvQIBADANBg") == "leaked ***"


def test_a_line_that_was_cut_ends_with_no_part_of_a_secret() -> None:
    masker = Masker(["hunter2secret"])
    assert masker.text("the password is hunter2sec") == "the password is hunter2sec"
    assert "hunter2" not in masker.cut_line("x" * 50 + "the password is hunter2sec")
    assert masker.cut_line("x" * 50).startswith("x" * 30)
    assert Masker().cut_line("x" * 50) == "x" * 50


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("postgres://u:topsecret@db/x", "postgres://u:***@db/x"),
        ("dsn=postgres://u:topsecret@db/x", "dsn=postgres://u:***@db/x"),
        ("(amqp+ssl://:topsecret@mq)", "(amqp+ssl://:***@mq)"),
        ("http://db:8000/a@b", "http://db:8000/a@b"),
    ],
)
def test_passwords_in_urls_are_masked(text: str, masked: str) -> None:
    assert Masker().text(text) == masked


def test_a_long_word_does_not_take_the_square_of_its_length() -> None:
    begun = time.process_time()
    Masker().text("a" * 200_000)
    long = time.process_time() - begun
    begun = time.process_time()
    Masker().text("a " * 100_000)
    assert long < 20 * (time.process_time() - begun) + 1


def test_of_secrets_that_begin_alike_the_longest_is_masked() -> None:
    secrets = ["hunter2", "hunter2-and-more", "hunt", "(hun|ter)*", "hun\nter2", "jäger"]
    masker = Masker(secrets)
    assert [masker.text(f"<{secret}>") for secret in secrets] == ["<***>"] * len(secrets)
    assert masker.text("hun hunter2-and hunter2-and-more") == "hun ***-and ***"


def test_many_secrets_do_not_take_as_many_times_as_long_as_few() -> None:
    def seconds(secrets: int) -> float:
        masker = Masker(hashlib.sha256(str(number).encode()).hexdigest() for number in range(secrets))
        begun = time.process_time()
        for number in range(500):
            masker.text(hashlib.sha512(str(number).encode()).hexdigest())
        return time.process_time() - begun

    assert seconds(3000) < 20 * seconds(30)
