"""Hosts with ports are found in every form that real projects use, and nothing else is."""

from __future__ import annotations

import pytest

from pytest_infragate.compose.mentions import in_command, in_environment, in_text


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("http://api", {("api", 80)}),
        ("https://api/x?y=1", {("api", 443)}),
        ("http://api:8000/healthz", {("api", 8000)}),
        ("postgresql://user:pa55@db:5432/app", {("db", 5432)}),
        ("postgresql://user:p@ss@db/app", {("db", 5432)}),
        ("postgresql+psycopg://db/app", {("db", 5432)}),
        ("db+postgresql://db/app", {("db", 5432)}),
        ("jdbc:postgresql://db:5433/app", {("db", 5433)}),
        ("jdbc:sqlserver://db;databaseName=x", {("db", 1433)}),
        ("redis://:secret@cache/0", {("cache", 6379)}),
        ("rediss://cache", {("cache", 6379)}),
        ("amqp://guest:guest@rabbit//", {("rabbit", 5672)}),
        ("mysql://root@db", {("db", 3306)}),
        ("nats://one:4222,nats://two:4222", {("one", 4222), ("two", 4222)}),
        ("mongodb://a:b@m1:27017,m2:27018,m3/x?replicaSet=r", {("m1", 27017), ("m2", 27018), ("m3", 27017)}),
        ("kafka://broker", {("broker", 9092)}),
        ("tcp://docker:2376", {("docker", 2376)}),
        ("pulsar-odd://queue", {("queue", None)}),
        ('["http://es:9200", "http://es2:9201"]', {("es", 9200), ("es2", 9201)}),
        ("[http://es:9200]", {("es", 9200)}),
        ("http://[::1]:8080/", {("::1", 8080)}),
        ("kafka:9092,kafka2:9093", {("kafka", 9092), ("kafka2", 9093)}),
        ("root:secret@tcp(db:3306)/app", {("db", 3306)}),
        ("wazuh.manager:1514", {("wazuh.manager", 1514)}),
        ("api_backend:8000", {("api_backend", 8000)}),
        ("host=db port=5433 dbname=app", {("db", 5433)}),
        ("Server=db;Port=3307;User Id=x", {("db", 3307)}),
        ("Server=db,1433;Database=x", {("db", 1433)}),
        ("Host=db;Username=x", {("db", None)}),
        ("host='db' port='5433' user=app", {("db", 5433)}),
        ("jdbc:oracle:thin:@db:1521:xe", {("db", 1521)}),
        ("jdbc:oracle:thin:app/pw@db:1522:xe", {("db", 1522)}),
        ("(DESCRIPTION=(ADDRESS=(PROTOCOL=TCP)(HOST=db)(PORT=1522))(CONNECT_DATA=(SID=xe)))", {("db", 1522)}),
        ("timeout 1 bash -c '</dev/tcp/db/5432'", {("db", 5432)}),
        ("sqlite:///data/app.db", set()),
        ("unix:///var/run/docker.sock", set()),
        ("redis:7-alpine redis:7.2 redis:latest", set()),
        ("12:30:15", set()),
        ("sha256:0123456789ab", set()),
        ("db:70000", set()),
        ("plain text", set()),
        ("", set()),
    ],
)
def test_text(text: str, found: set[tuple[str, int | None]]) -> None:
    assert {(mention.host, mention.port) for mention in in_text(text)} == found


@pytest.mark.parametrize(
    ("environment", "found"),
    [
        ({"DB_HOST": "db", "DB_PORT": "5433"}, {("DB_HOST", "db", 5433)}),
        ({"DB_HOST": "db"}, {("DB_HOST", "db", None)}),
        ({"PGHOST": "db", "PGPORT": "5432"}, {("PGHOST", "db", 5432)}),
        ({"REDIS_HOSTNAME": "cache", "REDIS_PORT": "6379"}, {("REDIS_HOSTNAME", "cache", 6379)}),
        ({"spring.redis.host": "cache", "spring.redis.port": "6380"}, {("spring.redis.host", "cache", 6380)}),
        ({"database__connection__host": "db"}, {("database__connection__host", "db", None)}),
        ({"DB_HOST": "db", "DB_PORT": "tcp://1.2.3.4:5432"}, {("DB_HOST", "db", None), ("DB_PORT", "1.2.3.4", 5432)}),
        ({"WORDPRESS_DB_HOST": "db:3306"}, {("WORDPRESS_DB_HOST", "db", 3306)}),
        ({"ES_HOSTS": "es1,es2"}, {("ES_HOSTS", "es1", None), ("ES_HOSTS", "es2", None)}),
        ({"REDIS_NODES": "n1 n2"}, {("REDIS_NODES", "n1", None), ("REDIS_NODES", "n2", None)}),
        ({"POSTGRES_SEEDS": "db"}, {("POSTGRES_SEEDS", "db", None)}),
        ({"REDIS_URL": "cache"}, {("REDIS_URL", "cache", None)}),
        ({"HOST": "db", "PORT": "8000"}, {("HOST", "db", None)}),
        ({"POSTGRES_DB": "db", "DB_TYPE": "postgres", "DB_NAME": "db", "DB_USER": "db"}, set()),
        ({"QUEUE_CONNECTION": "redis", "SESSION_DRIVER": "redis", "POSTGRES_PASSWORD": "db"}, set()),
        ({"NO_PROXY": "db:80,api:80", "CORS_ALLOWED_ORIGINS": "http://web:3000"}, set()),
        ({"KAFKA_ADVERTISED_LISTENERS": "PLAINTEXT://kafka:9092", "OAUTH_REDIRECT_URL": "http://web/cb"}, set()),
        ({"REDIS_IMAGE": "redis:7", "VIRTUAL_HOST": "web"}, set()),
        ({"DB_HOST": ""}, set()),
    ],
)
def test_environment(environment: dict[str, str], found: set[tuple[str, str, int | None]]) -> None:
    assert {(key, mention.host, mention.port) for key, mention in in_environment(environment)} == found


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["pg_isready", "-h", "db", "-p", "5433"], ("db", 5433)),
        (["psql", "--host=db", "--port=5432"], ("db", 5432)),
        (["redis-cli", "-h", "cache", "ping"], ("cache", None)),
        (["app", "--db-host", "db", "--db-port", "3306"], ("db", 3306)),
        (["app", "--server.port=8080", "--spring.redis.host=db", "--spring.redis.port=6380"], ("db", 6380)),
        (["java", "-Ddb.host=db", "-Ddb.port=3307", "-jar", "app.jar"], ("db", 3307)),
        (["app", "--port", "8000", "--db-host", "db"], ("db", None)),
        (["app", "--host", "db", "--http-port", "8000"], ("db", None)),
        (["wait", "-h", "db", "-p", "5432", "--", "app", "-p", "8000"], ("db", 5432)),
        (["sh", "-c", "until pg_isready -h db; do sleep 1; done; gunicorn -p 8000"], ("db", None)),
        (["sh", "-c", "until nc -z db 5432; do sleep 1; done"], ("db", 5432)),
        (["./wait-for-it.sh", "db:5432", "--", "app"], ("db", 5432)),
        (["-querier.scheduler-address=query:9009"], ("query", 9009)),
        (["socat", "tcp-listen:80", "TCP:web:8080"], ("web", 8080)),
        (["curl", "-f", "http://web:8080/"], ("web", 8080)),
    ],
)
def test_command(words: list[str], found: tuple[str, int | None]) -> None:
    assert found in {(mention.host, mention.port) for mention in in_command(words)}


@pytest.mark.parametrize("line", ["chown -R app:1000 /data", "docker run redis:6379", "sleep 5432"])
def test_command_without_a_host(line: str) -> None:
    assert list(in_command(["sh", "-c", line])) == []
