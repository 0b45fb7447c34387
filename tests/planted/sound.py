"""Sound projects that look like faults: none may close the gate at level default."""

from __future__ import annotations

from .files import SETTINGS
from .health import CACHE, JOB, waiting, with_test
from .networks import APART, calling, ports
from .project import COMPOSE, Project, compose, service
from .services import POSTGRES


def sound(id_: str, says: str, text: str, **further: str) -> Project:
    """Return a project of one Compose file and what lies beside it, dots in names written ``__``."""
    beside = {name.replace("__", "."): content for name, content in further.items()}
    return Project(id_, says, {COMPOSE: text, **beside})


CONTROLS = (
    sound("f05", "one number, two protocols", ports('"127.0.0.1:5300:53"', '"127.0.0.1:5300:53/udp"')),
    sound("f06", "one number, two addresses of the host", ports('"127.0.0.1:8080:80"', '"127.0.0.2:8080:80"')),
    sound("f41", "ports that YAML 1.1 reads as one number", service("ports: [22:22]")),
    sound("f42", "a country that YAML 1.1 reads as false", service("environment: {COUNTRY: NO}")),
    sound(
        "external-host",
        "a host with a domain is somebody else's",
        service("environment: {API_URL: https://api.example.com/v1}"),
    ),
    sound(
        "alias",
        "a host that is an alias",
        calling(
            "DATABASE_URL: postgresql://app@store:5432/app", "expose: [5432], networks: {default: {aliases: [store]}}"
        ),
    ),
    sound(
        "similar-name",
        "a variable that merely contains a service's name",
        calling("APII_URL: https://apii.example.com/"),
    ),
    sound(
        "own-localhost",
        "localhost in the network of another service",
        calling("DATABASE_URL: postgresql://app@localhost:5432/app\n    network_mode: service:db"),
    ),
    sound(
        "own-port",
        "localhost on a port of the service itself",
        calling("SELF_URL: http://localhost:5432/\n    expose: [5432]"),
    ),
    sound(
        "bridge",
        "two networks and a service on both",
        compose(
            APART.format("environment: {DATABASE_URL: 'postgresql://app@db:5432/app'}").replace(
                "[front]", "[front, back]"
            )
        ),
    ),
    sound("range", "as many ports as replicas", service('scale: 3\nports: ["127.0.0.1:8080-8082:80"]')),
    sound("host-network", "the host's network without published ports", service("network_mode: host")),
    sound("folder", "a folder that the engine makes", service("volumes: ['./uploads:/uploads']")),
    sound("demanded", "a variable with a default", service("environment: {APP_COLOUR: '${PLANTED_COLOUR:-blue}'}")),
    sound(
        "doubled",
        "dollar signs that are doubled",
        service(
            "environment: {GREETING: 'pa$$word'}\nhealthcheck: {test: 'test -n $$HOME', interval: 9s, timeout: 3s}",
            without=("healthcheck",),
        ),
    ),
    sound("optional", "an env file that may be absent", service("env_file: [{path: app.env, required: false}]")),
    sound(
        "one-shot",
        "a job that ends and is waited for",
        waiting(
            "job: {condition: service_completed_successfully}",
            f"job: {JOB.format('on-failure:3')}",
            without=("healthcheck",),
        ),
    ),
    sound("healthy", "waiting for a store with a healthcheck", waiting("cache: {condition: service_healthy}", CACHE)),
    sound(
        "fallback", "a healthcheck with a second way", with_test('"wget -q --spider http://localhost:8000/ || exit 1"')
    ),
    sound(
        "new-postgres",
        "PostgreSQL 18 with its new folder",
        service('volumes: ["data:/var/lib/postgresql"]', "db", "postgres:18.1") + "volumes: {data: {}}\n",
    ),
    sound(
        "readers",
        "a volume that one writes and one reads",
        compose(
            'services:\n  one: {<<: *sound, image: "ours/one:1.0", volumes: ["data:/data"]}\n  two: {<<: *sound, image: "ours/two:1.0", volumes: ["data:/data:ro"]}\nvolumes: {data: {}}'
        ),
    ),
    sound(
        "secret",
        "a secret that is used",
        service("environment: {DB_PASSWORD_FILE: /run/secrets/token}\nsecrets: [token]")
        + "secrets: {token: {file: ./app.txt}}\n",
        app__txt="x\n",
    ),
    sound(
        "swarm-twin",
        "limits under deploy, which Compose applies",
        service("deploy: {resources: {limits: {memory: 256m, cpus: '0.5', pids: 100}}}"),
    ),
    sound(
        "reset",
        "an override that takes ports away",
        compose('services:\n  app: {<<: *sound, image: "ours/app:1.0", ports: ["127.0.0.1:8080:80"]}'),
        compose__override__yaml="services: {app: {ports: !reset [], environment: !override {A: b}}}\n",
    ),
    sound(
        "budget",
        "as much memory as there is",
        compose('services:\n  a: {<<: *sound, image: "ours/a:1.0"}\n  b: {<<: *sound, image: "ours/b:1.0"}'),
        **{SETTINGS.replace(".", "__"): "checks: {budget: {memory: 512m}}\n"},
    ),
    sound(
        "database",
        "a database as it should be",
        service('volumes: ["data:/var/lib/postgresql/data"]\nstop_grace_period: 1m', "db", POSTGRES)
        + "volumes: {data: {}}\n",
    ),
)
"""The first four carry the numbers of the faults whose twins they are."""
