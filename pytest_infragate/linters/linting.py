"""Chooses the linter that is installed, and asks it once about the Dockerfiles of a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from types import MappingProxyType

from ..errors import InfragateError
from . import build_check, hadolint
from .remark import Dockerfile, LinterError, Remark

_NOTHING: Mapping[str, str] = MappingProxyType({})


class Linting:
    """The linter of one run: hadolint, else BuildKit where ``engine`` says that one may be asked, else none.

    ``root`` is the folder that it is called in, ``environ`` the whole environment.
    """

    def __init__(self, root: str = "", environ: Mapping[str, str] = _NOTHING, *, engine: bool = False) -> None:
        self.root = root
        self._environ = environ
        self._engine = engine
        self._answers: dict[tuple[Dockerfile, ...], tuple[Remark, ...] | str] = {}

    @cached_property
    def tool(self) -> str:
        """The linter that is asked; empty: there is none."""
        if hadolint.is_installed(self._environ):
            return hadolint.PROGRAM
        return build_check.NAME if self._engine and build_check.is_installed(self._environ) else ""

    @property
    def lacking(self) -> str:
        """Why no linter is asked, for messages."""
        if self._engine:
            return "hadolint is not installed, and no docker buildx that can check (0.15 or newer)"
        return "hadolint is not installed, and docker build --check needs an engine"

    def remarks(self, files: Sequence[Dockerfile]) -> tuple[Remark, ...]:
        """Return what the linter says; the same answer, whoever asks again. Raises ``LinterError``."""
        key = tuple(files)
        if key not in self._answers:
            self._answers[key] = self._asked(key)
        answer = self._answers[key]
        if isinstance(answer, str):
            raise LinterError(answer)
        return answer

    def _asked(self, files: tuple[Dockerfile, ...]) -> tuple[Remark, ...] | str:
        if not files or not self.tool:
            return ()
        ask = hadolint.remarks if self.tool == hadolint.PROGRAM else build_check.remarks
        try:
            return ask(files, self.root, self._environ)
        except InfragateError as error:
            return str(error)
