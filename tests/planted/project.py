"""What a planted fault is, what a sound project beside it is, and how both get into a folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

from pytest_infragate.settings import Level

COMPOSE = "compose.yaml"
_SOUND = {
    "restart": "unless-stopped",
    "read_only": "true",
    "user": '"1000:1000"',
    "cap_drop": "[ALL]",
    "security_opt": '["no-new-privileges:true"]',
    "mem_limit": "256m",
    "cpus": "0.5",
    "pids_limit": "100",
    "logging": '{driver: json-file, options: {max-size: 10m, max-file: "3"}}',
    "healthcheck": "{test: [CMD, /ours, check], interval: 10s, timeout: 3s}",
}
"""What a service needs so that no check closes the gate at level strict."""


@dataclass(frozen=True, eq=False)
class Project:
    """The files of one project by name; Compose is given ``chosen``."""

    id: str
    says: str
    files: Mapping[str, str]
    chosen: tuple[str, ...] = (COMPOSE,)

    def write(self, folder: Path) -> None:
        """Write the files into a folder, with the folders that they need."""
        for name, text in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")


@dataclass(frozen=True, eq=False)
class Fault(Project):
    """A project with one fault, and what the gate has to say of it.

    ``check`` finds it at ``subject``, on the line of ``file`` that has the words ``at``; ``closes`` is the lowest level at which that
    closes the gate, ``None`` where no level does.
    """

    check: str = ""
    subject: str = ""
    at: str = ""
    closes: Level | None = Level.DEFAULT
    file: str = COMPOSE

    @property
    def line(self) -> int | None:
        """The line of the fault, counted from one; ``None`` where ``at`` is empty, because no line is to blame."""
        if not self.at:
            return None
        lines = [number for number, line in enumerate(self.files[self.file].splitlines(), 1) if self.at in line]
        if len(lines) != 1:
            raise ValueError(f"{self.id}: {self.at!r} is on {len(lines)} lines")
        return lines[0]


def compose(services: str, *, without: tuple[str, ...] = ()) -> str:
    """Return a Compose file with these services, which take what is sound from ``*sound``, save what is left out."""
    lines = [f"  {key}: {value}" for key, value in _SOUND.items() if key not in without]
    return "\n".join(["name: planted", "x-sound: &sound", *lines, dedent(services).strip("\n"), ""])


def fault(
    number: int, says: str, text: str, check: str, subject: str, at: str, closes: Level | None = Level.DEFAULT
) -> Fault:
    """Return a fault that one Compose file has."""
    return Fault(f"f{number:02}", says, {COMPOSE: text}, check=check, subject=subject, at=at, closes=closes)


def service(text: str, name: str = "app", ref: str = "ours/app:1.0", *, without: tuple[str, ...] = ()) -> str:
    """Return a Compose file with one service that says this beside what is sound."""
    body = "".join(f"    {line}\n" for line in dedent(text).strip("\n").splitlines())
    return compose(f"services:\n  {name}:\n    <<: *sound\n    image: {ref}\n{body}", without=without)
