"""Planted faults of ports, names and addresses."""

from __future__ import annotations

from pytest_infragate.settings import Level

from .project import compose, fault

TWO_PORTS = """
services:
  web: {{<<: *sound, image: "ours/web:1.0", ports: [{0}]}}
  admin:
    <<: *sound
    image: ours/admin:1.0
    ports: [{1}]
"""
APART = """
services:
  api:
    <<: *sound
    image: ours/api:1.0
    networks: [front]
    {0}
  db: {{<<: *sound, image: "ours/db:1.0", networks: [back]}}
networks: {{front: {{}}, back: {{internal: true}}}}
"""
ADDRESSED = """
services:
  api: {{<<: *sound, image: "ours/api:1.0", networks: {{lan: {{ipv4_address: 10.77.0.5}}}}}}
  db:
    <<: *sound
    image: ours/db:1.0
    networks:
      {0}
networks:
  lan: {{ipam: {{config: [{{subnet: 10.77.0.0/24}}]}}}}
  {1}
"""
CALLING = """
services:
  api:
    <<: *sound
    image: ours/api:1.0
    depends_on: {{{2}: {{condition: service_healthy}}}}
    environment:
      LOG_FORMAT: json
      {0}
  {2}: {{<<: *sound, image: "ours/db:1.0", {1}}}
"""


def ports(one: str, other: str) -> str:
    """Return two services that publish these ports."""
    return compose(TWO_PORTS.format(one, other))


def calling(variable: str, db: str = "expose: [5432]", name: str = "db") -> str:
    """Return a service with this variable, and another one that it waits for."""
    return compose(CALLING.format(variable, db, name))


LONG = 'ports: [{target: 8080, published: "8080", host_ip: 127.0.0.1}]'
LONG_NAME = "orders-" + "of-the-north-" * 5 + "db"

FAULTS = (
    fault(
        1,
        "two services publish one port of the host",
        ports('"127.0.0.1:8080:80"', '"127.0.0.1:8080:8080"'),
        "IG301",
        "web",
        '8080:80"',
    ),
    fault(
        2,
        "the same in long form",
        compose(
            f'services:\n  web: {{<<: *sound, image: "ours/web:1.0", ports: ["127.0.0.1:8080:80"]}}\n'
            f"  admin:\n    <<: *sound\n    image: ours/admin:1.0\n    {LONG}\n"
        ),
        "IG301",
        "web",
        '8080:80"',
    ),
    fault(
        3,
        "a port inside the range of another service",
        ports('"127.0.0.1:8000-8010:8000-8010"', '"127.0.0.1:8005:80"'),
        "IG301",
        "web",
        "8000-8010",
    ),
    fault(
        4,
        "a port of one address and the same of all addresses",
        ports('"127.0.0.1:8080:80"', '"8080:8080"'),
        "IG301",
        "web",
        '8080:80"',
    ),
    fault(
        7,
        "a URL with a misspelt service",
        calling("DATABASE_URL: postgresql://app@postgers:5432/app", name="postgres"),
        "IG304",
        "api",
        "postgers",
    ),
    fault(
        8,
        "a URL of a service on a network that the caller is not on",
        compose(APART.format("environment: {DATABASE_URL: 'postgresql://app@db:5432/app'}")),
        "IG303",
        "api",
        "DATABASE_URL",
    ),
    fault(
        9,
        "waiting for the health of a service with which no network is shared",
        compose(APART.format("depends_on: {db: {condition: service_healthy}}")),
        "IG303",
        "api",
        "depends_on",
    ),
    fault(
        18,
        "three replicas and one port of the host",
        compose(
            'services:\n  web:\n    <<: *sound\n    image: ours/web:1.0\n    scale: 3\n    ports: ["127.0.0.1:8080:80"]'
        ),
        "IG302",
        "web",
        "8080:80",
    ),
    fault(
        19,
        "a published port of a service in the host's network",
        compose(
            'services:\n  web:\n    <<: *sound\n    image: ours/web:1.0\n    network_mode: host\n    ports: ["8080:80"]'
        ),
        "IG331",
        "web",
        "8080:80",
    ),
    fault(
        45,
        "a fixed address outside the network",
        compose(ADDRESSED.format("lan: {ipv4_address: 10.78.0.9}", "")),
        "IG332",
        "db",
        "10.78.0.9",
    ),
    fault(
        46,
        "one fixed address for two services",
        compose(ADDRESSED.format("  lan: {ipv4_address: 10.77.0.5}", "")),
        "IG333",
        "db",
        "  lan: {ipv4",
    ),
    fault(
        47,
        "two networks whose ranges overlap",
        compose(ADDRESSED.format("more: {}", "more: {ipam: {config: [{subnet: 10.77.0.128/25}]}}")),
        "IG335",
        "more",
        "10.77.0.128",
    ),
    fault(
        50,
        "localhost for what another service offers",
        calling("DATABASE_URL: postgresql://app@localhost:5432/app"),
        "IG306",
        "api",
        "localhost",
    ),
    fault(
        51,
        "the host's port inside the network",
        calling("DATABASE_URL: postgresql://app@db:15432/app", 'ports: ["127.0.0.1:15432:5432"]'),
        "IG305",
        "api",
        "@db:15432",
    ),
    fault(
        53,
        "a database that the whole network reaches",
        compose('services:\n  db:\n    <<: *sound\n    image: ours/db:1.0\n    ports:\n      - "5432:5432"'),
        "IG338",
        "db",
        "5432:5432",
        Level.STRICT,
    ),
    fault(
        63,
        "a service called by a name with an underscore",
        calling("API_URL: http://orders_db:8080/", "expose: [8080]", "orders_db"),
        "IG311",
        "api",
        "http://",
        Level.STRICT,
    ),
    fault(
        64,
        "a service called by a name that is longer than a host name may be",
        calling(f"API_URL: http://{LONG_NAME}:8080/", "expose: [8080]", LONG_NAME),
        "IG311",
        "api",
        "http://",
        Level.STRICT,
    ),
)
