"""Shows edits as a unified diff that ``git apply`` and ``patch`` read, without the value of any secret."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from .planner import FileEdit

_CONTEXT = 3
_Change = tuple[int, int, int, int]
"""From which line to which one of the old file, and of the new one, from 0."""
_NO_NEWLINE = "\\ No newline at end of file\n"


@dataclass(frozen=True)
class _Hunk:
    """Lines ``start`` to ``end`` of the old file become ``other_start`` to ``other_end`` of the new one, from 0."""

    lines: tuple[str, ...]
    start: int
    length: int
    other_start: int
    other_length: int
    masked: bool

    def header(self) -> str:
        return f"@@ -{_span(self.start, self.length)} +{_span(self.other_start, self.other_length)} @@\n"


@dataclass(frozen=True)
class Diff:
    """The diff of one file; ``masked``: an edit is on a line with a secret, so that the diff cannot be applied."""

    text: str
    masked: bool


def unified(file: FileEdit, mask: Callable[[str], str]) -> Diff:
    """Return the diff of one file.

    Lines that ``mask`` alters are left out around the edits, so that the diff shows no secret and can still be applied;
    where an edit itself is on such a line, that line is shown masked.
    """
    hunks = list(_hunks(_lines(file.before), _lines(file.after), mask))
    body = "".join(hunk.header() + "".join(map(_ended, hunk.lines)) for hunk in hunks)
    masked = any(hunk.masked for hunk in hunks)
    return Diff(f"--- a/{file.name}\n+++ b/{file.name}\n{body}", masked)


def _lines(data: bytes) -> list[str]:
    """Return the lines with their endings; only a line feed ends a line, as in every diff."""
    parts = data.decode().split("\n")
    return [f"{part}\n" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])


def _hunks(before: Sequence[str], after: Sequence[str], mask: Callable[[str], str]) -> Iterator[_Hunk]:
    """Yield the changes with the context around them; changes whose context touches are one hunk."""
    groups: list[list[_Change]] = []
    for change in _changes(before, after):
        shown_until = groups[-1][-1][1] if groups else 0
        gap = before[shown_until : change[0]]
        if groups and len(gap) <= 2 * _CONTEXT and not any(mask(line) != line for line in gap):
            groups[-1].append(change)
        else:
            groups.append([change])
    return (_hunk(group, before, after, mask) for group in groups)


def _changes(before: Sequence[str], after: Sequence[str]) -> Iterator[_Change]:
    """Yield what differs, piece by piece: comparing a whole file takes the square of its length."""
    start, other_start = 0, 0
    for end, other_end in (*_fixed_points(before, after), (len(before), len(after))):
        one, other = before[start:end], after[other_start:other_end]
        blocks = [] if one == other else difflib.SequenceMatcher(None, one, other, autojunk=False).get_opcodes()
        for kind, first, last, other_first, other_last in blocks:
            if kind != "equal":
                yield start + first, start + last, other_start + other_first, other_start + other_last
        start, other_start = end, other_end


def _fixed_points(before: Sequence[str], after: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield where lines stand that both files have once, in the same order."""
    once = {line for line, count in Counter(before).items() if count == 1}
    once &= {line for line, count in Counter(after).items() if count == 1}
    places = {line: index for index, line in enumerate(after)}
    reached = -1
    for index, line in enumerate(before):
        if line in once and places[line] > reached:
            reached = places[line]
            yield index, reached


def _hunk(
    group: Sequence[_Change],
    before: Sequence[str],
    after: Sequence[str],
    mask: Callable[[str], str],
) -> _Hunk:
    first, last = group[0], group[-1]
    lead = _harmless(reversed(before[max(0, first[0] - _CONTEXT) : first[0]]), mask)
    trail = _harmless(before[last[1] : last[1] + _CONTEXT], mask)
    lines = [f" {line}" for line in reversed(lead)]
    position = first[0]
    for start, end, other_start, other_end in group:
        lines += [f" {line}" for line in before[position:start]]
        lines += [f"-{mask(line)}" for line in before[start:end]]
        lines += [f"+{mask(line)}" for line in after[other_start:other_end]]
        position = end
    lines += [f" {line}" for line in trail]
    length = last[1] - first[0] + len(lead) + len(trail)
    other_length = last[3] - first[2] + len(lead) + len(trail)
    altered = [line for start, end, *_ in group for line in before[start:end]]
    altered += [line for *_, start, end in group for line in after[start:end]]
    masked = any(mask(line) != line for line in altered)
    return _Hunk(tuple(lines), first[0] - len(lead), length, first[2] - len(lead), other_length, masked)


def _harmless(lines: Iterator[str] | Sequence[str], mask: Callable[[str], str]) -> list[str]:
    """Return the lines before the first that holds a secret."""
    found = []
    for line in lines:
        if mask(line) != line:
            break
        found.append(line)
    return found


def _ended(line: str) -> str:
    return line if line.endswith("\n") else f"{line}\n{_NO_NEWLINE}"


def _span(start: int, length: int) -> str:
    """Lines count from 1; an empty span names the line before it."""
    return f"{start + 1 if length else start},{length}"
