"""Compose files before and after their fixes, by what is fixed."""

from __future__ import annotations

CASES = {
    "the obsolete version with its line": (
        """\
# ours
version: '3.8'  # old

services:
  a: {image: x}
""",
        """\
# ours

services:
  a: {image: x}
""",
    ),
    "the obsolete version at the top, with the blank line after it": (
        """\
version: '3.8'

services:
  a: {image: x}
""",
        """\
services:
  a: {image: x}
""",
    ),
    "the obsolete version between brackets": (
        """\
{version: '3', services: {a: {image: x}}}
""",
        """\
{services: {a: {image: x}}}
""",
    ),
    "the last entry between brackets": (
        """\
services: {a: {image: x, volumes: ['data:/b']}}
volumes: {data: {}, c: {}}
""",
        """\
services: {a: {image: x, volumes: ['data:/b']}}
volumes: {data: {}}
""",
    ),
    "an unused volume": (
        """\
services:
  a:
    image: x
    volumes: ['data:/b']
volumes:
  data:
  c:
    driver: local
  # last
""",
        """\
services:
  a:
    image: x
    volumes: ['data:/b']
volumes:
  data:
  # last
""",
    ),
    "a section in which nothing is used": (
        """\
services:
  a: {image: x}

networks:
  n: {}
""",
        """\
services:
  a: {image: x}
""",
    ),
    "short depends_on, comments kept": (
        """\
services:
  c:
    image: cache
    healthcheck: {test: [CMD, redis-cli, ping]}
  a:
    image: x
    depends_on:
      - c  # cache
      # more
      - b
  b: {image: x}
""",
        """\
services:
  c:
    image: cache
    healthcheck: {test: [CMD, redis-cli, ping]}
  a:
    image: x
    depends_on:
      c:  # cache
        condition: service_healthy
      # more
      b:
        condition: service_started
  b: {image: x}
""",
    ),
    "short depends_on as deep as its key, four columns a level": (
        """\
services:
    c:
        image: cache
        healthcheck: {test: ping}
    a:
        image: x
        depends_on:
        - c""",
        """\
services:
    c:
        image: cache
        healthcheck: {test: ping}
    a:
        image: x
        depends_on:
            c:
                condition: service_healthy""",
    ),
    "short depends_on between brackets": (
        """\
services:
  c:
    image: cache
    healthcheck: {test: [CMD, redis-cli, ping]}
  a: {image: x, depends_on: ['c', b]}
  b: {image: x}
""",
        """\
services:
  c:
    image: cache
    healthcheck: {test: [CMD, redis-cli, ping]}
  a: {image: x, depends_on: {'c': {condition: service_healthy}, b: {condition: service_started}}}
  b: {image: x}
""",
    ),
    "log rotation": (
        """\
services:
  a:
    image: x
    logging:
      driver: json-file  # as ever
    restart: always
""",
        """\
services:
  a:
    image: x
    logging:
      driver: json-file  # as ever
      options:
        max-size: "10m"
        max-file: "3"
    restart: always
""",
    ),
    "log rotation beside other options": (
        """\
services:
  a:
    image: x
    logging: {driver: json-file, options: {max-file: '9'}}
""",
        """\
services:
  a:
    image: x
    logging: {driver: json-file, options: {max-file: '9', max-size: "10m"}}
""",
    ),
    "ports without quotes, in the manner of their neighbours": (
        """\
services:
  a:
    image: x
    ports:
      - 22:22
      - '80:80'
      - 90
""",
        """\
services:
  a:
    image: x
    ports:
      - '22:22'
      - '80:80'
      - 90
""",
    ),
    "words that YAML 1.1 reads otherwise": (
        """\
services:
  a:
    image: x
    restart: no
    environment: {A: NO, B: on, C: 0755, D: true, E: 1e3}
""",
        """\
services:
  a:
    image: x
    restart: "no"
    environment: {A: "NO", B: "on", C: 0755, D: true, E: 1e3}
""",
    ),
    "pg_isready over the socket, as a text": (
        """\
services:
  a:
    image: postgres:16
    healthcheck:
      test: pg_isready -U $${USER} || exit 1
""",
        """\
services:
  a:
    image: postgres:16
    healthcheck:
      test: pg_isready -h 127.0.0.1 -U $${USER} || exit 1
""",
    ),
    "pg_isready over the socket, as a list for the shell": (
        """\
services:
  a:
    image: postgres:16
    healthcheck:
      test: ['CMD-SHELL', 'pg_isready']
""",
        """\
services:
  a:
    image: postgres:16
    healthcheck:
      test: ['CMD-SHELL', 'pg_isready -h 127.0.0.1']
""",
    ),
    "pg_isready over the socket, as a list of words": (
        """\
services:
  a:
    image: postgres:16
    healthcheck:
      test:
        - CMD
        - "pg_isready"  # quick
        - -q
""",
        """\
services:
  a:
    image: postgres:16
    healthcheck:
      test:
        - CMD
        - "pg_isready"  # quick
        - "-h"
        - "127.0.0.1"
        - -q
""",
    ),
    "a database on every address": (
        """\
services:
  a:
    image: redis:7
    ports: ["6379:6379", 16379:6379]
""",
        """\
services:
  a:
    image: redis:7
    ports: ["127.0.0.1:6379:6379", "127.0.0.1:16379:6379"]
""",
    ),
    "a database on every address, in the long form": (
        """\
services:
  a:
    image: redis:7
    ports:
      - target: 6379
        published: '6379'
""",
        """\
services:
  a:
    image: redis:7
    ports:
      - target: 6379
        published: '6379'
        host_ip: 127.0.0.1
""",
    ),
    "mysqladmin that asks the socket by the name localhost": (
        """\
services:
  a:
    image: mysql:8
    healthcheck: {test: [CMD, mysqladmin, ping, "-h", "localhost"]}
  b:
    image: mariadb:11
    healthcheck: {test: "mariadb-admin ping --host=localhost -uroot -p$$SECRET"}
""",
        """\
services:
  a:
    image: mysql:8
    healthcheck: {test: [CMD, mysqladmin, ping, "-h", "127.0.0.1"]}
  b:
    image: mariadb:11
    healthcheck: {test: "mariadb-admin ping --host=127.0.0.1 -uroot -p$$SECRET"}
""",
    ),
    "mysqladmin that asks the socket": (
        """\
services:
  a:
    image: mysql:8
    healthcheck: {test: [CMD, mysqladmin, ping]}
""",
        """\
services:
  a:
    image: mysql:8
    healthcheck: {test: [CMD, mysqladmin, -h, 127.0.0.1, ping]}
""",
    ),
}
