from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pytest_infragate.gates.spoken import further_logins, protocol_of
from pytest_infragate.settings import ProbeSettings
from tests.unit.stacks import project

WITH_LOGIN = ProbeSettings("postgres", 5432, user="app", password="s3c/ret", database="shop", guessed=True)  # noqa: S106  (of a test)


PASSWORD = {"password": "s3cret"}
LOGIN = {"user": "app", **PASSWORD}


def guessed(protocol: str, **more: Any) -> ProbeSettings:
    return ProbeSettings(protocol, 5432, guessed=True, **more)


def chosen(port: int | None = 5432, image: str = "local", command: tuple[str, ...] = (), **environment: str) -> object:
    services = {
        "api": {"image": "local", "environment": environment},
        "db": {"image": image, "command": list(command)},
        "other": {"image": "local"},
    }
    return protocol_of(project(services), "api", "db", port)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgres://app:s3c%2Fret@db:5432/shop", WITH_LOGIN),
        ("postgresql+psycopg2://app:s3c%2Fret@db/shop", WITH_LOGIN),
        ("postgres://app:s3c%2Fret@db:5432/shop?sslmode=disable", WITH_LOGIN),
        ("postgres://app:s3c%2Fret@db:5432/shop?sslmode=require", replace(WITH_LOGIN, tls=True)),
        ("postgres://app:s3c%2Fret@db:5432/shop?sslmode=verify-full&sslrootcert=/ca", replace(WITH_LOGIN, tls=True)),
        ("postgres://app:s3c%2Fret@db:5432/shop?sslrootcert=/ca", None),
        ("postgres://app:s3c%2Fret@db:5432/shop?ssl=maybe", None),
        ("postgres://app@db:5432/shop", guessed("postgres")),
        ("postgres://app:${PASSWORD}@db:5432/shop", guessed("postgres")),
        ("postgres://app:{password}@db:5432/shop", guessed("postgres")),
        ("postgres://app:%s@db:5432/shop", guessed("postgres")),
        ("postgres://app:***@db:5432/shop", guessed("postgres")),
        ("postgres://app:@db:5432/shop", guessed("postgres")),
        ("postgres://app:<password>@db:5432/shop", None),
        ("postgres://app:s3c%2Fret@db:5432,other:5432/shop", WITH_LOGIN),
        ("postgres://app:s3c%2Fret@other:5432,db:5432/shop?target_session_attrs=read-write", WITH_LOGIN),
        ("postgres://a:b@other:5432/x,postgres://app:s3c%2Fret@db:5432/shop,postgres://c:d@other/y", WITH_LOGIN),
        ("nats://a:b@other:5432,app:s3cret@db:5432", guessed("nats", **LOGIN)),
        ("postgres://app:s3,cret@db:5432/shop", guessed("postgres", user="app", password="s3,cret", database="shop")),  # noqa: S106
        ("postgres://app:s3%25cr%24et@db/shop", guessed("postgres", user="app", password="s3%cr$et", database="shop")),  # noqa: S106
        ("jdbc:postgresql://db:5432/shop?user=app&password=s3c%2Fret", WITH_LOGIN),
        ("jdbc:postgresql://db:5432/shop?user=app&password=${PASSWORD}", guessed("postgres")),
        ("jdbc:mysql://db:5432/shop?user=app&password=s3cret&createDatabaseIfNotExist=true", guessed("mysql", **LOGIN)),
        ("mysql2://app:s3cret@db:5432/shop", guessed("mysql", **LOGIN, database="shop")),
        ("postgis://app:s3c%2Fret@db:5432/shop", WITH_LOGIN),
        ("postgresql:///shop?host=/var/run/postgresql", None),
        ("postgres://app:s3cret@/shop?host=/var/run/postgresql", None),
        ("postgres://%2Fvar%2Frun%2Fpostgresql/shop", None),
        ("redis+socket:///db:5432", None),
        ("redis://:@db:5432/0", guessed("redis")),
        ("redis://:s3cret@db:5432/0", guessed("redis", **PASSWORD)),
        ("postgres://app:s3cret@other:5432/shop", None),
        ("http://db:5432/", None),
        ("rediss://:s3cret@db:5432/0", guessed("redis", **PASSWORD, tls=True)),
        ("redis://db:5432/3", guessed("redis", database="3")),
        ("redis://db:5432?db=4", guessed("redis", database="4")),
        ("redis://db:5432/cache", guessed("redis")),
        ("redis+sentinel://db:5432/0", None),
        ("redis+ssl://db:5432", guessed("redis", tls=True)),
        ("redis://db:5432/?ssl=true", guessed("redis", tls=True)),
        (
            "amqps://app:s3cret@db:5432/%2Fshop",
            guessed("amqp", **LOGIN, database="/shop", tls=True),
        ),
        ("amqp://app:s3cret@db:5432//", guessed("amqp", **LOGIN, database="/")),
        ("amqp://app:s3cret@db:5432", guessed("amqp", **LOGIN)),
        ("amqp://app:s3cret@db:5432/", guessed("amqp", **LOGIN)),
        ("amqp://app:s3cret@db:5432//shop", guessed("amqp", **LOGIN, database="/shop")),
        ("amqp://app:s3cret@db:5432/%2f/messages", guessed("amqp", **LOGIN)),
        ("amqp://app:s3cret@db:5432/shop?heartbeat=30", guessed("amqp", **LOGIN, database="shop")),
        ("mongodb://app:s3cret@db:5432/?tls=true", guessed("mongodb", **LOGIN, tls=True)),
        ("mongodb://app:s3cret@db:5432/shop", guessed("mongodb", **LOGIN, database="shop")),
        ("mongodb://app:s3cret@db:5432/shop?authSource=users", guessed("mongodb", **LOGIN, database="users")),
        (
            "mongodb://app:s3cret@db:5432,other/?readPreferenceTags=dc:ny,rack:1&authSource=users",
            guessed("mongodb", **LOGIN, database="users"),
        ),
        ("mongodb://app:s3cret@db:5432/shop?authMechanism=PLAIN", guessed("mongodb")),
        ("mongodb+srv://app:s3cret@db:5432/shop", None),
        (
            "mysql://app:s3cret@db:5432/shop?ssl-mode=VERIFY_CA",
            guessed("mysql", **LOGIN, database="shop", tls=True),
        ),
        ("mysql://app:s3cret@db:5432/shop?useSSL=true", None),
        ("mqtts://db:5432", guessed("mqtt", tls=True)),
        ("smtps://db:5432", guessed("smtps")),
        ("grpc://db:5432", guessed("grpc")),
        ("grpc+tls://db:5432", guessed("grpc", tls=True)),
        ("redis://db", None),
        ("see postgres://[bad:5432/", None),
        ("db:5432", None),
    ],
)
def test_the_callers_url_says_how_its_target_is_asked(url: str, expected: ProbeSettings | None) -> None:
    assert chosen(A_URL=url) == expected


@pytest.mark.parametrize(
    ("image", "port", "command", "protocol"),
    [
        ("postgres:17", 5432, (), "postgres"),
        ("registry.local:5000/bitnami/redis:7", 6379, (), "redis"),
        ("mariadb", 3306, (), "mysql"),
        ("rabbitmq:4", 5672, (), "amqp"),
        ("rabbitmq:4", 15672, (), None),
        ("postgres:17", 5433, (), None),
        ("postgres:17", None, (), None),
        ("redis:7", 6379, ("redis-server", "--tls-cluster", "yes"), None),
        ("redis:7", 6379, ("redis-server", "--port", "7000"), None),
        ("elasticsearch:8", 9200, (), None),
        ("local", 5432, (), None),
    ],
)
def test_else_its_image_says_it_on_its_own_port(
    image: str, port: int | None, command: tuple[str, ...], protocol: str | None
) -> None:
    assert chosen(port, image, command) == (ProbeSettings(protocol, port, guessed=True) if protocol else None)


def mounted(target: str) -> dict[str, str]:
    return {"type": "bind", "source": "/project/x", "target": target}


@pytest.mark.parametrize(
    ("target", "spoken"),
    [
        ({"environment": {"REDIS_TLS_ENABLED": "no"}}, True),
        ({"environment": {"REDIS_TLS_ENABLED": "yes"}}, False),
        ({"volumes": [mounted("/opt/redis/certs")]}, False),
        ({"volumes": [mounted("/etc/server.crt")]}, False),
        ({"volumes": [mounted("/data")]}, True),
        ({"secrets": [{"source": "redis-tls"}]}, False),
    ],
)
def test_nothing_is_guessed_of_an_image_that_may_speak_tls(target: dict[str, Any], spoken: bool) -> None:
    services = {"api": {"image": "local", "environment": {"URL": "redis://db"}}, "other": {"image": "local"}}
    stack = project({**services, "db": {"image": "redis:7", **target}})
    guess = ProbeSettings("redis", 6379, guessed=True)
    assert protocol_of(stack, "other", "db", 6379) == (guess if spoken else None)
    assert protocol_of(stack, "api", "db", 6379) == guess


@pytest.mark.parametrize("url", ["smtp://db:465", "mqtt://db:8883", "amqp://app:s3cret@db:5671"])
def test_nothing_is_guessed_of_a_port_that_is_known_for_tls(url: str) -> None:
    assert chosen(int(url.rpartition(":")[2]), A_URL=url) is None


def test_what_a_password_cuts_off_is_no_host() -> None:
    services = {
        "api": {"image": "local", "environment": {"A": "postgres://app:p;ss@db:5432/shop", "B": "redis://app:p#s@db"}},
        "app": {"image": "local"},
        "db": {"image": "local"},
    }
    assert protocol_of(project(services), "api", "app", 5432) is None
    assert protocol_of(project(services), "api", "app", 6379) is None


def test_a_login_for_tests_comes_last() -> None:
    found = chosen(A_TEST_URL="postgres://test:test@db/test", B_URL="postgres://app:s3c%2Fret@db/shop")
    assert found == WITH_LOGIN
    assert chosen(A_TEST_URL="postgres://app:s3c%2Fret@db/shop") == WITH_LOGIN


def test_urls_of_the_command_count_as_well() -> None:
    api = {"image": "local", "command": ["serve", "--broker=rediss://db:6379"]}
    found = protocol_of(project({"api": api, "db": {"image": "redis:7"}}), "api", "db", 6379)
    assert found == ProbeSettings("redis", 6379, tls=True, guessed=True)


def test_a_url_of_another_kind_comes_before_the_image() -> None:
    assert chosen(5432, "postgres:17", A_URL="postgresqls://db:5432/shop") is None


@pytest.mark.parametrize(
    ("host", "target"),
    [
        ("store", {"networks": {"default": {"aliases": ["store"]}}}),
        ("db-host", {"hostname": "db-host"}),
        ("shop_db", {"container_name": "shop_db"}),
        ("linked", {}),
        ("10.9.0.2", {"networks": {"default": {"ipv4_address": "10.9.0.2"}}}),
        ("BIG", {}),
    ],
)
def test_the_target_may_go_by_another_name(host: str, target: dict[str, object]) -> None:
    url = f"postgres://app:s3c%2Fret@{host}:5432/shop"
    name = "BIG" if host == "BIG" else "db"
    api = {"image": "local", "environment": {"A_URL": url}, "links": [f"{name}:linked"]}
    services = {"api": api, name: {"image": "local", **target}, "other": {"image": "local"}}
    assert protocol_of(project(services), "api", name, 5432) == WITH_LOGIN
    assert protocol_of(project(services), "other", name, 5432) is None


def test_a_name_of_several_services_is_that_of_each() -> None:
    url = "postgres://app:s3c%2Fret@store:5432/shop"
    networks: dict[str, dict[str, object]] = {"front": {"aliases": ["store"]}}
    services = {
        "one": {"image": "local", "networks": {"back": {"aliases": ["store"]}}},
        "db": {"image": "local", "networks": networks},
        "api": {"image": "local", "networks": {"front": None}, "environment": {"A_URL": url}},
    }
    assert protocol_of(project(services), "api", "db", 5432) == WITH_LOGIN


def test_a_link_is_known_to_its_own_service_alone() -> None:
    other = {"image": "local", "environment": {"A_URL": "postgres://app:x@linked:5432/shop"}}
    services = {"api": {"image": "local", "links": ["db:linked"]}, "db": {"image": "local"}, "other": other}
    assert protocol_of(project(services), "other", "db", 5432) is None


@pytest.mark.parametrize("scheme", ["postgres", "nats"])
def test_servers_that_tell_of_tls_are_asked_all_the_same(scheme: str) -> None:
    assert chosen(5432, command=("server", "--tls"), A_URL=f"{scheme}://db:5432") == guessed(scheme)


def test_tls_of_the_target_alone_leaves_it_unasked() -> None:
    command = ("redis-server", "--tls-port", "5432")
    assert chosen(5432, command=command, A_URL="redis://db:5432") is None
    assert chosen(5432, command=command, A_URL="rediss://db:5432") == guessed("redis", tls=True)


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"CACHE": "redis://:s3cret@db/0", "QUEUE": "redis://:s3cret@db"}, {}),
        ({"CACHE": "redis://:s3cret@db/0", "QUEUE": "redis://:other@db/0"}, {"QUEUE": {"password": "other"}}),
        ({"CACHE": "redis://db/0", "QUEUE": "redis://:other@db"}, {"QUEUE": {"password": "other"}}),
        ({"CACHE": "redis://db/0", "QUEUE": "redis://db/7"}, {"QUEUE": {"database": "7"}}),
        ({"CACHE": "redis://:s3cret@db/0", "QUEUE": "redis://db"}, {}),
        ({"CACHE": "redis://:s3cret@db/0", "QUEUE": "redis://:${LATER}@db/1"}, {}),
        ({"CACHE": "redis://:s3cret@db/0", "TEST_QUEUE": "redis://:other@db/1"}, {}),
        ({"CACHE": "redis://:s3cret@db/0", "QUEUE": "redis://:other@db:6380"}, {}),
    ],
)
def test_a_login_proves_no_other_one(environment: dict[str, str], expected: dict[str, dict[str, str]]) -> None:
    services = {"api": {"image": "local", "environment": environment}, "db": {"image": "local"}}
    wanted = {key: ProbeSettings("redis", 6379, guessed=True, **more) for key, more in expected.items()}  # type: ignore[arg-type]
    assert further_logins(project(services), "api", "db", 6379) == wanted
