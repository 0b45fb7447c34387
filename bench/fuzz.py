"""Checks mutated Compose files of a corpus: each must end in a verdict, soon, and never in an error of our own.

    python bench/fuzz.py CORPUS [COUNT] [SEED]

CORPUS is a folder with a ``MANIFEST.tsv`` (columns ``id``, ``path`` and ``entry_files``). Each file is changed in one to four
places (lines lost, doubled, moved and cut, words replaced by what YAML and Compose trip over) and checked alone, without
Docker Compose, whose answer would only be waited for. Told are files for which a check broke, an exception came
through, a second was not enough for ten of its length, or the process grew beyond the limit; with the seed of a file it
can be made again. The exit status is 1 when there was any.
"""

from __future__ import annotations

import csv
import random
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from pytest_infragate.checks import CHECKS
from pytest_infragate.reading.options import RawOptions, Said
from pytest_infragate.reading.settings import read_settings
from pytest_infragate.results import CheckResult, Outcome
from pytest_infragate.run.gate import Gate

DEFAULT_COUNT = 20_000
LONGEST_S = 2.0
MOST_MB = 500
MOST_BYTES = 200_000
WORDS = (
    "~",
    "null",
    "NO",
    "22:22",
    "0o17",
    "1e400",
    "-1",
    "''",
    "[]",
    "{}",
    "!reset null",
    "!override []",
    "!!binary =",
    "*unknown",
    "&again [*again]",
    "${",
    "${A",
    "${A:-${B:-${C}}}",
    "${A:?}",
    "$$$",
    "\\ud800",
    "\u2028",
    "\x00",
    "\t",
    "- - -",
    "? a",
    "<<: *x",
    "99999999999999999999",
    "65536:65536",
    "::::",
    "[::1]:80:80",
    "service:",
    "../" * 50,
    "a" * 5000,
)
KEYS = ("services", "image", "ports", "depends_on", "extends", "include", "environment", "healthcheck", "networks")

Mutation = Callable[[random.Random, list[str]], None]


class TooLongError(Exception):
    """One file took longer than it may."""


def main(corpus: Path, count: int = DEFAULT_COUNT, seed: int = 1) -> int:
    """Check so many mutated files and print what came of them."""
    texts = list(sources(corpus))
    signal.signal(signal.SIGALRM, too_long)
    verdicts: Counter[str] = Counter()
    longest = 0.0
    begun = time.monotonic()
    bad = 0
    for number in range(seed, seed + count):
        chance = random.Random(number)  # noqa: S311 - to be made again, not to be secret
        text = mutated(chance, chance.choice(texts))
        started = time.monotonic()
        said = checked(text)
        longest = max(longest, time.monotonic() - started)
        verdicts[said.partition(":")[0]] += 1
        if said.startswith("wrong"):
            bad += 1
            print(f"seed {number}: {said}", flush=True)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    told = ", ".join(f"{amount} {verdict}" for verdict, amount in sorted(verdicts.items()))
    print(f"{count} files of {len(texts)} texts: {told}; longest {longest:.2f} s, at most {grown:.0f} MB")
    print(f"{time.monotonic() - begun:.0f} s in all")
    return 1 if bad or grown > MOST_MB else 0


def sources(corpus: Path) -> Iterator[str]:
    """Yield the texts of all entry files."""
    with (corpus / "MANIFEST.tsv").open(newline="") as stream:
        for entry in csv.DictReader(stream, delimiter="\t"):
            folder = corpus / entry["id"].partition("::")[0] / entry["path"]
            for name in entry["entry_files"].split(","):
                file = folder / name
                if file.is_file() and file.stat().st_size < MOST_BYTES:
                    yield file.read_text(encoding="utf-8", errors="replace")


def mutated(chance: random.Random, text: str) -> str:
    """Return a text with one to four changes."""
    lines = text.split("\n")
    for _ in range(chance.randint(1, 4)):
        if lines:
            chance.choice(MUTATIONS)(chance, lines)
    return "\n".join(lines)


def lose(chance: random.Random, lines: list[str]) -> None:
    """Lose up to three lines."""
    at = chance.randrange(len(lines))
    del lines[at : at + chance.randint(1, 3)]


def double(chance: random.Random, lines: list[str]) -> None:
    """Repeat a block somewhere else."""
    at = chance.randrange(len(lines))
    block = lines[at : at + chance.randint(1, 6)]
    to = chance.randrange(len(lines))
    lines[to:to] = block


def indent(chance: random.Random, lines: list[str]) -> None:
    """Move a line in or out."""
    at = chance.randrange(len(lines))
    lines[at] = chance.choice(("  ", " ", "\t", "    ")) + lines[at] if chance.random() < 0.5 else lines[at].lstrip()


def cut(chance: random.Random, lines: list[str]) -> None:
    """Cut a line off."""
    at = chance.randrange(len(lines))
    lines[at] = lines[at][: chance.randint(0, len(lines[at]))]


def replace_value(chance: random.Random, lines: list[str]) -> None:
    """Put a word that is hard to read in the place of a value."""
    at = chance.randrange(len(lines))
    head, colon, _ = lines[at].partition(": ")
    lines[at] = f"{head}{colon or ': '}{chance.choice(WORDS)}"


def replace_key(chance: random.Random, lines: list[str]) -> None:
    """Give a value another key."""
    at = chance.randrange(len(lines))
    _, colon, rest = lines[at].partition(":")
    space = lines[at][: len(lines[at]) - len(lines[at].lstrip())]
    lines[at] = f"{space}{chance.choice(KEYS)}{colon}{rest}"


def nest(chance: random.Random, lines: list[str]) -> None:
    """Put deep nesting in."""
    depth = chance.choice((50, 500, 5000))
    lines.insert(chance.randrange(len(lines) + 1), "x-deep: " + "[" * depth + "]" * chance.choice((depth, depth - 1)))


def bomb(chance: random.Random, lines: list[str]) -> None:
    """Put anchors in that multiply."""
    rows = [f"x-b{n}: &b{n} [{', '.join([f'*b{n - 1}' if n else 'x'] * 9)}]" for n in range(chance.randint(3, 12))]
    at = chance.randrange(len(lines) + 1)
    lines[at:at] = rows


MUTATIONS: Sequence[Mutation] = (
    *(lose, double, indent, cut, replace_value, replace_key) * 4,
    nest,
    bomb,
)


def checked(text: str) -> str:
    """Return the verdict on one Compose file, or what went wrong with checking it."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "compose.yaml").write_bytes(encoded(text))
        signal.setitimer(signal.ITIMER_REAL, LONGEST_S)
        try:
            return verdict(Path(folder))
        except TooLongError:
            return f"wrong: longer than {LONGEST_S:g} s"
        except Exception:  # noqa: BLE001 - what must never come through is what is looked for
            return f"wrong: {traceback.format_exc()}"
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)


def encoded(text: str) -> bytes:
    """Return the bytes of a text, also where it holds what no UTF-8 holds."""
    return text.encode("utf-8", "surrogatepass")


def verdict(folder: Path) -> str:
    """Run the static stage of the gate on a folder; return its verdict, or which checks broke."""
    settings = read_settings(
        folder,
        RawOptions(static=Said(value=True)),
        known_checks={check.id for check in CHECKS},
        fixed_checks=set(),
        invocation_dir=folder,
    )
    results: list[CheckResult] = []
    gate = Gate(settings, {"PATH": str(folder)})
    gate.tell = results.append
    gate.begin()
    gate.prepare()
    gate.open()
    ended = gate.close(None)
    broken = [f"{one.check.id}: {one.message}" for one in results if one.outcome is Outcome.ERROR]
    if broken:
        return f"wrong: {'; '.join(broken)}"
    return "complete" if ended.complete else "incomplete"


def too_long(_number: int, _frame: object) -> None:
    """End the work on one file."""
    raise TooLongError


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), *map(int, sys.argv[2:])))
