"""What a fault is: one change to a sound stack, and what the gate must say of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .stack import FILES

WORKER = 'command: [redis-cli, -h, cache, -r, "-1", -i, "0.2", incr, ticks]'
WORK = "redis-cli -h cache -r -1 -i 0.2 incr ticks"
"""The same for a shell."""
PATIENT_WORK = "while sleep 0.2; do redis-cli -h cache incr ticks; done"
"""The same for a shell, outliving that the cache is not there yet or not the right one."""
API = "touch /tmp/ready && exec python3 -m http.server 8000 --bind 0.0.0.0"

LOST_SAMPLES = ("performance",)
"""What does not run any more, or is not the same container, cannot be measured to the end."""
NOT_TO_BE_ASKED = ("connectivity", "performance")
"""On a loaded machine it is called ready before it dies; then it is no caller that could be asked any more."""
FAILED_START = ("lifecycle",)
"""Other services wait for this one, so that `docker compose up` fails too, unless the gate ends it before."""


@dataclass(frozen=True)
class Change:
    """Replaces one text in one file; the text must be there exactly once."""

    file: str
    old: str
    new: str

    def __call__(self, files: Mapping[str, str]) -> dict[str, str]:
        """Return the files with the change made."""
        assert files[self.file].count(self.old) == 1, f"{self.file} does not hold {self.old!r} exactly once"
        return {**files, self.file: files[self.file].replace(self.old, self.new)}


@dataclass(frozen=True)
class Fault:
    """One fault: the condition that it closes, the subject that is named and words of the reason."""

    name: str
    changes: tuple[Change, ...]
    condition: str
    subject: str
    words: tuple[str, ...]
    also: tuple[str, ...] = ()
    """Conditions that the same fault may break as well."""
    sound: Mapping[str, str] = field(default_factory=lambda: FILES, repr=False)
    """The files that are changed."""
    costly: bool = False
    """Whether it is left to the bench, because it takes long or shows what a sister in the tests shows too."""

    @property
    def files(self) -> dict[str, str]:
        """The stack's files with this one fault."""
        files = dict(self.sound)
        for change in self.changes:
            files = change(files)
        return files


def compose(old: str, new: str) -> tuple[Change, ...]:
    """Return a change to the Compose file."""
    return (Change("compose.yaml", old, new),)


def settings(old: str, new: str) -> tuple[Change, ...]:
    """Return a change to the settings."""
    return (Change("infragate.yaml", old, new),)


def without(check: str) -> tuple[Change, ...]:
    """Return a change that turns a static check off, so that only the running stack can show the fault."""
    return settings("timeout: 60s", f"timeout: 60s\nchecks: {{disable: [{check}]}}")


def one_more_test(text: str) -> tuple[Change, ...]:
    """Return a change to the suite: one more test, which is green."""
    last = "    until(lambda: ticks() > before)\n"
    return (Change("test_suite.py", last, f"{last}\n\ndef test_sabotage(infragate_stack):\n{text}"),)


def service(name: str, text: str) -> tuple[Change, ...]:
    """Return a change that adds lines to one of the services."""
    first = f"  {name}:\n"
    return compose(first, f"{first}    {text}\n")


def one_more_service(text: str) -> tuple[Change, ...]:
    """Return a change that adds a service."""
    networks = "networks: {front: {}, back: {}}"
    return compose(networks, f"{text}\n{networks}")
