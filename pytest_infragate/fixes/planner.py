"""Finds the edits of a project, proves them on a copy, and says which are made and which are not, and why."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from ..compose import discovery
from ..compose.comments import find_ignores
from ..compose.model import Project
from ..compose.resolve import Resolution, resolve
from ..compose.selection import Selection
from ..errors import ComposeError, InfragateError
from ..results import Location
from ..settings import Settings
from .acceptance import Acceptance
from .candidate import Candidate, Edit, Origins, Refusal, Taken, edited, origins
from .mirror import Mirror, mirrored
from .offers import Offers, offers
from .proof import EVERY_PROFILE, Prover, Use, every_profile
from .rules import RULES
from .rules.usage import names_beside
from .sources import Sources, read_sources
from .view import View
from .written import encoded

_PROJECT = "infragate"
_MOST_PASSES = 6
"""Two are usual: the edits, and the look that finds no more."""


@dataclass(frozen=True)
class FileEdit:
    """One file with its edits made, in bytes; ``name`` is its name in messages."""

    path: Path
    name: str
    before: bytes
    after: bytes


@dataclass(frozen=True)
class FixPlan:
    """What is certain and what is not; the files hold all of ``fixes``."""

    fixes: tuple[Candidate, ...]
    refusals: tuple[Refusal, ...]
    files: tuple[FileEdit, ...]
    project: Project
    variables: Mapping[str, str]
    """Those of the env files, whose secrets no output may show."""
    offers: Offers
    """The fixes for reports, as far as they are edits of the files as they lie."""


def plan_fixes(settings: Settings, environ: Mapping[str, str]) -> FixPlan:
    """Return every fix that is proven. Raises ``InfragateError`` when the Compose files cannot be used as they are."""
    selection = discovery.discover(settings.compose, Path(settings.root), environ, settings.sources)
    selection = replace(selection, project=selection.project or _PROJECT)
    sources = read_sources(selection, settings.root)
    with mirrored([document.path for document in sources.documents]) as mirror:
        today = datetime.datetime.now(datetime.timezone.utc).date()
        return _Planner(settings, environ, mirror, selection, sources, today).plan()


@dataclass
class _Planner:
    """The passes over one project; everything in it happens in the mirror."""

    settings: Settings
    environ: Mapping[str, str]
    mirror: Mirror
    selection: Selection
    originals: Sources
    today: datetime.date
    fixes: list[Candidate] = field(default_factory=list)
    refusals: dict[tuple[Location, str], Refusal] = field(default_factory=dict)
    passes: list[dict[Path, Origins]] = field(default_factory=list)
    hindrances: dict[Path, str] = field(default_factory=dict)
    """Why a file of the mirror may not be edited, or nothing."""
    offers: Offers = field(default_factory=dict)

    def plan(self) -> FixPlan:
        """Repeat the look at the edited files until there is nothing more to edit."""
        uses = tuple(self._uses())
        if uses[0].before.project is None:
            error = self.mirror.unnamed(" ".join(uses[0].before.error.split()))
            raise ComposeError(f"The Compose configuration cannot be used: {error}")
        prover = Prover(uses + tuple(self._environments()), self.environ, self._base)
        project = prover.project
        for _ in range(_MOST_PASSES):
            if not self._pass(prover):
                break
        variables = discovery.env_file_variables(self.selection, self.environ)
        refusals = tuple(map(self.mirror.refusal, self.refusals.values()))
        return FixPlan(tuple(self.fixes), refusals, tuple(self._files()), project, variables, self.offers)

    @cached_property
    def _others(self) -> frozenset[str]:
        folders = frozenset(path.parent for path in self.originals.chosen)
        return names_beside(folders, frozenset(document.path for document in self.originals.documents))

    @property
    def _base(self) -> str:
        return str(self.mirror.path(self.settings.root))

    def _uses(self) -> Iterator[Use]:
        """Yield the files as they are chosen, and with every profile where there are any."""
        selection = self.mirror.selection(self.selection)
        chosen = resolve(selection, self.environ, self._base)
        yield Use("", selection, chosen)
        if chosen.project is not None and chosen.project.known_profiles:
            whole = every_profile(selection)
            yield Use(EVERY_PROFILE, whole, resolve(whole, self.environ, self._base))

    def _environments(self) -> Iterator[Use]:
        """Yield the environments that the settings name; one that cannot be used is a finding of the static checks."""
        for name, wanted in self.settings.environments.items():
            chosen = replace(self.settings.compose, files=wanted.files, env_files=wanted.env_files)
            try:
                found = discovery.discover(
                    self.mirror.settings(chosen), self.mirror.path(self.settings.root), self.environ
                )
                selection = replace(found, project=_PROJECT)
                yield Use(f"in environment {name}", selection, resolve(selection, self.environ, self._base))
            except InfragateError as error:
                yield Use(name, self.selection, Resolution(None, str(error)))

    def _pass(self, prover: Prover) -> bool:
        """Make all edits that can be made at once; return whether there were any."""
        sources = read_sources(self.mirror.selection(self.selection), self._base)
        comments = find_ignores(self.mirror.selection(self.selection), prover.project, self._base)
        accepts = Acceptance(self.settings, comments, self.today).accepts
        view = View(prover.project, sources, self.settings.services, lambda: self._others, accepts)
        candidates = self._apart(self._candidates(view, sources))
        made = _Attempt(sources, prover, self.fixes).accept(candidates)
        self.refusals |= {(fault.location, fault.description): fault for fault in made.refusals}
        self.offers = self.offers if self.passes else offers(made.accepted, sources.documents)
        self.fixes += made.accepted
        self.passes.append(origins(made.accepted))
        return bool(made.accepted)

    def _candidates(self, view: View, sources: Sources) -> Iterator[Candidate]:
        """Yield what the rules propose, at its place in the original files; what may not be edited is refused."""
        for rule in RULES:
            for found in rule(view):
                if isinstance(found, Refusal):
                    self.refusals.setdefault((found.location, found.description), found)
                    continue
                candidate = self._at_origin(found, sources)
                key = (candidate.location, candidate.description)
                reason = "" if key in self.refusals else self._hindrance(candidate)
                if reason:
                    self.refusals[key] = Refusal(candidate.location, candidate.description, reason)
                elif key not in self.refusals:
                    yield candidate

    def _at_origin(self, candidate: Candidate, sources: Sources) -> Candidate:
        """Return a candidate at the lines that the user knows, before the edits of earlier passes."""
        covers = tuple(self._origin(place, sources) for place in candidate.covers or (candidate.location,))
        return replace(candidate, location=self._origin(candidate.location, sources), covers=covers)

    def _origin(self, place: Location, sources: Sources) -> Location:
        now = next(document for document in sources.documents if document.name == place.file)
        first = next(document for document in self.originals.documents if self.mirror.path(document.path) == now.path)
        offset = now.offset(place)
        for made in reversed(self.passes):
            offset = made[now.path].of(offset) if now.path in made else offset
        return first.location(offset)

    def _hindrance(self, candidate: Candidate) -> str:
        """Return why a file may not be edited, or nothing."""
        if candidate.shared:
            return "the text stands in an anchor that other places repeat: edit it by hand, they change with it"
        for path in {edit.path for edit in candidate.edits} - self.hindrances.keys():
            self.hindrances[path] = self._hindrance_of(path)
        return next((reason for edit in candidate.edits if (reason := self.hindrances[edit.path])), "")

    def _hindrance_of(self, path: Path) -> str:
        original = self.mirror.original(path)
        if original is None or not self._is_inside(original):
            return "the file lies outside the project: fix it where it belongs"
        return "the file is a link to another one: edit that by hand" if original.is_symlink() else ""

    def _is_inside(self, path: Path) -> bool:
        homes = (Path(self.selection.directory).resolve(), Path(self.settings.root).resolve())
        return any(path.resolve().is_relative_to(home) for home in homes)

    def _apart(self, candidates: Iterator[Candidate]) -> list[Candidate]:
        """Join what several services propose for one text; of edits that meet only the first is kept for this pass."""
        kept: dict[tuple[Edit, ...], Candidate] = {}
        taken = Taken()
        for candidate in candidates:
            twin = kept.get(candidate.edits)
            if twin is not None:
                told = f"{twin.description}; {candidate.description}"
                changes, covers = twin.changes + candidate.changes, twin.covers + candidate.covers
                kept[candidate.edits] = replace(twin, description=told, changes=changes, covers=covers)
            elif not any(map(taken.meets, candidate.edits)):
                kept[candidate.edits] = candidate
                taken.add(candidate.edits)
        return list(kept.values())

    def _files(self) -> Iterator[FileEdit]:
        for document in self.originals.documents:
            before = encoded(document.text, bom=document.bom)
            after = self.mirror.path(document.path).read_bytes()
            if after != before:
                yield FileEdit(document.path, document.name, before, after)


@dataclass
class _Attempt:
    """The proof of one pass: all candidates at once, and where that fails, each half for itself."""

    sources: Sources
    prover: Prover
    earlier: Sequence[Candidate]
    accepted: list[Candidate] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)

    def accept(self, candidates: Sequence[Candidate]) -> _Attempt:
        """Make the edits of those candidates that can be proven, and leave the files with these alone."""
        if not candidates:
            return self
        fault = self._fault(candidates)
        if fault is None:
            self.accepted += candidates
        elif len(candidates) == 1:
            [one] = candidates
            self.refusals.append(Refusal(one.location, one.description, fault))
            self._write(())
        else:
            middle = len(candidates) // 2
            self.accept(candidates[:middle]).accept(candidates[middle:])
        return self

    def _fault(self, candidates: Sequence[Candidate]) -> str | None:
        self._write(candidates)
        proposed = (*self.earlier, *self.accepted, *candidates)
        return self.prover.fault([change for candidate in proposed for change in candidate.changes])

    def _write(self, candidates: Sequence[Candidate]) -> None:
        edits = [edit for candidate in (*self.accepted, *candidates) for edit in candidate.edits]
        for document in self.sources.documents:
            text = edited(document.text, [edit for edit in edits if edit.path == document.path])
            document.path.write_bytes(encoded(text, bom=document.bom))
