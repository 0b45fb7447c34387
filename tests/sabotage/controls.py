"""Healthy stacks that look odd: no check of theirs may fail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine_setup.images import SERVICES, TINY

from .database import DATABASE

SHORT = "timeout: 60s\nhealth: {stable_for: 1s}\nperformance: {window: 1s}\n"
SUITE = """
def test_something():
    pass
"""
_WEB = "python3 -m http.server 8000 --bind 0.0.0.0"
_HEALTHCHECK = 'test: [CMD, curl, -fs, "http://127.0.0.1:8000/"], interval: 500ms, timeout: 5s, retries: 4'


@dataclass(frozen=True)
class Control:
    """One sound stack. ``FREE_PORT`` stands for a free port of the host, ``THEIR_NETWORK`` for a network that exists."""

    name: str
    compose: str
    settings: str = SHORT
    suite: str = SUITE
    more: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Further files."""
    costly: bool = False
    """Whether it is left to the bench."""

    @property
    def files(self) -> dict[str, str]:
        """All files by name."""
        own = {"compose.yaml": self.compose, "infragate.yaml": self.settings, "test_suite.py": self.suite}
        return {**own, **self.more}


def _web(*lines: str, healthcheck: bool = True, name: str = "web") -> str:
    """Return a web server as one service, with further lines."""
    own = (f"command: {_WEB}", "stop_signal: SIGINT", *((f"healthcheck: {{{_HEALTHCHECK}}}",) if healthcheck else ()))
    keys = {line.partition(":")[0] for line in lines}
    kept = [line for line in own if line.partition(":")[0] not in keys]
    return "\n    ".join([f"  {name}:", f"image: {SERVICES}", *kept, *lines]) + "\n"


CONTROLS = (
    Control(
        "one-shot that another one waits for",
        "services:\n"
        + _web("depends_on: {seed: {condition: service_completed_successfully}}")
        + f"  seed:\n    image: {SERVICES}\n    command: ['true']\n",
    ),
    Control(
        "one-shot that nobody waits for, declared",
        "services:\n" + _web() + f"  seed:\n    image: {SERVICES}\n    command: [sleep, '2']\n",
        f"{SHORT}services: {{seed: {{kind: one-shot}}}}\n",
        costly=True,
    ),
    Control(
        "one-shot that nobody declared",
        "services:\n" + _web() + f"  seed:\n    image: {SERVICES}\n    command: ['true']\n",
    ),
    Control(
        "slow starter with a generous start period",
        "services:\n"
        + _web(
            f"command: sh -c 'sleep 4; exec {_WEB}'",
            f"healthcheck: {{{_HEALTHCHECK.replace('retries: 4', 'retries: 1')}, start_period: 60s}}",
        ),
    ),
    Control(
        "restarts once before it is ready, and may",
        "services:\n"
        + _web(
            "restart: on-failure",
            f"command: sh -c 'test -e /tmp/again || {{ touch /tmp/again; exit 1; }}; exec {_WEB}'",
        ),
        f"{SHORT}services: {{web: {{restarts: 1}}}}\n",
    ),
    Control(
        "replicas behind one name",
        "services:\n"
        + _web("deploy: {replicas: 3}")
        + _web("environment: {WEB_URL: 'http://web:8000'}", "depends_on: [web]", name="caller"),
    ),
    Control(
        "a profile that is on, and one that is off",
        "services:\n"
        + _web()
        + _web("profiles: [more]", name="more")
        + "  tools:\n    image: 127.0.0.1:9/none:1\n    profiles: [tools]\n",
        f"{SHORT}compose: {{profiles: [more]}}\n",
    ),
    Control(
        "read-only root",
        "services:\n" + _web("read_only: true", "tmpfs: [/tmp]", "user: '65534'", "cap_drop: [ALL]"),
    ),
    Control(
        "nothing in the image but the server",
        f"services:\n  page:\n    image: {TINY}\n    ports: ['127.0.0.1::8080']\n"
        f"  mirror:\n    image: {TINY}\n    environment: {{UPSTREAM: 'http://page:8080/'}}\n",
        f"{SHORT}connectivity: {{helper_image: '{SERVICES}'}}\n",
    ),
    Control(
        "internal network",
        "services:\n"
        + _web("networks: [inside]")
        + _web("networks: [inside, default]", "environment: {WEB_URL: 'http://web:8000'}", name="front")
        + "networks: {inside: {internal: true}}\n",
    ),
    Control(
        "network of the host",
        "services:\n"
        + _web(
            "network_mode: host",
            "command: python3 -m http.server FREE_PORT --bind 127.0.0.1",
            f"healthcheck: {{{_HEALTHCHECK.replace('8000', 'FREE_PORT')}}}",
        ),
    ),
    Control(
        "an init process and a file system in memory",
        "services:\n" + _web("init: true", "tmpfs: [/tmp, /run]"),
        costly=True,
    ),
    Control(
        "no healthcheck anywhere",
        "services:\n"
        + _web("ports: ['127.0.0.1::8000']", healthcheck=False)
        + _web("environment: {WEB_HOST: web, WEB_PORT: '8000'}", healthcheck=False, name="caller"),
    ),
    Control(
        "network that was there before",
        "services:\n" + _web("networks: [theirs]") + "networks: {theirs: {external: true, name: THEIR_NETWORK}}\n",
    ),
    Control(
        "database that sets itself up first",
        DATABASE["compose.yaml"],
        DATABASE["infragate.yaml"],
        DATABASE["test_items.py"],
    ),
    Control(
        "deaf to its stop signal, with a long grace period",
        "services:\n"
        + _web(
            "stop_grace_period: 5m", f"command: sh -c 'trap \"\" TERM; {_WEB} & wait; wait'", "stop_signal: SIGTERM"
        ),
    ),
    Control("fixed port of the host", "services:\n" + _web("ports: ['127.0.0.1:FREE_PORT:8000']")),
    Control(
        "volume, secret and config",
        "services:\n"
        + _web("volumes: ['data:/data']", "secrets: [token]", "configs: [motto]", "working_dir: /data")
        + "volumes: {data: {}}\nsecrets: {token: {file: token.txt}}\nconfigs: {motto: {content: be good}}\n",
        more={"token.txt": "open sesame"},
        costly=True,
    ),
    Control(
        "a log that sounds alarming",
        "services:\n" + _web(f"command: sh -c 'echo FATAL no role named root >&2; exec {_WEB}'"),
    ),
    Control(
        "page cache up to its memory limit",
        "services:\n"
        + _web(
            "mem_limit: 64m", f"command: sh -c 'head -c 100000000 /dev/zero >/var/big && sync /var/big; exec {_WEB}'"
        ),
        SHORT.replace("{window: 1s}", "{window: 3s, limits: {web: ['memory.ratio: max < 0.7']}}"),
    ),
    Control(
        "healthcheck in a shell with variables",
        "services:\n"
        + _web(
            "environment: {PORT: '8000'}",
            'healthcheck: {test: ["CMD-SHELL", "curl -fs http://127.0.0.1:$$PORT/ >/dev/null || exit 1"], interval: 500ms, '
            "timeout: 5s, retries: 4}",
        ),
        costly=True,
    ),
)
