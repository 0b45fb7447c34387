"""Which values count as secrets, and that none of them is shown."""

from __future__ import annotations

import textwrap

import pytest

from pytest_infragate.compose.credentials import defaults, is_credential_name, is_literal, option_values

from .looking import findings, material

SECRET = "hunter2"  # noqa: S105


def flagged(id_: str, service: str) -> list[str]:
    """Return the messages on a file with one service."""
    text = "services:\n  a:\n" + textwrap.indent(textwrap.dedent(service).strip("\n"), "    ") + "\n"
    return [finding.message for finding in findings(id_, material(text))]


@pytest.mark.parametrize(
    "name",
    [
        "DB_PASSWORD",
        "POSTGRES_PASS",
        "PGPASSWORD",
        "JWT_SECRET",
        "API_KEY",
        "SECRET_KEY_BASE",
        "spring.datasource.password",
    ],
)
def test_names_of_secrets(name: str) -> None:
    assert is_credential_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "DB_PASSWORD_FILE",
        "COMPASS",
        "MAX_TOKENS",
        "ALLOW_EMPTY_PASSWORD",
        "MYSQL_RANDOM_ROOT_PASSWORD",
        "PUBLIC_KEY",
        "STRIPE_PUBLISHABLE_API_KEY",
        "POSTGRES_HOST_AUTH_METHOD",
        "KEYCLOAK",
        "TOKEN_EXPIRY",
        "BYPASS",
    ],
)
def test_names_of_no_secrets(name: str) -> None:
    assert not is_credential_name(name)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "true",
        "no",
        "1",
        "$PW",
        "${PW}",
        "${PW:-x}",
        "$$PW",
        "$$(cat /x)",
        "`cat /x`",
        "/run/secrets/pw",
        "https://x",
    ],
)
def test_no_literals(value: str) -> None:
    assert not is_literal(value)


def test_defaults_of_variables() -> None:
    assert list(defaults("${A:-x}-${B-y}-${C:-}-${D:-${E}}-${F:?no}-${G:-true}")) == [("A", "x"), ("B", "y")]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["redis-server --requirepass hunter2"], [("--requirepass", SECRET)]),
        (["redis-server", "--requirepass", SECRET], [("--requirepass", SECRET)]),
        (["redis-cli", "-a", SECRET, "ping"], [("-a", SECRET)]),
        (["CMD", "mysqladmin", "ping", "-uroot", "-phunter2"], [("-p", SECRET)]),
        (["sh", "-c", "PGPASSWORD=hunter2 psql"], [("PGPASSWORD", SECRET)]),
        (["app", "--api-token=hunter2"], [("--api-token", SECRET)]),
        (["psql", "-p", "5432", "-a", "x"], []),
        (["app", "--password-file", "/x", "--tokens=5"], []),
        (["app", "--password", "--verbose"], [("--password", "")]),
        (["mkdir -p /data"], []),
    ],
)
def test_secrets_in_commands(words: list[str], found: list[tuple[str, str]]) -> None:
    assert list(option_values(words)) == found


@pytest.mark.parametrize(
    ("service", "count"),
    [
        ("environment: {DB_PASSWORD: hunter2}", 1),
        ("environment: [DB_PASSWORD=hunter2]", 1),
        ("environment: {URL: 'postgres://me:hunter2@db/x'}", 1),
        ("environment: {URL: 'postgres://me:${PW}@db/x'}", 0),
        ("environment: [DB_PASSWORD]", 0),
        ("environment: {DB_PASSWORD: }", 0),
        ("environment: {DB_PASSWORD: '${PW}'}", 0),
        ("environment: {DB_PASSWORD_FILE: hunter2}", 0),
    ],
)
def test_literal_secret(service: str, count: int) -> None:
    assert len(flagged("IG610", service)) == count


@pytest.mark.parametrize(
    ("service", "count"),
    [
        ("environment: {DB_PASSWORD: '${PW:-hunter2}'}", 1),
        ("environment: {URL: 'postgres://me:${DB_PASSWORD:-hunter2}@db'}", 1),
        ("environment: {DB_PASSWORD: '${PW:-}'}", 0),
        ("environment: {DB_PASSWORD: '${PW:?set it}'}", 0),
        ("environment: {DB_NAME: '${DB:-app}'}", 0),
    ],
)
def test_default_secret(service: str, count: int) -> None:
    assert len(flagged("IG611", service)) == count


@pytest.mark.parametrize(
    ("service", "literal", "visible"),
    [
        ("command: redis-server --requirepass hunter2", 1, 0),
        ("command: redis-server --requirepass ${PW}", 0, 1),
        ("healthcheck: {test: [CMD, redis-cli, -a, hunter2, ping]}", 1, 0),
        ("healthcheck: {test: 'redis-cli -a $$PW ping'}", 0, 0),
        ("entrypoint: [app, --password=hunter2]", 1, 0),
        ("labels: {app.token: hunter2}", 1, 0),
        ("labels: {app.name: hunter2}", 0, 0),
    ],
)
def test_secret_in_command(service: str, literal: int, visible: int) -> None:
    assert (len(flagged("IG612", service)), len(flagged("IG614", service))) == (literal, visible)


@pytest.mark.parametrize(
    ("service", "count"),
    [
        ("build: {context: ., args: {NPM_TOKEN: '${NPM_TOKEN}'}}", 1),
        ("build: {context: ., args: [NPM_TOKEN]}", 1),
        ("build: {context: ., args: {VERSION: '1'}}", 0),
        ("build: .", 0),
    ],
)
def test_secret_in_build_argument(service: str, count: int) -> None:
    assert len(flagged("IG613", service)) == count


def test_an_anchor_is_told_once() -> None:
    text = "x-env: &env {DB_PASSWORD: hunter2}\nservices:\n  a: {environment: *env}\n  b: {environment: *env}\n"
    [finding] = findings("IG610", material(text))
    assert (finding.subject, finding.location and finding.location.line) == ("a", 1)


def test_no_value_is_shown() -> None:
    service = """
        environment: {DB_PASSWORD: hunter2, URL: 'x://a:hunter2@b', KEY_SECRET: '${K:-hunter2}'}
        command: app --password hunter2
        labels: {token: hunter2}
        build: {context: ., args: {NPM_TOKEN: hunter2}}
    """
    told = [message for id_ in ("IG610", "IG611", "IG612", "IG613", "IG614") for message in flagged(id_, service)]
    assert len(told) == 6
    assert not [message for message in told if SECRET in message]
