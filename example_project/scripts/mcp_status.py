"""Shows every service of the stack with its state and health; exits with 1 unless all are as they should be."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any


def main() -> int:
    """Print one line for each service that the configuration has, running or not."""
    model = json.loads(compose("config", "--format", "json"))
    containers = [json.loads(line) for line in compose("ps", "--all", "--format", "json").splitlines() if line]
    done = one_shots(model["services"])
    rows = [row(name, name in done, containers) for name in sorted(model["services"])]
    for name, state, health, ok in rows:
        print(f"{'ok' if ok else 'NOT OK':7} {name:10} {state:22} {health}")
    bad = [name for name, _, _, ok in rows if not ok]
    print(f"mcp-status: not healthy: {', '.join(bad)}" if bad else f"mcp-status: all {len(rows)} services are healthy")
    return 1 if bad else 0


def compose(*arguments: str) -> str:
    """Return what ``docker compose`` prints; end the program with its complaint when it fails."""
    done = subprocess.run(["docker", "compose", *arguments], capture_output=True, text=True, timeout=60, check=False)
    if done.returncode != 0:
        sys.exit(f"mcp-status: docker compose {arguments[0]} failed: {done.stderr.strip()}")
    return done.stdout


def one_shots(services: dict[str, Any]) -> set[str]:
    """Return the services that others wait for to complete."""
    needs = (need for service in services.values() for need in service.get("depends_on", {}).items())
    return {name for name, need in needs if need["condition"] == "service_completed_successfully"}


def row(name: str, one_shot: bool, containers: list[dict[str, Any]]) -> tuple[str, str, str, bool]:
    """Return name, state, health and whether that is as it should be; a service without a container is not."""
    mine = [container for container in containers if container["Service"] == name]
    if not mine:
        return name, "absent", "-", False
    states = ", ".join(sorted({described(container) for container in mine}))
    health = ", ".join(sorted({container["Health"] or "-" for container in mine}))
    return name, states, health, all(good(container, one_shot) for container in mine)


def described(container: dict[str, Any]) -> str:
    """Return the state in words."""
    state: str = container["State"]
    return f"{state} ({container['ExitCode']})" if state == "exited" else state


def good(container: dict[str, Any], one_shot: bool) -> bool:
    """Return whether a one-shot service ended with 0; any other is good when it is running and healthy."""
    if one_shot:
        return described(container) == "exited (0)"
    return (container["State"], container["Health"]) == ("running", "healthy")


if __name__ == "__main__":
    sys.exit(main())
