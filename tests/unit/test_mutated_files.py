"""Mutated Compose files end in a verdict: what ``bench/fuzz.py`` does with a corpus, with the examples of the checks."""

from __future__ import annotations

import importlib.util
import random
from pathlib import Path
from types import ModuleType

import pytest

from pytest_infragate.checks import CHECKS
from pytest_infragate.checks.examples import examples

BENCH = Path(__file__).resolve().parents[2] / "bench" / "fuzz.py"
COUNT = 60


def fuzz() -> ModuleType:
    spec = importlib.util.spec_from_file_location("fuzz", BENCH)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("part", range(5))
def test_a_mutated_file_ends_in_a_verdict(tmp_path: Path, part: int) -> None:
    bench = fuzz()
    texts = [example.text for check in CHECKS for example in examples(check.documentation)]
    for seed in range(part * COUNT, (part + 1) * COUNT):
        chance = random.Random(seed)  # noqa: S311 - to be made again, not to be secret
        (tmp_path / "compose.yaml").write_bytes(bench.encoded(bench.mutated(chance, chance.choice(texts))))
        assert bench.verdict(tmp_path) in ("complete", "incomplete"), f"seed {seed}"
