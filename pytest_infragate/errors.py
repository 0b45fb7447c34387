"""Errors that the package raises on purpose: each text is written for the user and printed without a traceback."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .results import WHOLE_STACK, Location


class InfragateError(Exception):
    """Base of every error whose text is meant for the user."""


class SettingsError(InfragateError):
    """The command line, an ini value or the settings file is wrong in itself (exit status 4).

    ``problems`` holds one complete sentence per mistake; all of them are found before this is raised.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class ComposeError(InfragateError):
    """No Compose file was found, or Compose itself refuses what was found; the gate stays closed."""


class EngineError(InfragateError):
    """The Docker engine or the Compose plugin cannot be reached or used."""


class MissingEngineError(EngineError):
    """No engine is there: nobody answers at the address that was chosen."""


class ProcessError(InfragateError):
    """A program could not be started: it was not found, may not be executed, or its folder does not exist."""


@dataclass(frozen=True)
class Collision:
    """Something that the stack wants for itself and that somebody else has: what was found, where, what to do."""

    message: str
    remedy: str
    subject: str = WHOLE_STACK
    """The service that wants it, where it is one."""
    location: Location | None = None

    def __str__(self) -> str:
        return f"{self.location}: {self.message} {self.remedy}" if self.location else f"{self.message} {self.remedy}"


class OwnershipError(InfragateError):
    """Going on would touch something on the engine that this run did not create, or needs what others have."""

    def __init__(self, collisions: Sequence[Collision]) -> None:
        self.collisions = tuple(collisions)
        super().__init__("\n".join(map(str, self.collisions)))


class StartError(InfragateError):
    """The stack could not be built, pulled or started; ``services`` are those because of which."""

    def __init__(self, text: str, services: Sequence[str] = ()) -> None:
        self.services = tuple(services)
        super().__init__(text)


class StackError(InfragateError):
    """A test asked for something that the stack does not have, or that did not happen."""
