"""Collects what a person wants to see after a failed run, before the stack is gone: states, events, configuration.

Environment values are withheld and known secrets masked in everything that is written.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Any

from ..compose import cli
from ..compose.selection import Selection
from ..errors import InfragateError
from ..masking import MASK, Masker
from ..stack.event import StackEvent
from ..stack.state import ContainerState

if TYPE_CHECKING:
    from ..stack.engine import Engine

_WITHHELD_KEYS = ("environment", "args")
"""Parts of a Compose model whose values may be secret whatever their names are."""

Write = Callable[[str, str], None]


def collect(
    engine: Engine, states: Iterable[ContainerState], events: Iterable[StackEvent], masker: Masker, write: Write
) -> None:
    """Write inspection, healthcheck runs and events of every container, each in a file of its own.

    Their logs were written as they came. What the engine no longer gives is written down as its error: the file that is missing would tell nothing.
    """
    happened = tuple(events)
    for state in states:
        stem = f"evidence/{state.service}-{state.number}"
        write(f"{stem}.inspect.json", masker.text(_attempt(partial(_inspection, engine, state))))
        write(f"{stem}.health.txt", masker.text(_health(state)))
        write(f"{stem}.events.txt", masker.text(_events(event for event in happened if event.container_id == state.id)))


def configuration(selection: Selection, environ: Mapping[str, str], masker: Masker) -> str:
    """Return the resolved configuration as JSON, with environment values withheld."""
    result = cli.config(selection, environ)
    text = json.dumps(_withheld(result.model), indent=2) if result.model else result.error
    return masker.text(text) + "\n"


def _attempt(produce: Callable[[], str]) -> str:
    try:
        return produce()
    except InfragateError as error:
        return f"not available: {error}\n"


def _inspection(engine: Engine, state: ContainerState) -> str:
    with engine.asking(f"about container {state.name}"):
        inspected: dict[str, Any] = engine.client.api.inspect_container(state.id)
    config = inspected.get("Config") or {}
    config["Env"] = [f"{entry.partition('=')[0]}={MASK}" for entry in config.get("Env") or ()]
    return json.dumps(inspected, indent=2) + "\n"


def _health(state: ContainerState) -> str:
    if not state.health:
        return "no healthcheck\n"
    lines = [f"now: {state.health}", f"test: {' '.join(state.health_test)}"]
    lines += [
        f"{run.start} exit code {run.exit_code} after {run.duration_s:.3f} s: {run.output.strip()}"
        for run in state.health_runs
    ]
    return "\n".join(lines) + "\n"


def _events(events: Iterable[StackEvent]) -> str:
    return "".join(f"{event.time.isoformat()} {event.action} {_details(event)}\n" for event in events)


def _details(event: StackEvent) -> str:
    told = asdict(event)
    return " ".join(f"{key}={told[key]}" for key in ("exit_code", "detail") if told[key] not in (None, ""))


def _withheld(value: Any) -> Any:
    if isinstance(value, list):
        return [_withheld(entry) for entry in value]
    if not isinstance(value, dict):
        return value
    return {
        key: dict.fromkeys(entry, MASK) if key in _WITHHELD_KEYS and isinstance(entry, dict) else _withheld(entry)
        for key, entry in value.items()
    }
